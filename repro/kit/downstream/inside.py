"""Puts `repro/cell/inside` into an environment, and tells it what holds for a run.

The protocol is the docstring of `repro/cell/inside/upgrade_inside.py`; this is the kit's end of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from repro import files
from repro.kit.environment import packages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from repro.release import Line

#: What runs in the environments, as a folder on their path.
FOLDER = Path(__file__).parents[2] / "cell" / "inside"

#: The pytest plugin in it.
PLUGIN = "upgrade_outcomes"

#: Read before what editable installs and coverage put there, which may import already.
_PTH = "00-httpx-upgrade-inside.pth"

#: The import names of the forks' own cores.
_CORES = {"httpx2": "httpcore2", "httpxyz": "httpcorexyz"}

_FORMAT = 1


@dataclass(frozen=True)
class Settings:
    """What holds for a run.

    Attributes:
        path: Where the settings are written; a file that only this run uses.
        log: The file that tells what was refused.
        results: The file that tells what became of the tests; None where no pytest runs.
        redirects: Import names, and what stands in for them.
        writable: Folders and files that may be written to; neither `log` nor `results` has to be in them. (Where
            `process.Bounds` has `writable` too, the folders of both have to be in those, and the environment's.)
        network: Whether more than loopback may be reached.
        tree: The folder of the project, as the run sees it.
        only: Test ids that the run is limited to; None for all.
    """

    path: Path
    log: Path
    results: Path | None = None
    redirects: Mapping[str, str] = field(default_factory=dict)
    writable: tuple[Path, ...] = ()
    network: bool = False
    tree: Path | None = None
    only: tuple[str, ...] | None = None


def install(interpreter: Path) -> None:
    """Have every Python of an environment import what runs inside; without settings it does nothing."""
    path = packages(interpreter) / _PTH
    text = f"{FOLDER}\nimport upgrade_inside\n"
    # Runs may share an environment: it is written only when it is news.
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        files.write(path, text)


def environment_for(run: Settings) -> dict[str, str]:
    """Write the settings of a run, and give the environment variables that name them."""
    only = run.path.with_name(run.path.name + ".only")
    if run.only is not None:
        files.write(only, "".join(f"{name}\n" for name in run.only))
    contents = {
        "format": _FORMAT,
        "redirects": dict(run.redirects),
        "writable": [str(path) for path in run.writable],
        "network": run.network,
        "tree": str(run.tree) if run.tree else None,
        "log": str(run.log),
        "results": str(run.results) if run.results else None,
        "only": str(only) if run.only is not None else None,
    }
    files.write(run.path, json.dumps(contents, indent=1) + "\n")
    return {"HTTPX_UPGRADE_INSIDE": str(run.path)}


def redirects(line: Line, interpreter: Path) -> dict[str, str]:
    """The import names of httpx and its core that a release of another line stands in for: for httpx itself, none.

    Args:
        line: The line of the release.
        interpreter: An environment with the release: a fork's first releases still had the core of httpx.
    """
    if line.module == "httpx":
        return {}
    core = _CORES.get(line.module)
    found = {"httpx": line.module}
    return found | {"httpcore": core} if core and (packages(interpreter) / core).is_dir() else found
