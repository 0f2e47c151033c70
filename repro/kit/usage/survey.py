"""Looks through a project for what changes between two releases: puts the parts together. Computes, never prints."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.kit.usage import difference, sources, touches
from repro.kit.usage.inference import Inference
from repro.kit.usage.uses import Finder, Interest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from repro.kit.about import About
    from repro.kit.comparison import Comparison
    from repro.kit.usage.difference import Untold
    from repro.kit.usage.sources import Broken
    from repro.kit.usage.touches import Group, Touch
    from repro.kit.usage.uses import Unfollowed


@dataclass(frozen=True)
class Side:
    """The code of a release.

    Attributes:
        packages: The folder of packages that it is in.
        module: The name that it is imported by.
    """

    packages: Path
    module: str


@dataclass(frozen=True)
class Survey:
    """What changes for a project.

    Attributes:
        comparison: What differs between the two releases.
        files: How many files were read.
        broken: The files that could not be read.
        groups: The changes that touch lines, what hurts most first.
        everywhere: The changes that are about every request or every client of the project.
        untold: What the code of the releases says beyond that.
        unread: Why the code of the second release could not be read; None where it was.
        unfollowed: The places where it cannot be said what the project does.
        left_out: How many changes touch no code that is there, by their kind.
    """

    comparison: Comparison
    files: int
    broken: list[Broken]
    groups: list[Group]
    everywhere: list[Touch]
    untold: list[Untold]
    unread: str | None
    unfollowed: list[Unfollowed]
    left_out: Mapping[str, int]

    @property
    def code(self) -> int:
        """The exit code: 1 where something is touched, else 0."""
        return 1 if self.groups or self.everywhere or self.untold else 0


def survey(
    folder: Path,
    comparison: Comparison,
    about: About,
    before: Side,
    after: Side | str,
    cache: Path,
    *,
    whole: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Survey:
    """Look through a project.

    Args:
        folder: The project.
        comparison: What differs between the two releases.
        about: What the behaviours are about.
        before: The code of the first release.
        after: The code of the second, or why there is none.
        cache: Where jedi keeps what it parsed.
        whole: Also what touches no code that is there: what is new, and what only reads differently.
        progress: Told how many files of how many are looked through.

    Raises:
        Problem: There is no project, or no code of the first release.
    """
    found, broken = sources.read(folder)
    ours = difference.load(before.packages, before.module)
    theirs = difference.load(after.packages, after.module) if isinstance(after, Side) else None
    losses = difference.losses(ours, theirs) if theirs else []
    changes = [change for change in (*comparison.changes, *comparison.absent) if change.kind]
    names = [name for change in changes for name in about.of_change(change)]
    inference = Inference(found, folder, before.packages, {before.module, "httpx"}, cache)
    finder = Finder(inference, Interest.of(names, losses), difference.signatures(ours), progress)
    finder.find()
    matcher = touches.Matcher(finder.uses, inference)
    touched = touches.touches(comparison, about, matcher, whole=whole)
    groups = touches.groups(touched)
    listed = {place for group in groups for place in group.places}
    lines = {(place.name, place.line) for place in listed}
    untold = difference.untold(losses, finder.uses, listed)
    if theirs:
        told = {place for each in untold for place in each.places}
        untold += difference.gone(finder.named, ours, theirs, {*listed, *told})
    left_out = Counter(change.kind for change in changes if change.kind in touches.HARMLESS)
    return Survey(
        comparison,
        len(found),
        broken,
        groups,
        [touch for touch in touched if touch.everywhere],
        untold,
        after if isinstance(after, str) else None,
        # A line that is listed anyway needs no doubt about a value beside it.
        sorted({*finder.unfollowed, *matcher.open, *(e for e in matcher.unfollowed if (e.name, e.line) not in lines)}),
        {} if whole else {str(kind): number for kind, number in left_out.items()},
    )
