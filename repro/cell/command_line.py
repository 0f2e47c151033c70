"""The command line client of the release, as its console script calls it: asked by `companion.ask`, which finds Click.

It runs in the companion itself, so a command costs no interpreter; it prints to no terminal, 100 columns wide.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import sys
from functools import cache
from typing import Any
from unittest import mock

from repro.cell import library, outcomes


@cache
def script() -> importlib.metadata.EntryPoint | None:
    """The console script of the release, or None."""
    found = importlib.metadata.distribution(library.release.distribution).entry_points.select(group="console_scripts")
    return next(iter(found), None)


def run(folder: str, *arguments: str) -> dict[str, Any]:
    """Run a command, and say how it ended and what it printed.

    Args:
        folder: The folder that it runs in.
        arguments: Its arguments.

    Returns:
        `exit`, the exit code, or what was raised as a phrase; and `printed`, the lines without the space at their
        ends and the empty ones at the end.
    """
    entry = script()
    assert entry is not None, "the release has no console script"
    written = io.BytesIO()
    printed = io.TextIOWrapper(written, encoding="utf-8")
    with contextlib.ExitStack() as around:
        around.enter_context(contextlib.chdir(folder))
        around.enter_context(mock.patch.dict(os.environ, COLUMNS="100", TERM="dumb"))
        around.enter_context(mock.patch.object(sys, "argv", [entry.name, *arguments]))
        # Click names the program after the module that Python was started with, and that is pytest.
        around.enter_context(mock.patch.object(sys.modules["__main__"], "__package__", None))
        around.enter_context(contextlib.redirect_stdout(printed))
        around.enter_context(contextlib.redirect_stderr(printed))
        ended = _ended(entry)
        printed.flush()
    return {"exit": ended, "printed": [line.rstrip() for line in written.getvalue().decode().rstrip().split("\n")]}


def _ended(entry: importlib.metadata.EntryPoint) -> Any:
    """The exit code of a command, or what it raised as a phrase."""
    try:
        return entry.load()()
    except SystemExit as end:
        return end.code
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return outcomes.phrase(error)
