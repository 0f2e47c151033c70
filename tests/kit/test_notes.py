"""Why a stored change happened, and what to do about it."""

import pytest
from stage import release

from repro.kit import notes
from repro.problem import Problem

NOTE = """
["area/a"]
changed = "It refuses."
kind = "breaking"
cause = "pull request 1"
do = "Ask less."

["area/b"]
changed = "It can."
kind = "addition"
cause = "0.2"
"""


@pytest.fixture
def written(store):
    """Snapshots whose release 0.2 has the given notes."""

    def make(text):
        kept = store({"httpx-0.2": {"area/a": 2}})
        (kept.root / "httpx-0.2" / "notes.toml").write_text(text, errors="surrogateescape")
        return kept

    return make


def test_notes_are_read_by_behaviour(written):
    """A note says what changed, its kind, its cause and what to do, which an addition need not say."""
    assert notes.read(written(NOTE), release("0.2")) == {
        "area/a": notes.Note("It refuses.", "breaking", "pull request 1", "Ask less."),
        "area/b": notes.Note("It can.", "addition", "0.2"),
    }


def test_release_without_notes_has_none(store):
    """A release where nothing is noted has no notes, and that is no problem."""
    assert notes.read(store({}), release("0.2")) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[", "The notes {} are damaged: "),
        ("\udcff", "The notes {} are damaged: "),
        ('["area/a"]\nchanged = "x"\n', "The notes {} are damaged: "),
        (NOTE + 'why = "x"', "The notes {} are damaged: "),
        ("number = 1", "The notes {} are damaged: "),
        (NOTE.replace("breaking", "bad"), "The notes {} give area/a the kind 'bad', which is none."),
        (NOTE.replace('do = "Ask less."', ""), "The notes {} do not say what to do about area/a."),
    ],
)
def test_unreadable_notes_have_their_own_sentence(written, text, found):
    """Damaged or incomplete notes say so, with their place and what to do."""
    kept = written(text)
    with pytest.raises(Problem) as caught:
        notes.read(kept, release("0.2"))
    assert caught.value.found.startswith(found.format(kept.root / "httpx-0.2" / "notes.toml"))
    assert caught.value.mend == "Mend the file, or restore it with: git checkout -- snapshots"


def test_stored_changes_are_the_epochs_with_one_before(store, releases):
    """The first epoch of a behaviour is no change; every later one is, through the fork as well."""
    kept = store(
        {
            "httpx2-2.0": {"area/a": 3, "area/new": 1},
            "httpx-0.1": {"area/a": 1, "area/b": 1},
            "httpx-0.2": {"area/a": 2},
        }
    )
    assert notes.changes(kept, releases) == {release("0.2"): ["area/a"], release("httpx2==2.0"): ["area/a"]}
    assert list(notes.changes(kept, releases)) == [release("0.2"), release("httpx2==2.0")]
