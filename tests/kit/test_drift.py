"""What became of outputs from one release to another: what differs, where, and what is never compared."""

import pytest

from repro.kit.downstream.drift import compare, differences
from repro.kit.downstream.outputs import Captured


def said(before, after):
    """The differences of two answers, as `place: phrase`, and whether each is one of shape."""
    return {(each.place, each.said): each.shape for each in differences({"a": before}, {"a": after})}


def state(before, after, **options):
    """What becomes of an output that was this and is that."""
    (drift,) = compare(
        {"a": Captured("a", {"document": before}, **options)}, {"a": Captured("a", {"document": after}, **options)}
    )
    return drift.state


def test_differences_are_told_by_place():
    """A value is told with the one it was; one of another type, gone or new is another shape."""
    before = {"results": [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}], "page": 1, "old": None, "same": [1]}
    after = {
        "results": [{"id": 1, "title": "a"}, {"id": 3, "title": "b"}],
        "page": "1",
        "new": {"deep": 1},
        "same": [1],
    }
    assert said(before, after) == {
        ("/results/*/id", "2 → 3"): False,
        ("/page", 'integer 1 → text "1"'): True,
        ("/old", "null → nothing"): True,
        ("/new", "nothing → object"): True,
    }
    assert said({"a": [1]}, {"a": [1, None]}) == {("/a/*", "integer → integer or null"): True}
    assert said({"status": 1}, {"status": 2}) == {("/status", "1 → 2"): False}
    assert said(before, before) == {}


def test_lines_of_text_are_told_by_those_that_differ():
    """Of many lines, the one that is another is told."""
    before = {"stdout as text": ["a", "b", "c"]}
    assert said(before, {"stdout as text": ["a", "x", "c"]}) == {("/stdout as text/*", "b → x"): False}


def test_same_values_in_other_items_are_another_list():
    """Which item of a list has which value counts, also where every place has the same ones."""
    ((place, phrase),) = said([{"a": 1}, {}], [{}, {"a": 1}])
    assert place == ""
    assert "→" in phrase


def test_answer_against_an_exception_is_told_as_that():
    """An application that raises instead of answering, or the other way round, is told at once, and not by place."""
    answer, failure = {"status": 200, "json": {}}, {"raises": "TypeError: no (app.py, line 3)"}
    assert said(answer, failure) == {("", "answers 200 → raises TypeError: no (app.py, line 3)"): True}
    assert said(failure, answer) == {("", "raises TypeError: no (app.py, line 3) → answers 200"): True}
    assert said(failure, {"raises": "ValueError"}) == {
        ("/raises", "TypeError: no (app.py, line 3) → ValueError"): False
    }
    assert said(failure, {"document": 1}) == {("", 'raises TypeError: no (app.py, line 3) → {"document": 1}'): True}


def test_part_that_is_not_there_is_told():
    """A part of which there is none on one side is another shape."""
    (found,) = differences({}, {"search": {"status": 200}})
    assert (found.part, found.place, found.shape, found.said) == ("search", "", True, "nothing → answers 200")


def test_what_does_not_count_is_not_compared():
    """Ignored places with all below them, values where only the shape counts: neither is a change."""
    assert state({"a": {"b": 1}, "ab": 1}, {"a": {"b": 2}, "ab": 1}) == "changed"
    assert state({"a": {"b": 1}, "ab": 1}, {"a": {"b": 2}, "ab": 1}, ignore=("/a",)) == "same"
    assert state({"a": {"b": 1}, "ab": 1}, {"a": {"b": 2}, "ab": 2}, ignore=("/a",)) == "changed"
    assert state({"a": 1}, {"a": 2}, shape=True) == "same"
    assert state({"a": 1}, {"a": "2"}, shape=True) == "changed"


@pytest.mark.parametrize("order", [1, -1], ids=["before", "after"])
def test_what_varies_on_either_side_is_never_a_change(order):
    """A place that is another from run to run is unstable; what differs elsewhere is a change all the same."""
    shaky = Captured("a", {"document": {"time": 1, "kept": 1}}, varying=(("document", "/time"),))
    for kept, state, places in ((1, "unstable", []), (2, "changed", ["/kept"])):
        steady = Captured("a", {"document": {"time": 2, "kept": kept}})
        (drift,) = compare(*[{"a": side} for side in (shaky, steady)][::order])
        assert (drift.state, [each.place for each in drift.differences]) == (state, places)
        assert drift.varying == (("document", "/time"),)


def test_what_could_not_be_captured_is_absent_with_the_reason():
    """Absent on either side is neither changed nor the same, and says why, for each side."""
    there, gone = Captured("a", {"document": {}}), Captured("a", absent="ImportError: no")
    (drift,) = compare({"a": there}, {"a": gone})
    assert drift.data() == {
        "name": "a",
        "state": "absent",
        "differences": (),
        "varying": (),
        "before": None,
        "after": "ImportError: no",
    }
    (drift,) = compare({"a": gone}, {"a": there})
    assert (drift.state, drift.before, drift.after) == ("absent", "ImportError: no", None)
