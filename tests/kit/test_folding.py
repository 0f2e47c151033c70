"""Folding records into the stored epochs."""

import itertools
import random

import pytest
from stage import record, release, tree

from repro.epochs import Epochs
from repro.kit import folding, transaction
from repro.problem import Problem
from repro.release import Release


@pytest.fixture
def accept(store, releases, tmp_path):
    """Accept records; the stored tree afterwards, as observations by release and behaviour."""

    def make(records, stored=None):
        kept = store(stored or {})
        fold = folding.fold(records, Epochs(kept.root, releases), releases)
        with transaction.alone(kept.root, tmp_path / "lock"):
            transaction.apply(kept.root, fold.texts)
        fresh = Epochs(kept.root, releases)
        return {
            under.slug: {name: fresh.observation(under, name) for name in sorted(names)}
            for under, names in fresh.stored.items()
        }

    return make


def answers(**by_version):
    """A record per release, of one behaviour."""
    return [record(name.replace("_", ".").lstrip("v"), {"area/a": value}) for name, value in by_version.items()]


def test_answer_is_stored_where_it_begins(accept):
    """Only a release that answers otherwise than the one before it adds a file."""
    assert accept(answers(v0_1=1, v0_2=1, v0_2_1=2, v0_3=2, v0_4=1)) == {
        "httpx-0.1": {"area/a": 1},
        "httpx-0.2.1": {"area/a": 2},
        "httpx-0.4": {"area/a": 1},
    }


def test_order_of_records_does_not_matter(store, releases, tmp_path):
    """However the cells were ordered, the same files come of it."""
    random_order = random.Random(7)
    versions = ["0.1", "0.2", "0.2.1", "0.3", "0.4", "httpx2==2.0b1", "httpx2==2.0"]
    for _ in range(20):
        records = [
            record(
                version, {f"area/{name}": random_order.randrange(2) for name in "abc" if random_order.random() < 0.8}
            )
            for version in versions
        ]
        kept = store({"httpx-0.1": {"area/a": 0}, "httpx-0.3": {"area/b": 1}})
        first = folding.fold(records, kept, releases)
        for _ in range(5):
            random_order.shuffle(records)
            again = folding.fold(records, kept, releases)
            assert (again.texts, again.folded) == (first.texts, first.folded)


def test_true_is_not_one(accept):
    """Answers that only Python takes for equal are not the same answer."""
    assert accept(answers(v0_1=1, v0_2=True, v0_3=1.0)) == {
        "httpx-0.1": {"area/a": 1},
        "httpx-0.2": {"area/a": True},
        "httpx-0.3": {"area/a": 1.0},
    }


def test_fork_adds_only_what_it_changed(accept, releases):
    """A fork is compared with the release it forked from, not with what that line did afterwards."""
    records = [
        *answers(v0_1=1, v0_2_1=2, v0_4=4),
        record("httpx2==2.0b1", {"area/a": 2}),
        record("httpx2==2.0", {"area/a": 4}),
    ]
    assert accept(records) == {
        "httpx-0.1": {"area/a": 1},
        "httpx-0.2.1": {"area/a": 2},
        "httpx-0.4": {"area/a": 4},
        "httpx2-2.0": {"area/a": 4},
    }


def test_absence_does_not_end_an_epoch(accept):
    """A behaviour that is absent for a while and then answers as before is stored once."""
    absent = record("0.2", states={"area/a": ("absent", "sync client")})
    assert accept([*answers(v0_1=1, v0_3=1), absent]) == {"httpx-0.1": {"area/a": 1}}


def test_behaviour_that_was_wrongly_stored_goes(accept):
    """What a release has stored and turns out not to have, is removed."""
    absent = record("0.2", states={"area/a": ("absent", "sync client")})
    assert accept([absent], {"httpx-0.1": {"area/a": 1}, "httpx-0.2": {"area/a": 2}})["httpx-0.1"] == {"area/a": 1}
    assert "httpx-0.2" not in accept([absent])


def test_accepting_some_releases_keeps_what_is_known_about_others(accept):
    """A new answer of one release changes nothing for the releases around it."""
    assert accept(answers(v0_2=9), {"httpx-0.1": {"area/a": 1, "area/b": 1}, "httpx-0.3": {"area/a": 3}}) == {
        "httpx-0.1": {"area/a": 1},
        "httpx-0.2": {"area/a": 9},
        "httpx-0.2.1": {"area/a": 1},
        "httpx-0.3": {"area/a": 3},
    } | {"httpx-0.1": {"area/a": 1, "area/b": 1}}


def test_epoch_that_says_the_same_as_the_one_before_goes(accept):
    """A file that has become equal to the epoch before it is removed."""
    assert accept(
        answers(v0_2=1), {"httpx-0.1": {"area/a": 1}, "httpx-0.2": {"area/a": 2}, "httpx-0.2.1": {"area/a": 1}}
    ) == {"httpx-0.1": {"area/a": 1}}


