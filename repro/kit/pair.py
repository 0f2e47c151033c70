"""The two records of a fresh comparison: of cells that ran since the behaviours last changed, run now where missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro import record as records
from repro.kit import interpreter, phrasing, supervisor
from repro.problem import Problem
from repro.release import DATA, Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from repro.kit.workspace import Workspace
    from repro.record import Record
    from repro.release import Releases, Subject


def fresh(
    subject: Subject, minor: str, releases: Releases, workspace: Workspace, *, say: Callable[[str], None]
) -> Record:
    """The record of a cell that ran since the behaviours last changed; it runs now if there is none.

    A cell that did not run before may run today, when the index can be reached, so it is tried again.

    Args:
        subject: The release or checkout; a checkout always runs, for its code may have moved.
        minor: The Python, as `3.12`.
        releases: The release data.
        workspace: Where things are.
        say: Told what takes time.
    """
    path = workspace.record(subject, minor)
    if isinstance(subject, Release) and path.is_file() and path.stat().st_mtime_ns > _touched(workspace):
        record = records.read(path)
        if record.outcome == "ran":
            return record
    say(f"{subject} on Python {minor}: running its behaviours, which takes some seconds")
    return supervisor.run(subject, interpreter.find(minor), minor, releases, workspace, say=say)


def _touched(workspace: Workspace) -> int:
    """When what a cell runs was last changed, in nanoseconds of the file system's clock."""
    code = workspace.root / "repro"
    files: list[Path] = [*workspace.tests.rglob("*.py"), *(code / "cell").rglob("*.py"), *code.glob("*.py")]
    files += [*(code / "project").rglob("*.py"), *(code / "hardened").rglob("*.py"), code / DATA.name]
    return max(file.stat().st_mtime_ns for file in files)


def beside(before: Record, after: Record) -> list[str]:
    """What differs between two records beside the release and what it brings with it, one phrase each."""
    found = []
    if before.python != after.python:
        found.append(f"Python {before.python} and {after.python}")
    # What observes on one side only is there on the other as well, or it is missing: the release may bring it itself.
    both, either = set(before.harness) & set(after.harness), set(before.harness) | set(after.harness)
    for name in sorted(either):
        one, other = (record.packages.get(name, "missing") for record in (before, after))
        if one != other and (name in both or "missing" in (one, other)):
            found.append(f"{name} {one} and {other}")
    asked = set(before.behaviours) ^ set(after.behaviours)
    if asked and before.outcome == after.outcome == "ran":
        found.append(f"{phrasing.count(len(asked), 'behaviour')} asked of one side only")
    return found


def hold(before: Record, after: Record) -> None:
    """Refuse two records that differ in more than the release.

    Raises:
        Problem: They do; it says in what.
    """
    if before.outcome == after.outcome == "ran" and (differs := beside(before, after)):
        raise Problem(
            f"The records of {before.release} and {after.release} differ in more than the release: "
            f"{', '.join(differs)}.",
            "Run both with one Python and one checkout, as in: nox -s compare -- --fresh --python 3.12 "
            f"{before.release} {after.release}; or compare them all the same, with --anyway.",
        )
