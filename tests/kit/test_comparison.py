"""The comparison of two releases: net, on the way, absent, deprecated, unknown."""

import pytest
from stage import record, release

from repro.kit import comparison
from repro.record import asks_for
from repro.release import Release

SYNC, HTTP2 = asks_for("sync client"), asks_for("HTTP/2")


def note(behaviour, kind="behaviour", do='do = "Count."\n'):
    """The note of a change."""
    return f'["{behaviour}"]\nchanged = "It is another."\nkind = "{kind}"\ncause = "a pull request"\n{do}\n'


@pytest.fixture
def compared(accepted, releases):
    """Compare two releases of what records and notes leave stored."""

    def make(before, after, *records, notes=None):
        store, known = accepted(*records, notes=notes)
        sides = (comparison.stored(release(text), store, known) for text in (before, after))
        return comparison.compare(*sides, store, known, releases)

    return make


def line(behaviour="area/a", **answers):
    """A record per release of one behaviour: `v0_1=1`."""
    return [record(name[1:].replace("_", "."), {behaviour: value}) for name, value in answers.items()]


def told(changes):
    """Each change in short: behaviour, before, after, kind, and where."""
    return [(c.behaviour, c.before, c.after, c.kind, [str(x.release) for x in c.crossings]) for c in changes]


def test_equal_releases_have_nothing_to_tell(compared):
    """A release compared with itself is unchanged, whatever changed around it."""
    found = compared("0.2", "0.2", *line(v0_1=1, v0_2=2, v0_3=3))
    assert (found.changes, found.passing, found.absent, found.not_run, found.unchanged) == ([], [], [], [], 1)


def test_change_says_where_it_happened(compared):
    """A change names before and after, every release on the way that had a part in it, and why."""
    found = compared(
        "0.1",
        "0.3",
        *line(v0_1=1, v0_2=2, v0_2_1=2, v0_3=3, v0_4=4),
        notes={"httpx-0.2": note("area/a"), "httpx-0.3": note("area/a", "fix")},
    )
    ((change),) = found.changes
    assert told([change]) == [("area/a", 1, 3, "behaviour", ["httpx==0.2", "httpx==0.3"])]
    assert [(crossing.note.kind, crossing.back) for crossing in change.crossings] == [
        ("behaviour", False),
        ("fix", False),
    ]


def test_downgrade_goes_back_over_changes(compared):
    """A downgrade undoes each change from the newest to the oldest, and what was added is removed."""
    found = compared(
        "0.3",
        "0.1",
        *line(v0_1=1, v0_2=2, v0_3=3),
        notes={"httpx-0.2": note("area/a", "addition", ""), "httpx-0.3": note("area/a", "message")},
    )
    assert told(found.changes) == [("area/a", 3, 1, "removal", ["httpx==0.3", "httpx==0.2"])]
    assert all(crossing.back for crossing in found.changes[0].crossings)


@pytest.mark.parametrize(
    ("kind", "undone"),
    [("addition", "removal"), ("removal", "addition"), ("fix", "behaviour"), ("breaking", "breaking")],
)
def test_kind_of_an_undone_change(compared, kind, undone):
    """What a change is for who goes back over it follows from what it was."""
    found = compared("0.2", "0.1", *line(v0_1=1, v0_2=2), notes={"httpx-0.2": note("area/a", kind)})
    assert found.changes[0].kind == undone


def test_change_without_a_note_is_unexplained(compared):
    """A change that nobody has written about yet is told all the same, as one without a reason."""
    found = compared("0.1", "0.2", *line(v0_1=1, v0_2=2))
    assert told(found.changes) == [("area/a", 1, 2, "unexplained", ["httpx==0.2"])]


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [(True, False, "removal"), (False, True, "addition"), ("one", "other", "behaviour")],
)
def test_what_went_and_came_is_what_it_is_in_the_end(compared, first, last, kind):
    """A removal and an addition on one way cancel: a capability is there in the end or not, a spelling is another."""
    records = line(v0_1=first, v0_2=not first, v0_2_1=first, v0_3=last)
    notes = {
        "httpx-0.2": note("area/a", "removal"),
        "httpx-0.2.1": note("area/a", "addition"),
        "httpx-0.3": note("area/a", "removal"),
    }
    assert compared("0.1", "0.3", *records, notes=notes).changes[0].kind == kind


