// Draws each section from the data and the state of the page; returns elements and keeps nothing.

// Each kind of change: one, several, and what it means for who upgrades.
const KINDS = new Map([
  ["removal", ["removal", "removals", "What worked is gone."]],
  ["behaviour", ["change of behaviour", "changes of behaviour", "The same call does something else, and nothing says so."]],
  ["breaking", ["breaking change", "breaking changes", "What worked raises, or has to be written otherwise."]],
  ["unexplained", ["unexplained change", "unexplained changes", "The answer is another, and nobody has written why yet."]],
  ["fix", ["fix", "fixes", "What was wrong is right; code that leaned on it will notice."]],
  ["deprecation", ["deprecation", "deprecations", "It still works, with a warning."]],
  ["addition", ["addition", "additions", "It is new, and asks nothing of you."]],
  ["message", ["change of wording", "changes of wording", "Only the words of an error or a warning are others."]],
]);

/** Whether the filters let something pass that has an id, perhaps a kind, and words that may be searched. */
function passes(state, entry) {
  if (state.area && areaOf(entry.behaviour) !== state.area) return false;
  if (state.kind && entry.kind !== state.kind) return false;
  return found(state.search, entry);
}

/** Whether every word that is searched is in something, wherever. */
function found(search, entry) {
  if (!search) return true;
  const text = JSON.stringify(entry).toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(JSON.stringify(word).slice(1, -1)));
}

function releaseLink(state, release) {
  return link(fragmentOf({ ...state, section: "releases", item: release }), spoken(release));
}

function behaviourLink(state, behaviour) {
  return link(fragmentOf({ ...state, section: "behaviours", item: behaviour }), "Its answers in every release");
}

function idOf(behaviour) {
  return element("code", { class: "id" }, behaviour);
}

/** A behaviour that changed, closed to its question and what changed; open, both answers, why and what to do. */
function changed(state, change, titles) {
  const at = change.at.length > 0 ? `at ${listed(change.at.map(spoken))}` : null;
  return folded({ class: "entry" }, [
    element("span", { class: "question" }, prose(change.title)),
    element("span", { class: "where" }, idOf(change.behaviour), at ? element("span", {}, at) : null),
    change.why.length > 0 ? element("span", { class: "gist told-within" }, prose(change.why.at(-1).changed)) : null,
  ], () => [
    beside(change.before, change.after, titles),
    told(change),
    (change.accepted ?? []).map((reason) => element("p", { class: "accepted" }, element("b", {}, "Accepted: "), reason)),
    element("p", { class: "links" }, behaviourLink(state, change.behaviour), change.at.map((release) => releaseLink(state, release))),
  ]);
}

/** Changes in groups, what hurts most first. */
function grouped(state, changes, titles, level = 2) {
  return HURTS.map((kind) => {
    const of = changes.filter((change) => change.kind === kind);
    if (of.length === 0) return null;
    const [one, several, meaning] = KINDS.get(kind);
    return element("section", { class: `group kind-${kind}` },
      heading(level, count(of.length, one, several)),
      element("p", { class: "meaning" }, meaning),
      of.map((change) => changed(state, change, titles)));
  });
}

function group(name, title, meaning, children) {
  if (children.length === 0) return null;
  return element("section", { class: `group ${name}` }, heading(2, title), element("p", { class: "meaning" }, meaning), children);
}

/** One sentence: what a move changes. */
function sentence(state, found) {
  if (found.from === found.to && found.changes.length === 0) return ["That is the same release twice: nothing changes."];
  if (found.not_run.length > 0 && found.changes.length + found.absent.length + found.unchanged + found.passing.length === 0) {
    const sides = [...new Set(found.not_run.map((entry) => spoken(found[entry.side])))];
    return [`Nothing can be compared: ${listed(sides)} did not run.`];
  }
  const kinds = HURTS.map((kind) => [kind, found.changes.filter((change) => change.kind === kind).length])
    .filter(([, number]) => number > 0);
  const parts = kinds.flatMap(([kind, number], index) => {
    const [one, several] = KINDS.get(kind);
    const separator = index === 0 ? ": " : index === kinds.length - 1 ? " and " : ", ";
    return [separator, link(fragmentOf({ ...state, kind: state.kind === kind ? "" : kind }), count(number, one, several))];
  });
  const changed = found.changes.length;
  const one = found.absent.filter((entry) => entry.kind).length;
  const rest = [];
  if (one > 0) rest.push(`${one} can be asked on one side only`);
  if (found.passing.length > 0) rest.push(`${found.passing.length} ${found.passing.length === 1 ? "differs" : "differ"} only on the way`);
  const unknown = new Set(found.not_run.map((entry) => entry.behaviour)).size;
  if (unknown > 0) rest.push(`${unknown} cannot be compared`);
  if (found.unchanged > 0) rest.push(`${found.unchanged} ${found.unchanged === 1 ? "stays" : "stay"} as ${found.unchanged === 1 ? "it is" : "they are"}`);
  const start = changed === 0
    ? "No behaviour changes"
    : `${count(changed, "behaviour")} ${changed === 1 ? "changes" : "change"}`;
  return [element("b", {}, start), ...parts, rest.length > 0 ? `. ${listed(rest)}.` : "."];
}

