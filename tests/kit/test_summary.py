"""A run of cells as GitHub Actions shows it."""

import pytest
from stage import record

from repro.kit import changes
from repro.kit.ci import summary


@pytest.fixture
def matrix(accepted, releases):
    """What a run of these records, and of cells without one, comes to beside an accepted answer."""

    def run(*records, missing=()):
        store, _ = accepted(record("0.1", {"area/answer": 1}))
        return changes.matrix(records, missing, store, releases)

    return run


def test_summary_says_the_verdict_first(matrix):
    """The heading of a summary is the verdict, and the report is below it."""
    said = summary.summary(matrix(record("0.1", {"area/answer": 1})))
    assert said.startswith("## AS STORED: 1 cell ran")
    assert "```text\nCells\n" in said
    assert said.endswith("Exit code 0.\n```\n")


def test_nothing_in_an_answer_ends_the_block(matrix):
    """Backticks in an answer stay in the block: its fence is longer."""
    said = summary.summary(matrix(record("0.1", {"area/answer": "`````\n# heading"})))
    assert said.count("``````") == 2


def test_what_is_too_long_is_said_to_be_left_out(matrix):
    """A summary that GitHub would refuse is cut at a line, and says how many are left out."""
    found = matrix(*(record("0.1", {f"area/answer{n}": n}, python=f"3.{n}.1") for n in range(40)))
    said = summary.summary(found, limit=1000)
    assert len(said) < 1500
    assert "lines more, in the log of the job and on the page\n```\n" in said


def test_annotations_say_what_came_of_each_cell(matrix):
    """The verdict, cells that did not run or left nothing, and what is not as stored are annotations."""
    found = matrix(
        record("0.1", {"area/answer": 2}),
        record("0.1", {"area/answer": 3}, python="3.99.1"),
        record("0.2", outcome="crashed", reason="It died."),
        missing=[("httpx==0.3", "3.11")],
    )
    lines = summary.annotated(found).splitlines()
    assert lines[0].startswith("::error title=httpx upgrade kit::NOT COMPLETE: 2 cells of 4")
    assert "crashed::It died." in lines[1]
    assert lines[2] == "::error title=httpx==0.3 on Python 3.11%3A not run::Its job left no record of it."
    assert [line for line in lines if "title=area/answer%3A not as stored" in line]
    assert lines[-1].startswith("::warning title=httpx==0.1%3A not the same under every Python::area/answer")
    assert summary.annotated(matrix(record("0.1", {"area/answer": 1}))).startswith("::notice")
