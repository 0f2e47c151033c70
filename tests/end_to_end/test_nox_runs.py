"""Runs of nox from beginning to end: cells, report and exit code."""

from runner import nox
from stage import release

from repro.kit import throughput


def test_run_exits_with_what_it_came_to(small_checkout):
    """A run exits with 1 while answers are not stored, 0 once they are accepted, and 3 when a cell cannot be built."""
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.2")
    assert code == 1, out + err
    assert "httpx==0.2: 1 behaviour changed after httpx==0.1" in out
    assert "CHANGED: 2 cells ran; 1 behaviour not as stored." in out
    code, out, err = nox("-s", "accept", cwd=small_checkout.root)
    assert code == 0, out + err
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.2")
    assert code == 0, out + err
    assert "AS STORED: 2 cells ran" in out
    assert small_checkout.releases.parse("0.1") == release("0.1")


def test_cell_that_cannot_be_built_does_not_stop_the_others(small_checkout):
    """Cells that cannot be installed or imported say so, the others finish, and the report comes before exit code 3."""
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.3 0.4 0.9")
    assert code == 3, out + err
    for told in ("  ran  ", "not-importable", "not-installable", "RuntimeError: this release cannot be imported"):
        assert told in out
    assert "NOT COMPLETE: 3 cells of 4 could not be built or did not finish" in out


def test_damaged_file_exits_with_2(small_checkout):
    """A damaged snapshot is said by the session that reads it, and the run exits with 2."""
    small_checkout.store("httpx-0.1", "area/answer", 1).write_text("{")
    code, out, err = nox("-s", "cell", cwd=small_checkout.root, RELEASES="0.1")
    assert code == 2, out + err
    assert "is damaged" in out + err
    assert "git checkout -- snapshots" in out + err


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