/** What comes and goes with a capability: one entry for all behaviours that need it. */
function lacking(state, found, entries) {
  const [{ before, after, kind }] = entries;
  const lack = after ?? before;
  const there = [before ? found.from : null, after ? found.to : null].filter(Boolean).map(spoken);
  const withReasons = entries.find((entry) => entry.why?.length > 0) ?? { why: [], do: [] };
  return folded({ class: "entry" }, [
    element("span", { class: "question" }, `${listed(there)} ${there.length === 1 ? "has" : "have"} no ${lack}`),
    element("span", { class: "where" }, kind ? kindTag(kind) : null,
      element("span", {}, `${count(entries.length, "behaviour")} cannot be asked there`)),
    withReasons.why.length > 0 ? element("span", { class: "gist told-within" }, prose(withReasons.why.at(-1).changed)) : null,
  ], () => [
    told({ why: withReasons.why, do: withReasons.do ?? [] }),
    element("ul", { class: "plain" }, entries.map((entry) => element("li", {}, idOf(entry.behaviour), " ", prose(entry.title)))),
  ]);
}

function byText(entries, text) {
  return [...Map.groupBy(entries, text).values()];
}

/** What a comparison that was given says beside its changes: its verdict, and the packages of its two cells. */
function verdictOf(found) {
  const names = found.packages ? [...new Set([...Object.keys(found.packages.from), ...Object.keys(found.packages.to)])] : [];
  const differing = names.sort().filter((name) => own(found.packages.from, name) !== own(found.packages.to, name));
  const some = (packages) => Object.fromEntries(differing.filter((name) => Object.hasOwn(packages, name)).map((name) => [name, packages[name]]));
  return [
    found.verdict ? element("p", {}, element("span", { class: "verdict" }, found.verdict.says)) : null,
    (found.acceptance ?? []).map((entry) => element("p", { class: "accepted" },
      element("b", {}, `The accepted change of ${entry.behaviour} at ${spoken(entry.release)} is ${entry.state}: `), entry.reason)),
    differing.length > 0 ? folded({ class: "entry" }, [
      element("span", { class: "question" }, count(differing.length, "installed package", "installed packages") + (differing.length === 1 ? " differs" : " differ")),
    ], () => beside(some(found.packages.from), some(found.packages.to), [spoken(found.from), spoken(found.to)])) : null,
  ];
}

