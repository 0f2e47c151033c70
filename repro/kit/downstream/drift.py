"""Compares the outputs of a project under two releases, place by place. Computes, never prints."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from repro.epochs import same
from repro.kit import payload, phrasing
from repro.kit.changes import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro.kit.downstream.outputs import Captured

#: What can be said of an output, what hurts first.
STATES = ("changed", "absent", "unstable", "same")


@dataclass(frozen=True)
class Difference:
    """One place where an output is another.

    Attributes:
        part: The part of the output: `document`, `command`, or the name of a request.
        place: The place in it, as a JSON pointer with `*` for every item of a list; empty for all of it.
        shape: Whether what is there is of another type, is gone, or is new.
        said: What was there and what is there now, as one phrase.
    """

    part: str
    place: str
    shape: bool
    said: str


@dataclass(frozen=True)
class Drift:
    """What became of an output from one release to another.

    Attributes:
        name: The output.
        state: One of `STATES`. `absent` where it could not be captured on one side at least; `unstable` where it varies
            under one of the releases alone, and is otherwise the same.
        differences: Where it differs.
        varying: Parts and places that vary, and were not compared.
        before: Why it could not be captured before; None where it was.
        after: Why it could not be captured after; None where it was.
    """

    name: str
    state: str
    differences: tuple[Difference, ...] = ()
    varying: tuple[tuple[str, str], ...] = ()
    before: str | None = None
    after: str | None = None

    def data(self) -> dict[str, Any]:
        """It as JSON holds it."""
        return asdict(self)


def compare(before: Mapping[str, Captured], after: Mapping[str, Captured]) -> list[Drift]:
    """What became of each output, in the order in which they were captured before.

    Args:
        before: The outputs under the release that the project has, by name.
        after: The same outputs under the other.
    """
    return [_drift(one, after[name]) for name, one in before.items()]


def _drift(before: Captured, after: Captured) -> Drift:
    if before.absent is not None or after.absent is not None:
        return Drift(before.name, "absent", before=before.absent, after=after.absent)
    varying = tuple(sorted({*before.varying, *after.varying}))
    found = tuple(
        difference
        for difference in counting(differences(before.parts, after.parts), before.ignore, shape=before.shape)
        if not _below(difference.place, [place for part, place in varying if part == difference.part])
    )
    return Drift(before.name, "changed" if found else "unstable" if varying else "same", found, varying)


def counting(found: Sequence[Difference], ignore: Sequence[str], *, shape: bool) -> list[Difference]:
    """The differences that count.

    Args:
        found: The differences.
        ignore: The places that do not count, with all below them.
        shape: Whether only another shape counts.
    """
    return [each for each in found if (each.shape or not shape) and not _below(each.place, ignore)]


def _below(place: str, places: Iterable[str]) -> bool:
    """Whether a place is one of others, or below one."""
    return any(place == each or place.startswith(f"{each}/") for each in places)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Every place where the parts of an output differ; below one whose shape differs, nothing more is said.

    Args:
        before: The parts before, by name.
        after: The parts after.
    """
    found = []
    for part in [*before, *(name for name in after if name not in before)]:
        one, other = before.get(part, NOTHING), after.get(part, NOTHING)
        if NOTHING in (one, other) or _raises(one) != _raises(other):
            found.append(Difference(part, "", True, f"{_whole(one)} → {_whole(other)}"))
        elif not same(one, other):
            found += _places(part, one, other)
    return found


def _raises(value: Any) -> bool:
    """Whether a part is an application's exception instead of its answer."""
    return isinstance(value, dict) and value.keys() == {"raises"}


def _whole(value: Any) -> str:
    """A part as a phrase."""
    if value is NOTHING:
        return "nothing"
    if _raises(value):
        return f"raises {value['raises']}"
    return f"answers {value['status']}" if isinstance(value, dict) and "status" in value else phrasing.answer(value)


def _places(part: str, one: Any, other: Any) -> list[Difference]:
    """Every place where two values differ."""
    before, after = payload.places(one), payload.places(other)
    found: list[Difference] = []
    closed: list[str] = []
    for place in [*before, *(place for place in after if place not in before)]:
        was, now = before.get(place, payload.Place()), after.get(place, payload.Place())
        if _below(place, closed):
            continue
        if was.types != now.types:
            closed.append(place)
            found.append(Difference(part, place, True, f"{_there(was, place)} → {_there(now, place)}"))
        elif not same(was.values, now.values):
            values = (was.values, now.values) if "*" in place else (was.values[0], now.values[0])
            found.append(Difference(part, place, False, "; ".join(phrasing.difference(*values))))
    # The same values at the same places, and still another list: which item has which is what differs.
    return found or [Difference(part, "", False, "; ".join(phrasing.difference(one, other)))]


def _there(there: payload.Place, place: str) -> str:
    """What is at a place, as a phrase: its type, and its value where it has one that the type does not say."""
    if there.values and there.shape != "null" and "*" not in place:
        return f"{there.shape} {payload.short(json.dumps(there.values[0], ensure_ascii=False))}"
    return there.shape or "nothing"
