"""Whether the jobs that a branch requires have passed."""

import json

import pytest

from repro.kit.ci import passed
from repro.problem import Problem


def test_only_success_is_success():
    """A job that failed, was cancelled or was skipped did not succeed."""
    needs = {name: {"result": name, "outputs": {}} for name in ("success", "failure", "cancelled", "skipped")}
    assert passed.failing(json.dumps(needs)) == ["cancelled: cancelled", "failure: failure", "skipped: skipped"]


@pytest.mark.parametrize("needs", ["", "{}", "[]", '{"a": 1}', '{"a": {}}'])
def test_nothing_needed_is_a_problem(needs):
    """A check that waits for no job would always pass, so it is refused."""
    with pytest.raises(Problem, match="NEEDS"):
        passed.failing(needs)