def test_removal_and_addition_leave_the_kind_of_the_rest(compared):
    """Beside what cancels, the other changes on the way say what the net change is."""
    notes = {
        "httpx-0.2": note("area/a", "removal"),
        "httpx-0.2.1": note("area/a", "addition"),
        "httpx-0.3": note("area/a", "message"),
    }
    assert compared("0.1", "0.3", *line(v0_1=1, v0_2=2, v0_2_1=3, v0_3=4), notes=notes).changes[0].kind == "message"


def test_way_across_a_fork_goes_back_to_it_and_forward(compared):
    """From a line to its fork the way leaves out what the line did after the fork, and from fork to line likewise."""
    records = [*line(v0_1=1, v0_2_1=2, v0_3=3), record("httpx2==2.0", {"area/a": 4})]
    assert told(compared("0.1", "httpx2==2.0", *records).changes)[0][-1] == ["httpx==0.2.1", "httpx2==2.0"]
    assert told(compared("httpx2==2.0", "0.3", *records).changes)[0][-1] == ["httpx2==2.0", "httpx==0.3"]


def test_what_came_back_is_passing_through(compared):
    """An answer that is the same on both sides and another between them is listed apart, with who differs."""
    found = compared("0.1", "0.4", *line(v0_1=1, v0_2=2, v0_2_1=2, v0_3=1, v0_4=1))
    ((passing),) = found.passing
    assert (passing.behaviour, passing.value) == ("area/a", 1)
    assert passing.differs == [(release("0.2"), release("0.2.1"), 2)]
    assert (found.changes, found.unchanged) == ([], 0)


def test_each_run_of_other_answers_is_told(compared):
    """Releases that answer otherwise in another way, or after a release that does not, are a run of their own."""
    found = compared("0.3", "0.1", *line(v0_1=1, v0_2=2, v0_2_1=3, v0_3=1))
    assert found.passing[0].differs == [(release("0.2.1"), release("0.2.1"), 3), (release("0.2"), release("0.2"), 2)]
    last = record("1.0.dev1", {"area/a": 1})
    found = compared("0.1", "1.0.dev1", *line(v0_1=1, v0_2=2, v0_2_1=1, v0_3=2, v0_4=2), last)
    assert found.passing[0].differs == [(release("0.2"), release("0.2"), 2), (release("0.3"), release("0.4"), 2)]


def test_release_that_cannot_be_asked_answers_nothing_on_the_way(compared):
    """A release on the way that lacks what a behaviour needs is in no run of releases that differ."""
    needs = {"area/a": ["sync client"]}
    records = [
        record("0.1", {"area/a": 1, SYNC: True}, needs=needs),
        record("0.2", {"area/a": 2, SYNC: True}, needs=needs),
        record("0.2.1", {SYNC: False}, states={"area/a": ("absent", "sync client")}, needs=needs),
        record("0.3", {"area/a": 1, SYNC: True}, needs=needs),
    ]
    found = compared("0.1", "0.3", *records)
    assert {p.behaviour: p.differs for p in found.passing}["area/a"] == [(release("0.2"), release("0.2"), 2)]


def test_what_is_gone_or_new_names_the_capability_and_where(compared):
    """A behaviour that one side lacks is there on one side only, from the release that brought the capability."""
    needs = {"area/a": ["sync client"]}
    records = [
        record("0.1", {SYNC: False}, states={"area/a": ("absent", "sync client")}, needs=needs),
        record("0.2", {"area/a": 1, SYNC: True}, needs=needs),
        record("0.3", {SYNC: False}, states={"area/a": ("absent", "sync client")}, needs=needs),
    ]
    notes = {"httpx-0.2": note(SYNC, "addition", ""), "httpx-0.3": note(SYNC, "removal")}
    new, gone = (compared(*pair, *records, notes=notes) for pair in (("0.1", "0.2"), ("0.2", "0.3")))
    assert told(new.absent) == [("area/a", "sync client", None, "addition", ["httpx==0.2"])]
    assert told(gone.absent) == [("area/a", None, "sync client", "removal", ["httpx==0.3"])]
    assert told(gone.changes) == [(SYNC, True, False, "removal", ["httpx==0.3"])]
    neither = compared("0.1", "0.3", *records, notes=notes)
    assert told(neither.absent) == [("area/a", "sync client", "sync client", None, [])]


