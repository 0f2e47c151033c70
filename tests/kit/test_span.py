"""Which releases lie on the way from one to another."""

import pytest

from repro.kit.downstream import span
from repro.problem import Problem
from repro.release import Releases

RELEASES = Releases.load()


def versions(before, to):
    """The versions on the way between two releases."""
    return [release.version for release in span.between(RELEASES.parse(before), RELEASES.parse(to), RELEASES)]


def test_way_leads_along_the_line():
    """The way is the releases between, without pre-releases nobody asked for, back as well as forward."""
    assert versions("0.12.1", "0.13.1") == ["0.12.1", "0.13.0", "0.13.1"]
    assert versions("0.13.1", "0.12.1") == ["0.13.1", "0.13.0", "0.12.1"]
    assert "0.13.dev0" in versions("0.13.dev0", "0.13.1")
    assert versions("0.28.0", "httpx2==2.0.0")[:3] == ["0.28.0", "0.28.1", "2.0.0"]


@pytest.mark.parametrize(
    ("before", "to", "message"),
    [("0.28.1", "0.28.1", "is where the project is already"), ("httpx2", "httpxyz", "No line of releases leads from")],
)
def test_way_that_leads_nowhere_is_said(before, to, message):
    """Where there is no way between two releases, that is said."""
    with pytest.raises(Problem, match=message):
        versions(before, to)
