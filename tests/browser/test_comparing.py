"""What the page says differs between two releases, computed in the browser from the stored answers."""

from datetime import date

import pytest
from planted import small

from repro import epochs
from repro.epochs import Epochs
from repro.kit import acceptance, catalogue, comparison
from repro.kit.report import document
from repro.release import Releases


@pytest.fixture
def compare(visit):
    """Compares two releases in the browser."""
    page = visit()
    return lambda a, b: page.evaluate("([a, b]) => compare(DATA, a, b)", [a, b])


def kinds(found):
    """The changes of a comparison, by behaviour and kind."""
    return [(change["behaviour"], change["kind"]) for change in found["changes"]]


def test_way_forward(compare):
    """Forward, a change has both answers, where it happened, why, and what to do; a note less one is unexplained."""
    found = compare("httpx==0.1", "httpx==0.3")
    assert found == {
        "format": 1,
        "from": "httpx==0.1",
        "to": "httpx==0.3",
        "changes": [
            {
                "behaviour": "closing/bare",
                "title": "What nobody explained.",
                "area": "closing",
                "kind": "unexplained",
                "at": ["httpx==0.3"],
                "before": ["a", "b"],
                "after": ["a", "c"],
                "why": [],
                "do": [],
            },
            {
                "behaviour": "asking/answer",
                "title": "What a request answers.",
                "area": "asking",
                "kind": "fix",
                "at": ["httpx==0.2"],
                "before": {"status": 200, "said": "one two three"},
                "after": {"status": 200, "said": "one four three"},
                "why": [
                    {
                        "release": "httpx==0.2",
                        "back": False,
                        "kind": "fix",
                        "changed": "It says `four`.",
                        "cause": "pull request 1",
                    }
                ],
                "do": ["Read on."],
            },
        ],
        "passing": [
            {
                "behaviour": "asking/passing",
                "title": "What goes and comes again.",
                "area": "asking",
                "value": 1,
                "differs": [{"from": "httpx==0.2", "to": "httpx==0.2", "value": True}],
            }
        ],
        "absent": [
            {
                "behaviour": "closing/late",
                "title": "What needs the sync client.",
                "area": "closing",
                "before": "sync client",
                "after": None,
                "kind": "addition",
                "at": [],
                "why": [],
                "do": [],
            }
        ],
        "deprecations": [
            {
                "behaviour": "closing/warned",
                "title": "What is deprecated.",
                "area": "closing",
                "warning": "DeprecationWarning: old",
                "since": "httpx==0.1",
                "until": None,
                "removed": False,
                "reached": False,
            }
        ],
        "unchanged": 2,
        "not_run": [],
    }


def test_way_back(compare):
    """Backward, what was added is removed and what was fixed does something else again."""
    found = compare("httpx==0.3", "httpx==0.1")
    assert kinds(found) == [("asking/answer", "behaviour"), ("closing/bare", "unexplained")]
    assert found["changes"][0]["at"] == ["httpx==0.2"]
    assert [(entry["behaviour"], entry["kind"]) for entry in found["absent"]] == [("closing/late", "removal")]


def test_way_into_a_fork(compare):
    """A fork continues its line; the kind of a change is what hurts most on the way."""
    found = compare("httpx==0.1", "httpx2==2.1")
    assert kinds(found) == [
        ("asking/answer", "removal"),
        ("closing/warned", "removal"),
        ("closing/bare", "unexplained"),
    ]
    assert found["changes"][0]["at"] == ["httpx==0.2", "httpx2==2.0"]
    assert found["deprecations"][0]["until"] == "httpx2==2.1"
    assert (found["deprecations"][0]["removed"], found["deprecations"][0]["reached"]) == (True, True)


def test_way_between_lines_goes_back_to_where_they_meet(visit):
    """From one fork to another the way goes back to the release that both forked from, and forward."""
    data = small()
    data["lines"].append({"distribution": "other", "forked_from": "httpx==0.2", "releases": ["9"]})
    data["cells"].append({"release": "other==9", "python": "3.11", "outcome": "ran", "reason": None})
    page = visit("", data)
    assert page.evaluate("HISTORY.way('httpx2==2.1', 'other==9').stations") == [
        "httpx2==2.1",
        "httpx2==2.0",
        "httpx==0.3",
        "httpx==0.2",
        "other==9",
    ]
    found = page.evaluate("compare(DATA, 'httpx2==2.1', 'other==9')")
    assert ("asking/answer", "addition") in kinds(found)


