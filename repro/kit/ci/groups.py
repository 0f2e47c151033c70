"""The groups of cells that CI runs side by side, balanced by what each cell was measured to cost.

The cells are those that nox lists, so there is no second list to keep. A cell costs about the same wherever it runs; a
release that was never measured costs what the one before it in its line does.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from repro.problem import Problem
from repro.release import check_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DATA = Path(__file__).with_name("costs.toml")
FORMAT = 1

#: How much more than the mean the slowest group may take.
SLOWEST = 1.3


@dataclass
class Group:
    """Cells that one job runs, of one Python.

    Attributes:
        python: The minor Python, or the empty text for the job's own.
        subjects: The releases, as `RELEASES` names them.
        seconds: What they cost, in CPU seconds.
    """

    python: str
    subjects: list[str] = field(default_factory=list)
    seconds: float = 0.0


def costs(path: Path = DATA) -> dict[str, float]:
    """What a cell of each release was measured to cost, in CPU seconds.

    Raises:
        Problem: The data is damaged, too old or too new.
    """
    mend = f"Restore it with: git checkout -- repro/kit/ci/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        check_format(data.get("format"), FORMAT, f"The costs {path}", mend)
        return {str(name): float(seconds) for name, seconds in data["seconds"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(f"The costs {path} are damaged: {error}.", mend) from None


def measured(folder: Path) -> dict[str, float]:
    """What the cells that ran here cost, by release, in CPU seconds: the dearest of its Pythons.

    Args:
        folder: Where cells leave what they cost.

    Raises:
        Problem: No cell ran here.
    """
    found: dict[str, float] = {}
    for path in sorted(folder.glob("httpx*-py*.json")):
        distribution, _, version = path.stem.rpartition("-py")[0].partition("-")
        cost = json.loads(path.read_text(encoding="utf-8"))
        name = f"{distribution}=={version}"
        found[name] = max(found.get(name, 0.0), round(cost["starting"] + cost["behaviours"], 1))
    if not found:
        raise Problem("No cell left what it cost.", "Run them all first, with: RELEASES=all nox -s cell")
    return dict(sorted(found.items(), key=lambda item: _key(item[0])))


def text(found: Mapping[str, float]) -> str:
    """The data file that holds these costs."""
    head = (
        "# What a cell of each release costs, in CPU seconds of starting it and of its behaviours, its environment\n"
        "# built: the dearest of its Pythons, as `nox -s ci -- costs` found it after `RELEASES=all nox -s cell`.\n"
        "# Groups of cells are balanced by it; a figure that is a little old balances as well.\n"
    )
    return f"{head}\nformat = {FORMAT}\n\n[seconds]\n" + "".join(f'"{name}" = {cost}\n' for name, cost in found.items())


def cost(subject: str, known: Mapping[str, float]) -> float:
    """What a cell of a subject costs: as measured, else as the release before it in its line, else as most do.

    Args:
        subject: A release as `httpx==0.13.0`, or the place of a checkout.
        known: The measured costs.
    """
    if subject in known:
        return known[subject]
    line, version = _key(subject)
    before = [name for name in known if _key(name)[0] == line and _key(name)[1] < version]
    ordered = sorted(known.values())
    return known[max(before, key=_key)] if before else ordered[len(ordered) // 2]


def listed(said: str) -> list[tuple[str, str]]:
    """The cells that `nox --list --json` lists: each its subject and its Python, or the empty text for any.

    Args:
        said: What nox printed.

    Raises:
        Problem: That is no list, or has no cell.
    """
    try:
        entries = json.loads(said)
        cells = [
            (str(entry["call_spec"]["subject"]), str(entry["python"] or ""))
            for entry in entries
            if entry["name"] == "cell"
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"This is not what `nox --list --json -s cell` prints: {error!r}.", "Pipe its output here."
        ) from None
    if not cells:
        raise Problem("nox lists no cell.", "List them with: nox --list --json -s cell")
    return cells


def grouped(cells: Iterable[tuple[str, str]], most: int, known: Mapping[str, float]) -> list[Group]:
    """Cells in groups, of which the slowest takes at most `SLOWEST` times their mean.

    The dearest cell goes first, each to the group that has the least so far. Fewer groups than asked for are made where
    so many could not be balanced.

    Args:
        cells: The cells, each its subject and its Python.
        most: How many groups of each Python at most.
        known: The measured costs.
    """
    pythons: dict[str, list[str]] = {}
    for subject, python in cells:
        pythons.setdefault(python, []).append(subject)
    found: list[Group] = []
    for python, subjects in pythons.items():
        tries = (_packed(python, subjects, number, known) for number in range(min(most, len(subjects)), 0, -1))
        # One group is always as slow as the mean.
        found += next(groups for groups in tries if _balanced(groups))
    return found


def _balanced(groups: Sequence[Group]) -> bool:
    seconds = [group.seconds for group in groups]
    return max(seconds) * len(seconds) <= SLOWEST * sum(seconds)


def _packed(python: str, subjects: Sequence[str], number: int, known: Mapping[str, float]) -> list[Group]:
    groups = [Group(python) for _ in range(number)]
    for subject in sorted(subjects, key=lambda one: -cost(one, known)):
        least = min(groups, key=lambda group: group.seconds)
        least.subjects.append(subject)
        least.seconds += cost(subject, known)
    for group in groups:
        group.subjects.sort(key=subjects.index)
    return groups


def github(groups: Sequence[Group]) -> dict[str, Any]:
    """The groups as the matrix of a job of GitHub Actions."""
    return {
        "include": [
            {"group": number, "python": group.python, "releases": " ".join(group.subjects)}
            for number, group in enumerate(groups, start=1)
        ]
    }


def gitlab(groups: Sequence[Group], template: Mapping[str, Any]) -> dict[str, Any]:
    """The groups as a child pipeline of GitLab: a job for each, and one that merges and reports.

    Args:
        groups: The groups.
        template: What the pipeline, the job of a group and that of the report have in common with every other.
    """
    jobs = {
        f"group {number}": {
            **template["group"],
            "variables": {"RELEASES": " ".join(group.subjects), "PYTHON": group.python},
        }
        for number, group in enumerate(groups, start=1)
    }
    # A group that died left nothing, and its cells are then told as not run.
    needs = [{"job": name, "optional": False, "artifacts": True} for name in jobs]
    subjects = " ".join(dict.fromkeys(subject for group in groups for subject in group.subjects))
    pythons = " ".join(dict.fromkeys(group.python for group in groups if group.python))
    report = {**template["report"], "needs": needs, "variables": {"RELEASES": subjects, "PYTHONS": pythons}}
    return {**template["pipeline"], **jobs, "report": report}


def _key(name: str) -> tuple[str, Version]:
    distribution, _, version = name.partition("==")
    try:
        return distribution, Version(version)
    except InvalidVersion:
        return distribution, Version("0")
