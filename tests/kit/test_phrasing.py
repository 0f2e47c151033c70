"""Answers in words."""

import pytest

from repro.kit import phrasing
from repro.kit.changes import NOTHING


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("raises RuntimeError", "raises RuntimeError"),
        (200, "200"),
        (None, "null"),
        (["é", True], '["é", true]'),
        (NOTHING, "nothing stored"),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 60, "x" * 60),
    ],
)
def test_answer_is_a_phrase(value, said):
    """An answer is said as it is, or as JSON, cut where it is long."""
    assert phrasing.answer(value) == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (200, "raises RuntimeError", ["200 → raises RuntimeError"]),
        ({"status": 200, "body": "a"}, {"status": 200, "body": "b"}, ["body: a → b"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a: c: 2 → 3"]),
        ({"a": 1}, {"b": 2}, ["a: 1 → nothing", "b: nothing → 2"]),
        ({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["a: 1 → 2", "b: 1 → 2"]),
        ({"a": 1}, [1], ['{"a": 1} → [1]']),
        (1, 1.5, ["1 → 1.5"]),
        (["kept", "gone"], ["kept", "new", "newer"], ["gone → new, newer"]),
        (["kept"], ["kept", "new"], ["nothing → new"]),
        ([1, 2], [2, 1], ["[1, 2] → [2, 1]"]),
    ],
)
def test_difference_names_each_place(before, after, said):
    """What differs is said place by place, and what is the same is not said."""
    assert phrasing.difference(before, after) == said


def test_count_agrees_with_its_noun():
    """A number and its noun agree."""
    assert [phrasing.count(number, "cell") for number in (0, 1, 2)] == ["0 cells", "1 cell", "2 cells"]