@pytest.mark.parametrize(
    ("a", "b", "sides"),
    [
        ("httpx==0.4", "httpx==0.1", ["from"]),
        ("httpx==0.1", "httpx==0.4", ["to"]),
        ("httpx==0.4", "httpx==0.4", ["from", "to"]),
    ],
)
def test_release_that_did_not_run_is_never_unchanged(compare, a, b, sides):
    """Where a side did not run, nothing is said to be the same: each behaviour is not run, with the reason."""
    found = compare(a, b)
    assert (found["changes"], found["unchanged"]) == ([], 0)
    assert {(entry["side"], entry["reason"]) for entry in found["not_run"]} == {
        (side, "not-installable: It cannot be built.") for side in sides
    }
    assert len(found["not_run"]) == 6 * len(sides)


def test_every_behaviour_is_counted_once(visit, real):
    """Between two releases each behaviour has changed, passed, is absent, unknown or unchanged: one of these."""
    page = visit("", real)
    odd = page.evaluate(
        """() => {
            const some = HISTORY.releases.filter((_, index) => index % 6 === 1);
            const all = Object.keys(DATA.behaviours).length;
            return some.flatMap((a) => some.map((b) => compare(DATA, a, b))).filter((found) => {
                const unknown = new Set(found.not_run.map(({ behaviour }) => behaviour)).size;
                const known = found.changes.length + found.passing.length + found.absent.length + found.unchanged;
                return known + unknown !== all;
            }).map(({ from, to }) => [from, to]);
        }"""
    )
    assert odd == []


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("httpx==0.12.1", "httpx==0.13.0"),
        ("httpx==0.13.0", "httpx==0.12.1"),
        ("httpx==0.7.1", "httpx==0.28.1"),
        ("httpx==0.28.1", "httpx==0.8.0"),
        ("httpx==0.8.0", "httpx==0.9.0"),
        ("httpx==0.7.0", "httpx==0.7.1"),
        ("httpx==0.14.0", "httpx2==2.16.2"),
        ("httpx2==2.16.2", "httpxyz==0.42.1"),
        ("httpx==1.0.dev6", "httpx2==2.0.0b1"),
        ("httpx==0.20.0", "httpx==1.0.dev6"),
    ],
)
def test_browser_and_kit_say_the_same(visit, real, a, b):
    """What the page computes is what the kit computes, forward, back, over forks, and where a release did not run."""
    releases = Releases.load()
    store, known = Epochs(epochs.ROOT, releases), catalogue.read(epochs.ROOT)
    sides = (comparison.stored(releases.parse(text), store, known) for text in (a, b))
    found = comparison.compare(*sides, store, known, releases)
    judged = acceptance.judge(found, [], today=date(2026, 1, 1))
    expected = document.document(found, judged)
    for change in (*expected["changes"], *expected["absent"]):
        del change["accepted"]
    computed = visit("", real).evaluate("([a, b]) => compare(DATA, a, b)", [a, b])
    assert computed == {name: expected[name] for name in computed}


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("one two three", "one four three", [["two"], ["four"]]),
        ("raises ReadTimeout", "no error", [["raises ReadTimeout"], ["no error"]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 3}, [["1"], ["3"]]),
        ({"a": {"b": 1}, "c": 1}, {"a": {"b": 1}}, [["1"], []]),
        (["x", "y"], ["y", "z"], [["x"], ["z"]]),
        (1, True, [["1"], ["true"]]),
        (1, "1", [[], ['"', '"']]),
        (["x"], "x", [["[", "]"], []]),
        ({"a": 1}, "raises TypeError", [["a: 1"], ["raises TypeError"]]),
        ([], {}, [["[]"], ["{}"]]),
    ],
)
def test_difference_is_marked(visit, before, after, marked):
    """What one answer has and the other has not is marked, and what they share is not; no difference goes unmarked."""
    rows = visit().evaluate("([before, after]) => rowsOf(before, after)", [before, after])
    found = [
        [part["text"] for row in rows for line in row[side] or () for part in line if part["marked"]]
        for side in ("before", "after")
    ]
    assert found == marked
    assert any(found)
