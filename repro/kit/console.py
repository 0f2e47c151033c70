"""How verbs print: an answer, what takes time, and how far it is. Called by the verbs, and by nothing that computes."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from repro import files
from repro.kit.report.terminal import Paint
from repro.problem import Problem

if TYPE_CHECKING:
    from pathlib import Path

#: The columns of what is not printed to a terminal.
WIDTH = 100


def width(output: Path | None = None) -> int:
    """The columns of the terminal, or of the file that an answer is written to."""
    return WIDTH if output else shutil.get_terminal_size((WIDTH, 24)).columns


def paint(output: Path | None = None) -> Paint:
    """What colours an answer: only where somebody sees it, and none in a file that it is written to."""
    return Paint(coloured=output is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ)


def say(line: str) -> None:
    """Say what takes time where the answer is printed."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Say what takes time where it is seen, and not in the answer."""
    print(line, file=sys.stderr, flush=True)


def progress(done: int, of: int, what: str = "requests a side") -> None:
    """Say how far it is: as a bar where somebody looks on, and else as a line now and then."""
    if sys.stderr.isatty():
        columns = 40
        bar = "#" * (columns * done // of)
        print(f"\r[{bar.ljust(columns)}] {done} of {of}", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done * 5 // of != (done - 1) * 5 // of:
        complain(f"{done} of {of} {what}")


def tell(text: str, output: Path | None, says: str) -> None:
    """Print an answer, or write it where it was asked for and print what it comes to.

    Args:
        text: The answer.
        output: Where it is written instead.
        says: What it comes to, in a sentence.

    Raises:
        Problem: It cannot be written there.
    """
    if output:
        _write(output, text)
        complain(f"Wrote {output}.\n{says}")
    else:
        print(text.rstrip("\n"))


def _write(path: Path, text: str) -> None:
    """Write an answer where it was asked for: a file in one step, and a pipe or a device as it comes."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
        else:
            files.write(path, text)
    except OSError as error:
        raise Problem(
            f"The answer cannot be written to {path}: {error.strerror}.", "Give --output a file that can be written."
        ) from None
