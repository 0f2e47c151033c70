"""Measures what of a release the behaviours reach: which of its lines and branches run in its cell. Never prints.

coverage.py counts, from a layer of its own that no ordinary cell sees, in every thread and in every forked child. It
counts what upstream marks as not worth counting as well; only what is there for type checkers is left out. `reach.toml`
says why what is left is left. Nothing of that is taken at its word: a reason that nothing needs any more is named.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import record as records
from repro.epochs import Epochs
from repro.kit import changes, environment, process, supervisor
from repro.kit.environment import Plan
from repro.problem import Problem
from repro.release import Release, check_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from repro.kit.workspace import Workspace
    from repro.release import Releases

FORMAT = 1
DATA = Path(__file__).with_name("reach.toml")

#: What counts.
TOOL = "coverage==7.17.4"

# A forked child keeps what it counted, however it ends; and the only lines that never count are for type checkers.
_CONFIGURATION = r"""
[run]
branch = true
parallel = true
source_pkgs = {module}
data_file = {folder}/counted
patch =
    fork
    _exit
[report]
exclude_lines =
    if (typing\.)?TYPE_CHECKING:
"""


@dataclass(frozen=True)
class Gap:
    """What was not reached in one place.

    Attributes:
        module: The module, by its name within the package: `_transports.default`.
        name: The function or class, by its qualified name: `Client.send`; empty for what belongs to the module.
        lines: The numbers of the lines, as `12` or `12-15`; of a branch both its ends, as `12->15` or `12->end`.
        text: The first of the lines, or the one that branches, without its indentation.
    """

    module: str
    name: str
    lines: str
    text: str


@dataclass(frozen=True)
class Module:
    """What was reached of a module.

    Attributes:
        name: Its name within the package.
        statements: How many lines it has that could run.
        missed: How many of them did not.
        branches: How many ways lead from a line that has several.
        untaken: How many of them were not taken.
        gaps: What was not reached, in the order of the file.
    """

    name: str
    statements: int
    missed: int
    branches: int
    untaken: int
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True)
class Reach:
    """What the behaviours reach of a release.

    Attributes:
        release: The release.
        python: The Python, as `3.11`.
        modules: Its modules, by name.
        doubtful: The behaviours that did not hold, or did not answer what is stored.
    """

    release: Release
    python: str
    modules: tuple[Module, ...]
    doubtful: tuple[str, ...] = ()

    @property
    def all(self) -> Module:
        """The sum of its modules."""
        return Module(
            "all",
            sum(module.statements for module in self.modules),
            sum(module.missed for module in self.modules),
            sum(module.branches for module in self.modules),
            sum(module.untaken for module in self.modules),
        )

    @property
    def gaps(self) -> list[Gap]:
        """What was not reached."""
        return [gap for module in self.modules for gap in module.gaps]

    def suffices(self, bound: float | None) -> bool:
        """Whether that is as much as is wanted: a per cent of lines, or anything."""
        return bound is None or 100 * (self.all.statements - self.all.missed) >= bound * self.all.statements


@dataclass(frozen=True)
class Reason:
    """Why something is not reached.

    Attributes:
        reason: Why, as one sentence.
        module: The module.
        name: The function or class; None where the whole module is meant.
        at: How the line begins that is meant, or the first of several; None where all are.
    """

    reason: str
    module: str
    name: str | None = None
    at: str | None = None

    def covers(self, gap: Gap) -> bool:
        """Whether it is the reason of a gap."""
        return (
            gap.module == self.module
            and (self.name is None or gap.name == self.name or gap.name.startswith(f"{self.name}."))
            and (self.at is None or gap.text.startswith(self.at))
        )


@dataclass(frozen=True)
class Reasons:
    """The reasons that are kept.

    Attributes:
        release: The release that they are about.
        left: The reasons.
    """

    release: Release
    left: tuple[Reason, ...]


@dataclass(frozen=True)
class Held:
    """What is not reached, held to the reasons that are kept.

    Attributes:
        why: The gaps, by their reason; None is the reason of those that have none.
        stale: The reasons of nothing.
    """

    why: dict[str | None, list[Gap]]
    stale: tuple[Reason, ...]


def share(found: int, of: int) -> float:
    """How much of something that is, in per cent, never rounded up; all of nothing is all."""
    return math.floor(1000 * found / of) / 10 if of else 100.0


def load(path: Path = DATA) -> Reasons:
    """The reasons that are kept.

    Raises:
        Problem: The file is damaged, too old or too new; each in its own sentence.
    """
    what, mend = f"The file of reasons {path}", f"Mend it, or restore it with: git checkout -- repro/kit/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f"{what} is damaged: {error}.", mend) from None
    check_format(data.get("format"), FORMAT, what, mend)
    try:
        distribution, _, version = data["release"].partition("==")
        left = tuple(reason for entry in data["left"] for reason in _reasons(**entry))
    except (AttributeError, KeyError, TypeError) as error:
        raise Problem(f"{what} is damaged: {error!r}.", mend) from None
    return Reasons(Release(distribution, version), left)


def _reasons(reason: str, module: str, names: Sequence[str | None] = (None,), at: str | None = None) -> list[Reason]:
    """An entry of the file: one reason for each name."""
    return [Reason(reason, module, name, at) for name in names]


def hold(reach: Reach, reasons: Reasons) -> Held:
    """Hold what is not reached to the reasons that are kept; those of another release are no reasons."""
    left = reasons.left if reasons.release == reach.release else ()
    why: dict[str | None, list[Gap]] = {}
    for gap in reach.gaps:
        why.setdefault(next((each.reason for each in left if each.covers(gap)), None), []).append(gap)
    return Held(why, tuple(each for each in left if not any(each.covers(gap) for gap in reach.gaps)))


def measure(
    release: Release,
    python: str,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    *,
    timeout: float = supervisor.TIMEOUT,
    say: Callable[[str], None] = lambda _: None,
) -> Reach:
    """Run the behaviours in the cell of a release, and count.

    Args:
        release: The release.
        python: The Python, as uv finds it: `3.12`, or the path of an interpreter.
        minor: The same Python as `3.12`.
        releases: The release data.
        workspace: Where things are. No record is written, for a cell is run without what counts.
        timeout: How long the behaviours may take, in seconds.
        say: Told what takes time.

    Raises:
        Problem: The environment cannot be built, or the behaviours did not run to their end.
    """
    layer = Plan(f"coverage-py{minor}", python, (TOOL,), cutoff=releases.cutoff)
    try:
        interpreter, counter = (
            environment.build(plan, workspace.environments, say=say)
            for plan in (environment.plan(release, python, minor, releases), layer)
        )
    except environment.NotBuilt as error:
        raise Problem(f"{release} cannot be measured: {error.reason}.", "Measure another release.", code=3) from None
    module = releases.line(release.distribution).module
    with tempfile.TemporaryDirectory(dir=workspace.made, prefix="reach-") as scratch:
        folder = Path(scratch)
        (folder / "configuration").write_text(_CONFIGURATION.format(module=module, folder=folder), encoding="utf-8")
        tool = [f"--rcfile={folder / 'configuration'}"]
        ended = supervisor.pytest(
            interpreter,
            release,
            folder / supervisor.RECORD,
            workspace,
            timeout,
            through=["-m", "coverage", "run", *tool],
            beside=environment.packages(counter),
        )
        if trouble := supervisor.trouble(ended, timeout):
            raise _unfinished(release, trouble[1])
        path = folder / "counted.json"
        for arguments in (["combine", "--quiet"], ["json", "--quiet", "-o", str(path)]):
            env = {"PATH": os.defpath, "PYTHONPATH": str(environment.packages(counter))}
            counted = process.run([str(interpreter), "-m", "coverage", *arguments, *tool], env=env, cwd=folder)
            if counted.code:
                raise _unfinished(release, f"coverage.py says {counted.output.strip()!r}")
        doubtful = changes.differing(records.read(folder / supervisor.RECORD), Epochs(workspace.snapshots, releases))
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
    packages = environment.packages(interpreter).resolve()
    modules = (
        _module(_name((folder / file).resolve().relative_to(packages)), (folder / file).read_text("utf-8"), found)
        for file, found in files.items()
    )
    return Reach(release, minor, tuple(sorted(modules, key=lambda each: each.name)), tuple(doubtful))


def _unfinished(release: Release, why: str) -> Problem:
    return Problem(
        f"{release} cannot be measured: {why}.", f'See what its cell does, with: RELEASES="{release}" nox', code=3
    )


def _name(path: Path) -> str:
    """The name of a module within its package, from where it is among the packages."""
    parts = path.with_suffix("").parts
    return ".".join(parts[1:] or parts)


def _module(name: str, source: str, found: dict[str, Any]) -> Module:
    """A module, from what coverage.py says of its file."""
    summary = found["summary"]
    lines = source.splitlines()
    missing = set(found["missing_lines"])
    gaps: list[tuple[int, Gap]] = []
    for function, part in found["functions"].items():
        # Of two functions of one name, as a property and its setter, coverage.py numbers the second.
        qualified = function.partition("@")[0]
        for numbers in _runs(part["missing_lines"], part["executed_lines"]):
            first, last = numbers[0], numbers[-1]
            spelled = f"{first}" if first == last else f"{first}-{last}"
            gaps.append((first, Gap(name, qualified, spelled, lines[first - 1].strip())))
        for start, end in part["missing_branches"]:
            # One that leads to a missing line is that line's gap.
            if start not in missing and end not in missing:
                spelled = f"{start}->{end if end > 0 else 'end'}"
                gaps.append((start, Gap(name, qualified, spelled, lines[start - 1].strip())))
    return Module(
        name,
        summary["num_statements"],
        summary["missing_lines"],
        summary["num_branches"],
        summary["missing_branches"],
        tuple(gap for _, gap in sorted(gaps, key=lambda each: each[0])),
    )


def _runs(missing: Iterable[int], executed: Sequence[int]) -> list[list[int]]:
    """The missing lines, those together that no executed line parts."""
    return [list(run) for _, run in groupby(missing, key=lambda line: sum(other < line for other in executed))]
