"""How often the judge of a canary is right, over many runs of samples drawn by a seed."""

import pytest
from samples import RUNS, SURE, verdicts

from repro.kit.canary.judge import Limits


def test_identical_candidate_is_promoted():
    """At the default size a candidate that is like stable is promoted in at least 95 of 100 runs."""
    assert verdicts().get("promote", 0) >= SURE


@pytest.mark.parametrize(
    "worse",
    [{"slower": 1.5}, {"tail": 0.03}, {"retries": 0.03}, {"errors": 0.01}],
    ids=["half as slow again", "slow tail", "tripled retries", "one error in a hundred"],
)
def test_worse_candidate_is_held(worse):
    """A candidate that is worse is held in at least 95 of 100 runs."""
    assert RUNS - verdicts(**worse).get("promote", 0) >= SURE


def test_noisy_stable_is_never_promoted():
    """Where stable differs from itself by more than a candidate may, nothing is learned beside it."""
    assert verdicts(again={"slower": 1.5}) == {"noisy stable": RUNS}


def test_too_little_data_is_never_promoted():
    """Below the floor nothing is promoted, however alike the sides are."""
    assert "promote" not in verdicts(n=Limits().floor - 1)
