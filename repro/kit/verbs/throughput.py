"""The verb `throughput`: measures what a cell costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.kit import throughput

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("releases", nargs="*", default=["boundary"], help="which releases, as RELEASES names them")
    parser.add_argument("--warm", action="store_true", help="keep the environments that are already built")
    parser.set_defaults(verb=_throughput)


def _throughput(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what a cell costs, and print it."""
    subjects = workspace.releases().select(" ".join(chosen.releases))
    print("\n".join(throughput.lines(throughput.measure(subjects, workspace, warm=chosen.warm))))
    return 0
