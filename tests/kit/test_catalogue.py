"""The catalogue of behaviours and outcomes: read, folded, and asked what a release lacks."""

import json

import pytest
from stage import MINOR, record, release

from repro.kit import catalogue
from repro.kit.catalogue import Catalogue, Entry, Outcome
from repro.problem import Problem
from repro.record import asks_for
from repro.release import Release

SYNC = asks_for("sync client")


def entry(name, needs=(), *, held=False):
    """What the catalogue says of a behaviour of these tests."""
    return Entry(f"What is {name}?", f"tests/cell/{name}", list(needs), held)


def test_accepting_writes_which_behaviours_there_are_and_which_cells_ran(accepted):
    """What the records say of their behaviours and their ends is read again as it was accepted."""
    needs = {"area/b": ["sync client", "HTTP/2"]}
    _, known = accepted(
        record(
            "0.1", {"area/a": 1}, states={"area/b": ("absent", "sync client"), "area/c": ("held", None)}, needs=needs
        )
    )
    assert known.behaviours == {
        "area/a": entry("area/a"),
        "area/b": entry("area/b", needs["area/b"]),
        "area/c": entry("area/c", held=True),
    }
    assert known.outcomes == {"httpx==0.1": {MINOR: Outcome("ran")}}


def test_no_catalogue_is_an_empty_one(tmp_path):
    """Before anything was accepted there is no behaviour and no outcome, and that is no problem."""
    assert catalogue.read(tmp_path) == Catalogue({}, {})


def test_equal_catalogues_give_equal_text():
    """The order in which behaviours and cells came does not show in the stored text."""
    ran, not_there = Outcome("ran"), Outcome("not-installable", "It never was.")
    one = Catalogue({"a/a": entry("a/a"), "a/b": entry("a/b")}, {"httpx==0.1": {"3.11": ran}, "httpx==0.2": {}})
    other = Catalogue({"a/b": entry("a/b"), "a/a": entry("a/a")}, {"httpx==0.2": {}, "httpx==0.1": {"3.11": ran}})
    assert one.texts() == other.texts()
    assert one.texts() != Catalogue(one.behaviours, {"httpx==0.1": {"3.11": not_there}}).texts()


@pytest.mark.parametrize("name", ["behaviours", "outcomes"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "The catalogue {} is damaged: "),
        (b"\xff\xfe", "The catalogue {} is damaged: "),
        ("[]", "The catalogue {} is damaged: it holds no object."),
        ("{}", "The catalogue {} is damaged: it has no format number."),
        ('{"format": 0}', "The catalogue {} is too old: it has format 0, and this kit reads format 1."),
        ('{"format": 1}', "The catalogue {} is damaged: it holds no NAME."),
        ('{"format": 1, "NAME": []}', "The catalogue {} is damaged: it holds no NAME."),
        ('{"format": 1, "NAME": {"a/b": {"surprise": 1}}}', "The catalogue below "),
        ('{"format": 1, "NAME": {"a/b": 1}}', "The catalogue below "),
    ],
)
def test_unreadable_catalogue_has_its_own_sentence(tmp_path, name, text, found):
    """A damaged or too old file of the catalogue says so, with its place and how to restore it."""
    path = tmp_path / f"{name}.json"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("NAME", name).encode())
    with pytest.raises(Problem) as caught:
        catalogue.read(tmp_path)
    assert caught.value.found.startswith(found.format(path).replace("NAME", name))
    assert caught.value.mend == "Restore it with: git checkout -- snapshots"
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("behaviours", {"a/b": {"title": "", "test": "", "needs": "sync client", "held": False}}),
        ("outcomes", {"httpx==0.1": {"3.11": {"outcome": "fine"}}}),
    ],
)
def test_catalogue_that_says_what_there_is_not_is_damaged(tmp_path, name, body):
    """Needs that are no list, and an outcome that is none, are damage and not an answer."""
    (tmp_path / f"{name}.json").write_text(json.dumps({"format": 1, name: body}))
    with pytest.raises(Problem, match="is damaged: it has needs or an outcome that are none"):
        catalogue.read(tmp_path)


def test_too_new_catalogue_asks_for_an_update(tmp_path):
    """A catalogue of a later kit says that this kit is to be updated."""
    (tmp_path / "behaviours.json").write_text('{"format": 2}')
    with pytest.raises(Problem, match="is too new: it has format 2, and this kit reads format 1") as caught:
        catalogue.read(tmp_path)
    assert caught.value.mend == "Update this checkout, with: git pull"


def test_behaviour_that_no_record_knows_any_more_goes(accepted):
    """A behaviour whose test is gone leaves the catalogue with its answers."""
    accepted(record("0.1", {"area/a": 1, "area/gone": 1}, states={"area/held": ("held", None)}))
    _, known = accepted(record("0.1", {"area/a": 1}))
    assert list(known.behaviours) == ["area/a"]


