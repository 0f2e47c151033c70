"""The report of a run in a terminal."""

import re
from dataclasses import replace

import pytest
from stage import record, release

from repro.kit import changes
from repro.kit.report import terminal
from repro.release import Release

PLAIN = terminal.Paint(coloured=False)


@pytest.fixture
def report(store, releases):
    """The report of records, held against what is stored."""

    def make(records, stored=None, missing=(), width=100, paint=PLAIN, notes=None):
        kept = store(stored or {})
        for folder, text in (notes or {}).items():
            (kept.root / folder / "notes.toml").write_text(text)
        return terminal.matrix(changes.matrix(records, missing, kept, releases), width=width, paint=paint)

    return make


def test_run_as_stored_reads_in_a_few_lines(report):
    """When nothing changed, the report is the cells and the verdict."""
    assert report([record("0.1", {"area/a": 1}, "3.11.7")], {"httpx-0.1": {"area/a": 1}}) == (
        "Cells\n"
        "  release     Python  outcome  behaviours  absent  not as stored\n"
        "  httpx==0.1  3.11    ran      1           0       0\n"
        "\n"
        "AS STORED: 1 cell ran, and every behaviour is as its snapshot says. Exit code 0.\n"
    )


def test_changes_are_told_release_by_release(report):
    """Each release lists what changed after the one before, where it happened on the way, of what kind, and why."""
    note = '["area/a"]\nchanged = "It counts."\nkind = "fix"\ncause = "0.2"\ndo = "Count."\n'
    text = report(
        [
            record("0.1", {"area/a": {"n": 1}, "area/b": 1}),
            record("0.3", {"area/a": {"n": 2}, "area/b": 1}),
            record("0.4", {"area/a": {"n": 2}, "area/b": 2}),
        ],
        {"httpx-0.1": {"area/a": {"n": 1}, "area/b": 1}, "httpx-0.2": {"area/a": {"n": 2}}, "httpx-0.4": {"area/b": 2}},
        notes={"httpx-0.2": note},
    )
    assert (
        "httpx==0.3: 1 behaviour changed after httpx==0.1\n  area/a  [fix]  at 0.2\n      n: 1 → 2\n      It counts.\n"
        in text
    )
    assert "httpx==0.4: 1 behaviour changed after httpx==0.3\n  area/b\n      1 → 2\n" in text
    assert text.endswith("AS STORED: 3 cells ran, and every behaviour is as its snapshot says. Exit code 0.\n")


def test_changes_are_counted_by_kind(report):
    """After what each release changed comes how much that was, of which kinds; one that changed nothing is left out."""
    note = '["area/{}"]\nchanged = "It counts."\nkind = "{}"\ncause = "0.2"\ndo = "Count."\n'
    text = report(
        [
            record("0.1", {"area/a": 1, "area/b": 1, "area/c": 1}),
            record("0.2", {"area/a": 2, "area/b": 2, "area/c": 2}),
            record("0.3", {"area/a": 2, "area/b": 2, "area/c": 2}),
            record("0.4", {"area/a": 2, "area/b": 2, "area/c": 3}),
        ],
        {
            "httpx-0.1": {"area/a": 1, "area/b": 1, "area/c": 1},
            "httpx-0.2": {"area/a": 2, "area/b": 2, "area/c": 2},
            "httpx-0.4": {"area/c": 3},
        },
        notes={
            "httpx-0.2": note.format("a", "fix") + note.format("b", "fix") + note.format("c", "removal"),
            "httpx-0.4": note.format("c", "fix"),
        },
    )
    assert (
        "\n\nChanged\n"
        "  release     after       changed  removal  fix\n"
        "  httpx==0.2  httpx==0.1  3        1        2\n"
        "  httpx==0.4  httpx==0.3  1        -        1\n"
        "\nAS STORED: 4 cells ran"
    ) in text


def test_release_that_changed_nothing_says_so(report):
    """A release without a change is in the report, and says so."""
    text = report([record("0.1", {"area/a": 1}), record("0.2", {"area/a": 1})], {"httpx-0.1": {"area/a": 1}})
    assert "httpx==0.2: no behaviour changed after httpx==0.1\n" in text


def test_what_is_not_as_stored_comes_with_both_answers_and_the_command(report):
    """An answer that is not the stored one is shown beside it, with the releases that gave it and how to run it."""
    states = {"area/u": ("unstable", [1, "ended with -9"]), "area/f": ("failed", "AssertionError: no")}
    text = report(
        [record("0.2", {"area/a": 2, "area/n": [1]}, "3.11.1", states), record("0.3", {"area/a": 2}, "3.11.1")],
        {"httpx-0.1": {"area/a": 1}},
    )
    assert (
        "Not as stored\n"
        "  area/a\n      1 → 2\n      under httpx==0.2 on 3.11, httpx==0.3 on 3.11\n      pytest tests/cell/area/a\n"
        "  area/f  [failed]\n      AssertionError: no\n      under httpx==0.2 on 3.11\n      pytest tests/cell/area/f\n"
        "  area/n\n      new: [1]\n      under httpx==0.2 on 3.11\n      pytest tests/cell/area/n\n"
        "  area/u  [unstable]\n      answered 1, and in a fresh process ended with -9\n"
    ) in text
    assert text.endswith(
        "CHANGED: 2 cells ran; 4 behaviours not as stored. "
        "If that is right, keep it with: nox -s accept. Exit code 1.\n"
    )


