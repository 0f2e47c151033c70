"""Joins what a project shows to what the kit knows: which stored changes fit a regression, and when a warning bites.

A fit is a guess with its grounds said: the words that a failure and a change have in common. A change at another
release never fits, however alike it reads.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.kit import comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from repro.kit.about import Name
    from repro.kit.comparison import Change, Comparison, Deprecation
    from repro.kit.downstream.trial import Failure, Frame, Warned
    from repro.kit.notes import Note
    from repro.release import Release, Rule

#: What each ground is worth, and how much is enough. A word that the failure quotes is nearly always what it is about;
#: a word of the code around it is there for many reasons.
WARNED, QUOTED, EXACT, ANSWERED, RAISED, WRITTEN = 8, 5, 7, 4, 2, 2
ENOUGH = 4

#: How many changes are named for one regression, at most.
MOST = 3

_WORD = re.compile(r"[A-Za-z_]\w*")
# A name in quotation marks, or before a parenthesis.
_QUOTED = re.compile(r"['\"`]([A-Za-z_][\w.]*)=?['\"`]|\b([A-Za-z]\w*)\(")
# What names the one argument that a call did not take.
_REFUSED = re.compile(r"unexpected keyword argument '(\w+)'")
# The start of JSON, as the representation of a text or of bytes shows it.
_JSON = re.compile(r"b?['\"]\s*[\[{\"]")
# Areas that are about services of the kit's own, and about the kit.
_OWN = frozenset({"hardened", "reproduction", "enclosure"})
# What stands in every test and says nothing.
_COMMON = frozenset(
    [
        "assert",
        "self",
        "async",
        "await",
        "def",
        "with",
        "as",
        "for",
        "in",
        "if",
        "else",
        "not",
        "and",
        "or",
        "is",
        "none",
        "true",
        "false",
        "return",
        "import",
        "from",
        "client",
        "response",
        "request",
        "httpx",
        "httpx2",
        "httpxyz",
        "test",
        "data",
        "result",
        "expected",
        "url",
        "get",
        "post",
        "call",
        "method",
        "error",
        "exception",
        "type",
        "object",
    ]
)


@dataclass(frozen=True)
class Ground:
    """A stored change that fits a regression.

    Attributes:
        release: The release that brought it.
        behaviour: The behaviour that it is stored of.
        note: Why it happened and what to do; None where nobody wrote it.
        kind: What kind of change it is.
        score: How well it fits; only for the order.
        why: What the failure and the change have in common, as a phrase.
    """

    release: Release
    behaviour: str
    note: Note | None
    kind: str
    score: int
    why: str


@dataclass(frozen=True)
class Evidence:
    """What a regression shows.

    Attributes:
        failure: Why the test is bad.
        warned: The warnings that it gave under the release before, as `Category: message`.
        source: The lines of the project that led to the failure.
        redirects: Whether a file that led to it speaks of redirects.
    """

    failure: Failure
    warned: frozenset[str]
    source: str
    redirects: bool = False


def evidence(failure: Failure, warned: Iterable[Warned], tree: Path) -> Evidence:
    """What a failure shows, with the project's own lines around it."""
    own = [frame for frame in failure.frames if frame.place == "tree"]
    lines = [_function(frame, tree) or frame.code for frame in own]
    files = {tree / frame.path for frame in own}
    redirects = any(
        "redirect" in path.read_text(encoding="utf-8", errors="replace") for path in files if path.is_file()
    )
    return Evidence(failure, frozenset(map(_text, warned)), "\n".join(lines), redirects)


def _text(warned: Warned) -> str:
    """A warning as the behaviours write it."""
    return f"{warned.category.rpartition('.')[2]}: {warned.message}"


