// Compares two releases by their stored answers. Takes data and returns data; nothing here touches the document.
// It says the same as repro/kit/comparison.py, and tests/browser holds the two against each other.

// The kinds of change, by how much they hurt who is not told.
const HURTS = ["removal", "behaviour", "breaking", "unexplained", "fix", "deprecation", "addition", "message"];

// What a change is for who goes back over it.
const UNDONE = new Map([["removal", "addition"], ["addition", "removal"], ["fix", "behaviour"]]);

// The answer of a behaviour that asserts, where its assertion holds.
const HOLDS = "holds";

/** The text of a value, the same for equal JSON whatever the order of names; 1 and true are not equal. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${entries.join(",")}}`;
}

function same(one, other) {
  return canonical(one) === canonical(other);
}

/** The value of an object's own name, or undefined: an id is data, and "constructor" may be one. */
function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

// The epochs of what has none.
const NONE = new Map();

function areaOf(behaviour) {
  return behaviour.split("/")[0];
}

/** Why nothing is known of a release that has these cells; null where one of them ran. */
function reasonOf(cells) {
  if (cells.some((cell) => cell.outcome === "ran")) return null;
  if (cells.length === 0) return "no cell of it is stored; compare with --fresh, which runs it";
  return [...new Set(cells.map((cell) => `${cell.outcome}: ${cell.reason}`))].join("; ");
}

/** The lines, and which answer speaks for which release. */
class History {
  constructor(data) {
    this.data = data;
    this.releases = data.lines.flatMap((line) => line.releases.map((version) => `${line.distribution}==${version}`));
    this.cells = Map.groupBy(data.cells, (cell) => cell.release);
    this.reasons = new Map(this.releases.map((release) => [release, reasonOf(this.cells.get(release) ?? [])]));
    this.parents = new Map();
    for (const line of data.lines) {
      let parent = line.forked_from;
      for (const version of line.releases) {
        const release = `${line.distribution}==${version}`;
        this.parents.set(release, parent);
        parent = release;
      }
    }
    this.served = new WeakMap();
    this.begun = new Map();
    for (const [name, behaviour] of Object.entries(data.behaviours)) {
      this.begun.set(name, new Map(behaviour.epochs.map((epoch) => [epoch.release, epoch])));
    }
    this.gained = new Map();
    for (const [name, epochs] of Object.entries(data.capabilities)) {
      this.gained.set(name, new Map(epochs.map((epoch) => [epoch.release, epoch])));
    }
  }

  /** The releases at or before one, oldest first, through the line that its line forked from. */
  ancestry(release) {
    const found = [];
    for (let at = release; at; at = this.parents.get(at)) found.unshift(at);
    return found;
  }

  /** The epoch that speaks for a release, or null. */
  serving(epochs, release) {
    if (!this.served.has(epochs)) this.served.set(epochs, new Map());
    const known = this.served.get(epochs);
    const passed = [];
    let found = null;
    for (let at = release; at; at = this.parents.get(at)) {
      if (known.has(at)) {
        found = known.get(at);
        break;
      }
      passed.push(at);
      if (epochs.has(at)) {
        found = epochs.get(at);
        break;
      }
    }
    for (const at of passed) known.set(at, found);
    return found;
  }

  epoch(behaviour, release) {
    return this.serving(this.begun.get(behaviour) ?? NONE, release);
  }

  /** The first capability that a behaviour needs and a release lacks, or null. */
  lacks(behaviour, release) {
    return this.data.behaviours[behaviour].needs.find((need) => this.misses(need, release)) ?? null;
  }

  /** Whether it is stored that a release lacks a capability. */
  misses(capability, release) {
    return this.serving(this.gained.get(capability) ?? NONE, release)?.has === false;
  }

  /** Why nothing is known of a release; null where it ran under some Python. */
  whyNot(release) {
    return this.reasons.get(release);
  }

  /** The way between two releases: back to where their lines meet, then forward; and what lies beyond it. */
  way(a, b) {
    const here = this.ancestry(a);
    const there = this.ancestry(b);
    let shared = 0;
    while (shared < here.length && shared < there.length && here[shared] === there[shared]) shared += 1;
    const back = here.slice(shared).reverse();
    const forward = there.slice(shared);
    const line = this.lineOf(b);
    const beyond = this.ancestry(`${line.distribution}==${line.releases.at(-1)}`).slice(there.length);
    return { back, forward, beyond, stations: [...back, ...here.slice(0, shared).slice(-1), ...forward] };
  }

