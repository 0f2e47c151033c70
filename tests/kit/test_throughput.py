"""What a cell costs."""

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


def test_cells_are_counted_as_nox_runs_them(small_checkout):
    """Measuring builds environments anew, runs the cells through nox and counts every process."""
    stale = small_checkout.workspace.environments / "stale"
    stale.mkdir(parents=True)
    found = throughput.measure([release("0.1")], small_checkout.workspace, warm=False)
    assert found.cells == 1
    assert not stale.exists()
    assert 0 < found.behaviours < found.starting + found.behaviours < found.cpu
    assert found.building > 0
    assert found.around > 0
    assert found.wall > 0


def test_warm_environments_are_kept(small_checkout):
    """Measuring a warm run throws no environment away, and counts no cell that ran before it."""
    built = small_checkout.workspace.environments / "built"
    built.mkdir(parents=True)
    stale = small_checkout.workspace.cost(release("0.1"), "3.11")
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    assert throughput.measure([], small_checkout.workspace, warm=True).cells == 0
    assert built.exists()


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
