"""The record, written and read."""

import json

import pytest
from scenes import RECORDS, hostile
from stage import record

from repro import record as records
from repro.problem import Problem


def test_record_is_read_as_it_was_written(tmp_path):
    """Everything that a record holds survives writing and reading."""
    written = record(
        "0.1",
        {"area/b": {"é": [1, None]}, "area/a": "x"},
        states={"area/c": ("held", None), "area/d": ("absent", "sync client")},
        packages={"h11": "1", "anyio": "2"},
        warnings=[{"behaviour": "area/a", "category": "UserWarning", "message": "old"}],
    )
    written.write(tmp_path / "record.json")
    assert records.read(tmp_path / "record.json") == written


@pytest.mark.parametrize(("name", "number"), [("0.1", 1), ("0.2", 2)])
def test_stored_records_are_as_they_are_written_today(name, number):
    """The records that the formats are held against are in the form that a cell writes."""
    path = RECORDS / f"httpx-{name}.json"
    assert path.read_text() == hostile(name, number).dump()
    assert records.read(path) == hostile(name, number)


def test_equal_records_give_equal_bytes():
    """The order in which a cell ran its behaviours and listed its packages does not show."""
    one = record("0.1", {"area/a": 1, "area/b": 2}, packages={"h11": "1", "anyio": "2"})
    other = record("0.1", {"area/b": 2, "area/a": 1}, packages={"anyio": "2", "h11": "1"})
    assert one.dump() == other.dump()


def test_record_knows_its_minor_python():
    """The Python of a record is known to its minor version too."""
    assert record("0.1", python="3.11.7").minor == "3.11"


def test_behaviours_are_found_by_state():
    """The values of the behaviours in one state are found by id."""
    found = record("0.1", {"area/a": 1}, states={"area/b": ("absent", "HTTP/2")})
    assert found.in_state("observed") == {"area/a": 1}
    assert found.in_state("absent") == {"area/b": "HTTP/2"}


#: What would be written elsewhere than below the folder of snapshots' release, or is no behaviour's.
NOT_IDS = ("nonsense", "../../evil", "area/../../evil", "/etc/evil", "area/", "area/.hidden", "area/a/b", "area/a\n")


def entry(name="area/a", **changed):
    """A function that puts a behaviour into the body of a record, by this name and with these values."""
    return lambda body: body | {"behaviours": {name: {"title": "", "test": "", "state": "held", **changed}}}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda body: None, "There is no record at {}."),
        (lambda body: "{", "The record {} is damaged: "),
        (lambda body: b"\xff\xfe\xfa", "The record {} is damaged: "),
        (lambda body: [], "The record {} is damaged: it holds no object."),
        (lambda body: body | {"format": "1"}, "The record {} is damaged: it has no format number."),
        (lambda body: body | {"format": 1}, "The record {} is too old: it has format 1, and this kit reads format 2."),
        (lambda body: {"format": 2}, "The record {} is damaged: KeyError('release')."),
        (lambda body: body | {"surprise": 1}, "The record {} is damaged: "),
        (lambda body: body | {"behaviours": []}, "The record {} is damaged: "),
        (lambda body: body | {"behaviours": {"area/a": {"state": "held"}}}, "The record {} is damaged: "),
        (
            lambda body: body | {"outcome": "fine"},
            "The record {} is damaged: it names an outcome or a state that does ",
        ),
        (
            lambda body: body | {"behaviours": {"area/a": {"title": "", "test": "", "state": "passed"}}},
            "The record {} is damaged: it names an outcome or a state that does not exist.",
        ),
        (
            lambda body: body | {"outcome": "crashed"},
            "The record {} is damaged: it has an outcome without a reason, or a reason without one.",
        ),
        (lambda body: body | {"reason": [1], "outcome": "crashed"}, "The record {} is damaged: TypeError('[1] is no "),
        (lambda body: body | {"python": 3}, "The record {} is damaged: TypeError('3 is no text')."),
        (lambda body: body | {"packages": 5}, "The record {} is damaged: "),
        (lambda body: body | {"packages": {"h11": 1}}, "The record {} is damaged: TypeError('1 is no text')."),
        (lambda body: body | {"warnings": "abc"}, "The record {} is damaged: "),
        (lambda body: body | {"warnings": [{"message": 1}]}, "The record {} is damaged: TypeError('1 is no text')."),
        (
            lambda body: body | {"release": {"distribution": "httpx", "version": "zz"}},
            "The record {} is damaged: InvalidVersion",
        ),
        (
            lambda body: body | {"release": {"distribution": "../httpx", "version": "0.1"}},
            "The record {} is damaged: '../httpx' is not the name of a distribution.",
        ),
        (entry(title=1), "The record {} is damaged: TypeError('1 is no text')."),
        (entry(needs=4), "The record {} is damaged: "),
        *((entry(name), f"The record {{}} is damaged: {name!r} is not the id of a behaviour.") for name in NOT_IDS),
    ],
)
def test_unreadable_record_has_its_own_sentence(tmp_path, change, found):
    """A missing, damaged or too old record says so, with its place and the command that makes a new one."""
    path = tmp_path / "record.json"
    changed = change(json.loads(record("0.1", {"area/a": 1}).dump()))
    if changed is not None:
        text = changed if isinstance(changed, str | bytes) else json.dumps(changed)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem) as caught:
        records.read(path)
    assert caught.value.found.startswith(found.format(path))
    assert caught.value.mend == "Run its cell again, with: nox"
    assert caught.value.code == 2


def test_too_new_record_asks_for_an_update(tmp_path):
    """A record of a later kit says that this kit is to be updated."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"format": 3}))
    with pytest.raises(Problem) as caught:
        records.read(path)
    assert caught.value.found == f"The record {path} is too new: it has format 3, and this kit reads format 2."
    assert caught.value.mend == "Update this checkout, with: git pull"
