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
from typing import TYPE_CHECKING, Any

from repro.kit.comparison import HURTS
from repro.problem import Problem
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from repro.kit.comparison import Change, Comparison
    from repro.release import Releases

FORMAT = 1

_KEYS = ("behaviour", "release", "reason", "expires")


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
    except OSError as error:
        raise Problem(f"{what} cannot be read: {error.strerror}.", mend) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} are damaged: {error}.", mend) from None
    check_format(data.pop("format", None), FORMAT, f"The file {path}", mend)
    entries = data.pop("accepted", [])
    if data or not isinstance(entries, list):
        raise Problem(f"{what} are damaged: they hold more than a list of [[accepted]].", mend)
    found: dict[tuple[str, str], Accepted] = {}
    for number, entry in enumerate(entries, 1):
        accepted = _entry(entry, f"{what} are damaged: entry {number}", mend, releases)
        if found.setdefault((accepted.behaviour, accepted.release), accepted) is not accepted:
            raise Problem(
                f"{what} accept {accepted.behaviour} at {accepted.release} twice, again in entry {number}.", mend
            )
    return list(found.values())


def _entry(entry: Any, where: str, mend: str, releases: Releases) -> Accepted:
    """One entry of a file."""
    if not isinstance(entry, dict):
        raise Problem(f"{where} is no table.", mend)
    if unknown := entry.keys() - _KEYS:
        raise Problem(f"{where} has the unknown key {min(unknown)!r}; the keys are {', '.join(_KEYS)}.", mend)
    for key in ("behaviour", "release", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise Problem(f"{where} has no {key}.", mend)
    # A moment is a date to Python, and not the day that a person means.
    if type(entry.get("expires", date.max)) is not date:
        raise Problem(f"{where} expires on no date, which is written as 2027-03-31.", mend)
    try:
        release = releases.parse(entry["release"])
    except Problem as problem:
        raise Problem(f"{where}: {problem.found}", mend) from None
    return Accepted(**{**entry, "release": str(release)})


def judge(
    found: Comparison,
    accepted: Sequence[Accepted],
    *,
    fail_on: Collection[str] = HURTS,
    area: str | None = None,
    today: date,
) -> Judgement:
    """Judge a comparison.

    Args:
        found: The comparison.
        accepted: The accepted changes.
        fail_on: The kinds of change that fail it.
        area: The only area that it is about, so that entries of others are not missed; None for all.
        today: The day it is.
    """
    valid = {(entry.behaviour, entry.release): entry for entry in accepted}
    used: set[tuple[str, str]] = set()
    covered: dict[str, list[Accepted]] = {}
    failing = []
    for change in (*found.changes, *(change for change in found.absent if change.kind)):
        keys = _keys(change, found)
        entries = [next((valid[key] for key in alternatives if key in valid), None) for alternatives in keys]
        used.update((entry.behaviour, entry.release) for entry in entries if entry)
        known = [entry for entry in entries if entry and (entry.expires is None or entry.expires >= today)]
        if len(known) == len(keys):
            covered[change.behaviour] = known
        elif change.kind in fail_on:
            failing.append(change.behaviour)
    asked = [entry for entry in valid.values() if area is None or entry.behaviour.startswith(f"{area}/")]
    stale = [entry for entry in asked if (entry.behaviour, entry.release) not in used]
    expired = [entry for key, entry in valid.items() if key in used and entry.expires and entry.expires < today]
    code = 3 if found.not_run else 1 if failing or stale or expired else 0
    return Judgement(covered, failing, stale, expired, code)


def _keys(change: Change, found: Comparison) -> list[list[tuple[str, str]]]:
    """What has to be accepted for a change: for each release that had a part in it, one of these."""
    if not change.crossings:
        # Nothing stored says where it happened, so it is the second side's; a checkout goes by its version.
        after = found.after.release
        return [[(change.behaviour, f"{after.distribution}=={after.version}")]]
    return [
        [(name, str(crossing.release)) for name in (change.behaviour, crossing.behaviour)]
        for crossing in change.crossings
    ]
