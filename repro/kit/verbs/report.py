"""The verb `report`: tells what the cells of a run found, and the same as a web page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from repro import files
from repro.epochs import Epochs
from repro.kit import arguments, changes, console
from repro.kit.ci import summary
from repro.kit.report import page, terminal
from repro.record import read

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("releases", nargs="?", default="boundary", help="which releases, as RELEASES names them")
    parser.add_argument(
        "--python", type=arguments.minor, nargs="+", help="the Pythons whose cells must be there (default: this one)"
    )
    parser.add_argument("--summary", type=Path, metavar="FILE", help="append the report to it as Markdown")
    parser.add_argument("--annotate", action="store_true", help="print annotations of GitHub Actions after it")
    parser.set_defaults(verb=_report)


def _report(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Print the report of the cells of this run, or of the newest records outside of one."""
    releases = workspace.releases()
    minors = list(dict.fromkeys(chosen.python or [arguments.THIS_PYTHON]))
    subjects = releases.select(chosen.releases)
    stems = {f"{subject.slug}-py{minor}": (str(subject), minor) for subject in subjects for minor in minors}
    if cells := run.cells():
        # In a run its own cells count, and what an earlier run left does not speak for one that left nothing.
        stems |= cells
        present = {stem for stem in cells if (workspace.records / f"{stem}.json").is_file()}
    else:
        for subject in subjects:
            for path in workspace.records.glob(f"{subject.slug}-py*.json"):
                stems[path.stem] = (str(subject), path.stem.rpartition("-py")[2])
        present = {stem for stem in stems if (workspace.records / f"{stem}.json").is_file()}
    store = Epochs(workspace.snapshots, releases)
    found = changes.matrix(
        [read(workspace.records / f"{stem}.json") for stem in sorted(present)],
        [stems[stem] for stem in sorted(stems) if stem not in present],
        store,
        releases,
    )
    files.write(workspace.page, page.made(store, releases, found=found))
    paint = console.paint()
    place = str(workspace.page.relative_to(workspace.root))
    text = terminal.matrix(found, width=console.width(), paint=paint, page=place)
    print(terminal.verdict(found, paint) if run.repeats(text) else text.rstrip("\n"))
    if chosen.summary:
        with chosen.summary.open("a", encoding="utf-8") as summaries:
            summaries.write(summary.summary(found))
    if chosen.annotate:
        print(summary.annotated(found), end="")
    return found.code