def fitting(
    shown: Evidence, found: Comparison, among: Collection[Release], names: Callable[[Change], Sequence[Name]]
) -> list[Ground]:
    """The stored changes that fit a regression, the best first.

    Args:
        shown: What the regression shows.
        found: The comparison of the release that the project has with one at or beyond the regression.
        among: The releases of which one began it.
        names: The names of a caller's code that a change is about.
    """
    warnings = {warned.behaviour: warned for warned in found.deprecations if warned.warning in shown.warned}
    best: dict[tuple[Release, str], Ground] = {}
    for change in [*found.changes, *found.absent]:
        if change.behaviour.partition("/")[0] in _OWN:
            continue
        for crossing in change.crossings:
            if crossing.release not in among:
                continue
            score, why = _score(shown, change, crossing.note, names(change), warnings)
            if score < ENOUGH:
                continue
            ground = Ground(crossing.release, change.behaviour, crossing.note, crossing.kind, score, why)
            # One cause shows in many behaviours; the one that fits best speaks for it.
            key = crossing.release, crossing.note.cause if crossing.note else change.behaviour
            if key not in best or best[key].score < score:
                best[key] = ground
    ordered = sorted(best.values(), key=lambda g: (-g.score, comparison.HURTS.index(g.kind), g.behaviour))
    # What fits much less well than the best is there by accident.
    return [ground for ground in ordered if 3 * ground.score > 2 * ordered[0].score][:MOST]


def _score(
    shown: Evidence,
    change: Change,
    note: Note | None,
    about: Sequence[Name],
    warnings: Mapping[str, Deprecation],
) -> tuple[int, str]:
    """How well a change fits, and why."""
    grounds: list[tuple[int, str]] = []
    if change.behaviour in warnings:
        grounds.append((WARNED, "the test was warned of it"))
    refused = _REFUSED.search(shown.failure.message)
    if refused and "raises TypeError" not in json.dumps(change.after):
        return 0, ""
    quoted = {refused[1]} if refused else _quoted(shown.failure.message)
    named = {word for name in about for word in _words(name)}
    spoken = _quoted(f"{note.changed} {note.do}") if note else set()
    if hits := quoted & named or quoted & spoken:
        # Of two changes that share a name, the one that speaks of the other names as well is the one.
        grounds.append((QUOTED + len((quoted & spoken) - hits), f"the failure names `{_first(hits)}`"))
        if ("AsyncClient" in shown.failure.message) is ("async" in change.behaviour):
            grounds.append((1, ""))
    if answer := _answered(shown, change, note):
        grounds.append(answer)
    kind = shown.failure.type.rpartition(".")[2]
    # What a test itself asserts is an AssertionError, whatever it is about.
    asserted = kind == "AssertionError" and all(frame.place == "tree" for frame in shown.failure.frames[-1:])
    if (
        not asserted
        and re.search(rf"raises {kind}\b", json.dumps(change.after))
        and f"raises {kind}" not in json.dumps(change.before)
    ):
        grounds.append((RAISED, f"it raises {kind} now"))
    written = {word for word in _WORD.findall(shown.source) if word.lower() not in _COMMON}
    if hit := _first(written & named):
        grounds.append((WRITTEN, f"the code has `{hit}`"))
    return sum(worth for worth, _ in grounds), "; ".join(why for _, why in grounds if why)


def _words(name: Name) -> Iterator[str]:
    """The words that a name of httpx is recognised by."""
    if name.argument:
        yield name.argument
    else:
        yield name.path.rpartition(".")[2]


def _quoted(text: str) -> set[str]:
    """The names that a text quotes, each by its last part."""
    found = (quoted or called for quoted, called in _QUOTED.findall(text))
    return {word for name in found if (word := name.rpartition(".")[2]) and word.lower() not in _COMMON}


def _first(words: set[str]) -> str | None:
    return min(words, default=None)


def _answered(shown: Evidence, change: Change, note: Note | None) -> tuple[int, str] | None:
    """What it is worth that a failed comparison shows the two answers of a change, and how; None if it does not."""
    sides = _sides(shown.failure.message)
    if sides is None:
        return None
    # What leads elsewhere has no body, and where it is not followed that is what a test sees.
    if set(sides) & {"''", "b''", "None"} and shown.redirects and change.behaviour.startswith("redirects/"):
        return ANSWERED, "an answer without a body is compared, in a file that speaks of redirects"
    answers = json.dumps(change.before), json.dumps(change.after)
    blanks = [re.sub(r"[\s\\]+", "", text) for text in (*sides, *answers)]
    if blanks[0] == blanks[1] and sides[0] != sides[1] and all(map(_JSON.match, sides)):
        spoken = note is not None and re.search(r"\bJSON\b.*\b(blank|space)s?\b", note.changed)
        return (ANSWERED, "what is compared differs only in blanks") if spoken or blanks[2] == blanks[3] else None
    if all(re.fullmatch(r"\d{3}", side) for side in sides):
        before, after = (set(re.findall(r"\b[1-5]\d\d\b", answer)) for answer in answers)
        for was, now in (sides, sides[::-1]):
            if was in before - after and now in after - before:
                return EXACT, f"it was {was} and is {now}"
        if any(side.startswith("3") for side in sides) and "redirect" in change.behaviour and before != after:
            return ANSWERED, "an answer that redirects is compared"
    return None