/** A comparison: what changes, what differs only on the way, what is absent, what is not known. */
function comparisonOf(state, found) {
  const titles = [spoken(found.from), spoken(found.to)];
  const shown = (entries) => entries.filter((entry) => passes(state, entry));
  const changes = shown(found.changes);
  const passing = shown(found.passing);
  const absent = shown(found.absent);
  const warned = shown(found.deprecations.map((entry) => ({ ...entry, kind: "deprecation" })));
  const unknown = shown(found.not_run);
  const filtered = state.area || state.kind || state.search;
  const all = found.changes.length + found.passing.length + found.absent.length + found.deprecations.length + found.not_run.length;
  const left = changes.length + passing.length + absent.length + warned.length + unknown.length;
  return [
    verdictOf(found),
    filtered ? element("p", { class: "tally", role: "status" }, `${left} of ${count(all, "entry", "entries")} shown.`) : null,
    grouped(state, changes, titles),
    group("warned", count(warned.length, "warning"), "What works with a warning where you are or on the way, and when that ends.",
      warned.map((entry) => folded({ class: "entry" }, [
        element("span", { class: "question" }, prose(entry.title)),
        element("span", { class: "where" }, idOf(entry.behaviour), element("span", {}, `since ${spoken(entry.since)}`)),
        element("span", { class: "gist" }, entry.warning),
      ], () => [
        element("p", {}, ends(entry)),
        element("p", { class: "links" }, behaviourLink(state, entry.behaviour)),
      ]))),
    group("passing", `${passing.length} only on the way`, "Both releases answer alike, and some release between them does not. It concerns who stops there.",
      passing.map((entry) => folded({ class: "entry" }, [
        element("span", { class: "question" }, prose(entry.title)),
        element("span", { class: "where" }, idOf(entry.behaviour),
          element("span", {}, listed(entry.differs.map(({ from, to }) => between(from, to))))),
      ], () => [
        entry.differs.map(({ from, to, value }) => beside(entry.value, value, ["on both sides", between(from, to)])),
        element("p", { class: "links" }, behaviourLink(state, entry.behaviour)),
      ]))),
    group("absent", `${absent.length} absent`, "A release lacks what these need, so they cannot be asked there. That is not taken for a change.",
      byText(absent, (entry) => JSON.stringify([entry.before, entry.after, entry.at])).map((entries) => lacking(state, found, entries))),
    group("unknown", `${new Set(unknown.map((entry) => entry.behaviour)).size} not compared`, "Nothing is known on one side, which is never taken for unchanged.",
      byText(unknown, (entry) => JSON.stringify([entry.side, entry.reason])).map((entries) => folded({ class: "entry" }, [
        element("span", { class: "question" }, `${spoken(found[entries[0].side])}: ${entries[0].reason}`),
        element("span", { class: "where" }, element("span", {}, count(entries.length, "behaviour"))),
      ], () => element("ul", { class: "plain" }, entries.map((entry) => element("li", {}, idOf(entry.behaviour), " ", prose(entry.title))))))),
    left === 0 && filtered ? element("p", { class: "none" }, "Nothing here matches these filters.") : null,
    found.unchanged > 0 && !filtered
      ? element("p", { class: "rest" }, `${count(found.unchanged, "behaviour")} answer${found.unchanged === 1 ? "s" : ""} alike on both sides and everywhere on the way.`)
      : null,
  ];
}

function between(from, to) {
  return from === to ? spoken(from) : `${spoken(from)} – ${to.split("==").at(-1)}`;
}

/** What becomes of a warning. */
function ends({ until, removed, reached }) {
  if (!until) return "It still works in the last release of the line.";
  return `${removed ? "It is gone" : "The warning is gone"} from ${spoken(until)}${reached ? ", which is on the way" : ", which is not on the way yet"}.`;
}

/** The anchor of a release: `release/httpx-0.14.0`. */
function anchorOf(release) {
  return `release/${release.replace("==", "-")}`;
}

/** What changed in each release, each a section with an anchor, the newest of a line first. */
function releasesOf(state, history) {
  const lines = history.data.lines.map((line) => ({
    line,
    releases: line.releases.map((version) => {
      const release = `${line.distribution}==${version}`;
      return { release, version, all: history.changesAt(release) };
    }).reverse(),
  }));
  for (const { releases } of lines) {
    for (const one of releases) one.shown = one.all.filter((change) => passes(state, change));
  }
  const filtered = state.area || state.kind || state.search;
  return [
    element("nav", { class: "index", "aria-label": "Releases" }, lines.map(({ line, releases }) => element("p", {},
      element("b", {}, line.distribution), " ",
      releases.map(({ release, version, shown }) => [
        element("a", {
          href: `#${fragmentOf({ ...state, section: "releases", item: release })}`,
          class: shown.length > 0 ? null : "quiet",
        }, version, shown.length > 0 ? element("span", { class: "number" }, String(shown.length)) : null), " ",
      ])))),
    lines.map(({ line, releases }) => [
      heading(2, line.distribution),
      line.forked_from ? element("p", { class: "meaning" }, `It continues from ${spoken(line.forked_from)}.`) : null,
      releases.filter(({ release, shown }) => !filtered || shown.length > 0 || release === state.item)
        .map((one) => releaseOf(state, history, one)),
    ]),
  ];
}

function releaseOf(state, history, { release, all, shown }) {
  const before = history.parents.get(release);
  const cells = history.cells.get(release) ?? [];
  const notRun = history.whyNot(release);
  let said = "It is the first release of its line.";
  if (before) {
    said = all.length === 0
      ? `No behaviour changed after ${spoken(before)}.`
      : `${count(all.length, "behaviour")} changed after ${spoken(before)}${shown.length < all.length ? `; ${shown.length} shown` : ""}.`;
  }
  if (notRun) said = `It did not run. ${notRun[0].toUpperCase()}${notRun.slice(1)}`;
  const ran = cells.filter(({ outcome }) => outcome === "ran").map(({ python }) => python);
  return element("section", { class: "release", id: anchorOf(release), tabindex: "-1" },
    element("h3", {}, link(fragmentOf({ ...state, section: "releases", item: release }), spoken(release))),
    element("p", { class: "meaning" }, said, ran.length > 0 ? ` Ran on Python ${listed(ran)}. ` : " ",
      before ? link(fragmentOf({ ...state, section: "compare", item: "", from: before, to: release }), `Compare ${spoken(before)} with it`) : null),
    grouped(state, shown, [before ? spoken(before) : "", spoken(release)], 4));
}

