"""What changed from release to release, and what is not as it is stored."""

import random

import pytest
from stage import MINOR, record, release

from repro.kit import changes
from repro.kit.notes import Note
from repro.release import Release


def steps(found):
    """The steps of a matrix as text."""
    return {
        f"{step.before} > {step.after}": [(change.behaviour, change.before, change.after) for change in step.changes]
        for step in found.steps
    }


def test_each_release_is_compared_with_the_one_before(store, releases):
    """A step holds what changed, and only that, whatever order the records came in."""
    records = [
        record("0.1", {"area/a": 1, "area/b": 1}),
        record("0.2", {"area/a": 2, "area/b": 1}),
        record("0.3", {"area/a": 2, "area/b": 3}),
    ]
    random.Random(2).shuffle(records)
    found = changes.matrix(records, [], store({}), releases)
    assert [str(entry.release) for entry in found.records] == ["httpx==0.1", "httpx==0.2", "httpx==0.3"]
    assert steps(found) == {
        "httpx==0.1 > httpx==0.2": [("area/a", 1, 2)],
        "httpx==0.2 > httpx==0.3": [("area/b", 1, 3)],
    }


def test_absence_is_no_change(store, releases):
    """A behaviour that is absent for a while is compared with the last release that had it."""
    records = [
        record("0.1", {"area/a": 1, "area/b": 1}),
        record("0.2", states={"area/a": ("absent", "sync client"), "area/b": ("failed", "AssertionError")}),
        record("0.3", {"area/a": 2, "area/b": 1}),
    ]
    found = changes.matrix(records, [], store({}), releases)
    assert steps(found) == {"httpx==0.1 > httpx==0.2": [], "httpx==0.2 > httpx==0.3": [("area/a", 1, 2)]}


def test_fork_is_compared_with_what_it_forked_from(store, releases):
    """A fork follows the newest release up to its fork, and not the end of the line that went on without it."""
    records = [record("0.2", {"area/a": 1}), record("0.4", {"area/a": 4}), record("httpx2==2.0", {"area/a": 1})]
    found = changes.matrix(records, [], store({}), releases)
    assert steps(found) == {"httpx==0.2 > httpx==0.4": [("area/a", 1, 4)], "httpx==0.2 > httpx2==2.0": []}


def test_first_release_of_an_unrelated_line_is_compared_with_nothing(store, releases):
    """A release with none of its ancestors in the run begins, and follows nobody."""
    records = [record("0.4", {"area/a": 4}), record("httpx2==2.0", {"area/a": 1})]
    assert steps(changes.matrix(records, [], store({}), releases)) == {}


def test_fork_is_compared_with_the_release_it_forked_from_itself(store, releases):
    """The release that a line forked from is the one before its first."""
    records = [record("0.2.1", {"area/a": 4}), record("httpx2==2.0", {"area/a": 1})]
    found = changes.matrix(records, [], store({}), releases)
    assert steps(found) == {"httpx==0.2.1 > httpx2==2.0": [("area/a", 4, 1)]}


def test_checkout_follows_the_release_it_is_like(store, releases):
    """Code that was never released comes after the release of the same version."""
    checkout = record("0.2", {"area/a": 3})
    object.__setattr__(checkout, "release", Release("httpx", "0.2", "./httpx"))
    found = changes.matrix([checkout, record("0.2", {"area/a": 2})], [], store({}), releases)
    assert steps(found) == {"httpx==0.2 > httpx==0.2 from ./httpx": [("area/a", 2, 3)]}


def test_every_change_of_a_step_names_where_it_happened(store, releases):
    """Changes of one step that happened at different releases on the way are told apart."""
    stored = {
        "httpx-0.1": {"area/a": 1, "area/b": 1},
        "httpx-0.2": {"area/a": 2},
        "httpx-0.3": {"area/b": 2},
    }
    records = [record("0.1", {"area/a": 1, "area/b": 1}), record("0.3", {"area/a": 2, "area/b": 2})]
    (step,) = changes.matrix(records, [], store(stored), releases).steps
    assert {change.behaviour: [str(each.release) for each in change.crossings] for change in step.changes} == {
        "area/a": ["httpx==0.2"],
        "area/b": ["httpx==0.3"],
    }


