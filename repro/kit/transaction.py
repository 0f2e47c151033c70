"""Changes several files as one: all of them, or none, whatever interrupts it.

The new texts are written beside the folder they are for and reach the disk; then a journal says that they are
complete; then each takes its name. Interrupted before the journal, nothing has happened; after it, whoever comes next
finishes, unless somebody else changed one of the files meanwhile. Where a file cannot take its name, those that did are
put back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from repro import files
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The folder, below the one that is changed, where a transaction is prepared.
STAGING = ".transaction"

# What says that the new texts are complete; and, of a change that turned out to be impossible, that it is undone.
_JOURNAL, _UNDOING = "journal.json", "undoing.json"


@dataclass(frozen=True)
class Step:
    """What a change does to one file.

    Attributes:
        name: Its path below the folder that is changed.
        new: The digest of the text that it gets; None to remove it.
        old: The digest of the text that it had; None where it was not there.
    """

    name: str
    new: str | None
    old: str | None


@contextlib.contextmanager
def alone(root: Path, lock: Path) -> Iterator[None]:
    """Be the only one to change `root`, from reading what is there to `apply`; an interrupted change ends first.

    Args:
        root: The folder.
        lock: The file that says who changes it, outside of it.
    """
    with _locked(lock):
        _finish(root)
        yield


@contextlib.contextmanager
def _locked(lock: Path) -> Iterator[None]:
    from filelock import FileLock  # every verb asks whether there is something to recover; most change nothing

    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        yield


def apply(root: Path, texts: Mapping[str, str | None]) -> None:
    """Write and remove files below `root` as one; only for who is `alone` with it.

    Args:
        root: The folder.
        texts: The new text of each file, by its path below `root`; None removes it.

    Raises:
        Problem: The disk is full or something cannot be written; nothing has changed.
    """
    staging = root / STAGING
    steps = []
    try:
        for number, (name, text) in enumerate(texts.items()):
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                files.write(staging / f"new-{number}", text)
            if (root / name).is_file():
                staging.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / name, staging / f"old-{number}")
            steps.append(Step(name, _digest(staging / f"new-{number}"), _digest(staging / f"old-{number}")))
        files.write(staging / _JOURNAL, json.dumps([asdict(step) for step in steps]))
    except OSError as error:
        _forget(root)
        raise _unchanged(root, error) from None
    _finish(root)


def recover(root: Path, lock: Path) -> str | None:
    """Finish what an interrupted `apply` left prepared, and drop what it left unprepared.

    Returns:
        What was done, as a sentence; None where there was nothing to finish.

    Raises:
        Problem: It cannot be finished; what was there before is there again.
    """
    if not (root / STAGING).exists():
        return None
    with _locked(lock):
        return _finish(root)


def _finish(root: Path) -> str | None:
    """Do what the journal says, all of it or nothing, then forget it; may be interrupted and run again."""
    staging = root / STAGING
    done = None
    if (staging / _UNDOING).is_file():
        _undo(root)
        done = f"An interrupted change of {root} is undone."
    elif (staging / _JOURNAL).is_file():
        steps = _steps(staging / _JOURNAL)
        changed = [step.name for number, step in enumerate(steps) if not _is_as_left(root, number, step)]
        if changed:
            done = f"An interrupted change of {root} is dropped: {changed[0]} was changed since by somebody else."
        else:
            _do(root, steps)
            done = f"An interrupted change of {root} is finished."
    _forget(root)
    return done


def _is_as_left(root: Path, number: int, step: Step) -> bool:
    """Whether a file is as the interrupted change left it: as it was, with the new text waiting, or as it will be."""
    now = _digest(root / step.name)
    waiting = step.new is None or (root / STAGING / f"new-{number}").is_file()
    return now == step.new or (now == step.old and waiting)


def _do(root: Path, steps: list[Step]) -> None:
    """Give every prepared file its name; where one cannot have it, everything is as it was.

    Raises:
        Problem: One could not.
    """
    staging = root / STAGING
    try:
        for number, step in enumerate(steps):
            if step.new is None:
                (root / step.name).unlink(missing_ok=True)
            elif (staging / f"new-{number}").is_file():
                (staging / f"new-{number}").replace(root / step.name)
        (staging / _JOURNAL).unlink()
    except OSError as error:
        (staging / _JOURNAL).replace(staging / _UNDOING)
        _undo(root)
        _forget(root)
        raise _unchanged(root, error) from None


def _undo(root: Path) -> None:
    """Give every file back the text that it had.

    Raises:
        Problem: One cannot be written; whoever comes next tries again.
    """
    staging = root / STAGING
    try:
        for number, step in enumerate(_steps(staging / _UNDOING)):
            if step.new == step.old or _digest(root / step.name) != step.new:
                continue
            if step.old is None:
                (root / step.name).unlink()
            else:
                shutil.copyfile(staging / f"old-{number}", staging / "back")
                (staging / "back").replace(root / step.name)
    except OSError as error:
        raise Problem(
            f"{root} could not be changed, and not all of it could be put back: {error.strerror}: {error.filename}.",
            "Let it be written, and run it again; that puts back the rest.",
            code=3,
        ) from None


def _steps(journal: Path) -> list[Step]:
    return [Step(**step) for step in json.loads(journal.read_text(encoding="utf-8"))]


def _digest(path: Path) -> str | None:
    """What tells the content of a file from another; None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _unchanged(root: Path, error: OSError) -> Problem:
    return Problem(
        f"{root} could not be changed, and is as it was: {error.strerror}.",
        "Make room or let it be written, and run it again.",
        code=3,
    )


def _forget(root: Path) -> None:
    """Remove the preparation, and the folders below `root` that hold nothing."""
    shutil.rmtree(root / STAGING, ignore_errors=True)
    for folder in sorted(root.rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            with contextlib.suppress(OSError):
                folder.rmdir()
