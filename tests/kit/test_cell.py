"""The verb `cell`: how a cell that ran is told, and the code it exits with."""

import sys

from stage import MINOR, release

from repro.cell.upstream import refusing_port
from repro.kit import environment


def test_cell_is_run_and_told_in_a_line(kit, small_checkout):
    """A cell whose answer is not stored exits with 1; once accepted, with 0; and a second accept changes nothing."""
    title = f"httpx==0.1 on Python {sys.version.split()[0]}: ran 1 behaviour, 0 absent"
    assert kit("cell", "0.1") == (1, f"{title}, 1 not as stored: area/answer\n", "")
    assert kit("accept") == (
        0,
        (
            "wrote snapshots/behaviours.json\n"
            "wrote snapshots/httpx-0.1/area/answer.json\n"
            "wrote snapshots/outcomes.json\n"
            "Accepted the records of 1 release: 3 snapshots written, 0 removed.\n"
        ),
        "",
    )
    assert kit("cell", "0.1") == (0, f"{title}, all as stored\n", "")
    before = small_checkout.files()
    assert kit("accept") == (0, "Accepted the records of 1 release: 0 snapshots written, 0 removed.\n", "")
    assert small_checkout.files() == before


def test_cell_runs_under_the_python_it_is_told(kit, small_checkout):
    """A Python that there is none of is a cell that cannot be installed, and its record says which."""
    code, out, _ = kit("cell", "0.1", "--python", "3.0")
    assert code == 3
    assert out.startswith("httpx==0.1 on Python 3.0: not-installable: ")
    assert small_checkout.workspace.record(release("0.1"), "3.0").is_file()


def test_cell_that_crashed_says_where_it_printed(kit, small_checkout):
    """A cell that crashed exits with 3 and names its log, below the checkout."""
    small_checkout.behaviours('import os\n\n\ndef test_a():\n    """It ends."""\n    os._exit(3)\n')
    code, out, _ = kit("cell", "0.1")
    assert code == 3
    assert out.endswith(f"  what it printed: .matrix/logs/httpx-0.1-py{MINOR}.log\n")
    assert (small_checkout.root / f".matrix/logs/httpx-0.1-py{MINOR}.log").is_file()


def test_cell_says_what_takes_time(kit, monkeypatch):
    """While the index cannot be reached, the person who waits is told."""
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{refusing_port()}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(environment, "BACK_OFF", (0.01,))
    code, out, _ = kit("cell", "0.1")
    assert code == 3
    told, ended = out.splitlines()
    assert told.endswith(": the index could not be reached, trying again in 0.01 s")
    assert "not-installable: the package index could not be reached in 2 tries (" in ended
