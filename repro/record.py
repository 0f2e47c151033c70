"""Ground floor: the record, the one thing that crosses from a cell to the kit.

A cell writes one record; the kit only ever reads it. It holds no time, no path and no secret: the same cell run twice
writes the same bytes.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from repro import files
from repro.problem import Problem
from repro.release import Release, check_format

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2

#: The outcomes of a cell; a closed set. Only `ran` carries every behaviour.
OUTCOMES = ("ran", "not-installable", "not-importable", "crashed", "timed-out")

#: What became of one behaviour in one cell; a closed set.
#: `observed` differs or not from what is stored; `held` is an assertion that must hold everywhere; `absent` names the
#: missing capability; `unstable` did not repeat in a fresh process; `failed` broke an assertion or raised.
STATES = ("observed", "held", "absent", "unstable", "failed")


# An area, a name, and what parameters add to it. It becomes a path below `snapshots/`.
_ID = re.compile(r"\w+/[^./\\\x00-\x1f][^/\\\x00-\x1f]*")
_NAME = re.compile(r"\w[\w.-]*")


@cache
def asks_for(capability: str) -> str:
    """The behaviour that asks whether a release has a capability: `capabilities/has-sync_client`."""
    return "capabilities/has-" + re.sub(r"\W+", "_", capability.replace("/", ""))


# Python's encoder is ten times slower where it indents, and every cell waits for it.
_text = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def _lines(part: Any) -> str:
    """A part of a record as JSON text, with a line for each thing in it."""
    if isinstance(part, dict) and part:
        return "{\n" + ",\n".join(f"  {_text(name)}: {_text(part[name])}" for name in sorted(part)) + "\n }"
    if isinstance(part, list) and part:
        return "[\n" + ",\n".join(f"  {_text(entry)}" for entry in part) + "\n ]"
    return _text(part)


@dataclass(frozen=True)
class Behaviour:
    """What became of one behaviour in one cell.

    Attributes:
        title: The question, as the docstring of its test asks it.
        test: The test, as pytest names it.
        state: One of `STATES`.
        value: `observed`: the observation; `absent`: the missing capability; `failed`: the message; `unstable`: the
            two answers; `held`: None.
        needs: The capabilities that it needs of the release, in the order in which they are asked for.
    """

    title: str
    test: str
    state: str
    value: Any = None
    needs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Record:
    """What one release did under one Python.

    Attributes:
        release: The release that ran.
        python: The Python it ran under, as `3.11.7`.
        outcome: One of `OUTCOMES`.
        reason: Why the outcome is not `ran`; None when it is.
        packages: Every distribution installed in the cell, and its version.
        harness: The names of those that are there to observe, whatever the release; the others came with the release.
        behaviours: What became of each behaviour, by id (`area/name`).
        warnings: The warnings seen, each `{"behaviour", "category", "message"}`, sorted, each once.
    """

    release: Release
    python: str
    outcome: str = "ran"
    reason: str | None = None
    packages: dict[str, str] = field(default_factory=dict)
    harness: list[str] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)

    @property
    def minor(self) -> str:
        """The Python as `3.11`."""
        return ".".join(self.python.split(".")[:2])

    def in_state(self, state: str) -> dict[str, Any]:
        """The values of every behaviour in `state`, by id."""
        return {name: b.value for name, b in self.behaviours.items() if b.state == state}

    def dump(self) -> str:
        """The record as JSON text, a line for each behaviour; equal records give equal text."""
        body = {
            "format": FORMAT,
            "release": asdict(self.release),
            "python": self.python,
            "outcome": self.outcome,
            "reason": self.reason,
            "packages": self.packages,
            "harness": self.harness,
            "behaviours": {name: vars(behaviour) for name, behaviour in self.behaviours.items()},
            "warnings": self.warnings,
        }
        return "{\n" + ",\n".join(f" {_text(name)}: {_lines(body[name])}" for name in sorted(body)) + "\n}\n"

    def write(self, path: Path) -> None:
        """Write the record to `path` in one step."""
        files.write(path, self.dump())


def read(path: Path) -> Record:
    """Read a record.

    Raises:
        Problem: The file is missing, damaged, too old or too new; each in its own sentence.
    """
    mend = "Run its cell again, with: nox"
    what = f"The record {path}"
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(f"There is no record at {path}.", mend) from None
    except ValueError as error:
        raise Problem(f"{what} is damaged: {error}.", mend) from None
    if not isinstance(body, dict):
        raise Problem(f"{what} is damaged: it holds no object.", mend)
    check_format(body.pop("format", None), FORMAT, what, mend)
    try:
        record = Record(
            **{
                **body,
                "release": Release(**body["release"]),
                "behaviours": {name: Behaviour(**entry) for name, entry in body["behaviours"].items()},
            }
        )
        wrong = _wrong(record)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Problem(f"{what} is damaged: {error!r}.", mend) from None
    if wrong:
        raise Problem(f"{what} is damaged: {wrong}.", mend)
    return record


def _wrong(record: Record) -> str | None:
    """What in a record cannot be, or None; what is read may come from another machine, and names what is written.

    Raises:
        AttributeError, TypeError, ValueError: Something is of another type than it has to be.
    """
    _ = record.release.parsed  # raises for what is no version
    _check_texts(
        record.python,
        *([] if record.reason is None else [record.reason]),
        *record.harness,
        *record.packages,
        *record.packages.values(),
    )
    _check_texts(*(text for warning in record.warnings for text in (*warning, *warning.values())))
    if not _NAME.fullmatch(record.release.distribution):
        return f"{record.release.distribution!r} is not the name of a distribution"
    if record.outcome not in OUTCOMES or any(b.state not in STATES for b in record.behaviours.values()):
        return "it names an outcome or a state that does not exist"
    if (record.reason is None) != (record.outcome == "ran"):
        return "it has an outcome without a reason, or a reason without one"
    for name, behaviour in record.behaviours.items():
        if not _ID.fullmatch(name):
            return f"{name!r} is not the id of a behaviour"
        _check_texts(behaviour.title, behaviour.test, *behaviour.needs)
    return None


def _check_texts(*values: Any) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is no text")
