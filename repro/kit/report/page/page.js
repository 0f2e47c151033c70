// The page: its state is its fragment, so every state has a link. A control changes the fragment, and nothing else
// draws; what is drawn is read from the data embedded beside this script.

const DATA = spelledOut(JSON.parse(document.getElementById("data").textContent));
const HISTORY = historyOf(DATA);
const GIVEN = DATA.comparison;

// Each section: its name on the page, its question, what draws it, and the filters that it heeds.
const SECTIONS = new Map([
  ["compared", ["Compared", null, () => comparisonOf(STATE, GIVEN), ["search", "area", "kind"]]],
  ["compare", ["Compare", "What changes for me", () => comparisonOf(STATE, compare(DATA, STATE.from, STATE.to)), ["search", "area", "kind"]]],
  ["run", ["This run", "What this run found", () => runOf(STATE, HISTORY), ["search", "area"]]],
  ["releases", ["Releases", "What each release changed", () => releasesOf(STATE, HISTORY), ["search", "area", "kind"]]],
  ["behaviours", ["Behaviours", "Every behaviour in every release", () => behavioursOf(STATE, HISTORY), ["search", "area", "kind"]]],
  ["cells", ["Cells", "What was run", () => cellsOf(STATE, HISTORY), ["search"]]],
  ["advisory", ["Advisory", "Which claims of the advisory hold", () => advisoryOf(STATE, HISTORY), ["search"]]],
]);
for (const name of ["run", "advisory"]) if (!DATA[name]) SECTIONS.delete(name);
if (!GIVEN) SECTIONS.delete("compared");

// A section that shows one of its things is named by it in the link: #release/httpx-0.14.0.
const SINGULAR = new Map([["releases", "release"], ["behaviours", "behaviour"]]);

const START = { section: GIVEN ? "compared" : "compare", item: "", ...opening(), area: "", kind: "", search: "" };
let STATE = START;

/** The data with the texts of its notes in the place of their numbers. */
function spelledOut(data) {
  const text = (place) => (place === null ? null : data.texts[place]);
  for (const { note } of Object.values(data.behaviours).flatMap(({ epochs }) => epochs)) {
    if (note) Object.assign(note, { cause: text(note.cause), do: text(note.do) });
  }
  return data;
}

/** The releases that the page opens on: the last of the minor version before the newest, and the newest. */
function opening() {
  const ran = HISTORY.releases.filter((release) => !HISTORY.whyNot(release));
  const finals = ran.filter((release) => release.startsWith(`${DATA.lines[0].distribution}==`) && /==[\d.]+$/.test(release));
  const to = finals.at(-1) ?? ran.at(-1) ?? HISTORY.releases.at(-1);
  const minor = (release) => release.split(".").slice(0, 2).join(".");
  return { from: finals.filter((release) => minor(release) !== minor(to)).at(-1) ?? to, to };
}

/** The link of a state, without its #: what is as the page opens is left out. */
function fragmentOf(state) {
  const kept = (text) => encodeURIComponent(text).replaceAll("%3D", "=").replaceAll("%2F", "/");
  let path = state.section;
  if (state.item) path = state.section === "releases" ? anchorOf(state.item) : `${SINGULAR.get(state.section)}/${state.item}`;
  const chosen = ["from", "to", "area", "kind", "search"]
    .filter((name) => state[name] !== START[name])
    .map((name) => `${name}=${kept(state[name]).replaceAll("%20", "+")}`);
  return kept(path) + (chosen.length > 0 ? `?${chosen.join("&")}` : "");
}