/** The behaviours, each with its strip. */
function behavioursOf(state, history) {
  if (state.item) return behaviourOf(state, history, state.item);
  const rows = Object.entries(history.data.behaviours).sort(([one], [other]) => (one < other ? -1 : 1)).filter(([name, behaviour]) => {
    if (state.kind && !behaviour.epochs.some(({ note }) => note?.kind === state.kind)) return false;
    return passes({ ...state, kind: "" }, { ...behaviour, behaviour: name });
  });
  return [
    element("p", { class: "tally", role: "status" }, `${rows.length} of ${count(Object.keys(history.data.behaviours).length, "behaviour")}. `
      + `Each strip holds every release: ${listed(history.data.lines.map((line) => `${line.distribution} (${line.releases.length})`))}, left to right.`),
    legend(),
    rows.map(([name, behaviour]) => {
      const letters = lettersOf(behaviour).size;
      const crossed = behaviour.epochs.filter((epoch) => history.epoch(name, history.parents.get(epoch.release))).length;
      return folded({ class: "entry" }, [
        element("span", { class: "question" }, prose(behaviour.title)),
        element("span", { class: "where" }, idOf(name), element("span", {}, behaviour.held
          ? "must hold everywhere"
          : `${count(letters, "answer")}, ${count(crossed, "change")}`)),
        smallStrip(history, name),
      ], () => epochsOf(state, history, name));
    }),
  ];
}

/** One behaviour: its strip, and each of its epochs beside the one before. */
function behaviourOf(state, history, name) {
  const behaviour = history.data.behaviours[name];
  return [
    element("p", {}, link(fragmentOf({ ...state, item: "" }), "← All behaviours")),
    element("h2", {}, prose(behaviour.title)),
    element("p", { class: "where" }, idOf(name), element("code", {}, `pytest ${behaviour.test}`)),
    behaviour.needs.length > 0 ? element("p", { class: "meaning" }, `It needs ${listed(behaviour.needs)}.`) : null,
    legend(),
    epochsOf(state, history, name),
  ];
}

function epochsOf(state, history, name) {
  const behaviour = history.data.behaviours[name];
  const letters = lettersOf(behaviour);
  const blocks = new Map(behaviour.epochs.map((epoch) => {
    const before = history.epoch(name, history.parents.get(epoch.release));
    const crossings = before ? [{ release: epoch.release, back: false, note: epoch.note }] : [];
    const letter = letters.get(canonical(epoch.observed));
    const title = `${letter}, from ${spoken(epoch.release)}`;
    return [epoch.release, element("section", { class: "epoch", tabindex: "-1" },
      element("h4", {}, element("span", { class: `segment ${toneOf(letter)}` }, letter),
        ` from ${spoken(epoch.release)} `, before ? kindTag(net(crossings, epoch.observed)) : null),
      before
        ? [beside(before.observed, epoch.observed, [`${letters.get(canonical(before.observed))}, before`, title]), told(reasons(crossings))]
        : alone(epoch.observed, title))];
  }));
  const follow = (release) => {
    blocks.get(release).scrollIntoView({ block: "nearest" });
    blocks.get(release).focus({ preventScroll: true });
  };
  return [
    strip(history, name, follow),
    behaviour.held ? element("p", {}, "Its test asserts what must hold under every release, so there is nothing to compare.") : null,
    [...blocks.values()],
  ];
}

const OUTCOMES = new Map([["ran", "✓"], ["not-installable", "✗"], ["not-importable", "✗"], ["crashed", "✗"], ["timed-out", "✗"]]);

