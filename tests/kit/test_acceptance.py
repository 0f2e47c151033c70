"""The changes that somebody has accepted, and what a comparison comes to."""

from datetime import date

import pytest
from stage import release

from repro.kit import acceptance, comparison
from repro.kit.acceptance import Accepted
from repro.kit.catalogue import Entry
from repro.kit.comparison import Change, Comparison, Crossing, Side, Unknown
from repro.problem import Problem
from repro.record import asks_for
from repro.release import Release

TODAY = date(2026, 11, 25)
ENTRY = Entry("What is it?", "tests/cell/area/a", [], held=False)
SYNC = asks_for("sync client")


def changed(name, *at, kind="behaviour", after=2):
    """A change at these releases."""
    crossings = tuple(Crossing(release(text), name, back=False, note=None) for text in at)
    return Change(name, ENTRY, 1, after, kind, crossings)


def gone(name, at):
    """A behaviour that is gone with the sync client."""
    return Change(name, ENTRY, None, "sync client", "removal", (Crossing(release(at), SYNC, back=False, note=None),))


def compared(*changes, absent=(), not_run=(), after="0.3"):
    """A comparison that found these."""
    after = after if isinstance(after, Release) else release(after)
    return Comparison(Side(release("0.1"), {}, {}), Side(after, {}, {}), [*changes], [], [*absent], [], 0, [*not_run])


def known(behaviour, at, expires=None):
    """An entry."""
    return Accepted(behaviour, f"httpx=={at}", "We know.", expires)


def judged(found, *entries, **how):
    """What a comparison comes to: failing, stale, expired, code."""
    judgement = acceptance.judge(found, entries, today=TODAY, **how)
    return judgement.failing, judgement.stale, judgement.expired, judgement.code


def test_nothing_changed_is_0():
    """A comparison without a change exits with 0."""
    assert judged(compared()) == ([], [], [], 0)


def test_change_fails_unless_it_is_accepted():
    """A change exits with 1; accepted, at the release that brought it, it exits with 0 and is told with its reason."""
    found = compared(changed("area/a", "0.2"))
    assert judged(found) == (["area/a"], [], [], 1)
    assert judged(found, known("area/a", "0.2")) == ([], [], [], 0)
    entry = known("area/a", "0.2")
    assert acceptance.judge(found, [entry], today=TODAY).accepted == {"area/a": [entry]}


def test_change_of_several_releases_is_accepted_with_each():
    """A change that two releases brought is accepted only when both are."""
    found = compared(changed("area/a", "0.2", "0.3"))
    assert judged(found, known("area/a", "0.2")) == (["area/a"], [], [], 1)
    assert judged(found, known("area/a", "0.2"), known("area/a", "0.3")) == ([], [], [], 0)


def test_stale_entry_fails():
    """An entry that no change needs any more exits with 1, and is named."""
    entry = known("area/a", "0.3")
    assert judged(compared(), entry) == ([], [entry], [], 1)
    assert judged(compared(changed("area/a", "0.2")), known("area/a", "0.2"), entry) == ([], [entry], [], 1)


@pytest.mark.parametrize(
    ("expires", "holds"), [(None, True), (TODAY, True), (date(2026, 11, 24), False), (date(2027, 1, 1), True)]
)
def test_entry_holds_until_the_end_of_its_day(expires, holds):
    """An entry accepts its change on its last day too, and from the next day on it fails and is named."""
    entry = known("area/a", "0.2", expires)
    said = judged(compared(changed("area/a", "0.2")), entry)
    assert said == (([], [], [], 0) if holds else (["area/a"], [], [entry], 1))


def test_accepted_capability_stands_for_what_is_absent_with_it():
    """Who accepts that a capability is gone need not name each behaviour that is gone with it."""
    found = compared(absent=[gone("area/a", "0.2"), gone("area/b", "0.2")])
    assert judged(found) == (["area/a", "area/b"], [], [], 1)
    assert judged(found, known(SYNC, "0.2")) == ([], [], [], 0)
    assert judged(found, known("area/a", "0.2")) == (["area/b"], [], [], 1)


def test_what_neither_side_has_does_not_fail():
    """A behaviour that both sides lack is no change."""
    neither = Change("area/a", ENTRY, "sync client", "sync client", None, ())
    assert judged(compared(absent=[neither])) == ([], [], [], 0)


def test_only_the_kinds_asked_for_fail():
    """With the kinds that fail named, other changes are told and do not fail; a stale entry does."""
    found = compared(changed("area/a", "0.2", kind="message"), absent=[gone("area/b", "0.2")])
    assert judged(found, fail_on=["removal"]) == (["area/b"], [], [], 1)
    assert judged(found, fail_on=["fix"]) == ([], [], [], 0)
    entry = known("area/c", "0.2")
    assert judged(found, entry, fail_on=["fix"]) == ([], [entry], [], 1)


def test_entries_of_other_areas_are_not_missed():
    """In one area, an entry of another is not stale, and one of a capability still stands for what is absent."""
    found = compared(absent=[gone("area/a", "0.2")])
    entries = known(SYNC, "0.2"), known("other/b", "0.2"), known("area/c", "0.2")
    assert judged(found, *entries, area="area") == ([], [entries[2]], [], 1)