  lineOf(release) {
    return this.data.lines.find(({ distribution }) => release.startsWith(`${distribution}==`));
  }

  /** Whether a release changed a behaviour, and did not only begin it. */
  changed(release, behaviour) {
    const begun = this.begun.get(behaviour) ?? NONE;
    return begun.has(release) && this.serving(begun, this.parents.get(release)) !== null;
  }

  /** The stored changes on a way, in its order: of a release the first of some behaviours that it changed. */
  crossings(way, ...behaviours) {
    return [...way.back.map((release) => [release, true]), ...way.forward.map((release) => [release, false])]
      .map(([release, back]) => ({ release, back, behaviour: behaviours.find((one) => this.changed(release, one)) }))
      .filter(({ behaviour }) => behaviour !== undefined)
      .map(({ release, back, behaviour }) => ({ release, back, note: this.begun.get(behaviour).get(release).note }));
  }

  /** What each of some releases answers, where something is stored and the release can be asked. */
  answers(behaviour, releases) {
    return releases
      .filter((release) => this.lacks(behaviour, release) === null)
      .map((release) => ({ release, epoch: this.epoch(behaviour, release) }))
      .filter(({ epoch }) => epoch !== null);
  }

  /** The releases that come after one on a way, to the end of its line; a way that only goes back comes to none of
      them, and there they are those after it in its own line. */
  later(release, way) {
    if (way.forward.length > 0) {
      const ahead = [...way.forward, ...way.beyond];
      return ahead.slice(ahead.indexOf(release) + 1);
    }
    const line = this.lineOf(release);
    const own = line.releases.map((version) => `${line.distribution}==${version}`);
    return own.slice(own.indexOf(release) + 1);
  }

  /** The changes that began at a release, each as a comparison gives it. */
  changesAt(release) {
    const found = [];
    for (const [name, behaviour] of Object.entries(this.data.behaviours)) {
      const epoch = this.begun.get(name).get(release);
      const before = this.epoch(name, this.parents.get(release));
      if (epoch && before) {
        const crossings = [{ release, back: false, note: epoch.note }];
        found.push(described(name, behaviour, {
          before: before.observed, after: epoch.observed, kind: net(crossings, epoch.observed), ...reasons(crossings),
        }));
      }
    }
    return found.sort(byHurt);
  }
}

/** Where a change happened, why, and what to do, from the stored changes that brought it. */
function reasons(crossings) {
  const noted = crossings.filter(({ note }) => note);
  return {
    at: crossings.map(({ release }) => release),
    why: noted.map(({ release, back, note }) => (
      { release, back, kind: kindOf({ back, note }), changed: note.changed, cause: note.cause })),
    do: [...new Set(noted.map(({ note }) => note.do).filter((advice) => advice !== null))],
  };
}

/** The kind of change that a stored change is for who goes this way; one that is gone back over is undone. */
function kindOf({ back, note }) {
  if (!note) return "unexplained";
  return back ? UNDONE.get(note.kind) ?? note.kind : note.kind;
}

/** The kind of change that several stored changes come to: the one that hurts most. */
function net(crossings, after) {
  let kinds = crossings.map(kindOf);
  if (kinds.includes("removal") && kinds.includes("addition")) {
    // One undid the other: a capability is there in the end or not, and a spelling that came back is another.
    if (typeof after === "boolean") return after ? "addition" : "removal";
    kinds = kinds.filter((kind) => kind !== "removal" && kind !== "addition");
    if (kinds.length === 0) return "behaviour";
  }
  return HURTS.find((kind) => kinds.includes(kind)) ?? "unexplained";
}

function described(name, behaviour, rest) {
  return { behaviour: name, title: behaviour.title, area: areaOf(name), ...rest };
}

function byName(one, other) {
  return one.behaviour < other.behaviour ? -1 : Number(one.behaviour > other.behaviour);
}

function byHurt(one, other) {
  const hurt = ({ kind }) => (kind === null ? HURTS.length : HURTS.indexOf(kind));
  return hurt(one) - hurt(other) || byName(one, other);
}

/** The runs of releases that answer otherwise, with their first, their last and their answer. */
function runsOf(answers, value) {
  const found = [];
  let follows = false;
  let last = null;
  let alike = false;
  for (const { release, epoch } of answers) {
    if (epoch !== last) alike = same(epoch.observed, value);
    if (alike) {
      follows = false;
    } else if (follows && (epoch === last || same(found.at(-1).value, epoch.observed))) {
      found.at(-1).to = release;
    } else {
      found.push({ from: release, to: release, value: epoch.observed });
      follows = true;
    }
    last = epoch;
  }
  return found;
}

