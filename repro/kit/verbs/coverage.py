"""The verb `coverage`: measures what of a release the behaviours reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.kit import arguments, console, interpreter, reach
from repro.kit.report import reach as told

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("release", nargs="?", default="httpx==0.28.1", help="a release (default: httpx==0.28.1)")
    parser.add_argument("--python", type=arguments.minor, help="the Python to run under, as 3.12 (default: this one)")
    parser.add_argument("--fail-under", type=float, metavar="N", help="exit with 1 if less than N %% of lines are")
    parser.set_defaults(verb=_coverage)


def _coverage(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what of a release the behaviours reach, and print it with the reasons of what is left."""
    releases = workspace.releases()
    reasons = reach.load()
    release = arguments.release(chosen.release, releases, "Coverage is of one, as in: nox -s coverage -- 0.28.1")
    minor = chosen.python or arguments.THIS_PYTHON
    found = reach.measure(release, interpreter.find(minor), minor, releases, workspace, say=console.complain)
    held, bound = reach.hold(found, reasons), chosen.fail_under
    print(told.text(found, held, bound=bound, width=console.width(), paint=console.paint()).rstrip("\n"))
    return 0 if found.suffices(bound) else 1
