"""The verb `cell`: runs the behaviours under one release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.epochs import Epochs
from repro.kit import arguments, changes, console, interpreter, supervisor
from repro.kit.report import terminal

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("release", help="a release, or the path or git URL of a checkout")
    parser.add_argument("--python", type=arguments.minor, help="the Python to run under, as 3.12 (default: this one)")
    parser.add_argument("--timeout", type=float, default=supervisor.TIMEOUT, help="seconds the behaviours may take")
    parser.set_defaults(verb=_cell)


def _cell(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Run one cell, and say in a line how it ended."""
    releases = workspace.releases()
    mend = 'A cell is one; run several with: RELEASES="..." nox'
    subject = arguments.subject(chosen.release, releases, mend)
    minor = chosen.python or arguments.THIS_PYTHON
    run.begin(subject.slug, str(subject), minor)
    python = interpreter.find(minor)
    record = supervisor.run(subject, python, minor, releases, workspace, timeout=chosen.timeout, say=console.say)
    store = Epochs(workspace.snapshots, releases)
    differing = changes.differing(record, store)
    print(terminal.cell(record, differing))
    if record.outcome in ("crashed", "timed-out"):
        print(f"  what it printed: {workspace.log(subject, minor).relative_to(workspace.root)}")
    if record.outcome != "ran":
        return 3
    return 1 if differing else 0