def _sides(message: str) -> tuple[str, str] | None:
    """The two sides of a failed comparison, as pytest shows them."""
    match = re.search(r"(?:assert |AssertionError: (?:assert )?)(.+?) == (.+?)(?:\n|$)", message)
    match = match or re.search(r"assert (.+?) == (.+?)(?:\n|$)", message)
    if not match:
        return None
    return match[1].strip(), match[2].strip()


def _function(frame: Frame, tree: Path) -> str | None:
    """The text of the function that a frame is in, up to its line."""
    try:
        text = (tree / frame.path).read_text(encoding="utf-8")
        nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    except (OSError, SyntaxError, ValueError):
        return None
    around = [node for node in nodes if node.lineno <= frame.line <= (node.end_lineno or node.lineno)]
    if not around:
        return None
    begin = max(node.lineno for node in around)
    return "\n".join(text.splitlines()[begin - 1 : frame.line])


def companions(failure: Failure, packages: Mapping[str, str], release: Release, rules: Iterable[Rule]) -> list[str]:
    """What the kit knows of the packages beside httpx that a failure involves: which version goes with a release.

    Args:
        failure: Why a test is bad.
        packages: The versions that were installed, by name.
        release: The first release that it is bad under.
        rules: What the kit installs beside that release, and why.
    """
    text = failure.type + failure.message
    involved = {frame.path.partition("/")[0] for frame in failure.frames if frame.place == "packages"}
    found = []
    for rule in rules:
        for requirement in rule.install:
            name, _, pin = requirement.partition("==")
            has = packages.get(name)
            if pin and has and has != pin and (name in involved or re.search(rf"\b{name}\b", text, re.IGNORECASE)):
                found.append(
                    f"beside it: {name} {has}, and the kit found {name} {pin} to go with {release}: {rule.reason} "
                    f"Try: --with '{name}>={pin}'"
                )
    return found


@dataclass(frozen=True)
class Notice:
    """A deprecation warning that the project's own code causes, and when it bites.

    Attributes:
        warned: The warning, at the first place that gives it.
        places: Every place of the project that gives it, as `path:line`.
        tests: How many tests saw it.
        until: The release that ends it; None where no known release does.
        removed: Whether that release turns it into an error.
        behaviour: The behaviour that knows it; None where none does.
        note: The note of that release.
    """

    warned: Warned
    places: tuple[str, ...]
    tests: int
    until: Release | None
    removed: bool
    behaviour: str | None
    note: Note | None


def warnings(given: Iterable[Warned], found: Comparison, notes: Mapping[tuple[Release, str], Note]) -> list[Notice]:
    """The warnings of a trial that are about httpx, each with the release that turns it into an error.

    Args:
        given: The warnings of the trial under the release that the project has.
        found: The comparison from that release on.
        notes: The notes of every release, by release and behaviour.
    """
    known: dict[str, Deprecation] = {}
    for deprecation in found.deprecations:
        # Of several behaviours that see one warning, the one that ends in an error first says when it bites.
        other = known.get(deprecation.warning)
        if other is None or (deprecation.removed and not other.removed):
            known[deprecation.warning] = deprecation
    groups: dict[str, list[Warned]] = {}
    for warned in given:
        if _text(warned) in known:
            groups.setdefault(_text(warned), []).append(warned)
    result = []
    for text, group in groups.items():
        deprecation = known[text]
        own = [warned for warned in group if warned.place == "tree"]
        places = tuple(sorted({f"{warned.path}:{warned.line}" for warned in own}))
        until = deprecation.until
        result.append(
            Notice(
                own[0] if own else group[0],
                places,
                len({warned.test for warned in group if warned.test}),
                until,
                deprecation.removed,
                deprecation.behaviour,
                notes.get((until, deprecation.behaviour)) if until else None,
            )
        )
    return sorted(result, key=lambda notice: (not notice.places, notice.warned.message))
