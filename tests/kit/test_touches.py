"""Which changes touch a project's code, and on which lines."""

import pytest
from projects import ABOUT, change, comparison, lines

from repro.kit.comparison import Change
from repro.kit.usage import touches


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("proxies", "removal", [6, 8]),
        ("dict", "removal", [6]),
        ("default", "behaviour", [14, 15]),
        ("json", "behaviour", [14]),
        ("text", "behaviour", [17]),
        ("encoding", "breaking", [16]),
        ("pool", "removal", [3, 12]),
        ("timeout", "fix", [17]),
        ("place", "breaking", [20]),
        ("import", "breaking", [2, 3]),
    ],
)
def test_change_touches_the_lines_that_it_is_about(look, name, kind, expected):
    """A change is listed on the lines that do what it is about, and on no other."""
    assert lines(look(change(name, kind))) == [([name], expected)]


@pytest.mark.parametrize(("name", "kind"), [("pool", "behaviour"), ("none", "removal")])
def test_change_without_lines_touches_nothing(look, name, kind):
    """A name that is only imported and annotated is untouched while it is there, and so is what no name shows."""
    found = look(change(name, kind))
    assert (found.groups, found.everywhere, found.code) == ([], [], 0)


def test_change_about_every_request_has_no_lines(look):
    """What is about every request is said once, and not on every line; and not of code that sends none."""
    found = look(change("every"))
    assert (found.groups, [touch.change.behaviour for touch in found.everywhere], found.code) == ([], ["area/every"], 1)
    assert look(change("every"), text="import httpx\n").everywhere == []
    found = look(change("broad"))
    assert (found.groups, [touch.change.behaviour for touch in found.everywhere]) == ([], ["area/broad"])


def test_what_went_is_looked_for_by_its_name(look):
    """Where a list of names or arguments lost some, those are looked for."""
    found = look(change("gone", "removal", before=["PoolLimits", "proxies=None"], after=["other"]))
    assert lines(found) == [(["gone"], [3, 6, 8, 12])]


def test_what_touches_no_code_is_counted_and_left_out(look):
    """What is new or only worded differently is counted; it is looked for where it is asked for."""
    changes = change("proxies", "addition"), change("text", "message")
    found = look(*changes)
    assert (found.groups, found.left_out) == ([], {"addition": 1, "message": 1})
    found = look(*changes, whole=True)
    assert (lines(found), found.left_out) == ([(["proxies"], [6, 8]), (["text"], [17])], {})


def test_changes_of_the_same_lines_are_together(look):
    """Changes of the same lines are one group, what hurts most first; what says the same of fewer is left out."""
    found = look(
        change("dict", "removal", changed="Gone."),
        change("proxies", "removal", changed="Gone."),
        change("gone", "behaviour", before=["proxies"], after=["x"]),
        change("gone", noted=False, before=["proxies"], after=["x"]),
        change("json", "removal"),
    )
    assert lines(found) == [(["json"], [14]), (["proxies", "gone", "gone"], [6, 8])]


def test_absent_behaviour_touches_as_well(look):
    """A behaviour that one side lacks is a change like any; one that both lack is none."""
    gone = change("proxies", "removal")
    neither = Change("area/text", gone.entry, "a", "a", None, ())
    found = touches.touches(comparison(absent=[gone, neither]), ABOUT, touches.Matcher([], None))
    assert found == []
    unsaid = Change("area/proxies", gone.entry, 1, 2, "removal", ())
    assert [each.kind for each in look(unsaid).groups] == ["removal"]


def test_what_callers_pass_on_is_their_line(look):
    """What a function passes on by `**` is listed where it is given, with the function that passes it on."""
    found = look(change("gone", "removal", before=["timeout"], after=["x"]))
    assert [(place.line, place.via) for place in found.groups[0].places] == [(19, "make")]


def test_arguments_that_are_not_seen_are_said(look):
    """Where a call may give more than is seen, it is said which arguments matter, those that are gone first."""
    text = """
import httpx

def make(options, **others):
    httpx.Client(**options)
    httpx.Client(**others, auth=1)

def ask(url, **others):
    others.pop("json")
    httpx.get(url, **others)
"""
    gone = change("gone", "removal", before=["proxies", "z"], after=["x"])
    many = change("gone", "removal", before=list("abcdef"), after=["x"])
    found = look(gone, change("json"), text=text)
    assert [(each.line, each.what) for each in found.unfollowed] == [
        (5, "what callers give as `options` to `Client`: whether `proxies=`, `z=` is given"),
        (6, "what callers elsewhere give to `make`, which passes it on to `Client`: whether `proxies=`, `z=` is given"),
        (10, "what callers elsewhere give to `ask`, which passes it on to `get`: whether `headers=` is given"),
    ]
    found = look(gone, many, text=text)
    assert found.unfollowed[0].what.endswith("whether `a=`, `b=`, `c=`, `d=`, `e=`, `f=` and 2 more are given")


def test_value_that_is_not_seen_is_said(look):
    """Where it depends on a value that is not seen whether a line is touched, it is not listed and said."""
    found = look(change("dict", "removal"))
    assert [(each.line, each.what) for each in found.unfollowed if each.line == 8] == [
        (8, "what `proxies=` is given to `Client`, where it matters whether it is dict")
    ]
    # The line is listed for another change, so nobody has to be told to look at it.
    found = look(change("dict", "removal"), change("proxies", "removal"))
    assert found.unfollowed == []