def test_forgotten_behaviour_is_removed(accept):
    """A behaviour that no cell knows any more goes, when every release that has it stored has run."""
    stored = {"httpx-0.1": {"area/gone": 1}, "httpx-0.3": {"area/gone": 3}}
    assert accept(answers(v0_1=1, v0_3=1), stored) == {"httpx-0.1": {"area/a": 1}}


def test_behaviour_is_not_forgotten_while_a_release_may_know_it(accept):
    """As long as a release that has it stored has not run, a behaviour stays."""
    stored = {"httpx-0.1": {"area/gone": 1}, "httpx-0.3": {"area/gone": 3}}
    assert accept(answers(v0_1=1), stored)["httpx-0.3"] == {"area/gone": 3}


@pytest.mark.parametrize("asked", ["0.1", "0.4"])
def test_record_that_never_asked_a_behaviour_says_nothing_about_it(accept, asked):
    """A cell that ran before a behaviour was written leaves what is stored of it, under its own release too."""
    records = [record(version, {"area/a": 1}) for version in ("0.1", "0.2", "0.3", "0.4") if version != asked]
    stored = {"httpx-0.1": {"area/a": 1}, "httpx-0.2": {"area/new": 1}, "httpx-0.3": {"area/new": 2}}
    first = {"httpx-0.1": {"area/a": 1, "area/new": 2}} if asked == "0.1" else {}
    assert accept([*records, record(asked, {"area/a": 1, "area/new": 2})], stored) == stored | first


def test_accepting_twice_changes_nothing(store, releases, tmp_path):
    """What was accepted is what is stored: the same records fold to nothing."""
    records = answers(v0_1=1, v0_2=2, v0_3=2)
    kept = store({"httpx-0.3": {"area/a": 7}})
    with transaction.alone(kept.root, tmp_path / "lock"):
        transaction.apply(kept.root, folding.fold(records, kept, releases).texts)
    before = tree(kept.root)
    assert folding.fold(records, Epochs(kept.root, releases), releases).texts == {}
    assert tree(kept.root) == before


def test_stored_text_that_says_the_same_is_left(store, releases):
    """A file that says the same with its names in another order is not written again."""
    kept = store({"httpx-0.1": {"area/a": {"b": 1, "a": 2}}})
    assert "httpx-0.1/area/a.json" not in folding.fold(answers(v0_1={"a": 2, "b": 1}), kept, releases).texts


def test_unknown_release_is_folded_in_its_place(accept):
    """A release that the data does not know yet is stored where its version puts it."""
    assert accept(answers(v0_1=1, v0_3_5=2, v0_4=1)) == {
        "httpx-0.1": {"area/a": 1},
        "httpx-0.3.5": {"area/a": 2},
        "httpx-0.4": {"area/a": 1},
    }


def test_what_is_no_evidence_about_a_release_is_left_out(store, releases):
    """A checkout and a cell that did not run are left out, each with its reason."""
    checkout = record("0.2", {"area/a": 2})
    object.__setattr__(checkout, "release", Release("httpx", "0.2", "./httpx"))
    crashed = record("0.3", {"area/a": 3}, python="3.11.1", outcome="crashed", reason="it ended on SIGSEGV")
    fold = folding.fold([*answers(v0_1=1), checkout, crashed], store({}), releases)
    assert list(fold.texts) == ["httpx-0.1/area/a.json", "behaviours.json", "outcomes.json"]
    assert fold.folded == [release("0.1")]
    assert fold.left_out[0].endswith(": not a release")
    assert fold.left_out[1] == "httpx==0.3 on Python 3.11: crashed: it ended on SIGSEGV"


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (
            {"area/b": ("failed", "AssertionError: no")},
            "area/b failed under httpx==0.2 on Python 3.11: AssertionError: no",
        ),
        ({"area/b": ("unstable", [1, 2])}, "area/b unstable under httpx==0.2 on Python 3.11: [1, 2]"),
    ],
)
def test_doubtful_answers_are_never_accepted(store, releases, states, said):
    """One answer that failed or did not repeat, and nothing is accepted of any release."""
    records = [*answers(v0_1=1), record("0.2", {"area/a": 2}, "3.11.1", states)]
    with pytest.raises(Problem) as caught:
        folding.fold(records, store({}), releases)
    assert caught.value.found == f"Nothing was accepted, for some answers cannot be kept:\n    {said}"
    assert caught.value.mend == "Mend these behaviours, and run nox again."
    assert caught.value.code == 1


def test_answers_torn_between_pythons_are_never_accepted(store, releases):
    """Two Pythons that disagree about a release have no answer that could be kept."""
    records = [record("0.1", {"area/a": minor}, f"3.{minor}.0") for minor in (11, 12)]
    for order in itertools.permutations(records):
        with pytest.raises(Problem, match=r"area/a answers differently under different Pythons with httpx==0.1"):
            folding.fold(order, store({}), releases)


def test_pythons_that_agree_are_one_answer(accept):
    """Records of one release under several Pythons fold as one."""
    assert accept([record("0.1", {"area/a": 1}, f"3.{minor}.0") for minor in (11, 12, 13)]) == {
        "httpx-0.1": {"area/a": 1}
    }