def test_change_names_where_it_happened_and_why(store, releases):
    """A change between two releases that are not neighbours names the stored releases on the way, with their notes."""
    kept = store({"httpx-0.1": {"area/a": 1}, "httpx-0.2": {"area/a": 2}, "httpx-0.3": {"area/a": 3}})
    (kept.root / "httpx-0.3" / "notes.toml").write_text(
        '["area/a"]\nchanged = "It is 3."\nkind = "fix"\ncause = "0.3"\ndo = "Count."\n'
    )
    found = changes.matrix([record("0.1", {"area/a": 1}), record("0.4", {"area/a": 3})], [], kept, releases)
    ((change,),) = [step.changes for step in found.steps]
    assert change.entry.title == "What is area/a?"
    assert [(crossing.release, crossing.note) for crossing in change.crossings] == [
        (release("0.2"), None),
        (release("0.3"), Note("It is 3.", "fix", "0.3", "Count.")),
    ]


def test_difference_holds_the_answer_against_the_serving_epoch(store, releases):
    """What is not as stored is said with both answers; what has none stored, failed or did not repeat is too."""
    kept = store({"httpx-0.1": {"area/a": 1, "area/same": 1, "area/failed": 1}})
    found = changes.matrix(
        [
            record(
                "0.2",
                {"area/a": 2, "area/same": 1, "area/new": 1},
                states={"area/failed": ("failed", "AssertionError"), "area/unstable": ("unstable", [1, 2])},
            )
        ],
        [],
        kept,
        releases,
    )
    assert [(d.behaviour, d.state, d.before, d.after) for d in found.differences] == [
        ("area/a", "observed", 1, 2),
        ("area/failed", "failed", 1, "AssertionError"),
        ("area/new", "observed", changes.NOTHING, 1),
        ("area/unstable", "unstable", changes.NOTHING, [1, 2]),
    ]
    assert found.code == 1


def test_everything_as_stored_is_zero(store, releases):
    """Cells that all ran and answered as stored come to exit code 0."""
    found = changes.matrix([record("0.2", {"area/a": 1})], [], store({"httpx-0.1": {"area/a": 1}}), releases)
    assert (found.differences, found.torn, found.code) == ([], {}, 0)


def test_answers_torn_between_pythons_are_named(store, releases):
    """A behaviour that answers differently under different Pythons is named, and comes to exit code 1."""
    pythons = [record("0.2", {"area/a": "3.9"}, "3.9.1"), record("0.2", {"area/a": "3.10"}, "3.10.1")]
    kept = store({"httpx-0.1": {"area/a": "3.9"}})
    found = changes.matrix(list(reversed(pythons)), [], kept, releases)
    assert [entry.minor for entry in found.records] == ["3.9", "3.10"]
    assert found.torn == {release("0.2"): ["area/a"]}
    assert found.code == 1


@pytest.mark.parametrize("outcome", ["not-installable", "not-importable", "crashed", "timed-out"])
def test_cell_that_did_not_run_is_never_unchanged(store, releases, outcome):
    """A cell that did not finish comes to exit code 3, and what it said before is no change."""
    unfinished = record("0.2", {"area/a": 2}, outcome=outcome, reason="why")
    found = changes.matrix(
        [record("0.1", {"area/a": 1}), unfinished], [], store({"httpx-0.1": {"area/a": 1}}), releases
    )
    assert (found.code, found.differences, found.steps, found.torn) == (3, [], [], {})


def test_missing_record_is_not_complete(store, releases):
    """A cell that left no record comes to exit code 3, although every other is as stored."""
    found = changes.matrix([], [("httpx==0.1", MINOR)], store({}), releases)
    assert found.code == 3
