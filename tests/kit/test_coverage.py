"""The verb `coverage`: what is reached is printed, and held to a bound."""

import pytest
from stage import MINOR

from repro.kit import reach


@pytest.mark.parametrize(("bound", "code"), [((), 0), (("--fail-under", "92"), 1)])
def test_coverage_prints_what_is_reached(kit, monkeypatch, bound, code):
    """The verb prints what was measured, and fails where that is less than is wanted."""
    asked = []

    def measure(subject, python, minor, releases, workspace, *, say):
        asked.append((str(subject), minor))
        return reach.Reach(subject, minor, (reach.Module("_client", 10, 1, 0, 0),))

    monkeypatch.setattr(reach, "measure", measure)
    ended, out, _ = kit("coverage", "0.2", *bound)
    assert (ended, asked) == (code, [("httpx==0.2", MINOR)])
    assert "REACHED: 90.0 % of 10 lines" in out
