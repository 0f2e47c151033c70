// Says where two answers differ: name by name, entry by entry, word by word. Takes data and returns data.
//
// A row is {name, same, before, after}; a side is a list of lines, or null where that side has nothing of that name; a
// line is a list of {text, marked}, and what is marked is what the other side has not.

const SEEMS_NO_TEXT = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[{"].*|\s.*|.*\s|)$/s;

/** A value as a phrase. Text stands without quotes where nobody can take it for something else. */
function phrase(value) {
  if (typeof value === "string") return SEEMS_NO_TEXT.test(value) ? JSON.stringify(value) : value;
  if (Array.isArray(value)) return `[${value.map(within).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).map((name) => `${name}: ${within(value[name])}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** A value within a list: text that has a comma in it is quoted there. */
function within(value) {
  return typeof value === "string" && /[,[\]{}]/.test(value) ? JSON.stringify(value) : phrase(value);
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The lines that a value is shown in. */
function linesOf(value) {
  // Numbers and the like stay in one line: [1, 1, 1] reads better than three lines.
  if (Array.isArray(value) && value.some((entry) => typeof entry === "string" || (entry !== null && typeof entry === "object"))) {
    return value.map(phrase);
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.keys(value).map((name) => `${name}: ${phrase(value[name])}`);
  }
  return [phrase(value)];
}

/** Two lists side by side, as [entry or undefined, entry or undefined]: as many equal pairs as there can be. */
function aligned(one, other) {
  const longest = Array.from({ length: one.length + 1 }, () => new Uint16Array(other.length + 1));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      longest[i][j] = one[i] === other[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const pairs = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) pairs.push([one[i++], other[j++]]);
    else if (j === other.length || (i < one.length && longest[i + 1][j] >= longest[i][j + 1])) {
      pairs.push([one[i++], undefined]);
    } else pairs.push([undefined, other[j++]]);
  }
  return pairs;
}

/** Neighbouring parts that are marked alike, as one. */
function joined(parts) {
  const found = [];
  for (const part of parts) {
    if (found.length > 0 && found.at(-1).marked === part.marked) found.at(-1).text += part.text;
    else found.push({ ...part });
  }
  return found;
}

// Beyond this, a text is compared as a whole: the table of two texts grows with the product of their words.
const MOST_WORDS = 400;

/** Two texts, with the words marked that the other has not; wholly marked where little is common to them. */
function wordwise(before, after) {
  const [one, other] = [before, after].map((text) => text.match(/\w+|\s+|[^\w\s]/g) ?? []);
  const whole = [[{ text: before, marked: true }], [{ text: after, marked: true }]];
  if (one.length > MOST_WORDS || other.length > MOST_WORDS) return whole;
  const pairs = aligned(one, other);
  const common = pairs.filter(([left, right]) => left === right && /\w/.test(left)).length;
  const most = Math.max(...[one, other].map((words) => words.filter((word) => /\w/.test(word)).length));
  if (common * 4 < most) return whole;
  const parts = (side) => pairs
    .filter((pair) => pair[side] !== undefined)
    .map((pair) => ({ text: pair[side], marked: pair[0] !== pair[1] }));
  return [joined(parts(0)), joined(parts(1))];
}

/** Two lists of lines, with what differs marked. */
function linewise(before, after) {
  const found = [[], []];
  let gone = [];
  let come = [];
  const settle = () => {
    const pairwise = gone.length === come.length;
    gone.forEach((line, index) => {
      const [one, other] = pairwise ? wordwise(line, come[index]) : [[{ text: line, marked: true }]];
      found[0].push(one);
      if (other) found[1].push(other);
    });
    if (!pairwise) found[1].push(...come.map((line) => [{ text: line, marked: true }]));
    gone = [];
    come = [];
  };
  for (const [one, other] of aligned(before, after)) {
    if (one === other) {
      settle();
      found[0].push([{ text: one, marked: false }]);
      found[1].push([{ text: other, marked: false }]);
    } else if (other === undefined) gone.push(one);
    else come.push(other);
  }
  settle();
  return found;
}

function plain(value) {
  return linesOf(value).map((text) => [{ text, marked: false }]);
}

function marked(value) {
  return linesOf(value).map((text) => [{ text, marked: true }]);
}

/** Two answers as rows: one for each name where both are objects, else one for the whole. */
function rowsOf(before, after, name = "") {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const rows = names.flatMap((key) => {
      const path = name ? `${name} › ${key}` : key;
      if (!Object.hasOwn(after, key)) return [{ name: path, same: false, before: marked(before[key]), after: null }];
      if (!Object.hasOwn(before, key)) return [{ name: path, same: false, before: null, after: marked(after[key]) }];
      return rowsOf(before[key], after[key], path);
    });
    if (rows.length > 0) return rows;
  }
  if (same(before, after)) return [{ name, same: true, before: plain(before), after: plain(after) }];
  let [one, other] = linewise(linesOf(before), linesOf(after));
  // One entry in a list and the entry itself read alike; then the JSON is shown.
  if (![...one, ...other].some((line) => line.some((part) => part.marked))) {
    [one, other] = linewise([canonical(before)], [canonical(after)]);
  }
  return [{ name, same: false, before: one, after: other }];
}
