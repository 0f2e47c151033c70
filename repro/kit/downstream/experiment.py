"""Runs the tests of a project under one release after another: each in an environment and a copy of its own.

Everything that is made is below one folder of the workspace; the project itself is only read. A finished environment
serves again as long as neither the project nor what holds it changed.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from repro import files
from repro.kit import environment, process, turn
from repro.kit.downstream import inside, installation, outputs, results, secrets
from repro.kit.downstream.trial import Trial
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro.kit.downstream.installation import Held
    from repro.kit.downstream.outputs import Captured, Output
    from repro.kit.downstream.project import Project
    from repro.release import Release, Releases

#: Seconds that the tests of a project may take under one release.
TIMEOUT = 900.0

#: How often the rest of a suite is run on after a test that hung or took its process with it.
RESUMED = 3

#: What pytest is told however it is called: to tell its outcomes, and to run every test, in the order in which it is
#: written, whatever the project's own settings say about stopping early.
OPTIONS = f"-p {inside.PLUGIN} -p no:randomly --maxfail=0 --continue-on-collection-errors"


@dataclass(frozen=True)
class Conditions:
    """What is the same under every release.

    Attributes:
        python: The interpreter that environments are made of.
        minor: Its minor version, as `3.12`.
        command: The command that runs the tests, in words; empty for pytest.
        timeout: Seconds that it may take.
        network: Whether it may leave loopback.
    """

    python: str
    minor: str
    command: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    network: bool = False


class Experiment:
    """The trials of one project.

    Args:
        project: The project.
        held: What holds everything but httpx.
        conditions: What is the same under every release.
        releases: The release data.
        root: The folder of what is made.
        say: Told what takes time.
    """

    def __init__(
        self,
        project: Project,
        held: Held,
        conditions: Conditions,
        releases: Releases,
        root: Path,
        say: Callable[[str], None],
    ) -> None:
        self.project = project
        self.held = held
        self.conditions = conditions
        self.releases = releases
        self.root = root / f"{project.name}-{project.digest()}-py{conditions.minor}"
        self.say = say
        self._prepared: dict[Release, Path | environment.NotBuilt] = {}
        self._scratches: list[Path] = []
        self._turn = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Wait until no other run is at the same project: they would share its copies."""
        lock = self.root.with_name(f"{self.root.name}.lock")
        self._turn.enter_context(turn.taken(lock, f"is at {self.project.name}", self.say))
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what runs kept beside their copies."""
        for scratch in self._scratches:
            shutil.rmtree(scratch, ignore_errors=True)
        self._turn.close()

    def trial(self, release: Release, only: Sequence[str] | None = None) -> Trial:
        """Run the tests under a release.

        Args:
            release: The release.
            only: The tests to run; every one when None.
        """
        try:
            interpreter = self.interpreter(release)
        except environment.NotBuilt as error:
            if error.passing:
                raise Problem(f"{release}: {error.reason}.", "Check the network, and run this again.", code=3) from None
            return Trial(release, "not-installable", error.reason)
        what = "every test" if only is None else f"{len(only)} test" + ("" if len(only) == 1 else "s")
        self.say(f"{release}: running {what}")
        trial = self._run(release, interpreter, only)
        if trial.outcome != "ran":
            self.say(f"{release}: {trial.outcome}; what it printed: {self._log(release)}")
        return trial

    def interpreter(self, release: Release) -> Path:
        """The interpreter of a release's environment, built where it is not.

        Raises:
            NotBuilt: The project cannot be installed with the release, with the conflict.
        """
        if release not in self._prepared:
            self.say(f"{release}: installing {self.project.name}")
            try:
                self._prepared[release] = self._build(release)
            except environment.NotBuilt as error:
                self._prepared[release] = error
        found = self._prepared[release]
        if isinstance(found, environment.NotBuilt):
            raise found
        return found

    def tree(self, release: Release) -> Path:
        """The copy of the project that runs under a release."""
        return self.root / release.slug / "tree"

    def _log(self, release: Release) -> Path:
        """Where what the tests printed under a release is."""
        return self.root / "logs" / f"{release.slug}.log"

    def redirects(self, release: Release) -> dict[str, str]:
        """Which module an import of httpx is sent to under a release that ran; empty where it is httpx itself."""
        found = self._prepared.get(release)
        return inside.redirects(self.releases.line(release.distribution), found) if isinstance(found, Path) else {}

    def _build(self, release: Release) -> Path:
        """Install the project with a release, and keep its tree as the build left it."""
        folder = self.root / release.slug
        conditions = self.conditions
        tree, built = self.tree(release), folder / "built"
        conflict: environment.NotBuilt | None = None
        for plan in installation.plans(
            self.project, self.held, release, conditions.python, conditions.minor, self.releases, tree
        ):
            if not (folder / plan.folder / "finished").is_file():
                self.project.copy(tree)
            try:
                interpreter = environment.build(plan, folder, say=self.say)
            except environment.NotBuilt as error:
                # The first conflict is the project's own; later ones come of what was loosened for it.
                conflict = conflict or error
                continue
            if not built.is_dir() or not (folder / f"{plan.folder}.built").is_file():
                shutil.rmtree(built, ignore_errors=True)
                shutil.copytree(tree, built, symlinks=True)
                files.write(folder / f"{plan.folder}.built", "")
            inside.install(interpreter)
            return interpreter
        assert conflict is not None
        raise conflict

    def _run(self, release: Release, interpreter: Path, only: Sequence[str] | None) -> Trial:
        """Run the tests to their end, the rest of them again after one that hung or crashed."""
        trial = self._once(release, interpreter, only)
        for _ in range(RESUMED):
            stopped = [name for name, test in trial.tests.items() if test.state in {"hung", "crashed"}]
            rest = [name for name, test in trial.tests.items() if test.state == "missing"]
            if not stopped or not rest:
                break
            last = stopped[-1]
            self.say(f"{release}: {last} {trial.tests[last].state}; running the {len(rest)} tests after it")
            following = self._once(release, interpreter, rest)
            trial = replace(
                following,
                tests={**trial.tests, **following.tests},
                warnings=list(dict.fromkeys([*trial.warnings, *following.warnings])),
                refused={**trial.refused, **following.refused},
                seconds=trial.seconds + following.seconds,
            )
        if trial.outcome in {"timed-out", "crashed"} and not any(t.state == "missing" for t in trial.tests.values()):
            # Every test has its answer; the one that hung or crashed has that as its own.
            trial = replace(trial, outcome="ran", reason=None)
        return trial

    def captured(self, release: Release, wanted: Sequence[Output]) -> dict[str, Captured]:
        """What outputs are under a release that the project can be installed with, by name."""
        self.say(f"{release}: capturing {len(wanted)} outputs, each twice")
        interpreter = self.interpreter(release)
        settings = self._fresh(release, interpreter, None)
        env = self._variables(interpreter, settings)
        return outputs.capture(
            wanted,
            interpreter,
            self.tree(release),
            env,
            settings.path.parent / "outputs",
            self.conditions.timeout,
            self._bounds(settings),
        )

    def _variables(self, interpreter: Path, settings: inside.Settings) -> dict[str, str]:
        """The environment variables of a run: its own folders, and its environment's programs before all others."""
        found = secrets.environment(os.environ, settings.path.parent)
        path = os.pathsep.join([str(interpreter.parent), found.get("PATH", os.defpath)])
        return {**found, "PATH": path, **inside.environment_for(settings)}

    def _bounds(self, settings: inside.Settings) -> process.Bounds:
        """What a run is held to by the system, where it can; what runs inside holds its Pythons to the same."""
        return process.Bounds(network=self.conditions.network, writable=settings.writable)

    def _fresh(self, release: Release, interpreter: Path, only: Sequence[str] | None) -> inside.Settings:
        """A fresh copy of the tree, an empty folder beside it, and what holds for a run in them."""
        folder, tree = self.root / release.slug, self.tree(release)
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(folder / "built", tree, symlinks=True)
        # Not below the workspace: the path of a Unix socket has 107 bytes, and tests make theirs in a temporary folder.
        scratch = Path(tempfile.mkdtemp(prefix="httpx-upgrade-"))
        self._scratches.append(scratch)
        return inside.Settings(
            path=scratch / "settings.json",
            log=scratch / "refused.jsonl",
            results=scratch / "results.jsonl",
            tree=tree,
            # Compiling what is imported writes into the environment.
            writable=(tree, scratch, interpreter.parents[1]),
            redirects=self.redirects(release),
            network=self.conditions.network,
            only=tuple(only) if only is not None else None,
        )

    def _once(self, release: Release, interpreter: Path, only: Sequence[str] | None) -> Trial:
        """Run the tests once, in a fresh process and a fresh copy of the tree."""
        settings = self._fresh(release, interpreter, only)
        scratch, tree = settings.path.parent, self.tree(release)
        # Where it has no settings of its own, pytest looks for some above it, and finds those of the kit.
        files.write(tree.parent / "pytest.ini", "[pytest]\n")
        options = f"{OPTIONS} --rootdir={shlex.quote(str(tree))}"
        env = {**self._variables(interpreter, settings), "PYTEST_ADDOPTS": options}
        command = list(self.conditions.command) or [str(interpreter), "-m", "pytest"]
        if self.conditions.command and (beside := interpreter.with_name(command[0])).is_file():
            command[0] = str(beside)
        begun = time.monotonic()
        ended = process.run(command, env=env, cwd=tree, timeout=self.conditions.timeout, bounds=self._bounds(settings))
        files.write(self._log(release), ended.output)
        shown = [command[0].rpartition("/")[2], *command[1:]]
        trial = results.read(
            release,
            scratch / "results.jsonl",
            settings.log,
            ended,
            shlex.join(shown),
            own=bool(self.conditions.command),
        )
        return replace(
            trial,
            seconds=time.monotonic() - begun,
            packages=environment.installed(interpreter),
            held=held(ended, network=self.conditions.network),
        )


def held(ended: process.Ended, *, network: bool) -> str:
    """How a run was held, and by how little, as a phrase."""
    if network:
        reach = "it may leave loopback, as asked"
    elif ended.alone:
        reach = "it had a network of its own, with loopback only"
    else:
        reach = (
            "its Pythons were kept on loopback, and other programs were not: this system gives no network of its own"
        )
    if ended.walled:
        writes = "its tests could write in its copy alone"
    else:
        writes = (
            "its Pythons could write in its copy alone, and other programs anywhere: this system gives no such wall"
        )
    left = f"; {ended.strays} processes that it left behind were killed" if ended.strays else ""
    dropped = f"; {ended.dropped} bytes of what it printed were dropped" if ended.dropped else ""
    return f"{reach}; {writes}{left}{dropped}"
