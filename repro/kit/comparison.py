"""Compares two releases: what differs for a caller who moves from one to the other. Computes, never prints.

Either side is what is stored, or the record of a cell that just ran. What is stored also says at which release on the
way a change happened, why, and what to do about it.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from repro.epochs import same
from repro.kit import notes
from repro.kit.catalogue import Catalogue, misses
from repro.record import asks_for
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from repro.epochs import Epochs
    from repro.kit.catalogue import Entry
    from repro.kit.notes import Note
    from repro.record import Record
    from repro.release import Releases

#: The kinds of change, by how much they hurt who is not told: what is gone and what silently does something else
#: first, what only reads differently last. `unexplained` is a change without a note.
HURTS = ("removal", "behaviour", "breaking", "unexplained", "fix", "deprecation", "addition", "message")

# What a change is for who goes back over it.
_UNDONE = {"removal": "addition", "addition": "removal", "fix": "behaviour"}

_NOTHING = Catalogue({}, {})

#: The answer of a behaviour that asserts, where its assertion holds.
HOLDS = "holds"


@dataclass(frozen=True)
class Side:
    """What is known of one release.

    Attributes:
        release: The release.
        answers: The answer of each behaviour that gave one, by id.
        absent: The missing capability of each behaviour that is absent, by id.
        doubtful: Why there is no answer to believe, by id.
        why_not: Why nothing is known of the release at all; None where something is.
        python: The Python of the record; None for what is stored, which is the same under every Python.
        packages: The packages of the record, and their versions; None for what is stored.
    """

    release: Release
    answers: Mapping[str, Any]
    absent: Mapping[str, str]
    doubtful: Mapping[str, str] = field(default_factory=dict)
    why_not: str | None = None
    python: str | None = None
    packages: Mapping[str, str] | None = None


def stored(release: Release, store: Epochs, catalogue: Catalogue) -> Side:
    """What the stored answers say of a release."""
    if why_not := catalogue.why_not(release):
        return Side(release, {}, {}, why_not=why_not)
    answers: dict[str, Any] = {}
    absent: dict[str, str] = {}
    for name, entry in catalogue.behaviours.items():
        if lack := catalogue.lacks(release, name, store):
            absent[name] = lack
        elif entry.held:
            answers[name] = HOLDS
        elif (serving := store.serving(release, name)) is not None:
            answers[name] = store.observation(serving, name)
    return Side(release, answers, absent)


def recorded(record: Record) -> Side:
    """What a record says of its release."""
    packages, python = record.packages, record.python
    if record.outcome != "ran":
        why_not = f"{record.outcome}: {record.reason}"
        return Side(record.release, {}, {}, why_not=why_not, python=python, packages=packages)
    answers = record.in_state("observed")
    answers |= dict.fromkeys(record.in_state("held"), HOLDS)
    answers |= {name: f"fails: {message}" for name, message in record.in_state("failed").items()}
    doubtful = dict.fromkeys(record.in_state("unstable"), "unstable: a fresh process of the release answered otherwise")
    return Side(record.release, answers, record.in_state("absent"), doubtful, python=python, packages=packages)


@dataclass(frozen=True)
class Crossing:
    """A stored change that lies on the way from one release to another.

    Attributes:
        release: The release that brought it.
        behaviour: The behaviour that it is stored of: what changed, or one that asks for a capability that it needs.
        back: Whether the way goes back over it.
        note: Its note, if it has one.
    """

    release: Release
    behaviour: str
    back: bool
    note: Note | None

    @property
    def kind(self) -> str:
        """The kind of change that it is for who goes this way."""
        if self.note is None:
            return "unexplained"
        return _UNDONE.get(self.note.kind, self.note.kind) if self.back else self.note.kind


@dataclass(frozen=True)
class Change:
    """A behaviour whose answer is another on the other side, or that is there on one side only.

    Attributes:
        behaviour: Its id.
        entry: What the catalogue says of it.
        before: The answer on the first side; where it is absent there, the missing capability.
        after: The same for the second side.
        kind: One of `HURTS`; for a behaviour that neither side has, None.
        crossings: The stored changes on the way that brought it, in the order of the way.
    """

    behaviour: str
    entry: Entry
    before: Any
    after: Any
    kind: str | None
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True)
class Passing:
    """A behaviour with the same answer on both sides, and another on the way.

    Attributes:
        behaviour: Its id.
        entry: What the catalogue says of it.
        value: The answer on both sides.
        differs: The runs of releases on the way that answer otherwise: first, last, and their answer.
    """

    behaviour: str
    entry: Entry
    value: Any
    differs: list[tuple[Release, Release, Any]]


@dataclass(frozen=True)
class Deprecation:
    """A spelling that works with a warning on the first side or on the way.

    Attributes:
        behaviour: The behaviour that uses it.
        entry: What the catalogue says of it.
        warning: The warning, as `Category: message`.
        since: The release from which on it is given.
        until: The first release after it that no longer gives it, on the way or beyond it; None if none does.
        removed: Whether the spelling is gone from that release on, and not only the warning.
        reached: Whether the way comes to that release; one that it goes back over does not count.
    """

    behaviour: str
    entry: Entry
    warning: str
    since: Release
    until: Release | None
    removed: bool
    reached: bool


@dataclass(frozen=True)
class Unknown:
    """A behaviour about which one side says nothing that could be believed.

    Attributes:
        behaviour: Its id.
        entry: What the catalogue says of it.
        side: `from` or `to`.
        reason: Why nothing is known.
    """

    behaviour: str
    entry: Entry
    side: str
    reason: str


@dataclass(frozen=True)
class Comparison:
    """What differs for who moves from one release to another.

    Attributes:
        before: The first side.
        after: The second side.
        changes: What both sides answer, differently; what hurts most first.
        passing: What both sides answer alike, and some release on the way does not.
        absent: What at least one side cannot answer for lack of a capability.
        deprecations: What is warned about on the first side or on the way.
        unchanged: How many behaviours are the same, and were so on the way.
        not_run: What cannot be compared.
    """

    before: Side
    after: Side
    changes: list[Change]
    passing: list[Passing]
    absent: list[Change]
    deprecations: list[Deprecation]
    unchanged: int
    not_run: list[Unknown]


class Way:
    """The releases between two, from one to the other: back to where their lines meet, then forward.

    Args:
        before: Where it begins.
        after: Where it ends.
        store: The stored epochs.
        releases: The release data.
        catalogue: What behaviours need, without which a release on the way is taken to have it.
    """

    def __init__(
        self, before: Release, after: Release, store: Epochs, releases: Releases, catalogue: Catalogue = _NOTHING
    ) -> None:
        self.store = store
        self.releases = releases
        self.catalogue = catalogue
        here, there = releases.ancestry(before), releases.ancestry(after)
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(here, there, strict=False)))
        self.back = here[shared:][::-1]
        self.forward = there[shared:]
        self.stations = [*self.back, *here[:shared][-1:], *self.forward]
        line = releases.line(after.distribution)
        whole = releases.ancestry(Release(line.distribution, line.versions[-1]))
        self.beyond = [release for release in whole if release not in there]
        self._notes: dict[Release, dict[str, Note]] = {}
        self._answered: dict[str, list[tuple[Release, Any]]] = {}
        self._misses = functools.cache(lambda release, capability: misses(release, capability, store))

    def crossings(self, *behaviours: str) -> tuple[Crossing, ...]:
        """The stored changes that lie on the way, in its order: of a release the first of `behaviours` it changed."""
        return tuple(
            Crossing(release, changed, back, self._note(release, changed))
            for back, releases in ((True, self.back), (False, self.forward))
            for release in releases
            if (changed := next((name for name in behaviours if self._changed(release, name)), None))
        )

    def _changed(self, release: Release, behaviour: str) -> bool:
        """Whether a release changed a behaviour, and did not only begin it."""
        begins = behaviour in self.store.stored.get(release, ())
        return begins and self.store.serving(release, behaviour, before=True) is not None

    def answers(self, behaviour: str) -> list[tuple[Release, Any]]:
        """What each release on the way answers, where something is stored and the release can be asked."""
        if behaviour not in self._answered:
            self._answered[behaviour] = list(self._answers(behaviour, self.stations))
        return self._answered[behaviour]

    def later(self, behaviour: str, release: Release) -> list[tuple[Release, Any]]:
        """What each release that comes after one on the way answers, to the end of the line where the way ends.

        A way that only goes back comes to none of them; there they are those after it in its own line.
        """
        if self.forward:
            ahead = [*self.forward, *self.beyond]
            after = ahead[ahead.index(release) + 1 :] if release in ahead else ahead
        else:
            versions = self.releases.line(release.distribution).versions
            known = [Release(release.distribution, version) for version in versions]
            after = [other for other in known if other.parsed > release.parsed]
        return list(self._answers(behaviour, after))

    def _answers(self, behaviour: str, releases: Iterable[Release]) -> Iterator[tuple[Release, Any]]:
        entry = self.catalogue.behaviours.get(behaviour)
        needs = entry.needs if entry else []
        for release in releases:
            serving = self.store.serving(release, behaviour)
            if serving is not None and not (needs and any(self._misses(release, need) for need in needs)):
                yield release, self.store.observation(serving, behaviour)

    def _note(self, release: Release, behaviour: str) -> Note | None:
        if release not in self._notes:
            self._notes[release] = notes.read(self.store, release)
        return self._notes[release].get(behaviour)


def compare(before: Side, after: Side, store: Epochs, catalogue: Catalogue, releases: Releases) -> Comparison:
    """Compare two sides.

    Args:
        before: Where a caller is.
        after: Where the caller goes.
        store: The stored epochs, which say where on the way a change happened.
        catalogue: The behaviours that there are.
        releases: The release data.
    """
    way = Way(before.release, after.release, store, releases, catalogue)
    changes, passing, absent, not_run = [], [], [], []
    unchanged = 0
    for name, entry in sorted(catalogue.behaviours.items()):
        if unknown := _unknown(name, entry, before, after):
            not_run += unknown
        elif name in before.absent or name in after.absent:
            absent.append(_absent(name, entry, before, after, way))
        elif not same(before.answers[name], after.answers[name]):
            changes.append(changed(name, entry, before.answers[name], after.answers[name], way))
        elif differs := _differs(way.answers(name), before.answers[name]):
            passing.append(Passing(name, entry, before.answers[name], differs))
        else:
            unchanged += 1
    silent = {unknown.behaviour for unknown in not_run}
    deprecations = [
        found
        for name, entry in catalogue.behaviours.items()
        if name not in silent
        for found in _deprecated(name, entry, way)
    ]
    return Comparison(
        before,
        after,
        sorted(changes, key=_hurt),
        passing,
        sorted(absent, key=_hurt),
        sorted(deprecations, key=lambda found: (found.behaviour, found.warning)),
        unchanged,
        not_run,
    )


def changed(name: str, entry: Entry, before: Any, after: Any, way: Way) -> Change:
    """A change of answers, with the stored changes on the way that brought it."""
    crossings = way.crossings(name)
    return Change(name, entry, before, after, _net(crossings, after), crossings)


def _hurt(change: Change) -> tuple[int, str]:
    return HURTS.index(change.kind) if change.kind else len(HURTS), change.behaviour


def _net(crossings: Sequence[Crossing], after: Any) -> str:
    """The kind of change that several come to: the one that hurts most."""
    kinds = {crossing.kind for crossing in crossings} or {"unexplained"}
    if {"removal", "addition"} <= kinds:
        # One undid the other: a capability is there in the end or not, and a spelling that came back is another.
        if isinstance(after, bool):
            return "addition" if after else "removal"
        kinds = kinds - {"removal", "addition"} or {"behaviour"}
    return min(kinds, key=HURTS.index)


def _unknown(name: str, entry: Entry, before: Side, after: Side) -> list[Unknown]:
    """Why each side says nothing about a behaviour, for the sides that do."""
    found = []
    for title, side in (("from", before), ("to", after)):
        if name not in side.answers and name not in side.absent:
            reason = side.why_not or side.doubtful.get(name) or "it was not asked"
            found.append(Unknown(name, entry, title, reason))
    return found


def _absent(name: str, entry: Entry, before: Side, after: Side, way: Way) -> Change:
    """A behaviour that at least one side lacks; what the way crosses is the coming or going of what that side lacks."""
    lacks = before.absent.get(name), after.absent.get(name)
    if all(lacks):
        return Change(name, entry, *lacks, None, ())
    side, kind = (before, "addition") if lacks[0] else (after, "removal")
    # A side names the first capability that it lacks; the behaviour is there only when it has the last one too.
    asks = [asks_for(need) for need in dict.fromkeys([side.absent[name], *entry.needs])]
    lacked = [ask for number, ask in enumerate(asks) if number == 0 or side.answers.get(ask) is False]
    return Change(name, entry, *lacks, kind, way.crossings(*lacked))


def _differs(answers: list[tuple[Release, Any]], value: Any) -> list[tuple[Release, Release, Any]]:
    """The runs of releases that answer otherwise, with their first, their last and their answer."""
    found: list[tuple[Release, Release, Any]] = []
    follows = False
    for release, answer in answers:
        if same(answer, value):
            follows = False
        elif follows and same(found[-1][2], answer):
            found[-1] = (found[-1][0], release, answer)
        else:
            found.append((release, release, answer))
            follows = True
    return found


def _deprecated(name: str, entry: Entry, way: Way) -> Iterator[Deprecation]:
    """The warnings that a behaviour sees on the way, each with the release that ends it."""
    seen: set[str] = set()
    for release, answer in way.answers(name):
        for warning in _warnings(answer):
            if warning in seen:
                continue
            seen.add(warning)
            serving = way.store.serving(release, name)
            assert serving is not None
            later = way.later(name, release)
            ended = next(((r, a) for r, a in later if warning not in _warnings(a)), None)
            reached = ended is not None and ended[0] in way.forward
            removed = ended is not None and _raises(ended[1])
            yield Deprecation(name, entry, warning, serving, ended[0] if ended else None, removed, reached)


def _warnings(answer: Any) -> list[str]:
    """The warnings in an answer that says how something ends and what it warns of."""
    found = answer.get("warns") if isinstance(answer, dict) else None
    return [warning for warning in found if isinstance(warning, str)] if isinstance(found, list) else []


def _raises(answer: Any) -> bool:
    """Whether an answer says that something ends in an exception."""
    return isinstance(answer, dict) and str(answer.get("ends")).startswith("raises")
