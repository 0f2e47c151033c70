"""Changes several files as one: all of them, or none, whatever interrupts it.

The new texts are written beside the folder they are for and reach the disk; then a journal says that they are
complete; then each takes its name. Interrupted before the journal, nothing has happened; after it, whoever comes next
finishes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING

from repro import files
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: The folder, below the one that is changed, where a transaction is prepared.
STAGING = ".transaction"


@contextlib.contextmanager
def alone(root: Path, lock: Path) -> Iterator[None]:
    """Be the only one to change `root`, from reading what is there to `apply`; an interrupted change ends first.

    Args:
        root: The folder.
        lock: The file that says who changes it, outside of it.
    """
    from filelock import FileLock  # every verb asks whether there is something to recover; most change nothing

    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        _finish(root)
        yield


def apply(root: Path, texts: Mapping[str, str | None]) -> None:
    """Write and remove files below `root` as one; only for who is `alone` with it.

    Args:
        root: The folder.
        texts: The new text of each file, by its path below `root`; None removes it.

    Raises:
        Problem: The disk is full or the folder cannot be written; nothing has changed.
    """
    staging = root / STAGING
    try:
        moves = {}
        for number, (name, text) in enumerate(texts.items()):
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                files.write(staging / str(number), text)
            moves[name] = None if text is None else str(number)
        files.write(staging / "journal.json", json.dumps(moves))
    except OSError as error:
        _forget(root)
        raise Problem(
            f"{root} could not be changed, and is as it was: {error.strerror}.", "Make room, and run it again.", code=3
        ) from None
    _finish(root)


def recover(root: Path, lock: Path) -> None:
    """Finish what an interrupted `apply` left prepared, and drop what it left unprepared."""
    if (root / STAGING).exists():
        with alone(root, lock):
            pass


def _finish(root: Path) -> None:
    """Give every prepared file its name, then forget the preparation; may be interrupted and run again."""
    staging = root / STAGING
    journal = staging / "journal.json"
    if journal.is_file():
        moves: dict[str, str | None] = json.loads(journal.read_text(encoding="utf-8"))
        for name, staged in moves.items():
            if staged is None:
                (root / name).unlink(missing_ok=True)
            elif (staging / staged).is_file():
                (staging / staged).replace(root / name)
        journal.unlink()
    _forget(root)


def _forget(root: Path) -> None:
    """Remove the preparation, and the folders below `root` that hold nothing."""
    shutil.rmtree(root / STAGING, ignore_errors=True)
    for folder in sorted(root.rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