def test_behaviour_is_there_only_with_the_last_capability_it_needs(compared):
    """Where a side lacks several capabilities, the releases that brought each had a part in the change."""
    needs = {"area/a": ["sync client", "HTTP/2"], "area/b": ["sync client"]}
    lacks = dict.fromkeys(needs, ("absent", "sync client"))
    records = [
        record("0.1", {SYNC: False, HTTP2: False}, states=lacks, needs=needs),
        record("0.2", {SYNC: True, HTTP2: False, "area/b": 1}, states={"area/a": ("absent", "HTTP/2")}, needs=needs),
        record("0.3", {SYNC: True, HTTP2: True, "area/a": 1, "area/b": 1}, needs=needs),
    ]
    assert told(compared("0.1", "0.3", *records).absent) == [
        ("area/a", "sync client", None, "addition", ["httpx==0.2", "httpx==0.3"]),
        ("area/b", "sync client", None, "addition", ["httpx==0.2"]),
    ]


def test_capabilities_that_came_together_are_one_crossing(compared):
    """Two capabilities that one release brought are one place where the behaviour came."""
    needs = {"area/a": ["sync client", "HTTP/2"]}
    records = [
        record("0.1", {SYNC: False, HTTP2: False}, states={"area/a": ("absent", "sync client")}, needs=needs),
        record("0.2", {SYNC: True, HTTP2: True, "area/a": 1}, needs=needs),
    ]
    ((change),) = compared("0.1", "0.2", *records).absent
    assert [(crossing.behaviour, str(crossing.release)) for crossing in change.crossings] == [(SYNC, "httpx==0.2")]


def test_what_hurts_most_comes_first(compared):
    """Removals come first and silent changes after them, what is worded differently last; alike, by name."""
    kinds = ["message", "addition", "deprecation", "fix", "breaking", "behaviour", "removal", "removal"]
    names = [f"area/{number}" for number in range(len(kinds))]
    notes = {"httpx-0.2": "".join(note(name, kind) for name, kind in zip(names, kinds, strict=True))}
    records = [record(version, dict.fromkeys([*names, "area/unexplained"], version)) for version in ("0.1", "0.2")]
    found = compared("0.1", "0.2", *records, notes=notes)
    assert [change.kind for change in found.changes] == ["removal", *comparison.HURTS]
    assert [change.behaviour for change in found.changes[:2]] == ["area/6", "area/7"]


def test_assertion_that_holds_on_both_sides_is_unchanged(compared):
    """A behaviour that asserts has no answer stored, and is unchanged where it is held on both sides."""
    held = {"area/a": ("held", None)}
    assert compared("0.1", "0.2", record("0.1", states=held), record("0.2", states=held)).unchanged == 1


def test_release_that_never_ran_is_not_compared(compared):
    """Of a release that cannot be built nothing is said but why, for each behaviour."""
    ended = record("0.4", outcome="not-installable", reason="It never could be built.")
    found = compared("0.1", "0.4", *line(v0_1=1), ended)
    ((unknown),) = found.not_run
    assert (unknown.behaviour, unknown.side) == ("area/a", "to")
    assert unknown.reason == "not-installable: It never could be built."
    assert (found.changes, found.unchanged) == ([], 0)


def test_behaviour_that_was_not_asked_is_not_compared(compared):
    """A release from before a behaviour was asked says nothing about it."""
    found = compared("0.1", "0.2", record("0.1", {"area/a": 1}), record("0.2", {"area/a": 1, "area/new": 1}))
    assert [(u.behaviour, u.side, u.reason) for u in found.not_run] == [("area/new", "from", "it was not asked")]
    assert found.unchanged == 1


def warned(*warns, ends="answers"):
    """The answer of a behaviour that uses an old spelling."""
    return {"ends": ends, "warns": list(warns)}


def ended(found):
    """Each deprecation in short."""
    return [(d.warning, str(d.since), d.until and str(d.until), d.removed, d.reached) for d in found.deprecations]


OLD = "DeprecationWarning: Use the new one."


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("0.1", "0.2", [(OLD, "httpx==0.2", "httpx==0.3", True, False)]),
        ("0.2", "0.4", [(OLD, "httpx==0.2", "httpx==0.3", True, True)]),
        ("0.1", "0.4", [(OLD, "httpx==0.2", "httpx==0.3", True, True)]),
        ("0.2.1", "0.1", [(OLD, "httpx==0.2", "httpx==0.3", True, False)]),
        ("0.4", "0.1", [(OLD, "httpx==0.2", "httpx==0.3", True, False)]),
        ("0.3", "0.4", []),
        ("0.1", "httpx2==2.0", [(OLD, "httpx==0.2", None, False, False)]),
        ("httpx2==2.0", "0.4", [(OLD, "httpx==0.2", "httpx==0.3", True, True)]),
    ],
)
def test_warning_is_joined_to_the_release_that_ends_it(compared, before, after, said):
    """A deprecation that the way meets names the release that removed the spelling, on the way or beyond it."""
    gone = warned(ends="raises TypeError")
    records = line(v0_1=warned(), v0_2=warned(OLD), v0_2_1=warned(OLD), v0_3=gone, v0_4=gone)
    records.append(record("httpx2==2.0", {"area/a": warned(OLD)}))
    assert ended(compared(before, after, *records)) == said