/** The warnings in an answer that says how something ends and what it warns of. */
function warningsIn(answer) {
  const warns = isObject(answer) ? own(answer, "warns") : null;
  return Array.isArray(warns) ? warns.filter((warning) => typeof warning === "string") : [];
}

/** Whether an answer says that something ends in an exception. */
function raises(answer) {
  return isObject(answer) && String(own(answer, "ends")).startsWith("raises");
}

/** The warnings that a behaviour gives on a way, each with the release that ends it. */
function deprecated(history, name, behaviour, way) {
  const found = new Map();
  for (const { release, epoch } of history.answers(name, way.stations)) {
    for (const warning of warningsIn(epoch.observed)) {
      if (found.has(warning)) continue;
      const later = history.answers(name, history.later(release, way));
      const ended = later.find(({ epoch: after }) => !warningsIn(after.observed).includes(warning));
      found.set(warning, described(name, behaviour, {
        warning,
        since: epoch.release,
        until: ended ? ended.release : null,
        removed: ended ? raises(ended.epoch.observed) : false,
        reached: ended ? way.forward.includes(ended.release) : false,
      }));
    }
  }
  return [...found.values()];
}

/** The behaviour that asks whether a release has a capability. */
function asksFor(capability) {
  return `capabilities/has-${capability.replaceAll("/", "").replace(/\W+/g, "_")}`;
}

/** What asks for the capabilities that a release lacks of those that a behaviour needs: the behaviour is there only
    when it has the last one too. */
function lacked(history, behaviour, release) {
  return behaviour.needs
    .filter((need) => history.misses(need, release))
    .map(asksFor);
}

const HISTORIES = new WeakMap();

function historyOf(data) {
  if (!HISTORIES.has(data)) HISTORIES.set(data, new History(data));
  return HISTORIES.get(data);
}

/** What differs for who moves from release `a` to release `b`; both as `httpx==0.13.0`, and both in the data. */
function compare(data, a, b) {
  const history = historyOf(data);
  const way = history.way(a, b);
  const whyNot = { from: history.whyNot(a), to: history.whyNot(b) };
  const found = {
    format: 1, from: a, to: b, changes: [], passing: [], absent: [], deprecations: [], unchanged: 0, not_run: [],
  };
  for (const name of Object.keys(data.behaviours).sort()) {
    const behaviour = data.behaviours[name];
    const side = (release) => {
      const lack = history.lacks(name, release);
      if (lack) return { lack };
      if (behaviour.held) return { answer: HOLDS };
      const epoch = history.epoch(name, release);
      return epoch ? { answer: epoch.observed } : {};
    };
    const sides = { from: whyNot.from ? {} : side(a), to: whyNot.to ? {} : side(b) };
    const unknown = ["from", "to"].filter((key) => Object.keys(sides[key]).length === 0);
    const { from: before, to: after } = sides;
    if (unknown.length > 0) {
      for (const key of unknown) {
        found.not_run.push(described(name, behaviour, { side: key, reason: whyNot[key] ?? "it was not asked" }));
      }
    } else if (before.lack || after.lack) {
      let kind = before.lack ? "addition" : "removal";
      if (before.lack && after.lack) kind = null;
      const crossings = kind ? history.crossings(way, ...lacked(history, behaviour, before.lack ? a : b)) : [];
      found.absent.push(described(name, behaviour, {
        before: before.lack ?? null, after: after.lack ?? null, kind, ...reasons(crossings),
      }));
    } else if (!same(before.answer, after.answer)) {
      const crossings = history.crossings(way, name);
      found.changes.push(described(name, behaviour, {
        before: before.answer, after: after.answer, kind: net(crossings, after.answer), ...reasons(crossings),
      }));
    } else {
      const differs = runsOf(history.answers(name, way.stations), before.answer);
      if (differs.length > 0) found.passing.push(described(name, behaviour, { value: before.answer, differs }));
      else found.unchanged += 1;
    }
  }
  const silent = new Set(found.not_run.map(({ behaviour }) => behaviour));
  found.deprecations = Object.keys(data.behaviours)
    .filter((name) => !silent.has(name))
    .flatMap((name) => deprecated(history, name, data.behaviours[name], way))
    .sort((one, other) => byName(one, other) || (one.warning < other.warning ? -1 : 1));
  found.changes.sort(byHurt);
  found.absent.sort(byHurt);
  return found;
}
