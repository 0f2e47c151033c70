"""The verb `advisory`: says which claims of the published advisory hold, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.epochs import Epochs
from repro.kit import advisory, catalogue, console
from repro.kit.report import advisory as told

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb, which has no options."""
    parser.set_defaults(verb=_advisory)


def _advisory(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Hold the advisory's claims against what is stored, and print what holds and what follows."""
    releases = workspace.releases()
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    checked = advisory.Checked(advisory.load(), store, known, releases)
    verdicts, advice = checked.verdicts(), checked.advice()
    text = told.text(verdicts, advice, checked.advisory.source, width=console.width(), paint=console.paint())
    print(text.rstrip("\n"))
    return 0
