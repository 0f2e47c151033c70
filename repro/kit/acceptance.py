"""Judges a comparison: which changes somebody has accepted, and what the exit code is. Computes, never prints.

A file of accepted changes is TOML:

    format = 1

    [[accepted]]
    behaviour = "reproduction/request_line"
    release = "httpx==0.14.0"
    reason = "Our base URL has no path."
    expires = 2027-03-31
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from repro.kit.comparison import HURTS
from repro.problem import Problem
from repro.record import asks_for
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from repro.kit.comparison import Change, Comparison
    from repro.release import Releases

FORMAT = 1


@dataclass(frozen=True)
class Accepted:
    """A change that somebody knows of and lives with.

    Attributes:
        behaviour: The behaviour that changed; one that asks for a capability stands for all that are absent with it.
        release: The release that changed it, as `httpx==0.14.0`.
        reason: Why it is accepted.
        expires: The last day on which it is; None for good.
    """

    behaviour: str
    release: str
    reason: str
    expires: date | None = None


@dataclass(frozen=True)
class Judgement:
    """What a comparison comes to.

    Attributes:
        accepted: The entries that accept each accepted change, by behaviour.
        failing: The behaviours whose change fails the comparison.
        stale: The entries that no change of the comparison needs.
        expired: The entries that a change needs and whose day is over.
        code: The exit code: 3 where something could not be compared, 1 where something fails, else 0.
    """

    accepted: dict[str, list[Accepted]]
    failing: list[str]
    stale: list[Accepted]
    expired: list[Accepted]
    code: int


def read(path: Path, releases: Releases) -> list[Accepted]:
    """The accepted changes in a file.

    Raises:
        Problem: The file is missing, damaged, too old or too new, or an entry lacks a part.
    """
    what = f"The accepted changes {path}"
    mend = "README.md shows the form of such a file, below 'Accept what you know'."
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Problem(f"There are no accepted changes at {path}.", mend) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} are damaged: {error}.", mend) from None
    check_format(data.pop("format", None), FORMAT, f"The file {path}", mend)
    entries = data.pop("accepted", [])
    if data or not isinstance(entries, list):
        raise Problem(f"{what} are damaged: they hold more than a list of [[accepted]].", mend)
    found = []
    for number, entry in enumerate(entries, 1):
        try:
            accepted = Accepted(**entry)
        except TypeError as error:
            raise Problem(f"{what} are damaged: entry {number}: {error}.", mend) from None
        texts = (accepted.behaviour, accepted.release, accepted.reason)
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise Problem(f"{what} are damaged: entry {number} lacks a behaviour, a release or a reason.", mend)
        if accepted.expires is not None and type(accepted.expires) is not date:
            raise Problem(f"{what} are damaged: entry {number} expires on no date.", mend)
        found.append(Accepted(accepted.behaviour, str(releases.parse(accepted.release)), *texts[2:], accepted.expires))
    return found


def judge(
    found: Comparison, accepted: Sequence[Accepted], *, fail_on: Collection[str] = HURTS, today: date
) -> Judgement:
    """Judge a comparison.

    Args:
        found: The comparison.
        accepted: The accepted changes.
        fail_on: The kinds of change that fail it.
        today: The day it is.
    """
    valid = {(entry.behaviour, entry.release): entry for entry in accepted}
    used: set[tuple[str, str]] = set()
    covered: dict[str, list[Accepted]] = {}
    failing = []
    lacking = [(change, (change.after, change.before)) for change in found.absent]
    for change, lacks in [*((change, ()) for change in found.changes), *lacking]:
        keys = _keys(change, lacks, found)
        entries = [next((valid[key] for key in alternatives if key in valid), None) for alternatives in keys]
        used.update((entry.behaviour, entry.release) for entry in entries if entry)
        known = [entry for entry in entries if entry and (entry.expires is None or entry.expires >= today)]
        if len(known) == len(keys):
            covered[change.behaviour] = known
        elif change.kind in fail_on:
            failing.append(change.behaviour)
    stale = [entry for key, entry in valid.items() if key not in used]
    expired = [entry for key, entry in valid.items() if key in used and entry.expires and entry.expires < today]
    code = 3 if found.not_run else 1 if failing or stale or expired else 0
    return Judgement(covered, failing, stale, expired, code)


def _keys(change: Change, lacks: Sequence[str | None], found: Comparison) -> list[list[tuple[str, str]]]:
    """What has to be accepted for a change: for each release that had a part in it, one of these."""
    names = [change.behaviour, *(asks_for(lack) for lack in lacks if lack)]
    where = [str(crossing.release) for crossing in change.crossings] or [str(found.after.release)]
    return [[(name, release) for name in names] for release in where]
