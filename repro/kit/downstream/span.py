"""Which releases an upgrade is about: from the one that a project has to another, and those on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.problem import Problem

if TYPE_CHECKING:
    from repro.release import Release, Releases


def between(before: Release, after: Release, releases: Releases) -> list[Release]:
    """The releases from one to another, both included, in the order of the way.

    Pre-releases are on the way only where one of the ends is one: nobody is upgraded to them unasked.

    Raises:
        Problem: The two are the same, or no line leads from one to the other.
    """
    if before == after:
        raise Problem(f"{before} is where the project is already.", "Name another release with --to, or --from.")
    forward = releases.ancestry(after)
    if before in forward:
        way = forward[forward.index(before) :]
    elif after in (back := releases.ancestry(before)):
        way = back[back.index(after) :][::-1]
    else:
        raise Problem(
            f"No line of releases leads from {before} to {after}.",
            "Name releases of one line, or one of httpx and one of a fork of it.",
        )
    wanted = before.parsed.is_prerelease or after.parsed.is_prerelease
    return [release for release in way if release in {before, after} or wanted or not release.parsed.is_prerelease]
