"""What is stored beside the answers: which behaviours there are, what each needs, and which releases ran.

`snapshots/behaviours.json` and `snapshots/outcomes.json` are written by `nox -s accept` from the same records as the
answers. With them a comparison knows, without building a cell, what a release lacks and what nobody has asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from repro.problem import Problem
from repro.record import OUTCOMES as ENDS
from repro.record import asks_for
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from repro.epochs import Epochs
    from repro.record import Behaviour, Record
    from repro.release import Release, Releases

FORMAT = 1
BEHAVIOURS = "behaviours.json"
OUTCOMES = "outcomes.json"


@dataclass(frozen=True)
class Entry:
    """A behaviour, as the catalogue knows it.

    Attributes:
        title: Its question.
        test: Its test, as pytest names it.
        needs: The capabilities that it needs, in the order in which they are asked for.
        held: Whether it asserts what holds under every release, and so has no answer stored.
    """

    title: str
    test: str
    needs: list[str]
    held: bool

    @classmethod
    def of(cls, behaviour: Behaviour) -> Entry:
        """What a record says of a behaviour."""
        return cls(behaviour.title, behaviour.test, behaviour.needs, behaviour.state == "held")


@dataclass(frozen=True)
class Outcome:
    """How the cell of a release under one Python ended.

    Attributes:
        outcome: One of `repro.record.OUTCOMES`.
        reason: Why it is not `ran`; None when it is.
    """

    outcome: str
    reason: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """The behaviours and the outcomes that are stored.

    Attributes:
        behaviours: Each behaviour, by id.
        outcomes: The outcome of each cell, by release (`httpx==0.13.0`) and minor Python (`3.11`).
    """

    behaviours: dict[str, Entry]
    outcomes: dict[str, dict[str, Outcome]]

    def why_not(self, release: Release) -> str | None:
        """Why nothing is known about a release; None where it ran under some Python."""
        cells = self.outcomes.get(str(release), {})
        if any(cell.outcome == "ran" for cell in cells.values()):
            return None
        if not cells:
            return "no cell of it is stored; compare with --fresh, which runs it"
        return "; ".join(dict.fromkeys(f"{cell.outcome}: {cell.reason}" for cell in cells.values()))

    def lacks(self, release: Release, behaviour: str, store: Epochs) -> str | None:
        """The capability for whose lack a behaviour is absent under a release; None where it lacks nothing."""
        entry = self.behaviours.get(behaviour)
        if entry is None or not entry.needs:
            return None
        return next((need for need in entry.needs if misses(release, need, store)), None)

    def within(self, area: str) -> Catalogue:
        """The catalogue of one area.

        Raises:
            Problem: There is no such area.
        """
        chosen = {name: entry for name, entry in self.behaviours.items() if name.startswith(f"{area}/")}
        if not chosen:
            areas = ", ".join(sorted({name.partition("/")[0] for name in self.behaviours}))
            raise Problem(f"{area!r} is not an area.", f"The areas are {areas}.")
        return Catalogue(chosen, self.outcomes)

    def joined(self, records: Sequence[Record]) -> Catalogue:
        """The behaviours that records were asked, in the place of those that are stored, if they were asked any."""
        asked = {name: Entry.of(behaviour) for record in records for name, behaviour in record.behaviours.items()}
        return Catalogue(asked or self.behaviours, self.outcomes)

    def after(self, records: Sequence[Record]) -> Catalogue:
        """The catalogue with the outcomes of a run in the place of those that are stored."""
        outcomes = {release: dict(cells) for release, cells in self.outcomes.items()}
        for record in records:
            outcomes.setdefault(str(record.release), {})[record.minor] = Outcome(record.outcome, record.reason)
        return Catalogue(self.behaviours, outcomes)

    def texts(self) -> dict[str, str]:
        """The text of each stored file, by its path below the folder of snapshots; equal catalogues give equal text."""
        behaviours = {name: asdict(entry) for name, entry in self.behaviours.items()}
        outcomes = {
            release: {python: asdict(cell) for python, cell in cells.items()}
            for release, cells in self.outcomes.items()
        }
        return {BEHAVIOURS: _dump("behaviours", behaviours), OUTCOMES: _dump("outcomes", outcomes)}


def misses(release: Release, capability: str, store: Epochs) -> bool:
    """Whether it is stored that a release lacks a capability."""
    behaviour = asks_for(capability)
    serving = store.serving(release, behaviour)
    return serving is not None and store.observation(serving, behaviour) is False


def _dump(name: str, body: dict[str, Any]) -> str:
    return json.dumps({"format": FORMAT, name: body}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def read(root: Path) -> Catalogue:
    """The catalogue below a folder of snapshots; an empty one where none is stored.

    Raises:
        Problem: A file is damaged, too old or too new.
    """
    behaviours = _load(root / BEHAVIOURS, "behaviours")
    outcomes = _load(root / OUTCOMES, "outcomes")
    try:
        found = Catalogue(
            {name: Entry(**entry) for name, entry in behaviours.items()},
            {
                release: {python: Outcome(**cell) for python, cell in cells.items()}
                for release, cells in outcomes.items()
            },
        )
    except (TypeError, AttributeError) as error:
        raise Problem(f"The catalogue below {root} is damaged: {error}.", _MEND) from None
    cells = (cell for cells in found.outcomes.values() for cell in cells.values())
    if not all(isinstance(entry.needs, list) for entry in found.behaviours.values()) or any(
        cell.outcome not in ENDS for cell in cells
    ):
        raise Problem(f"The catalogue below {root} is damaged: it has needs or an outcome that are none.", _MEND)
    return found


_MEND = "Restore it with: git checkout -- snapshots"


def _load(path: Path, name: str) -> dict[str, Any]:
    what = f"The catalogue {path}"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Problem(f"{what} is damaged: {error}.", _MEND) from None
    if not isinstance(body, dict):
        raise Problem(f"{what} is damaged: it holds no object.", _MEND)
    check_format(body.get("format"), FORMAT, what, _MEND)
    found = body.get(name)
    if not isinstance(found, dict):
        raise Problem(f"{what} is damaged: it holds no {name}.", _MEND)
    return found


def fold(records: Sequence[Record], known: Catalogue, kept: set[str], releases: Releases) -> Catalogue:
    """The catalogue after records are accepted.

    Args:
        records: The records, the newest last: of what they say of one behaviour, the last counts.
        known: The catalogue so far.
        kept: The behaviours that have an answer stored afterwards, under whatever release.
        releases: The release data.
    """
    ran = [record for record in records if record.outcome == "ran"]
    # Every record of a cell that ran names every behaviour that there is.
    entries = {name: entry for name, entry in known.behaviours.items() if name in kept or not ran}
    for record in ran:
        for name, behaviour in record.behaviours.items():
            before = entries.get(name) or known.behaviours.get(name)
            held = behaviour.state == "held" or (behaviour.state == "absent" and before is not None and before.held)
            entries[name] = Entry(behaviour.title, behaviour.test, behaviour.needs, held and name not in kept)
    expected = [record for record in records if record.outcome in {"ran", *_known_outcomes(record, releases)}]
    return Catalogue(entries, known.after(expected).outcomes)


def _known_outcomes(record: Record, releases: Releases) -> set[str]:
    """The outcomes that the release data expects of a cell; any other is that of a day and a machine."""
    rules = releases.rules_for(record.release, record.minor)
    return {rule.outcome for rule in rules if rule.outcome}
