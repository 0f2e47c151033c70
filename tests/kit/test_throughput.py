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


def test_cost_of_areas_is_told_with_the_dearest_first():
    """What each area of the behaviours costs is told before the parts of a cell, the dearest first."""
    cost = throughput.Cost(2, 8.0, 10.0, 1.0, 4.0, 3.0, {"urls": 1.0, "tls": 2.0})
    assert [line.split() for line in throughput.lines(cost)[:3]] == [
        ["behaviours", "of", "CPU", "s", "a", "cell", "share"],
        ["tls", "1.00", "20%"],
        ["urls", "0.50", "10%"],
    ]


def test_run_without_cells_says_so():
    """A run in which no cell ran divides nothing."""
    assert throughput.lines(throughput.Cost(0, 1.0, 1.0, 0.0, 0.0, 0.0)) == ["No cell ran."]


#: In the place of the kit's own, which runs cells.
NOXFILE = """
import os

import nox

@nox.session(venv_backend="none")
def cell(session):
    os.makedirs(".matrix/costs")
    with open(".matrix/costs/httpx-0.1-py3.11.json", "w") as file:
        file.write('{"building": 1.0, "starting": 2.0, "behaviours": 4.0, "wall": 8.0, "areas": {"urls": 4}}')
"""


@pytest.mark.parametrize("warm", [True, False])
def test_what_nox_ran_is_counted(small_checkout, warm):
    """Of a run the costs of its own cells are counted, beside all of its time; a warm one keeps its environments."""
    (small_checkout.root / "noxfile.py").write_text(NOXFILE)
    built = small_checkout.workspace.environments / "built"
    built.mkdir(parents=True)
    stale = small_checkout.workspace.cost(release("0.2"), "3.11")
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    found = throughput.measure([release("0.1")], small_checkout.workspace, warm=warm)
    assert (found.cells, found.building, found.starting, found.behaviours) == (1, 1.0, 2.0, 4.0)
    assert found.areas == {"urls": 4}
    assert min(found.wall, found.cpu) > 0
    assert built.exists() is warm


def test_throughput_prints_what_a_cell_costs(kit, monkeypatch):
    """The verb that measures prints what was measured."""
    asked = []

    def measure(subjects, workspace, *, warm):
        asked.append(([str(subject) for subject in subjects], warm))
        return throughput.Cost(1, 1.0, 2.0, 0.5, 0.5, 0.5)

    monkeypatch.setattr(throughput, "measure", measure)
    code, out, _ = kit("throughput", "0.1", "0.2", "--warm")
    assert (code, asked) == (0, [(["httpx==0.1", "httpx==0.2"], True)])
    assert "2.00" in out
