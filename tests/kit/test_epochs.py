"""Which stored file speaks for a release."""

import json

import pytest
from stage import release

from repro import epochs
from repro.problem import Problem

STORED = {
    "httpx-0.1": {"area/old": 1, "area/other": 0},
    "httpx-0.2.1": {"area/old": 2},
    "httpx-0.4": {"area/old": 4},
    "httpx2-2.0": {"area/old": 20},
}


@pytest.mark.parametrize(
    ("asked", "serves"),
    [
        ("0.0.1", None),
        ("0.1", "0.1"),
        ("0.2", "0.1"),
        ("0.2.1", "0.2.1"),
        ("0.3", "0.2.1"),
        ("0.4", "0.4"),
        ("9.0", "0.4"),
        ("httpx2==2.0b1", "0.2.1"),
        ("httpx2==2.0", "httpx2==2.0"),
        ("httpx2==9.0", "httpx2==2.0"),
    ],
)
def test_newest_epoch_at_or_before_serves(store, asked, serves):
    """A release is served by the newest epoch at or before it, through the fork, be the release known or not."""
    found = store(STORED).serving(release(asked), "area/old")
    assert found == (serves and release(serves))


def test_epochs_are_in_the_order_of_versions(store):
    """Versions are ordered as versions, pre-releases before their release, and however they are spelled."""
    kept = store({f"httpx-{version}": {"area/a": version} for version in ("0.9", "0.10", "0.10.dev0", "0.2")})
    for asked, serves in {"0.9.9": "0.9", "0.10.0.dev0": "0.10.dev0", "0.10.0": "0.10", "0.3": "0.2"}.items():
        assert kept.serving(release(asked), "area/a") == release(serves)
    assert kept.serving(release("0.10.0"), "area/a", before=True) == release("0.10.dev0")


def test_fork_before_its_first_epoch_is_served_by_its_origin(store):
    """At the first release of a fork, what came before is what the release that it forked from answers."""
    kept = store({"httpx-0.2.1": {"area/a": 1}, "httpx2-2.0b1": {"area/a": 2}})
    assert kept.serving(release("httpx2==2.0b1"), "area/a", before=True) == release("0.2.1")


def test_epoch_before_leaves_out_the_release_itself(store):
    """What a release would be compared with leaves out what is stored under the release itself."""
    kept = store(STORED)
    assert kept.serving(release("0.4"), "area/old", before=True) == release("0.2.1")
    assert kept.serving(release("httpx2==2.0"), "area/old", before=True) == release("0.2.1")
    assert kept.serving(release("0.1"), "area/old", before=True) is None


def test_fork_does_not_see_what_its_origin_did_later(store):
    """An epoch that began after the fork does not serve the fork."""
    assert store({"httpx-0.3": {"area/late": 1}}).serving(release("httpx2==2.0"), "area/late") is None


@pytest.mark.parametrize(
    ("asked", "name", "follow"),
    [
        ("0.0.1", "area/old", ["0.1"]),
        ("0.1", "area/old", ["0.2.1"]),
        ("0.2.1", "area/old", ["0.4", "httpx2==2.0"]),
        ("0.2", "area/late", ["0.4", "httpx2==2.0"]),
        ("0.3", "area/old", ["0.4"]),
        ("0.4", "area/old", []),
        ("0.1", "area/other", []),
        ("httpx2==2.0b1", "area/old", ["httpx2==2.0"]),
        ("httpx2==2.0", "area/old", []),
    ],
)
def test_next_epochs_are_those_of_the_line_and_of_its_forks(store, asked, name, follow):
    """An epoch ends at the next one of its line, and on a fork at the fork's first, unless it ended before the fork."""
    stored = {release: {**names} for release, names in STORED.items()}
    stored["httpx-0.4"]["area/late"] = stored["httpx2-2.0"]["area/late"] = 1
    assert store(stored).following(release(asked), name) == [release(each) for each in follow]


def test_stored_tree_is_listed(store):
    """Every folder and every behaviour of the stored tree is known; hidden and loose files are nobody's."""
    kept = store(STORED)
    (kept.root / ".hidden").mkdir()
    (kept.root / "README").write_text("loose")
    (kept.root / "httpx-0.1" / "notes.toml").write_text("")
    (kept.root / "httpx-0.1" / "area" / ".a.json.half-written").write_text("")
    assert kept.behaviours == ["area/old", "area/other"]
    assert kept.stored[release("0.1")] == {"area/old", "area/other"}
    assert set(kept.stored) == {release(text) for text in ("0.1", "0.2.1", "0.4", "httpx2==2.0")}


def test_no_snapshots_is_an_empty_tree(store):
    """Before anything was stored there is nothing, and that is no problem."""
    kept = store({})
    assert kept.behaviours == []
    assert kept.serving(release("0.1"), "area/old") is None


@pytest.mark.parametrize("name", ["httpx-zero", "requests-1.0", "notes"])
def test_folder_of_no_release_is_said(store, name):
    """A folder that is named after no release is named, with what to do."""
    kept = store({})
    (kept.root / name).mkdir(parents=True)
    with pytest.raises(Problem) as caught:
        _ = kept.stored
    assert caught.value.found == f"The folder {kept.root / name} is named after no release."
    assert caught.value.mend == "Remove it, or restore the snapshots with: git checkout -- snapshots"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "The snapshot {} is damaged: "),
        ("[]", "The snapshot {} is damaged: it holds no object."),
        ("{}", "The snapshot {} is damaged: it has no format number."),
        ('{"format": 0}', "The snapshot {} is too old: it has format 0, and this kit reads format 1."),
        ('{"format": 1}', "The snapshot {} is damaged: it holds no observation."),
        ("\udcff", "The snapshot {} is damaged: "),
    ],
)
def test_unreadable_snapshot_has_its_own_sentence(store, text, found):
    """A damaged or too old snapshot says so, with its place and how to restore it."""
    kept = store(STORED)
    path = kept.path(release("0.1"), "area/old")
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(Problem) as caught:
        kept.observation(release("0.1"), "area/old")
    assert caught.value.found.startswith(found.format(path))
    assert caught.value.mend == "Restore it with: git checkout -- snapshots"


def test_too_new_snapshot_asks_for_an_update(store):
    """A snapshot of a later kit says that this kit is to be updated."""
    kept = store(STORED)
    kept.path(release("0.1"), "area/old").write_text('{"format": 2, "observed": 1}')
    with pytest.raises(Problem, match="is too new: it has format 2, and this kit reads format 1") as caught:
        kept.observation(release("0.1"), "area/old")
    assert caught.value.mend == "Update this checkout, with: git pull"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, True, False),
        (1, 1.0, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ("1", 1, False),
    ],
)
def test_observations_are_the_same_as_json(one, other, same):
    """Two observations are the same when they are the same JSON, which Python's equality is not."""
    assert epochs.same(one, other) is same


def test_equal_observations_give_equal_text():
    """An observation is the same readable JSON text whatever order its names came in, as it is the same answer."""
    text = epochs.dump({"b": "é", "a": [1]})
    assert json.loads(text) == {"format": 1, "observed": {"a": [1], "b": "é"}}
    assert text == epochs.dump({"a": [1], "b": "é"})
    assert "é" in text