def test_behaviour_of_a_release_that_did_not_run_again_stays(accepted):
    """A behaviour whose answer is stored under a release that did not run stays, though no record names it."""
    accepted(record("0.1", {"area/a": 1}), record("0.2", {"area/other": 1}))
    _, known = accepted(record("0.1", {"area/a": 1}))
    assert sorted(known.behaviours) == ["area/a", "area/other"]


def test_records_of_cells_that_did_not_run_forget_nothing(accepted):
    """Where no cell ran, the catalogue stays as it is."""
    _, before = accepted(record("0.1", {"area/a": 1}, states={"area/held": ("held", None)}))
    _, after = accepted(record("0.1", outcome="crashed", reason="it ended on SIGKILL"))
    assert after == before


def test_assertion_that_is_absent_everywhere_stays_held(accepted):
    """A behaviour that asserts is known as one, though every release of this time lacks what it needs."""
    accepted(record("0.1", states={"area/a": ("held", None)}))
    _, known = accepted(record("0.2", states={"area/a": ("absent", "sync client")}))
    assert known.behaviours["area/a"].held
    _, known = accepted(record("0.1", {"area/a": 1}), record("0.2", states={"area/a": ("absent", "sync client")}))
    assert not known.behaviours["area/a"].held


@pytest.mark.parametrize(
    ("ended", "stored"),
    [
        (record("0.2", outcome="not-installable", reason="the package index could not be reached"), False),
        (record("0.2", outcome="crashed", reason="it ended on SIGKILL"), False),
        (record("0.4", outcome="not-installable", reason="It never could be built."), True),
        (record("0.4", outcome="timed-out", reason="it hung"), False),
    ],
)
def test_only_an_outcome_that_the_release_data_expects_is_stored(accepted, ended, stored):
    """What ended a cell on one day on one machine is not stored; what can never be otherwise is."""
    _, known = accepted(record("0.1", {"area/a": 1}), ended)
    assert (str(ended.release) in known.outcomes) is stored


def test_checkout_leaves_nothing_in_the_catalogue(accepted):
    """The cell of a checkout is no cell of the release that it is like."""
    checkout = record("0.2", {"area/a": 2, "area/new": 2})
    object.__setattr__(checkout, "release", Release("httpx", "0.2", "./httpx"))
    _, known = accepted(record("0.1", {"area/a": 1}), checkout)
    assert (list(known.behaviours), list(known.outcomes)) == (["area/a"], ["httpx==0.1"])


def test_release_says_why_nothing_is_known_of_it():
    """A release without a stored cell names the next step, one that cannot be built its reason, once."""
    reason = Outcome("not-installable", "It never could be built.")
    ran = {"3.11": reason, "3.12": Outcome("ran")}
    known = Catalogue({}, {"httpx==0.4": {"3.11": reason, "3.12": reason}, "httpx==0.3": ran})
    assert known.why_not(release("0.4")) == "not-installable: It never could be built."
    assert known.why_not(release("0.3")) is None
    assert known.why_not(release("0.2")) == "no cell of it is stored; compare with --fresh, which runs it"


def test_release_lacks_the_first_capability_that_is_missing(store):
    """What a release lacks is the first need whose question it answered with no, since whichever release."""
    kept = store({"httpx-0.1": {SYNC: True, asks_for("HTTP/2"): False}, "httpx-0.3": {SYNC: False}})
    known = Catalogue({"area/a": entry("area/a", ["sync client", "HTTP/2", "nobody asked"])}, {})
    assert known.lacks(release("0.1"), "area/a", kept) == "HTTP/2"
    assert known.lacks(release("0.4"), "area/a", kept) == "sync client"
    assert known.lacks(release("httpx2==2.0"), "area/a", kept) == "HTTP/2"
    assert Catalogue({"area/a": entry("area/a")}, {}).lacks(release("0.4"), "area/a", kept) is None
    assert known.lacks(release("0.4"), "area/unknown", kept) is None


def test_catalogue_of_one_area():
    """One area is the behaviours whose ids begin with it, and a wrong one is told which there are."""
    known = Catalogue({name: entry(name) for name in ("area/a", "areas/b", "other/c")}, {})
    assert list(known.within("area").behaviours) == ["area/a"]
    with pytest.raises(Problem) as caught:
        known.within("are")
    assert (caught.value.found, caught.value.mend) == ("'are' is not an area.", "The areas are area, areas, other.")


def test_behaviours_of_records_take_the_place_of_stored_ones():
    """A fresh comparison is about what its cells were asked; where neither was asked any, about what is stored."""
    known = Catalogue({"area/stored": entry("area/stored")}, {})
    ran, died = record("0.1", {"area/a": 1}), record("0.2", outcome="crashed", reason="it died")
    assert list(known.joined([ran, died]).behaviours) == ["area/a"]
    assert list(known.joined([died, died]).behaviours) == ["area/stored"]
