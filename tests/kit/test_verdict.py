"""What an upgrade does to each test: the verdict on a pair of states."""

import pytest

from repro.kit.downstream import verdict
from repro.kit.downstream.trial import Failure, Test, Trial
from repro.release import Release

BEFORE, AFTER = Release("httpx", "0.24.0"), Release("httpx", "0.28.1")


def trial(release, **states):
    """What tests did under a release."""
    return Trial(release, "ran", tests={name: Test(state) for name, state in states.items()})


@pytest.mark.parametrize(
    ("before", "then", "says"),
    [
        ("passed", "failed", "regressed"),
        ("xfailed", "error", "regressed"),
        ("passed", "hung", "regressed"),
        ("failed", "passed", "fixed"),
        ("failed", "error", "same"),
        ("passed", "xpassed", "same"),
        ("skipped", "skipped", "same"),
        ("skipped", "failed", "absent"),
        ("passed", "skipped", "absent"),
        ("passed", "missing", "absent"),
    ],
)
def test_verdicts(before, then, says):
    """Each pair of states has its verdict; what is not there on one side is absent, and never fine."""
    (found,) = verdict.compare(trial(BEFORE, one=before), trial(AFTER, one=then))
    assert found.verdict == says


def test_regression_has_to_repeat():
    """A test that is good when it runs again is unstable, and only what was run again can be."""
    sides = trial(BEFORE, one="passed", two="passed"), trial(AFTER, one="failed", two="failed")
    again = trial(AFTER, one="passed", two="failed")
    assert [each.verdict for each in verdict.compare(*sides, again)] == ["unstable", "regressed"]
    assert [each.verdict for each in verdict.compare(*sides, trial(AFTER))] == ["regressed", "regressed"]
    assert verdict.doubtful(*sides) == ["one", "two"]


def test_what_was_never_collected_has_nothing_to_repeat():
    """A test whose module cannot be collected any more is not run again."""
    after = Trial(AFTER, "ran", uncollected={"a.py": Failure("ImportError", "no")})
    assert verdict.doubtful(trial(BEFORE, **{"a.py::one": "passed"}), after) == []