def test_warning_that_ends_without_a_removal(compared):
    """A spelling that works on without its warning was not removed, and one that is never ended says so."""
    records = line(v0_1=warned(OLD, "DeprecationWarning: Another."), v0_2=warned("DeprecationWarning: Another."))
    assert ended(compared("0.1", "0.2", *records)) == [
        ("DeprecationWarning: Another.", "httpx==0.1", None, False, False),
        (OLD, "httpx==0.1", "httpx==0.2", False, True),
    ]


@pytest.mark.parametrize("answer", [1, [OLD], {"warns": OLD}, {"warns": None}, {"warns": [1]}, {"ends": "answers"}])
def test_answer_of_another_form_warns_of_nothing(compared, answer):
    """Only an answer that says how something ends and what it warns of is about a deprecation."""
    assert compared("0.1", "0.2", *line(v0_1=answer, v0_2=answer)).deprecations == []
    found = compared("0.1", "0.2", *line("area/old", v0_1=warned(OLD), v0_2=answer))
    assert [(d.until, d.removed) for d in found.deprecations] == [(release("0.2"), False)]


def test_deprecation_of_what_is_not_compared_is_left_out(compared):
    """Where one side says nothing about a behaviour, its warnings are not told, and those of others are."""
    records = [
        record("0.1", {"area/a": warned(OLD)}),
        record("0.2", {"area/a": warned(OLD), "area/new": warned(OLD)}),
    ]
    assert [d.behaviour for d in compared("0.1", "0.2", *records).deprecations] == ["area/a"]


def test_record_says_what_its_cell_saw(accepted, releases):
    """The side of a record has its answers, what failed, what did not repeat, what is absent, and what it ran with."""
    states = {
        "area/held": ("held", None),
        "area/failed": ("failed", "AssertionError: no"),
        "area/torn": ("unstable", [1, 2]),
        "area/absent": ("absent", "HTTP/2"),
    }
    side = comparison.recorded(record("0.1", {"area/a": 1}, "3.11.7", states, packages={"h11": "1"}))
    assert side.answers == {"area/a": 1, "area/held": "holds", "area/failed": "fails: AssertionError: no"}
    assert (side.absent, list(side.doubtful)) == ({"area/absent": "HTTP/2"}, ["area/torn"])
    assert (side.python, side.packages, side.why_not) == ("3.11.7", {"h11": "1"}, None)
    dead = comparison.recorded(record("0.2", {"area/a": 1}, outcome="crashed", reason="it died"))
    assert (dead.answers, dead.why_not) == ({}, "crashed: it died")


def test_records_are_compared_as_what_is_stored_is(accepted, releases):
    """Fresh answers count, even where what is stored says otherwise; the stored changes say where it happened."""
    records = [record("0.1", {"area/a": 1, "area/torn": 1}), record("0.2", {"area/a": 2, "area/torn": 1})]
    store, known = accepted(*records)
    other = record("0.2", {"area/a": 3}, states={"area/torn": ("unstable", [1, 2])})
    sides = [comparison.recorded(entry) for entry in (records[0], other)]
    found = comparison.compare(*sides, store, known, releases)
    assert told(found.changes) == [("area/a", 1, 3, "unexplained", ["httpx==0.2"])]
    assert [(u.behaviour, u.side) for u in found.not_run] == [("area/torn", "to")]


def test_checkout_and_unknown_release_are_compared(accepted, releases):
    """A checkout of a known version, and a version that the data does not know, are compared with what is known."""
    store, known = accepted(*line(v0_1=1, v0_2=1))
    for after in (Release("httpx", "0.2", "./httpx"), Release("httpx", "0.2.5")):
        ran = record("0.2", {"area/a": 2})
        object.__setattr__(ran, "release", after)
        sides = comparison.stored(release("0.1"), store, known), comparison.recorded(ran)
        assert told(comparison.compare(*sides, store, known, releases).changes) == [("area/a", 1, 2, "unexplained", [])]
