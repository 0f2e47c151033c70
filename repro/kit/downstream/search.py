"""Finds the first bad release of every regression with as few cells as possible, all regressions in one search.

Each regression is good at the first release and bad at the last. The next cell is the middle of the widest gap that is
left, and what it says narrows every gap that it lies in. One regression over n releases costs at most ceil(log2 n)
cells beside the two ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from repro.release import Release


@dataclass
class Gap:
    """Where a regression began: after the release at `good`, not after the one at `bad`; both are indexes."""

    good: int
    bad: int


class Search:
    """One search.

    Args:
        releases: The releases in line order; every regression is good at the first and bad at the last.
        regressed: The tests.
    """

    def __init__(self, releases: Sequence[Release], regressed: Iterable[str]) -> None:
        self.releases = list(releases)
        self.gaps = {test: Gap(0, len(self.releases) - 1) for test in regressed}
        self._silent: set[int] = set()

    def open(self, gap: Gap) -> list[int]:
        """The releases in a gap that were not asked yet."""
        return [index for index in range(gap.good + 1, gap.bad) if index not in self._silent]

    @property
    def next(self) -> Release | None:
        """The release to run next; None when nothing is left to ask."""
        widest = max((self.open(gap) for gap in self.gaps.values()), key=len, default=[])
        # The middle of what can be asked, so that releases that cannot run cost the search nothing.
        return self.releases[widest[(len(widest) - 1) // 2]] if widest else None

    def asked(self, release: Release) -> list[str]:
        """The tests for which a release decides something."""
        index = self.releases.index(release)
        return [test for test, gap in self.gaps.items() if gap.good < index < gap.bad]

    def tell(self, release: Release, bad: Collection[str], silent: Collection[str] = ()) -> None:
        """Take in what a release said.

        Args:
            release: The release that ran.
            bad: The tests that are bad there; the others that were asked are good.
            silent: The tests of which it says nothing: it could not be installed, or they were unstable.
        """
        index = self.releases.index(release)
        asked = self.asked(release)
        # A release that says nothing of some is asked no more: the same would be said again.
        if set(asked) & set(silent):
            self._silent.add(index)
        for test in asked:
            if test in bad:
                self.gaps[test].bad = index
            elif test not in silent:
                self.gaps[test].good = index

    def first_bad(self, test: str) -> tuple[Release, Release]:
        """The last release that is known to be good and the first that is known to be bad.

        What lies between them, if anything, could not be asked.
        """
        gap = self.gaps[test]
        return self.releases[gap.good], self.releases[gap.bad]
