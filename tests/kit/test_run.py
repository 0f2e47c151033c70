"""What the sessions of one run of nox tell each other."""

from repro.kit.run import Run


def test_cells_of_a_run_are_known(tmp_path):
    """Each cell that begins is known to the run, by the stem of its record."""
    run = Run(tmp_path)
    assert run.cells() == {}
    run.begin("httpx-0.2", "httpx==0.2", "3.11")
    run.begin("httpx-0.1", "httpx==0.1", "3.12")
    assert run.cells() == {
        "httpx-0.1-py3.12": ("httpx==0.1", "3.12"),
        "httpx-0.2-py3.11": ("httpx==0.2", "3.11"),
    }


def test_report_is_repeated_only_when_it_is_another(tmp_path):
    """A run that would print the same report again does not, and a report that changed is printed."""
    run = Run(tmp_path)
    assert [run.repeats(text) for text in ("one", "one", "two", "one")] == [False, True, False, False]


def test_exit_codes_gather_and_successes_leave_none(tmp_path):
    """Every session's failure is kept, in the order in which they ended."""
    run = Run(tmp_path)
    run.end("cell", 1)
    run.end("cell", 0)
    run.end("report", 3)
    assert (tmp_path / "codes").read_text() == "cell 1\nreport 3\n"


def test_outside_of_a_run_nothing_is_kept(tmp_path, monkeypatch):
    """Without nox a verb runs alone: it knows no other cells and leaves no file."""
    monkeypatch.chdir(tmp_path)
    run = Run(None)
    run.begin("httpx-0.1", "httpx==0.1", "3.11")
    run.end("cell", 3)
    assert run.cells() == {}
    assert not run.repeats("text")
    assert not run.repeats("text")
    assert list(tmp_path.iterdir()) == []
