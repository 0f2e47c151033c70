"""Compares records: what changed from release to release, and what is not as it is stored. Computes, never prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from repro.epochs import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.epochs import Epochs
    from repro.kit.comparison import Change, Way
    from repro.record import Record
    from repro.release import Release, Releases

#: The exit code of a run in which a cell was not built or did not finish.
NOT_COMPLETE = 3

#: Stands for no answer: the behaviour has none stored, or none any more.
NOTHING = object()


@dataclass(frozen=True)
class Step:
    """What changed from one release of a run to the next.

    Attributes:
        before: The earlier release.
        after: The later release.
        changes: What changed, by behaviour.
    """

    before: Release
    after: Release
    changes: list[Change]


@dataclass(frozen=True)
class Difference:
    """An answer that is not as it is stored.

    Attributes:
        record: The cell that gave it.
        behaviour: The behaviour's id.
        state: Its state in the record.
        before: The stored answer; `NOTHING` where none is stored.
        after: The answer of the cell, or why there is none.
    """

    record: Record
    behaviour: str
    state: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Matrix:
    """Everything that a run of several cells says.

    Attributes:
        records: The record of each cell, in the order of the lines and of Pythons.
        missing: The cells that left no record, as `(subject, Python)`.
        steps: What changed from each release to the next.
        differences: What is not as it is stored.
        torn: Behaviours that answered differently under different Pythons, by release.
    """

    records: list[Record]
    missing: list[tuple[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    torn: dict[Release, list[str]] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code: 3 where a cell was not built or did not finish, 1 where something differs, else 0."""
        if self.missing or any(record.outcome != "ran" for record in self.records):
            return NOT_COMPLETE
        return 1 if self.differences or self.torn else 0


def matrix(records: Sequence[Record], missing: Sequence[tuple[str, str]], store: Epochs, releases: Releases) -> Matrix:
    """Compare the cells of a run with each other and with what is stored.

    Args:
        records: The records, in any order.
        missing: The cells that left none.
        store: The stored epochs.
        releases: The release data.
    """
    ordered = sorted(records, key=lambda r: (releases.order(r.release), r.release.source or "", _python(r.minor)))
    # What a cell answered before it crashed was not asked for a second time, so it says nothing yet.
    ran = [record for record in ordered if record.outcome == "ran"]
    return Matrix(
        records=ordered,
        missing=list(missing),
        steps=_steps(ran, store, releases),
        differences=[d for record in ran for d in _differences(record, store)],
        torn=torn(ran),
    )


def _python(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))


def torn(records: Sequence[Record]) -> dict[Release, list[str]]:
    """The behaviours that answered differently under different Pythons, by release."""
    first: dict[tuple[Release, str], Any] = {}
    found: dict[Release, set[str]] = {}
    for record in records:
        for name, value in record.in_state("observed").items():
            if not same(first.setdefault((record.release, name), value), value):
                found.setdefault(record.release, set()).add(name)
    return {release: sorted(names) for release, names in found.items()}


def differing(record: Record, store: Epochs) -> list[str]:
    """The behaviours of a record whose answer is not the stored one, or that failed or did not repeat."""
    found = [name for name, b in record.behaviours.items() if b.state in ("failed", "unstable")]
    for name, value in record.in_state("observed").items():
        serving = store.serving(record.release, name)
        if serving is None or not same(store.observation(serving, name), value):
            found.append(name)
    return sorted(found)


def _differences(record: Record, store: Epochs) -> list[Difference]:
    found = []
    for name in differing(record, store):
        serving = store.serving(record.release, name)
        before = NOTHING if serving is None else store.observation(serving, name)
        behaviour = record.behaviours[name]
        found.append(Difference(record, name, behaviour.state, before, behaviour.value))
    return found


def _steps(records: Sequence[Record], store: Epochs, releases: Releases) -> list[Step]:
    """What changed at each release after the one before it in its line; where a behaviour was absent, since it was not.

    A fork follows the release that it forked from, and never the end of another line.
    """
    from repro.kit import catalogue, comparison  # a cell, which asks only what differs, starts sooner without

    cells = _one_per_release(records)
    found: list[Step] = []
    for number, record in enumerate(cells):
        earlier = [other for other in cells[:number] if _precedes(other.release, record.release, releases)]
        changed = []
        ways: dict[Release, Way] = {}
        for name, value in record.in_state("observed").items():
            last = next((other for other in reversed(earlier) if name in other.in_state("observed")), None)
            if last is not None and not same(last.behaviours[name].value, value):
                if last.release not in ways:
                    ways[last.release] = comparison.Way(last.release, record.release, store, releases)
                entry = catalogue.Entry.of(record.behaviours[name])
                answers = last.behaviours[name].value, value
                changed.append(comparison.changed(name, entry, *answers, ways[last.release]))
        if earlier:
            found.append(
                Step(earlier[-1].release, record.release, sorted(changed, key=lambda change: change.behaviour))
            )
    return found


def _precedes(one: Release, other: Release, releases: Releases) -> bool:
    """Whether a release is before another in its line, or in the lines that it continues."""
    if one.distribution == other.distribution:
        return one.parsed < other.parsed or (one.parsed == other.parsed and one.source is None)
    fork = releases.line(other.distribution).forked_from
    return fork is not None and (one == fork or _precedes(one, fork, releases))


def _one_per_release(records: Sequence[Record]) -> list[Record]:
    """The first record of each release."""
    first: dict[Release, Record] = {}
    for record in records:
        first.setdefault(record.release, record)
    return list(first.values())
