"""The verb `usage`: tells which changes between two releases touch a project's code, with file and line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.epochs import Epochs
from repro.kit import about, arguments, catalogue, comparison, console, environment, interpreter, turn
from repro.kit.downstream import project
from repro.kit.usage import survey, telling
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace
    from repro.release import Release, Releases

#: Seconds after which it is said what takes them.
_PATIENCE = 2.0


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("project", metavar="PATH", help="a directory, a source distribution, or NAME==VERSION")
    parser.add_argument("before", metavar="A", help="the release that it uses")
    parser.add_argument("after", metavar="B", help="the release that it moves to; `latest` means the newest")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="the form of the answer")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    parser.add_argument("--all", action="store_true", help="also what is new, and what only reads differently")
    parser.add_argument(
        "--python", type=arguments.minor, help="the Python whose environments of A and B are read (default: this one)"
    )
    parser.set_defaults(verb=_usage)


def _usage(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Say which changes touch a project's code, in the form asked for."""
    # They would share what is unpacked, and what jedi keeps of what it parsed.
    with turn.taken(workspace.made / "usage.lock", "reads a project", console.complain):
        body = _document(chosen, workspace)
    output = chosen.output
    forms = {
        "json": lambda: json.dumps(body, indent=1, ensure_ascii=False) + "\n",
        "markdown": lambda: telling.markdown(body),
        "text": lambda: telling.text(
            body, width=console.width(output), paint=console.paint(output), last=output is None
        ),
    }
    console.tell(forms[chosen.format](), output, body["verdict"]["says"])
    code: int = body["verdict"]["code"]
    return code


def _document(chosen: argparse.Namespace, workspace: Workspace) -> dict[str, Any]:
    """Look through the project, and give what is found as a document."""
    minor = chosen.python or arguments.THIS_PYTHON
    releases = workspace.releases()
    mend = "Name two releases, as in: nox -s usage -- PATH 0.27.2 0.28.1"
    before, after = (arguments.release(text, releases, mend) for text in (chosen.before, chosen.after))
    folder = project.find(chosen.project, workspace.made / "usage" / "sources").folder
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    here, there = (comparison.stored(release, store, known) for release in (before, after))
    found = survey.survey(
        folder,
        comparison.compare(here, there, store, known, releases),
        about.load(),
        _code(before, minor, releases, workspace),
        _perhaps(after, minor, releases, workspace),
        workspace.made / "jedi",
        whole=chosen.all,
        progress=_Progress(),
    )
    return telling.document(found, folder.name)


def _code(release: Release, minor: str, releases: Releases, workspace: Workspace) -> survey.Side:
    """The code of a release, from the environment of its cell."""
    wanted = environment.plan(release, interpreter.find(minor), minor, releases)
    try:
        built = environment.build(wanted, workspace.environments, say=console.complain)
    except environment.NotBuilt as error:
        raise Problem(
            f"{release} cannot be read: {error.reason}.",
            "Name another release, or another Python with --python.",
            code=3,
        ) from None
    return survey.Side(environment.packages(built), releases.line(release.distribution).module)


def _perhaps(release: Release, minor: str, releases: Releases, workspace: Workspace) -> survey.Side | str:
    """The code of a release, or why there is none."""
    try:
        return _code(release, minor, releases, workspace)
    except Problem as problem:
        return problem.found.removesuffix(".")


class _Progress:
    """Says how far it is, once that takes longer than a person waits without a word."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """So many of so many files are looked through."""
        if time.monotonic() - self._last > _PATIENCE:
            self._last = time.monotonic()
            console.complain(f"{done} of {of} files")
