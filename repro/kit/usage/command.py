"""The verb `usage`: which known changes between two releases touch a project's code, with file and line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.epochs import Epochs
from repro.kit import environment, interpreter
from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from repro.kit.report.terminal import Paint
    from repro.kit.usage.survey import Side
    from repro.kit.workspace import Workspace
    from repro.release import Releases

#: Seconds after which it is said what takes them.
_PATIENCE = 2.0


def options(verbs: argparse._SubParsersAction[argparse.ArgumentParser], minor: Callable[[str], str]) -> Any:
    """Add the verb's options; the parser is given back for its verb to be set."""
    usage = verbs.add_parser(
        "usage", help="which changes between two releases touch a project's code, without running it"
    )
    usage.add_argument("project", metavar="PATH", help="a directory, a source distribution, or NAME==VERSION")
    usage.add_argument("before", metavar="A", help="the release that it uses")
    usage.add_argument("after", metavar="B", help="the release that it moves to; `latest` means the newest")
    usage.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="the form of the answer")
    usage.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    usage.add_argument("--all", action="store_true", help="also what is new, and what only reads differently")
    usage.add_argument(
        "--python", type=minor, help="the Python whose environments of A and B are read (default: this one)"
    )
    return usage


def document(
    chosen: argparse.Namespace, releases: Releases, workspace: Workspace, minor: str, say: Callable[[str], None]
) -> dict[str, Any]:
    """Look through the project, and give what is found as a document.

    Args:
        chosen: The options.
        releases: The release data.
        workspace: Where things are.
        minor: The Python, as `3.12`.
        say: Told what takes time.

    Raises:
        Problem: The project or a release is none, or the first release cannot be installed.
    """
    from repro.kit import about, catalogue, comparison
    from repro.kit.downstream import project
    from repro.kit.usage import telling
    from repro.kit.usage.survey import survey

    before, after = (_release(text, releases) for text in (chosen.before, chosen.after))
    folder = project.find(chosen.project, workspace.made / "usage" / "sources").folder
    store, known = Epochs(workspace.snapshots, releases), catalogue.read(workspace.snapshots)
    here, there = (comparison.stored(release, store, known) for release in (before, after))
    found = survey(
        folder,
        comparison.compare(here, there, store, known, releases),
        about.load(),
        _code(before, minor, releases, workspace, say),
        _perhaps(after, minor, releases, workspace, say),
        workspace.made / "jedi",
        whole=chosen.all,
        progress=_Progress(say),
    )
    return telling.document(found, folder.name)


def told(body: dict[str, Any], form: str, *, width: int, paint: Paint, last: bool) -> str:
    """The document in the form asked for."""
    from repro.kit.usage import telling

    if form == "json":
        return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    if form == "markdown":
        return telling.markdown(body)
    return telling.text(body, width=width, paint=paint, last=last)


def _release(text: str, releases: Releases) -> Release:
    """A release that a person names: one, and no checkout, of which nothing is stored."""
    subject, *others = releases.select(text)
    if others or not isinstance(subject, Release):
        raise Problem(f"{text!r} is not one release.", "Name two releases, as in: nox -s usage -- PATH 0.27.2 0.28.1")
    return subject


def _code(release: Release, minor: str, releases: Releases, workspace: Workspace, say: Callable[[str], None]) -> Side:
    """The code of a release, from the environment of its cell."""
    from repro.kit.usage.survey import Side

    wanted = environment.plan(release, interpreter.find(minor), minor, releases)
    try:
        built = environment.build(wanted, workspace.environments, say=say)
    except environment.NotBuilt as error:
        raise Problem(
            f"{release} cannot be read: {error.reason}.",
            "Name another release, or another Python with --python.",
            code=3,
        ) from None
    return Side(environment.packages(built), releases.line(release.distribution).module)


def _perhaps(
    release: Release, minor: str, releases: Releases, workspace: Workspace, say: Callable[[str], None]
) -> Side | str:
    """The code of a release, or why there is none."""
    try:
        return _code(release, minor, releases, workspace, say)
    except Problem as problem:
        return problem.found.removesuffix(".")


class _Progress:
    """Says how far it is, once that takes longer than a person waits without a word.

    Args:
        say: What says it.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._last = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """So many of so many files are looked through."""
        if time.monotonic() - self._last > _PATIENCE:
            self._last = time.monotonic()
            self._say(f"{done} of {of} files")
