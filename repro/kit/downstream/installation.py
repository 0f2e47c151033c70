"""What the environment of a project consists of under one release: all as the project has it, and httpx moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from repro.kit.downstream.dependencies import CONVENTIONS
from repro.kit.environment import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from repro.kit.downstream.dependencies import Needs
    from repro.kit.downstream.project import Project
    from repro.release import Release, Releases

#: What speaks HTTP for httpx, and moves with it from the first attempt on.
STACK: tuple[str, ...] = tuple(CONVENTIONS["moving"]["stack"])

#: What hardly anything but httpx asks for.
ALONE: tuple[str, ...] = tuple(CONVENTIONS["moving"]["alone"])

#: All that a release of any line ever asked for.
NEEDED: tuple[str, ...] = (*STACK, *ALONE, *CONVENTIONS["moving"]["needed"])

# What is seen up to a later day than the cut-off, where that is earlier.
_LATER: dict[str, str] = {**CONVENTIONS["uploaded-again"], **CONVENTIONS["build-tools"]}


@dataclass(frozen=True)
class Held:
    """What holds everything but httpx where it is.

    Attributes:
        needs: What the project and its tests need.
        pins: The versions that the project locks or pins, by normalised name.
        cutoff: Nothing uploaded after this is seen.
        replaced: Whether the project's own requirement of httpx is an exact pin, or is to be passed over: then it is
            what moves, and not a conflict.
    """

    needs: Needs
    pins: Mapping[str, str]
    cutoff: str
    replaced: bool = False


def plans(
    project: Project, held: Held, release: Release, python: str, minor: str, releases: Releases, tree: Path
) -> tuple[Plan, ...]:
    """The environments to try, in order: httpx moves with what speaks HTTP for it, and at last with all it needs.

    Args:
        project: The project.
        held: What holds everything else.
        release: The release.
        python: The Python, as uv finds it.
        minor: The same Python as `3.12`.
        releases: The release data.
        tree: The copy of the project that is installed.
    """
    return tuple(_plan(project, held, release, python, minor, releases, tree, moved) for moved in (STACK, NEEDED))


def _plan(
    project: Project,
    held: Held,
    release: Release,
    python: str,
    minor: str,
    releases: Releases,
    tree: Path,
    moved: tuple[str, ...],
) -> Plan:
    named = [name for line in releases.lines.values() for name in (line.distribution, *line.lockstep)]
    lines = set(map(canonicalize_name, named))
    wanted = _exactly(release, held.needs, releases)
    # A range that an application gives for httpx is its own, and a release outside of it a conflict. A package says
    # what it requires where it is built, and lists beside that are for its developers.
    requirements = [
        str(requirement)
        for name, requirement in sorted(held.needs.requirements.items())
        if name not in lines or (requirement.specifier and not held.needs.package)
    ]
    own = ["--editable", _with_extras(tree, held.needs)]
    # What a checkout of its own would be asked for is on the index; a local one is not here.
    arguments = ["--no-sources", *(own if held.needs.package else ()), *wanted, *requirements]
    return Plan(
        name=f"{project.name}-with-{release.slug}-py{minor}",
        python=python,
        requirements=tuple(arguments),
        cutoff=held.cutoff,
        overrides=tuple(wanted) if held.replaced else (),
        constraints=tuple(
            f"{name}=={version}"
            for name, version in sorted(held.pins.items())
            if name not in lines and name not in moved and name not in held.needs.given
        ),
        exempt=(
            *sorted(lines),
            *(f"{name}={releases.cutoff}" for name in (*moved, *held.needs.given) if name not in lines),
            # What nobody but httpx asks for is of the day of httpx, where the project does not hold it.
            *(f"{name}={releases.cutoff}" for name in ALONE if name not in held.pins and name not in moved),
            *(f"{name}={day}" for name, day in _LATER.items() if held.cutoff < day),
        ),
        variables=tuple(sorted(project.pretended().items())),
    )


def unmoved(project: Project, held: Held, httpx: str, python: str, tree: Path) -> Plan:
    """What an install of the project and its tests would bring where nothing is moved, as lines of requirements.

    Args:
        project: The project.
        held: What holds it.
        httpx: The requirement of httpx, as the project has it.
        python: The Python, as uv finds it.
        tree: A copy of the project.
    """
    own = [f"-e {_with_extras(tree, held.needs)}"] if held.needs.package else []
    return Plan(
        name="resolution",
        python=python,
        requirements=(*own, httpx, *(str(requirement) for _, requirement in sorted(held.needs.requirements.items()))),
        cutoff=held.cutoff,
        constraints=tuple(f"{name}=={version}" for name, version in sorted(held.pins.items())),
        exempt=tuple(f"{name}={day}" for name, day in _LATER.items() if held.cutoff < day),
        variables=tuple(sorted(project.pretended().items())),
    )


def _with_extras(tree: Path, needs: Needs) -> str:
    """A project as a requirement, with the extras that its tests need."""
    return f"{tree}[{','.join(needs.extras)}]" if needs.extras else str(tree)


def _exactly(release: Release, needs: Needs, releases: Releases) -> list[str]:
    """The release as a requirement, with the extras that the project asks for; a fork stands beside its origin."""
    found = []
    origin: Release | None = release
    while origin:
        asked = needs.requirements.get(canonicalize_name(next(iter(releases.lines))), Requirement("httpx")).extras
        name = origin.distribution + (f"[{','.join(sorted(asked))}]" if asked else "")
        found.append(f"{name}=={origin.version}")
        origin = releases.line(origin.distribution).forked_from
    return found
