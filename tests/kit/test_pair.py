"""The two records of a fresh comparison."""

import os

import pytest
from stage import MINOR, record, release

from repro.kit import pair
from repro.problem import Problem
from repro.release import Checkout


@pytest.fixture
def fresh(small_checkout):
    """The fresh record of a subject, and what was said meanwhile."""

    def get(subject):
        said = []
        found = pair.fresh(subject, MINOR, small_checkout.releases, small_checkout.workspace, say=said.append)
        return found, said

    return get


def kept(checkout, written, *, since=10**9):
    """Leave a record, written so many nanoseconds after the behaviours last changed."""
    path = checkout.workspace.record(written.release, MINOR)
    written.write(path)
    moment = pair._touched(checkout.workspace) + since
    os.utime(path, ns=(moment, moment))
    return written


def test_record_of_a_cell_that_just_ran_is_taken(small_checkout, fresh):
    """A record that is newer than the behaviours is not made again."""
    written = kept(small_checkout, record("0.1", {"area/answer": "kept"}))
    assert fresh(release("0.1")) == (written, [])


def test_missing_cell_runs(fresh):
    """A release without a record runs now, and who waits is told."""
    found, said = fresh(release("0.1"))
    assert found.in_state("observed") == {"area/answer": 1}
    assert said == [f"httpx==0.1 on Python {MINOR}: running its behaviours, which takes some seconds"]


@pytest.mark.parametrize(
    ("written", "since"),
    [
        (record("0.1", {"area/answer": "old"}), 0),
        (record("0.1", outcome="not-installable", reason="the package index could not be reached"), 10**9),
    ],
)
def test_record_that_says_nothing_about_today_is_made_again(small_checkout, fresh, monkeypatch, written, since):
    """A record from before the behaviours changed, and one of a cell that did not run, are not taken."""
    kept(small_checkout, written, since=since)
    today = record("0.1", {"area/answer": "today"})
    monkeypatch.setattr(pair.supervisor, "run", lambda *_, **__: today)
    found, said = fresh(release("0.1"))
    assert found is today
    assert len(said) == 1


def test_checkout_always_runs(small_checkout, fresh, tmp_path):
    """The code of a checkout may have moved since it last ran, so its record is never taken."""
    subject = Checkout(str(tmp_path / "nowhere"))
    kept(small_checkout, record("0.1", {"area/answer": 1}))
    found, said = fresh(subject)
    assert found.outcome == "not-installable"
    assert len(said) == 1


def test_what_a_release_brings_is_not_beside_it():
    """Packages that came with the release may differ; what observes, the Python and the questions may not."""
    one = record("0.1", {"area/a": 1}, "3.11.7", packages={"h11": "1", "flask": "1"}, harness=["flask"])
    same = record("0.2", {"area/a": 2}, "3.11.7", packages={"h11": "2", "flask": "1"}, harness=["flask"])
    pair.hold(one, same)
    other = record("0.2", {"area/b": 2}, "3.12.1", packages={"h11": "2", "syrupy": "5"}, harness=["flask", "syrupy"])
    assert pair.beside(one, other) == [
        "Python 3.11.7 and 3.12.1",
        "flask 1 and missing",
        "syrupy missing and 5",
        "2 behaviours asked of one side only",
    ]
    with pytest.raises(Problem) as caught:
        pair.hold(one, other)
    assert caught.value.found.startswith(
        "The records of httpx==0.1 and httpx==0.2 differ in more than the release: Python 3.11.7 and 3.12.1, "
    )
    assert caught.value.mend.endswith("or compare them all the same, with --anyway.")


def test_what_observes_may_be_what_another_release_brings():
    """A package that observes in one cell and came with the release in the other is the release's there."""
    brought = record("0.1", {"area/a": 1}, packages={"sniffio": "1.0"})
    observes = record("0.2", {"area/a": 2}, packages={"sniffio": "1.3"}, harness=["sniffio"])
    assert pair.beside(brought, observes) == []


def test_cell_that_did_not_run_is_held_against_nothing():
    """A cell that could not be built is what the comparison will say, so it is not refused before."""
    pair.hold(record("0.1", {"area/a": 1}), record("0.4", python="3.12.1", outcome="not-installable", reason="no"))
