"""What a cell costs."""

import pytest
from stage import release

from repro.kit import throughput


def test_cost_is_told_in_shares():
    """The cost of a run is told by cell and by share, and the parts add up."""
    cost = throughput.Cost(cells=4, wall=8.0, cpu=10.0, building=1.0, starting=4.0, behaviours=3.0)
    told = throughput.lines(cost)
    assert [line.split() for line in told[1:-1]] == [
        ["building", "environments", "0.25", "10%"],
        ["starting", "up", "1.00", "40%"],
        ["behaviours", "0.75", "30%"],
        ["nox", "and", "supervision", "0.50", "20%"],
        ["all", "2.50", "100%"],
    ]
    assert told[-1].startswith("4 cells in 8 s: 30 cells a minute on ")


def test_run_without_cells_says_so():
    """A run in which no cell ran divides nothing."""
    assert throughput.lines(throughput.Cost(0, 1.0, 1.0, 0.0, 0.0, 0.0)) == ["No cell ran."]


@pytest.mark.parametrize("warm", [True, False])
def test_cells_are_counted_as_nox_runs_them(small_checkout, warm):
    """Measuring runs the cells through nox and counts every process; cold, environments are built anew."""
    stale = small_checkout.workspace.environments / "stale"
    stale.mkdir(parents=True)
    found = throughput.measure([release("0.1")], small_checkout.workspace, warm=warm)
    assert found.cells == 1
    assert stale.exists() is warm
    assert 0 < found.behaviours < found.starting + found.behaviours < found.cpu
    assert found.building > 0
    assert found.around > 0
    assert found.wall > 0
