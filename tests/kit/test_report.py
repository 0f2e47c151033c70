"""The verb `report`: what it tells of the cells of a run, in a terminal and as a page."""

import json

from scenes import embedded
from stage import MINOR, keep, record

from repro.kit.run import Run


def test_report_is_about_the_newest_records(kit, small_checkout):
    """Outside of a run, the report is about the records there are, of every Python, and exits with their code."""
    keep(
        small_checkout,
        record("0.1", {"area/a": 1}),
        record("0.2", {"area/a": 2}),
        record("0.2", {"area/a": 2}, "3.99.1"),
    )
    small_checkout.store("httpx-0.1", "area/a", 1)
    code, out, _ = kit("report", "0.1 0.2")
    assert code == 1
    assert "httpx==0.2: 1 behaviour changed after httpx==0.1" in out
    assert "3.99" in out
    assert out.endswith("Exit code 1.\n")
    small_checkout.store("httpx-0.2", "area/a", 2)
    assert kit("report", "0.1 0.2")[0] == 0
    code, out, _ = kit("report", "0.1 0.3")
    assert code == 3
    assert "httpx==0.3" in out
    assert "no record" in out


def test_report_of_a_run_is_about_its_own_cells(kit, small_checkout, tmp_path, monkeypatch):
    """In a run, a record that an earlier run left speaks for nothing, and the same report is printed once."""
    monkeypatch.setenv("REPRO_RUN", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    keep(small_checkout, record("0.1", {"area/a": 1}), record("0.2", {"area/a": 1}))
    small_checkout.store("httpx-0.1", "area/a", 1)
    Run(tmp_path / "run").begin("httpx-0.1", "httpx==0.1", MINOR)
    code, out, _ = kit("report", "0.1 0.2")
    assert code == 3
    assert f"httpx==0.2 on Python {MINOR}: its session ended before the cell did; run nox again" in out
    code, again, _ = kit("report", "0.1 0.2")
    assert (code, again) == (3, out.splitlines()[-1] + "\n")
    assert (tmp_path / "run" / "codes").read_text() == "report 3\nreport 3\n"


def test_report_is_written_as_a_page_too(kit, stored):
    """A report is also written as a page, with the run's own cells in the place of those that are stored."""
    keep(stored, record("0.2", {"area/a": 9}), record("0.3", outcome="crashed", reason="it ended on SIGSEGV"))
    code, out, _ = kit("report", "0.1 0.2 0.3")
    assert code == 3
    assert "\n\nAs a web page: .matrix/report/index.html\n\nNOT COMPLETE: " in out
    page = json.loads(embedded(stored.workspace.page.read_text()))
    assert page["run"]["verdict"].startswith("NOT COMPLETE: 1 cell of 3 ")
    (found,) = page["run"]["differences"]
    assert (found["behaviour"], found["release"], found["before"], found["after"]) == ("area/a", "httpx==0.2", 2, 9)
    assert {(cell["release"], cell["outcome"]) for cell in page["cells"]} >= {
        ("httpx==0.3", "crashed"),
        ("httpx==0.4", "not-installable"),
    }


def test_report_is_told_as_github_shows_it(kit, small_checkout, tmp_path):
    """The report is appended to the summaries of a job as Markdown, and annotations follow it."""
    keep(small_checkout, record("0.1", {"area/answer": 1}))
    (tmp_path / "summary").write_text("before\n")
    arguments = ["report", "0.1", "--python", MINOR, "3.99", "--summary", str(tmp_path / "summary"), "--annotate"]
    code, out, _ = kit(*arguments)
    assert code == 3
    assert "::error title=httpx==0.1 on Python 3.99%3A not run::" in out
    assert (tmp_path / "summary").read_text().startswith("before\n## NOT COMPLETE: 1 cell of 2")
    code, out, _ = kit("report", "0.1")
    assert code == 1
    assert "::" not in out
