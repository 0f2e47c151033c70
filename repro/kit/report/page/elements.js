// Makes the parts that every section is built of. Whatever comes from the data becomes text, and never markup.

/** An element with attributes and children; a child that is no element becomes text. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null));
  return made;
}

function count(number, noun, plural = `${noun}s`) {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Several phrases as one: "a, b and c". */
function listed(phrases) {
  return phrases.length < 2 ? phrases.join("") : `${phrases.slice(0, -1).join(", ")} and ${phrases.at(-1)}`;
}

/** `httpx==0.13.0` as it is read: `httpx 0.13.0`. */
function spoken(release) {
  return release.replace("==", " ");
}

/** Text with what stands between backticks as code. */
function prose(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/** Elements that open only when they are looked at: `fill` returns what is inside, and is called once. */
function folded(attributes, summary, fill) {
  const made = element("details", attributes, element("summary", {}, summary));
  made.fill = () => {
    if (!made.filled) made.append(...[fill()].flat(Infinity));
    made.filled = true;
  };
  // A click fills before it opens; what else opens it, such as a search of the browser's own, fills right after.
  made.firstChild.addEventListener("click", made.fill);
  made.addEventListener("toggle", () => made.open && made.fill());
  return made;
}

function unfold(details) {
  details.fill?.();
  details.open = true;
}

function sideOf(lines, tag) {
  if (lines === null) return element("span", { class: "nothing" }, "nothing");
  const said = tag === "del" ? "gone: " : "new: ";
  return lines.map((parts) => element("div", { class: "line" }, parts.map((part) => (part.marked
    ? element(tag, {}, element("span", { class: "unseen" }, said), part.text)
    : part.text))));
}

/** Two answers side by side, name by name, with what differs marked. */
function beside(before, after, titles) {
  const rows = rowsOf(before, after);
  const named = rows.some((row) => row.name !== "");
  return element("div", { class: "beside" }, element("table", {},
    element("thead", {}, element("tr", {},
      named ? element("td", {}) : null,
      element("th", { scope: "col" }, titles[0]),
      element("th", { scope: "col" }, titles[1]))),
    element("tbody", {}, rows.map((row) => element("tr", { class: row.same ? "same" : "differs" },
      named ? element("th", { scope: "row" }, row.name, row.same
        ? null
        : element("span", { class: "sign" }, " ≠", element("span", { class: "unseen" }, " differs"))) : null,
      element("td", {}, sideOf(row.before, "del")),
      element("td", {}, sideOf(row.after, "ins")))))));
}

/** One answer, name by name. */
function alone(value, title) {
  const rows = rowsOf(value, value);
  const named = rows.some((row) => row.name !== "");
  return element("div", { class: "beside alone" }, element("table", {},
    element("thead", {}, element("tr", {},
      named ? element("td", {}) : null,
      element("th", { scope: "col" }, title))),
    element("tbody", {}, rows.map((row) => element("tr", { class: "same" },
      named ? element("th", { scope: "row" }, row.name) : null,
      element("td", {}, sideOf(row.before, "ins")))))));
}

function kindTag(kind) {
  return element("span", { class: `kind kind-${HURTS.includes(kind) ? kind : "unexplained"}` }, kind ?? "");
}

function link(fragment, ...children) {
  return element("a", { href: `#${fragment}` }, ...children);
}

function heading(level, text, id = null) {
  return element(`h${level}`, { id }, text);
}

/** What a stored change says about itself: why, since when, and what to do. */
function told(change) {
  return element("dl", { class: "told" },
    change.why.map((why) => [
      element("dt", {}, "Why"),
      element("dd", {}, prose(why.changed),
        element("span", { class: "cause" }, ` ${spoken(why.release)}${why.cause ? `, ${why.cause}` : ""}.`)),
    ]),
    change.do.map((advice) => [element("dt", {}, "Do"), element("dd", { class: "do" }, prose(advice))]));
}
