"""Which release is installed here, found without importing it."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    from repro.release import Releases

#: Names the distribution where more than one is installed.
DISTRIBUTION_VARIABLE = "REPRO_DISTRIBUTION"


def installed(releases: Releases, wanted: str | None) -> Release:
    """The release in this environment.

    Args:
        releases: The release data, which knows the distributions.
        wanted: The distribution to take where several are installed; the first line wins otherwise.

    Raises:
        Problem: None of the distributions is installed.
    """
    for distribution in [wanted] if wanted else releases.lines:
        try:
            return Release(distribution, importlib.metadata.version(distribution))
        except importlib.metadata.PackageNotFoundError:
            continue
    raise Problem(
        f"This environment has none of {', '.join([wanted] if wanted else releases.lines)}.",
        "Install one, as in: pip install httpx==0.13.0",
    )
