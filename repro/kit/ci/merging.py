"""Merging what several jobs found: the union of their records, whatever the number of machines.

A record is the one thing that a cell leaves, and it holds no time and no path, so the union of what a hundred machines
found is what one machine would have. A cell without a record is told by the report as one that was not run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro import files, record
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def merge(folders: Sequence[Path], into: Path) -> list[str]:
    """Put the records of several folders, and of those below them, into one.

    Args:
        folders: Where records are.
        into: Where they go; what is there stays, and is part of the union.

    Returns:
        The names of the cells that are there now.

    Raises:
        Problem: A folder is missing, a record is damaged, or two say different things of one cell.
    """
    found = {path.name: path for path in sorted(into.glob("*.json"))}
    for folder in folders:
        if not folder.is_dir():
            raise Problem(f"There is no folder of records at {folder}.", "Name the folders that the jobs left.")
        for path in sorted(folder.rglob("*.json")):
            record.read(path)
            other = found.setdefault(path.name, path)
            if other.read_bytes() != path.read_bytes():
                raise Problem(
                    f"{path} and {other} are records of the same cell, and differ.",
                    "Merge what one run left, and keep the records of another apart.",
                )
    for name, path in found.items():
        if path.parent != into:
            files.write(into / name, path.read_text(encoding="utf-8"))
    return sorted(path.removesuffix(".json") for path in found)
