"""Asks the package index which releases there are, and adds what is missing to the release data.

The index is asked through pip, so a mirror or a proxy that pip knows is used here as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import tomlkit
from packaging.version import Version

from repro import files
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from repro.release import Releases


def versions(distribution: str) -> list[str]:
    """Every version of a distribution on the index, pre-releases included, in version order.

    Raises:
        Problem: The index could not be reached, or does not know the distribution.
    """
    # Not --quiet, with which pip keeps the answer to itself as well.
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "index",
            "versions",
            distribution,
            "--pre",
            "--json",
            "--disable-pip-version-check",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: list[str] = json.loads(done.stdout)["versions"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
        raise Problem(
            f"The package index did not say which releases of {distribution} there are: {last}",
            "Check the network, and run again: nox -s releases",
            code=3,
        ) from None
    return sorted(found, key=Version)


def missing(releases: Releases, ask: Callable[[str], list[str]] = versions) -> dict[str, list[str]]:
    """The versions on the index that the release data does not have, by distribution.

    What is older than the first version that a line has is outside the kit's range, and not missing.
    """
    found: dict[str, list[str]] = {}
    for line in releases.lines.values():
        known = {Version(version) for version in line.versions}
        new = [v for v in ask(line.distribution) if Version(v) not in known and Version(v) > min(known)]
        if new:
            found[line.distribution] = new
    return found


def add(path: Path, new: dict[str, list[str]]) -> None:
    """Add versions to the release data at `path`, leaving every comment and line of it as it is."""
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    for line in document["line"]:
        known = [*line["versions"], *new.get(line["distribution"], ())]
        if len(known) > len(line["versions"]):
            line["versions"] = tomlkit.array().multiline(True)
            line["versions"].extend(sorted(known, key=Version))
    files.write(path, tomlkit.dumps(document))
