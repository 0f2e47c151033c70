"""The verb `changelog`: holds the changelogs to what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.epochs import Epochs
from repro.kit import changelog, console
from repro.kit.report import changelog as told
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("releases", nargs="*", help="which releases, as RELEASES names them; left out, every one")
    parser.set_defaults(verb=_changelog)


def _changelog(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Hold the changelogs to what is stored, and print what became of each line."""
    releases = workspace.releases()
    store = Epochs(workspace.snapshots, releases)
    found = [
        section for name in changelog.KEPT for section in changelog.sections(changelog.load(name), store, releases)
    ]
    if chosen.releases:
        wanted = releases.select(" ".join(chosen.releases))
        found = [section for section in found if section.release in wanted]
        if not found:
            raise Problem(
                f"No changelog has a section of {' '.join(chosen.releases)}, and nothing is stored as changed there.",
                "Name another release, or none for all: nox -s changelog -- 0.20.0",
            )
    print(told.text(found, width=console.width(), paint=console.paint()).rstrip("\n"))
    return 0