def test_answers_of_a_checkout_are_not_to_be_accepted(report):
    """Where only a checkout answers otherwise, nobody is told to keep it, which accept would refuse."""
    stored, path = {"httpx-0.1": {"area/a": 1}}, Release("httpx", "0.1", "/checkout")
    text = report([replace(record("0.1", {"area/a": 2}), release=path)], stored)
    assert text.endswith(
        "CHANGED: 1 cell ran; 1 behaviour not as stored. A checkout's answers are not kept. Exit code 1.\n"
    )
    text = report([record("0.1", {"area/a": 2}), replace(record("0.1", {"area/a": 2}), release=path)], stored)
    assert "keep it with: nox -s accept" in text


def test_cell_that_did_not_run_is_told_with_its_reason(report):
    """A cell that did not finish or left no record stands in the table and below it, and the verdict is about it."""
    text = report(
        [record("0.1", {"area/a": 1}), record("0.2", python="3.11", outcome="not-installable", reason="no such wheel")],
        missing=[("httpx==0.3", "3.11")],
    )
    assert "  httpx==0.2  3.11    not-installable  -           -       -\n" in text
    assert "  httpx==0.2 on Python 3.11: no such wheel\n" in text
    assert "  httpx==0.3  3.11    no record        -           -       -\n" in text
    assert "  httpx==0.3 on Python 3.11: its session ended before the cell did; run nox again\n" in text
    assert text.endswith(
        "NOT COMPLETE: 2 cells of 3 could not be built or did not finish; "
        "the reasons are below the table of cells. Exit code 3.\n"
    )


def test_pythons_that_disagree_are_named(report):
    """A behaviour torn between Pythons is named below what is not as stored, even when one Python is as stored."""
    records = [record("0.1", {"area/a": minor}, f"3.{minor}.0") for minor in (11, 12)]
    text = report(records, {"httpx-0.1": {"area/a": 11}})
    assert "  httpx==0.1 answers differently under different Pythons: area/a\n" in text
    assert "1 behaviour not as stored" in text


def test_report_keeps_to_the_width(report):
    """Long answers and reasons are wrapped to the width of the terminal; words are never broken."""
    text = report(
        [record("0.1", {"area/a": "one two " * 20}), record("0.2", outcome="crashed", reason="word " * 60)],
        {"httpx-0.1": {"area/a": "three four " * 20}},
        width=70,
    )
    below = text.partition("\n\n")[2].rpartition("\n\n")[0].splitlines()
    assert max(len(line) for line in below) <= 70
    assert len(below) > 8


def test_colour_adds_nothing_but_colour(report):
    """A coloured report is the plain one with colours in it."""
    records = [
        record("0.1", {"area/a": 1}),
        record("0.2", {"area/a": 2}),
        record("0.3", outcome="crashed", reason="why"),
    ]
    coloured = report(records, {"httpx-0.1": {"area/a": 1}}, paint=terminal.Paint(coloured=True))
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == report(records)


def test_table_of_nothing_is_empty():
    """A table without rows has no lines."""
    assert terminal.table([]) == []


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        ([], "ran 2 behaviours, 1 absent, all as stored"),
        (["area/a"], "ran 2 behaviours, 1 absent, 1 not as stored: area/a"),
        (list("abcdef"), "ran 2 behaviours, 1 absent, 6 not as stored: a, b, c, d, e, ..."),
    ],
)
def test_cell_is_told_in_one_line(differing, said):
    """A cell that ends says how in one line."""
    found = record("0.1", {"area/a": 1}, "3.11.7", {"area/b": ("held", None), "area/c": ("absent", "HTTP/2")})
    assert terminal.cell(found, differing) == f"httpx==0.1 on Python 3.11.7: {said}"


def test_cell_that_did_not_run_is_told_in_one_line():
    """A cell that did not finish says why in its line."""
    found = record("0.1", python="3.11", outcome="timed-out", reason="it was stopped after 1 s")
    assert terminal.cell(found, []) == "httpx==0.1 on Python 3.11: timed-out: it was stopped after 1 s"
    assert found.release == release("0.1")


def test_verdict_is_where_it_is_seen():
    """In a terminal it comes last, in a file first, in the colour of its code; an empty section is none."""
    verdict = {"says": "It is as it was.", "code": 0}
    sections = [["one", "two"], [], ["three"]]
    last = terminal.answered(sections, verdict, width=80, paint=PLAIN, last=True)
    assert last == "one\ntwo\n\nthree\n\nIt is as it was.\n"
    first = terminal.answered(sections, verdict, width=80, paint=terminal.Paint(coloured=True), last=False)
    assert first == "\x1b[32mIt is as it was.\x1b[0m\n\none\ntwo\n\nthree\n"
