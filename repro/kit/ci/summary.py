"""A run of cells as GitHub Actions shows it: the summary of a job, and annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from repro.kit import phrasing
from repro.kit.report import github, terminal

if TYPE_CHECKING:
    from repro.kit.changes import Matrix

#: The most characters of a summary: GitHub takes a mebibyte of a step, and a character has up to four bytes.
LIMIT = 250_000

#: The columns of what is written to a file.
WIDTH = 100


def summary(found: Matrix, *, limit: int = LIMIT) -> str:
    """The report of a run as Markdown: the verdict first, and the report of the terminal below it.

    Args:
        found: What the run found.
        limit: The most characters that it may have; what does not fit is said to be left out.
    """
    paint = terminal.Paint(coloured=False)
    text = terminal.matrix(found, width=WIDTH, paint=paint)
    # Nothing in an answer ends the block: its fence is longer than any run of backticks within.
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    kept = text
    if len(text) > limit:
        lines = text[:limit].splitlines()[:-1]
        left = phrasing.count(len(text.splitlines()) - len(lines), "line")
        kept = "\n".join([*lines, f"... {left} more, in the log of the job and on the page"]) + "\n"
    return f"## {terminal.verdict(found, paint)}\n\n{fence}text\n{kept}{fence}\n"


def annotated(found: Matrix) -> str:
    """What a run came to as workflow commands: the verdict, cells that did not run, and answers not as stored."""
    paint = terminal.Paint(coloured=False)
    said = [("error" if found.code else "notice", "httpx upgrade kit", terminal.verdict(found, paint))]
    said += [
        ("error", f"{record.release} on Python {record.minor}: {record.outcome}", record.reason or "")
        for record in found.records
        if record.outcome != "ran"
    ]
    said += [
        ("error", f"{name} on Python {python}: not run", "Its job left no record of it.")
        for name, python in found.missing
    ]
    said += [
        ("warning", f"{each.behaviour}: not as stored", f"{each.record.release} on Python {each.record.minor}")
        for each in found.differences
    ]
    said += [
        ("warning", f"{release}: not the same under every Python", ", ".join(names))
        for release, names in found.torn.items()
    ]
    return github.commands(said)
