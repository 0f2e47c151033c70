// Draws the strip of a behaviour: every release of every line, as runs of releases that give the same answer.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The distinct answers of a behaviour by their JSON, each with the letter that stands for it; first seen, first named. */
function lettersOf(behaviour) {
  const letters = new Map();
  for (const epoch of behaviour.epochs) {
    const text = canonical(epoch.observed);
    if (!letters.has(text)) {
      letters.set(text, LETTERS[letters.size % 26].repeat(1 + Math.floor(letters.size / 26)));
    }
  }
  return letters;
}

/** The tone of a letter: one of the six in the style. */
function toneOf(letter) {
  return `answer tone-${LETTERS.indexOf(letter[0]) % 6}`;
}

/** What each epoch of a behaviour is, as the segment of a strip: {state, letter, said, epoch}. */
function segmentsOf(behaviour) {
  const letters = lettersOf(behaviour);
  return new Map(behaviour.epochs.map((epoch) => {
    const letter = letters.get(canonical(epoch.observed));
    return [epoch, { state: toneOf(letter), letter, said: phrase(epoch.observed), epoch }];
  }));
}

/** What one release is to a behaviour, as the segment of a strip. */
function segmentOf(history, name, segments, release) {
  const whyNot = history.whyNot(release);
  if (whyNot) return { state: "unrun", letter: "×", said: `not run: ${whyNot}`, epoch: null };
  const lack = history.lacks(name, release);
  if (lack) return { state: "absent", letter: "–", said: `absent: no ${lack}`, epoch: null };
  if (history.data.behaviours[name].held) return { state: "held", letter: "✓", said: "holds", epoch: null };
  const epoch = history.epoch(name, release);
  return epoch ? segments.get(epoch) : { state: "unasked", letter: "?", said: "not asked", epoch: null };
}

/** The runs of releases of each line: [{distribution, runs: [{from, to, releases, state, letter, said, epoch}]}]. */
function stripOf(history, name) {
  const segments = segmentsOf(history.data.behaviours[name]);
  return history.data.lines.map((line) => {
    const runs = [];
    for (const version of line.releases) {
      const segment = segmentOf(history, name, segments, `${line.distribution}==${version}`);
      const last = runs.at(-1);
      if (last && last.state === segment.state && last.epoch === segment.epoch && last.said === segment.said) {
        last.to = version;
        last.releases += 1;
      } else runs.push({ from: version, to: version, releases: 1, ...segment });
    }
    return { distribution: line.distribution, runs };
  });
}

function span(run) {
  return run.from === run.to ? run.from : `${run.from} – ${run.to}`;
}

/** How wide a run is: as many parts as it has releases. */
function wide(made, releases) {
  made.style.flexGrow = releases;
  return made;
}

/** A strip to look at, in one row: its words are in the summary beside it. */
function smallStrip(history, name) {
  return element("div", { class: "strip small", "aria-hidden": "true" },
    stripOf(history, name).map(({ distribution, runs }) => wide(
      element("div", { class: "line-of-strip", title: distribution }, runs.map((run) => wide(
        element("span", {
          class: `segment ${run.state}`,
          title: `${distribution} ${span(run)}\n${run.letter}  ${run.said.slice(0, 300)}`,
        }, run.letter), run.releases))),
      runs.reduce((sum, run) => sum + run.releases, 0))));
}

/** A strip to walk through: each run is a button, which says what it is below the strip and leads to its answer. */
function strip(history, name, follow) {
  const caption = element("p", { class: "caption", role: "status" }, "Choose a segment to read its answer.");
  const lines = stripOf(history, name).map(({ distribution, runs }) => element("div", { class: "labelled" },
    element("span", { class: "label" }, distribution),
    element("div", { class: "line-of-strip" }, runs.map((run) => {
      const said = `${run.letter} · ${distribution} ${span(run)}, ${count(run.releases, "release")}: ${run.said}`;
      const made = wide(element("button", { type: "button", class: `segment ${run.state}`, "aria-label": said },
        element("b", {}, run.letter), element("small", {}, run.from)), run.releases);
      const say = () => { caption.textContent = said; };
      made.addEventListener("focus", say);
      made.addEventListener("pointerenter", say);
      made.addEventListener("click", () => run.epoch && follow(run.epoch.release));
      return made;
    }))));
  return element("div", { class: "strip full" }, lines, caption);
}

/** What the signs of a strip mean. */
function legend() {
  const sign = (state, letter, meaning) => element("span", {},
    element("span", { class: `segment ${state}`, "aria-hidden": "true" }, letter), ` ${meaning}`);
  return element("p", { class: "legend" },
    sign("answer tone-0", "A", "first answer"), sign("answer tone-1", "B", "another answer; a letter that returns is the same answer again"),
    sign("absent", "–", "absent: the release lacks what it needs"), sign("held", "✓", "holds everywhere"),
    sign("unasked", "?", "not asked"), sign("unrun", "×", "not run"));
}
