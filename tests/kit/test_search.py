"""The search for first bad releases: as few cells as possible, all regressions at once."""

import math
import random

import pytest

from repro.kit.downstream.search import Search
from repro.release import Release


def line(count):
    """So many releases."""
    return [Release("httpx", f"0.{number}.0") for number in range(count)]


def searched(releases, truth, silent=()):
    """Search with known first bad releases; the search at its end, and the releases that were run."""
    search, run = Search(releases, truth), []
    while (release := search.next) is not None:
        run.append(release)
        index = releases.index(release)
        asked = search.asked(release)
        assert asked
        if index in silent:
            search.tell(release, (), silent=asked)
        else:
            search.tell(release, [test for test in asked if index >= truth[test]])
    return search, run


@pytest.mark.parametrize("count", [2, 3, 4, 7, 8, 9, 16, 17, 60, 103])
def test_one_regression_takes_a_logarithm_of_cells(count):
    """Wherever it began, one regression over n releases takes at most ceil(log2 n) + 2 cells, the two ends included."""
    releases = line(count)
    for first in range(1, count):
        search, run = searched(releases, {"test": first})
        assert search.first_bad("test") == (releases[first - 1], releases[first])
        assert len(run) + 2 <= math.ceil(math.log2(count)) + 2


def test_regressions_share_their_cells():
    """Regressions that began together are found together, and those that did not share the cells that they can."""
    releases = line(64)
    _, alone = searched(releases, {"one": 40})
    search, together = searched(releases, {"one": 40, "two": 40, "three": 40})
    assert len(together) == len(alone)
    assert {search.first_bad(test) for test in ("one", "two", "three")} == {(releases[39], releases[40])}
    search, both = searched(releases, {"one": 40, "two": 3})
    assert search.first_bad("one")[1] == releases[40]
    assert search.first_bad("two")[1] == releases[3]
    assert len(both) < 2 * len(alone)


def test_release_that_says_nothing_leaves_a_gap():
    """Around releases that cannot run, the search says what is known: good before them, bad after them."""
    releases = line(9)
    search, run = searched(releases, {"test": 5}, silent={4, 5})
    assert search.first_bad("test") == (releases[3], releases[6])
    assert len(run) == len(set(run))


def test_any_search_ends_right():
    """With any number of regressions and of silent releases, each ends between its last good and its first bad."""
    draw = random.Random(422)
    for _ in range(200):
        count = draw.randint(2, 40)
        truth = {f"test {number}": draw.randint(1, count - 1) for number in range(draw.randint(1, 6))}
        silent = {index for index in range(1, count - 1) if draw.random() < 0.2}
        releases = line(count)
        search, run = searched(releases, truth, silent)
        assert len(run) == len(set(run)) <= count - 2
        for test, first in truth.items():
            good, bad = (releases.index(release) for release in search.first_bad(test))
            assert good < first <= bad
            assert set(range(good + 1, bad)) <= silent
