"""The facets of an answer: what of it counts, and where two sides differ."""

import json

import pytest

from repro.kit.canary.contract import Request
from repro.kit.canary.facets import Collected, breaches, facets
from repro.kit.canary.judge import Breach

ASKED = Request("search", "GET", "/search")


def answer(body, status=200, headers=(), request=ASKED):
    """The facets of an answer with a JSON body."""
    return facets(request, status, headers, json.dumps(body).encode())


def collected(*found, request="search"):
    """The facets of several answers."""
    kept = Collected()
    for each in found:
        kept.add(request, each)
    return kept


def test_answer_is_its_status_its_headers_and_each_place_of_its_json():
    """Headers count by name in any case, but those about this one answer; the items of a list are one place."""
    found = answer(
        [{"id": 1, "title": "a"}, {"id": 2.5, "title": None}],
        headers=[("Content-Type", "application/json"), ("Date", "now"), ("X-A", "1"), ("x-a", "2")],
    )
    assert found == {
        "status": "200",
        "header content-type": "application/json",
        "header x-a": "1, 2",
        "json /, its type": "list",
        "json /*, its type": "object",
        "json /*/id, its type": "integer or number",
        "json /*/title, its type": "null or text",
        "json /*/id": "[1, 2.5]",
        "json /*/title": '["a", null]',
    }


def test_cookies_count_by_their_names():
    """The value of a cookie is another each time; which cookies are set is not."""
    headers = [("Set-Cookie", "b=2; Path=/"), ("Set-Cookie", "a=1")]
    assert answer(True, headers=headers)["cookies"] == "a, b"


def test_other_bodies_count_as_text_and_long_ones_by_a_digest():
    """What is no JSON is shown whole, or by its beginning and what tells it from others."""
    assert facets(ASKED, 200, [], b"fine\xff")["body"] == "fine\N{REPLACEMENT CHARACTER}"
    one, other = (facets(ASKED, 200, [], b"x" * 100 + end)["body"] for end in (b"a", b"b"))
    assert one != other
    assert one.startswith("x" * 60 + "... (")


def test_answer_is_held_to_the_schema_that_describes_it():
    """Where a schema says what an answer is, the first place where it is not is a facet."""
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    request = Request("one", "GET", "/one", schemas={"default": schema})
    assert answer({"id": 1}, request=request)["schema"] == "as described"
    assert answer({"id": "1"}, request=request)["schema"] == "$.id: '1' is not of type 'integer'"


def test_constant_facet_that_is_otherwise_is_a_difference():
    """What stable always answers and the candidate does not is a difference, and says both."""
    found, varying = breaches(collected(answer({"id": 1})), collected(answer({"id": "1", "more": None})))
    assert found == [
        Breach("search", "json /id", "1", '"1"'),
        Breach("search", "json /id, its type", "integer", "text"),
        Breach("search", "json /more", "absent", "null"),
        Breach("search", "json /more, its type", "absent", "null"),
    ]
    assert varying == {}


def test_facet_that_varies_at_stable_says_nothing():
    """Where stable answers now so and now so, a value says nothing, and its type still does."""
    stable = collected(answer({"now": 1}), answer({"now": 2}))
    assert breaches(stable, collected(answer({"now": 3}))) == ([], {"search": ["json /now"]})
    found, _ = breaches(stable, collected(answer({"now": "3"})))
    assert found == [Breach("search", "json /now, its type", "integer", "text")]


def test_facet_that_comes_and_goes_varies():
    """What one answer of stable has and another has not is noise in either order."""
    with_it, without = answer(True, headers=[("X-A", "1")]), answer(True)
    for stable in (collected(with_it, without), collected(without, with_it)):
        assert breaches(stable, collected(without)) == ([], {"search": ["header x-a"]})


def test_ignored_facet_does_not_count():
    """What the contract ignores is compared neither by its value nor by its type."""
    sides = collected(answer({"id": 1})), collected(answer({"id": "1"}))
    assert breaches(*sides, ["json /id"]) == ([], {})


def test_failures_are_counted_and_not_compared_beside_answers():
    """A failure now and then is a matter of how often; what is compared is what both answer."""
    stable, candidate = collected(answer(True)), collected(answer(True), answer(False, status=500))
    assert breaches(stable, candidate) == ([], {})


def test_request_that_one_side_only_fails_differs_in_its_status():
    """Where one side answers and the other only fails, the difference is the status."""
    found, _ = breaches(collected(answer(True)), collected(answer(False, status=500)))
    assert found == [Breach("search", "status", "200", "500")]


def test_failures_are_compared_where_there_is_nothing_else():
    """Two sides that only fail may fail differently."""
    found, _ = breaches(collected(answer(1, status=500)), collected(answer(1, status=502)))
    assert found == [Breach("search", "status", "500", "502")]


@pytest.mark.parametrize("sides", [(collected(), collected(answer(1))), (collected(answer(1)), collected())])
def test_request_without_any_answer_is_no_difference(sides):
    """A side that never answered has errors, and no answer to compare."""
    assert breaches(*sides) == ([], {})


def test_facet_of_many_values_keeps_some():
    """A facet that is another every time is kept as varying, and not for ever."""
    kept = collected(*(answer({"now": number}) for number in range(100)))
    assert len(kept.answered["search"]["json /now"]) == 16
