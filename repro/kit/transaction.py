"""Changes several files as one: all of them, or none, whatever interrupts it.

The new texts are written beside the folder they are for and reach the disk; then a journal says that they are
complete; then each takes its name. Interrupted before the journal, nothing has happened; after it, whoever comes next
finishes.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

from repro import files
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The folder, below the one that is changed, where a transaction is prepared.
STAGING = ".transaction"


def apply(root: Path, texts: Mapping[str, str | None]) -> None:
    """Write and remove files below `root` as one.

    Args:
        root: The folder.
        texts: The new text of each file, by its path below `root`; None removes it.

    Raises:
        Problem: The disk is full or the folder cannot be written; nothing has changed.
    """
    root.mkdir(parents=True, exist_ok=True)
    with FileLock(root / f"{STAGING}.lock"):
        _finish(root)
        staging = root / STAGING
        try:
            moves = {}
            for number, (name, text) in enumerate(texts.items()):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                if text is not None:
                    files.write(staging / str(number), text)
                moves[name] = None if text is None else str(number)
            files.write(staging / "journal.json", json.dumps(moves))
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            _drop_empty(root)
            raise Problem(
                f"{root} could not be changed, and is as it was: {error.strerror}.", "Make room, and run it again."
            ) from None
        _finish(root)


def recover(root: Path) -> None:
    """Finish what an interrupted `apply` left prepared, and drop what it left unprepared."""
    if (root / STAGING).exists():
        with FileLock(root / f"{STAGING}.lock"):
            _finish(root)


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
    shutil.rmtree(staging, ignore_errors=True)
    _drop_empty(root)


def _drop_empty(root: Path) -> None:
    """Remove the folders below `root` that hold nothing any more."""
    for folder in sorted(root.rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
