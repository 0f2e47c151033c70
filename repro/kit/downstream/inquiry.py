"""One inquiry into a project, from its path to the document that answers.

The project is found, what holds it is read, its tests are tried, and what they show is joined to what the kit knows.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from repro.epochs import Epochs
from repro.kit import about, catalogue, comparison, environment, locks, notes
from repro.kit.downstream import dependencies, drift, grounds, installation, outputs, project, secrets, span, upgrade
from repro.kit.downstream.experiment import Conditions, Experiment
from repro.kit.downstream.installation import Held
from repro.kit.report import downstream as report
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro.kit.downstream.dependencies import Needs
    from repro.kit.downstream.grounds import Ground, Notice
    from repro.kit.downstream.outputs import Output
    from repro.kit.downstream.project import Project
    from repro.kit.downstream.upgrade import Upgrade
    from repro.kit.workspace import Workspace
    from repro.release import Release, Releases


@dataclass(frozen=True)
class Asked:
    """What a person asks of a project.

    Attributes:
        project: A directory, a source distribution, or a requirement.
        before: The release that it has; None for what it pins or locks.
        after: The release that it goes to.
        way: One of `upgrade.WAYS`.
        python: The interpreter to run under.
        minor: Its minor version.
        command: What runs its tests, in words; empty for pytest.
        given: Further requirements.
        cutoff: Nothing uploaded after this is seen; None for the default.
        anyway: Whether releases are installed that its requirements exclude.
        network: Whether its tests may leave loopback.
        timeout: Seconds that its tests may take, each time.
    """

    project: str
    before: str | None
    after: str
    way: str
    python: str
    minor: str
    command: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    cutoff: str | None = None
    anyway: bool = False
    network: bool = False
    timeout: float = 900.0


def run(asked: Asked, releases: Releases, workspace: Workspace, say: Callable[[str], None]) -> dict[str, Any]:
    """Run the tests of a project under releases.

    Args:
        asked: What is asked.
        releases: The release data.
        workspace: Where things are.
        say: Told what takes time.

    Returns:
        The document of `repro.kit.report.downstream`.

    Raises:
        Problem: The project, its locks or a release cannot be made sense of, or the index cannot be reached.
    """
    # Of its own, so that a run beside it may ask for the same project.
    with tempfile.TemporaryDirectory(prefix="httpx-upgrade-") as sources:
        say(f"finding {asked.project}")
        found = project.find(asked.project, Path(sources))
        return _answer(asked, found, releases, workspace, say)


def _answer(
    asked: Asked, found: Project, releases: Releases, workspace: Workspace, say: Callable[[str], None]
) -> dict[str, Any]:
    """The document that answers what is asked of a project that was found; arguments as `run`."""
    root = workspace.made / "downstream"
    wanted = outputs.declared(found.folder)
    if not asked.command and not wanted and not dependencies.tested(found.folder):
        raise Problem(
            f"{asked.project} has no tests where tests are looked for (tests/, test/, test_*.py).",
            "Name the command that runs them with --command, or give a checkout: many source distributions have none.",
        )
    needs = dependencies.declared(found.folder, asked.given)
    cutoff = _cutoff(asked, found, releases)
    pins = {**needs.pins, **locks.read(found.folder, asked.minor).versions}
    held = Held(needs, pins, cutoff)
    start, where, exact = _start(asked, found, held, releases)
    way = span.between(start, releases.parse(asked.after), releases)
    held = replace(held, replaced=asked.anyway or exact)
    conditions = Conditions(asked.python, asked.minor, asked.command, asked.timeout, asked.network)
    with Experiment(found, held, conditions, releases, root, say) as experiment:
        result = upgrade.look(way, experiment.trial, asked.way, bare=bool(wanted))
        if wanted:
            _captured(result, experiment, wanted)
        fits, notices = _joined(result, experiment, releases, workspace)
    beside = _beside(result, asked.minor, releases)
    shown = {
        "name": found.name,
        "asked": asked.project,
        "python": asked.minor,
        "command": result.before.command,
        "held": _held(needs, pins, cutoff, f"{start}: {where}"),
        "redirected": _redirected(way, experiment),
    }
    document = report.document(result, shown, fits, notices, beside)
    body: dict[str, Any] = secrets.known(os.environ, found.folder).plain(document)
    return body


def _cutoff(asked: Asked, found: Project, releases: Releases) -> str:
    """The moment after which nothing that was uploaded is seen."""
    if asked.cutoff is None:
        return found.dated or releases.cutoff
    try:
        datetime.fromisoformat(asked.cutoff)
    except ValueError:
        raise Problem(f"{asked.cutoff!r} is no date.", "Write it as 2024-11-05: --cutoff 2024-11-05") from None
    return asked.cutoff


def _start(asked: Asked, found: Project, held: Held, releases: Releases) -> tuple[Release, str, bool]:
    """The release that a project has, where that is said, and whether the project requires it exactly."""
    has = locks.httpx(found.folder, asked.minor, releases)
    exact = has is not None and has[1] is not None and has[2].startswith("pyproject.toml")
    if asked.before is not None:
        return releases.parse(asked.before), "as asked", exact
    distribution, version, where = has or (next(iter(releases.lines)), None, "")
    if version is not None:
        return releases.parse(f"{distribution}=={version}"), where, exact
    if version := held.needs.pins.get(distribution):
        return releases.parse(f"{distribution}=={version}"), "its files of requirements", False
    # What its range allows, and what an install of all that it needs would have brought at the time.
    specifier = locks.read(found.folder, asked.minor).ranges.get(canonicalize_name(distribution), "")
    wanted = f"{distribution}{specifier if re.match('[<>=!~]', specifier) else ''}"
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        found.copy(tree)
        plan = installation.unmoved(found, held, wanted, asked.python, tree)
        try:
            try:
                versions = environment.resolved(plan, Path(scratch))
            except environment.NotBuilt:
                versions = environment.resolved(replace(plan, requirements=(wanted,), constraints=()), Path(scratch))
        except environment.NotBuilt as error:
            raise Problem(
                f"Nothing says which {distribution} {asked.project} has, and none can be found: {error.reason}.",
                "Name it with --from.",
            ) from None
    return (
        releases.parse(f"{distribution}=={versions[canonicalize_name(distribution)]}"),
        f"what an install with {wanted} brought at {held.cutoff[:10]}",
        False,
    )


def _held(needs: Needs, pins: dict[str, str], cutoff: str, start: str) -> list[str]:
    """How everything but httpx is held, in sentences."""
    lines = [f"it has {start}"]
    lines.append(f"everything else held: {len(pins)} packages at its own pins, nothing uploaded after {cutoff[:10]}")
    lines.append(f"its tests need: {', '.join(needs.sources) or 'nothing that it declares'}")
    if needs.guessed:
        lines.append(f"added, as its tests give away: {', '.join(needs.guessed)}")
    if not needs.package:
        lines.append("it says nothing of being built, so its files are run where they are")
    else:
        lines.append("what builds it (its setup.py or build backend) was held to nothing: only its tests are")
    return lines


def _redirected(way: list[Release], experiment: Experiment) -> str | None:
    """Where imports of httpx lead under the forks on the way; None where nothing is redirected."""
    sent = {f"{name} to {to}" for release in way for name, to in experiment.redirects(release).items()}
    return f"imports of {' and '.join(sorted(sent))}, under releases of the fork" if sent else None


def _captured(result: Upgrade, experiment: Experiment, wanted: Sequence[Output]) -> None:
    """Capture the outputs under every release that ran, and compare each with the first."""
    trials = [result.trials[release] for release in result.releases if release in result.trials]
    installed = [trial.release for trial in trials if trial.outcome != "not-installable"]
    if trials[0].release not in installed:
        return
    before = experiment.captured(installed[0], wanted)
    for release in installed[1:]:
        result.drifts = drift.compare(before, experiment.captured(release, wanted))
        for each in result.drifts:
            if each.state != "same":
                result.drifted.setdefault(each.name, release)


def _beside(result: Upgrade, minor: str, releases: Releases) -> dict[str, list[str]]:
    """What the kit knows of the packages beside httpx that each regression involves."""
    found = {}
    for test, failure in result.failures.items():
        assert result.after is not None
        _, bad = result.began.get(test, (None, result.releases[-1]))
        rules = releases.rules_for(bad, minor)
        found[test] = grounds.companions(failure, result.after.packages, bad, rules)
    return found


def _joined(
    result: Upgrade, experiment: Experiment, releases: Releases, workspace: Workspace
) -> tuple[dict[str, list[Ground]], list[Notice]]:
    """What the kit knows of what the project shows."""
    if result.after is None:
        return {}, []
    way = result.releases
    store = Epochs(workspace.snapshots, releases)
    known = catalogue.read(workspace.snapshots)
    here, there = (comparison.stored(release, store, known) for release in (way[0], way[-1]))
    found = comparison.compare(here, there, store, known, releases)
    names = about.load()
    warned: dict[str, list[Any]] = {}
    for warning in result.before.warnings:
        if warning.test:
            warned.setdefault(warning.test, []).append(warning)
    fits: dict[str, list[Ground]] = {}
    for test, failure in result.failures.items():
        good, bad = result.began.get(test, (way[0], way[-1]))
        among = way[way.index(good) + 1 : way.index(bad) + 1]
        shown = grounds.evidence(failure, warned.get(test, ()), experiment.tree(bad))
        fits[test] = grounds.fitting(shown, found, set(among), names.of_change)
    read = {release: notes.read(store, release) for release in store.stored}
    written = {(release, name): note for release, table in read.items() for name, note in table.items()}
    return fits, grounds.warnings(result.before.warnings, found, written)