/** The cells, by release and Python, with their outcomes and reasons. */
function cellsOf(state, history) {
  const { cells, lines } = history.data;
  const number = (python) => Number(python.split(".")[1]);
  const pythons = [...new Set(cells.map(({ python }) => python))].sort((one, other) => number(one) - number(other));
  const ran = cells.filter(({ outcome }) => outcome === "ran").length;
  const odd = cells.filter(({ outcome }) => outcome !== "ran");
  return [
    element("p", { class: "tally" }, `${ran} of ${count(cells.length, "cell")} ran. A cell is one release under one Python.`),
    odd.length > 0 ? element("ul", { class: "plain reasons" }, odd.filter((cell) => found(state.search, cell)).map((cell) => element("li", {},
      element("b", {}, `${spoken(cell.release)} on Python ${cell.python}: ${cell.outcome}. `), cell.reason ?? ""))) : null,
    element("div", { class: "grids" }, lines.map((line) => {
      const rows = line.releases.map((version) => ({ version, cells: history.cells.get(`${line.distribution}==${version}`) ?? [] }))
        .filter((row) => found(state.search, { name: `${line.distribution} ${row.version}`, cells: row.cells }));
      return element("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": `Cells of ${line.distribution}` },
        element("table", { class: "grid" },
          element("caption", {}, line.distribution),
          element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "release"),
            pythons.map((python) => element("th", { scope: "col" }, python)))),
          element("tbody", {}, rows.map((row) => element("tr", {},
            element("th", { scope: "row" }, row.version),
            pythons.map((python) => cellOf(row.cells.find((cell) => cell.python === python))))))));
    })),
  ];
}

function cellOf(cell) {
  if (!cell) return element("td", { class: "unrun" }, "· not run");
  return element("td", { class: cell.outcome === "ran" ? "ran" : "failed", title: cell.reason },
    `${OUTCOMES.get(cell.outcome) ?? "?"} ${cell.outcome}`);
}

/** Whether an answer is what a claim expects, as a sign and in words; null is no answer. */
function judgement(asExpected) {
  if (asExpected === null) return "? no answer";
  return asExpected ? "✓ as expected" : "✗ not as expected";
}

/** The claims of the advisory, each with its verdict and what that rests on; then which releases to take. */
function advisoryOf(state, history) {
  const { claims, advice } = history.data.advisory;
  return [
    claims.filter((claim) => found(state.search, claim)).map((claim) => element("article", { class: "claim" },
      element("h2", {}, prose(claim.claim)),
      element("p", {}, element("span", { class: "verdict" }, claim.verdict), " ", prose(claim.reading ?? "")),
      claim.evidence.length > 0 ? folded({ class: "entry" },
        element("span", { class: "question" }, `What that rests on: ${count(claim.evidence.length, "answer")}`),
        () => claim.evidence.map((piece) => evidenceOf(state, history, piece))) : null)),
    advice.length > 0 ? element("section", { class: "advice" },
      element("h2", {}, "Which release to take"),
      advice.filter((one) => found(state.search, one)).map((one) => [
        element("h3", {}, `${one.line}: ${one.earliest ? `${spoken(one.earliest)} is the earliest that is safe` : "no release is safe"}`),
        one.why_not.map(({ releases, reasons: why }) => folded({ class: "entry" }, [
          element("span", { class: "question" }, `Not ${spoken(releases)}`),
          element("span", { class: "where" }, element("span", {}, count(why.length, "reason"))),
        ], () => element("ul", { class: "plain" }, why.map((reason) => element("li", {}, prose(reason)))))),
      ])) : null,
  ];
}

function evidenceOf(state, history, piece) {
  return element("section", { class: "epoch" },
    element("h4", {}, `${spoken(piece.where)}: ${judgement(piece.as_expected)}`),
    element("p", { class: "meaning" }, prose(piece.reason)),
    element("dl", { class: "told" },
      element("dt", {}, "Expected"), element("dd", {}, element("code", {}, piece.expected)),
      element("dt", {}, "Found"), element("dd", {}, element("code", {}, piece.found))),
    element("p", { class: "links" }, idOf(piece.behaviour),
      Object.hasOwn(history.data.behaviours, piece.behaviour) ? behaviourLink(state, piece.behaviour) : null));
}

/** The run that this page was written by: its verdict, and what is not as stored. */
function runOf(state, history) {
  const { verdict, differences } = history.data.run;
  return [
    element("p", { class: "verdict" }, verdict),
    differences.filter((difference) => passes({ ...state, kind: "" }, difference)).map((difference) => folded({ class: "entry" }, [
      element("span", { class: "question" }, idOf(difference.behaviour)),
      element("span", { class: "where" }, element("span", {}, `${spoken(difference.release)} on Python ${difference.python}: ${difference.state}`)),
    ], () => (difference.before === undefined
      ? alone(difference.after, "now, with nothing stored")
      : beside(difference.before, difference.after, ["stored", "now"])))),
  ];
}
