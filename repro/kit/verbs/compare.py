"""The verb `compare`: tells what changes between two releases, from what is stored or from cells that just ran."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.epochs import Epochs
from repro.kit import acceptance, arguments, catalogue, comparison, console
from repro.kit.report import document
from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace
    from repro.record import Record
    from repro.release import Releases

#: The forms in which a comparison is told.
FORMATS = ("text", "markdown", "json", "html", "junit", "github")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("before", metavar="A", help="where you are: a release, `latest`, or with --fresh a checkout")
    parser.add_argument("after", metavar="B", help="where you go; `httpx2` alone means its newest release")
    parser.add_argument("--format", choices=FORMATS, default="text", help="the form of the answer (default: text)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    parser.add_argument("--area", help="only this area of behaviours")
    parser.add_argument(
        "--fail-on", type=_kinds, metavar="KIND,...", help="the kinds of change that exit with 1 (default: all)"
    )
    parser.add_argument("--accepted", type=Path, metavar="FILE", help="known changes, which do not fail")
    parser.add_argument("--fresh", action="store_true", help="compare cells that just ran; runs the missing ones")
    parser.add_argument(
        "--python", type=arguments.minor, help="with --fresh, the Python to run under (default: this one)"
    )
    parser.add_argument("--anyway", action="store_true", help="with --fresh, also if more than the release differs")
    parser.set_defaults(verb=_compare)


def _kinds(text: str) -> list[str]:
    """Kinds of change from the command line."""
    kinds = text.split(",")
    if wrong := [kind for kind in kinds if kind not in comparison.HURTS]:
        raise argparse.ArgumentTypeError(
            f"{wrong[0]!r} is no kind of change; the kinds are {', '.join(comparison.HURTS)}"
        )
    return kinds


def _compare(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Compare two releases, and print or write the answer in the form asked for."""
    releases = workspace.releases()
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    accepted = acceptance.read(chosen.accepted, releases) if chosen.accepted else []
    if chosen.fresh:
        sides = _fresh(chosen, workspace, releases)
        known = known.joined(sides)
        before, after = (comparison.recorded(record) for record in sides)
    else:
        before, after = (comparison.stored(release, store, known) for release in _stored(chosen, releases))
    if not known.behaviours:
        raise Problem(
            f"There is no catalogue of behaviours below {workspace.snapshots}, so nothing can be compared.",
            "Restore it with: git checkout -- snapshots",
        )
    if chosen.area:
        known = known.within(chosen.area)
    found = comparison.compare(before, after, store, known, releases)
    judged = acceptance.judge(
        found,
        accepted,
        fail_on=chosen.fail_on or comparison.HURTS,
        area=chosen.area,
        today=datetime.now().astimezone().date(),
    )
    body = document.document(found, judged, area=chosen.area)
    console.tell(_formatted(body, chosen, store, releases), chosen.output, body["verdict"]["says"])
    return judged.code


def _stored(chosen: argparse.Namespace, releases: Releases) -> Iterator[Release]:
    """The two releases of a comparison of what is stored."""
    for subject in arguments.sides((chosen.before, chosen.after), releases):
        if not isinstance(subject, Release):
            raise Problem(
                f"{subject} is a checkout, of which nothing is stored.",
                f"Run it, with: nox -s compare -- --fresh {chosen.before} {chosen.after}",
            )
        yield subject


def _fresh(chosen: argparse.Namespace, workspace: Workspace, releases: Releases) -> list[Record]:
    """The records of both sides, of cells that just ran or run now."""
    from repro.kit import pair  # what is stored is told sooner without what runs cells

    minor = chosen.python or arguments.THIS_PYTHON
    sides = arguments.sides((chosen.before, chosen.after), releases)
    before, after = (pair.fresh(side, minor, releases, workspace, say=console.complain) for side in sides)
    if not chosen.anyway:
        pair.hold(before, after)
    return [before, after]


def _formatted(body: dict[str, Any], chosen: argparse.Namespace, store: Epochs, releases: Releases) -> str:
    """A comparison in the form asked for; the other forms are not imported."""
    if chosen.format == "json":
        return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    if chosen.format == "html":
        from repro.kit.report import page

        return page.made(store, releases, comparison=body)
    if chosen.format == "markdown":
        from repro.kit.report import markdown

        return markdown.markdown(body)
    if chosen.format == "junit":
        from repro.kit.report import junit

        return junit.junit(body)
    if chosen.format == "github":
        from repro.kit.report import github

        return github.github(body)
    from repro.kit.report import text

    output = chosen.output
    return text.text(body, width=console.width(output), paint=console.paint(output), last=output is None)