/** The state that a link names; what it names and there is not, is as the page opens. */
function stateOf(fragment) {
  const [path, query = ""] = fragment.replace(/^#/, "").split(/\?(.*)/s);
  const chosen = new URLSearchParams(query);
  const known = (name, list) => (list.includes(chosen.get(name)) ? chosen.get(name) : START[name]);
  const state = {
    ...START,
    from: known("from", HISTORY.releases),
    to: known("to", HISTORY.releases),
    area: known("area", AREAS),
    kind: known("kind", HURTS),
    search: chosen.get("search") ?? "",
  };
  let place = path;
  try {
    place = decodeURIComponent(path);
  } catch {
    // A link that was cut within a character names no place.
  }
  if (SECTIONS.has(place)) return { ...state, section: place };
  const release = HISTORY.releases.find((one) => anchorOf(one) === place);
  if (release) return { ...state, section: "releases", item: release };
  const behaviour = place.replace(/^behaviour\//, "");
  if (behaviour !== place && Object.hasOwn(DATA.behaviours, behaviour)) return { ...state, section: "behaviours", item: behaviour };
  return state;
}

const AREAS = [...new Set(Object.keys(DATA.behaviours).map(areaOf))].sort();

const $ = (id) => document.getElementById(id);

function options(select, values, all) {
  select.append(element("option", { value: "" }, all), ...values.map((value) => element("option", { value }, value)));
}

/** Fills what is there from the start: the sections and the choices. */
function furnish() {
  for (const select of [$("from"), $("to")]) {
    for (const line of DATA.lines) {
      select.append(element("optgroup", { label: line.distribution }, line.releases.map((version) => {
        const release = `${line.distribution}==${version}`;
        return element("option", { value: release }, spoken(release) + (HISTORY.whyNot(release) ? " (not run)" : ""));
      })));
    }
  }
  options($("area"), AREAS, "all");
  options($("kind"), HURTS, "all");
  for (const [name, [title]] of SECTIONS) {
    $("sections").append(element("a", { href: `#${name}`, "data-section": name }, title));
  }
}

/** Goes to a state; `typed` leaves no entry in the history for every letter. */
function go(changes, typed = false) {
  const fragment = `#${fragmentOf({ ...STATE, ...changes })}`;
  if (typed) location.replace(fragment);
  else location.hash = fragment;
  draw();
}

// The link of what is drawn.
let DRAWN = null;

/** Draws the state that the link names, once. */
function draw() {
  if (location.hash === DRAWN) return;
  DRAWN = location.hash;
  const before = STATE;
  STATE = stateOf(location.hash);
  const [title, question, fill, filters] = SECTIONS.get(STATE.section);
  const compared = { compare: () => compare(DATA, STATE.from, STATE.to), compared: () => GIVEN }[STATE.section];
  $("title").textContent = question ?? `What changes from ${spoken(GIVEN.from)} to ${spoken(GIVEN.to)}`;
  document.title = STATE.section === "compare"
    ? `${spoken(STATE.from)} → ${spoken(STATE.to)} · httpx upgrade kit`
    : `${STATE.item ? spoken(STATE.item) : title} · httpx upgrade kit`;
  $("sides").hidden = STATE.section !== "compare";
  $("answer").hidden = !compared;
  $("answer").replaceChildren(...(compared ? sentence(STATE, compared()) : []));
  for (const name of ["from", "to", "area", "kind"]) $(name).value = STATE[name];
  if ($("search").value.trim() !== STATE.search) $("search").value = STATE.search;
  $("filters").hidden = STATE.section === "behaviours" && STATE.item !== "";
  for (const name of ["search", "area", "kind"]) $(name).closest("label").hidden = !filters.includes(name);
  $("reset").hidden = !(STATE.area || STATE.kind || STATE.search);
  for (const tab of $("sections").children) {
    tab.href = `#${fragmentOf({ ...STATE, section: tab.dataset.section, item: "" })}`;
    if (tab.dataset.section === STATE.section) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  $("result").replaceChildren(...[fill()].flat(Infinity).filter((child) => child !== null));
  $("unfold").hidden = $("result").querySelector("details") === null;
  $("unfold").textContent = "Open all";
  if (STATE.section === "releases" && STATE.item) {
    const section = document.getElementById(anchorOf(STATE.item));
    section.scrollIntoView();
    section.focus({ preventScroll: true });
  } else if (before.section !== STATE.section || before.item !== STATE.item) {
    window.scrollTo(0, 0);
    if (before.section !== STATE.section && before !== START) $("title").focus({ preventScroll: true });
  }
}

/** Opens what is closed while the page is printed, and closes it afterwards. */
function printing() {
  let opened = [];
  const open = () => {
    const closed = [...$("result").querySelectorAll("details:not([open])")];
    closed.forEach(unfold);
    opened.push(...closed);
  };
  const close = () => {
    for (const details of opened) details.open = false;
    opened = [];
  };
  const print = matchMedia("print");
  print.addEventListener("change", () => (print.matches ? open() : close()));
  window.addEventListener("beforeprint", open);
  window.addEventListener("afterprint", close);
  if (print.matches) open();
}

function listen() {
  for (const name of ["from", "to", "area", "kind"]) $(name).addEventListener("change", () => go({ [name]: $(name).value }));
  $("search").addEventListener("input", () => go({ search: $("search").value.trim() }, true));
  $("swap").addEventListener("click", () => go({ from: STATE.to, to: STATE.from }));
  $("reset").addEventListener("click", () => {
    go({ area: "", kind: "", search: "" });
    $("search").focus();
  });
  $("unfold").addEventListener("click", () => {
    const all = [...$("result").querySelectorAll("details")];
    const closed = all.filter((details) => !details.open);
    if (closed.length > 0) closed.forEach(unfold);
    else for (const details of all) details.open = false;
    $("unfold").textContent = closed.length > 0 ? "Close all" : "Open all";
  });
  for (const form of [$("sides"), $("filters")]) form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    $("result").focus();
  });
  window.addEventListener("hashchange", draw);
}

furnish();
listen();
draw();
printing();