@pytest.mark.parametrize("after", [release("0.3"), Release("httpx", "0.3", "./httpx")])
def test_change_that_is_stored_nowhere_is_accepted_at_the_second_side(after):
    """What only a fresh cell showed is accepted at the release that it ran; a checkout goes by its version."""
    found = compared(changed("area/a", kind="unexplained"), after=after)
    assert judged(found) == (["area/a"], [], [], 1)
    assert judged(found, known("area/a", "0.3")) == ([], [], [], 0)


def test_what_could_not_be_compared_is_never_hidden():
    """Where something could not be compared the code is 3, whatever changed and whatever is accepted."""
    unknown = Unknown("area/b", ENTRY, "to", "crashed: it died")
    found = compared(changed("area/a", "0.2"), not_run=[unknown])
    assert judged(found)[-1] == 3
    assert judged(found, known("area/a", "0.2"))[-1] == 3


def test_file_of_accepted_changes_is_read(tmp_path, releases):
    """An entry names behaviour, release and reason, and perhaps its last day; the release is spelled as published."""
    path = tmp_path / "accepted.toml"
    path.write_text(
        "format = 1\n\n"
        '[[accepted]]\nbehaviour = "area/a"\nrelease = "0.2"\nreason = "We know."\nexpires = 2027-03-31\n\n'
        '[[accepted]]\nbehaviour = "area/a"\nrelease = "httpx==1.0.0.dev1"\nreason = "As well."\n'
    )
    assert acceptance.read(path, releases) == [
        Accepted("area/a", "httpx==0.2", "We know.", date(2027, 3, 31)),
        Accepted("area/a", "httpx==1.0.dev1", "As well."),
    ]
    path.write_text("format = 1\n")
    assert acceptance.read(path, releases) == []


GOOD = 'behaviour = "area/a"\nrelease = "0.2"\nreason = "We know."\n'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "There are no accepted changes at {}."),
        ("[[", "The accepted changes {} are damaged: "),
        (b"\xff", "The accepted changes {} are damaged: "),
        ("", "The file {} is damaged: it has no format number."),
        ("format = 0", "The file {} is too old: it has format 0, and this kit reads format 1."),
        ("format = 2", "The file {} is too new: it has format 2, and this kit reads format 1."),
        (
            "format = 1\nsurprise = 1",
            "The accepted changes {} are damaged: they hold more than a list of [[accepted]].",
        ),
        (
            "format = 1\naccepted = 1",
            "The accepted changes {} are damaged: they hold more than a list of [[accepted]].",
        ),
        ("format = 1\naccepted = [1]", "The accepted changes {} are damaged: entry 1 is no table."),
        (
            f'format = 1\n[[accepted]]\n{GOOD}[[accepted]]\nbehavior = "area/a"',
            "The accepted changes {} are damaged: entry 2 has the unknown key 'behavior'; the keys are behaviour, ",
        ),
        (
            'format = 1\n[[accepted]]\nbehaviour = "area/a"\nrelease = "0.2"',
            "The accepted changes {} are damaged: entry 1 has no reason.",
        ),
        (
            'format = 1\n[[accepted]]\nbehaviour = "area/a"\nrelease = "0.2"\nreason = " "',
            "The accepted changes {} are damaged: entry 1 has no reason.",
        ),
        (
            'format = 1\n[[accepted]]\nbehaviour = 1\nrelease = "0.2"\nreason = "We know."',
            "The accepted changes {} are damaged: entry 1 has no behaviour.",
        ),
        (
            'format = 1\n[[accepted]]\nbehaviour = "a/b"\nrelease = "one"\nreason = "We know."',
            "The accepted changes {} are damaged: entry 1: 'one' is not a release.",
        ),
        (
            f'format = 1\n[[accepted]]\n{GOOD}expires = "soon"',
            "The accepted changes {} are damaged: entry 1 expires on no date, which is written as 2027-03-31.",
        ),
        (
            f"format = 1\n[[accepted]]\n{GOOD}expires = 2027-03-31T00:00:00Z",
            "The accepted changes {} are damaged: entry 1 expires on no date, which is written as 2027-03-31.",
        ),
        (
            f"format = 1\n[[accepted]]\n{GOOD}[[accepted]]\n{GOOD}",
            "The accepted changes {} accept area/a at httpx==0.2 twice, again in entry 2.",
        ),
    ],
)
def test_unreadable_file_has_its_own_sentence(tmp_path, releases, text, found):
    """A missing, damaged, too old or too new file names its place and the entry that is wrong."""
    path = tmp_path / "accepted.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem) as caught:
        acceptance.read(path, releases)
    assert caught.value.found.startswith(found.format(path))
    assert caught.value.code == 2


def test_folder_is_no_file_of_accepted_changes(tmp_path, releases):
    """A place that cannot be read as a file is said as one."""
    with pytest.raises(Problem, match="cannot be read: Is a directory"):
        acceptance.read(tmp_path, releases)


def test_every_kind_fails_unless_told_otherwise():
    """Without a choice, each kind of change fails."""
    found = compared(*(changed(f"area/{kind}", "0.2", kind=kind) for kind in comparison.HURTS))
    assert judged(found)[0] == [f"area/{kind}" for kind in comparison.HURTS]
