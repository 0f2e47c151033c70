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
        ("", '""'),
        ("one\r\n\x1b[2J\u202e", "one\\r\\n\\x1b[2J\\u202e"),
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
        ({"a": 1}, {"a": True}, ["a: 1 → true"]),
        (1, "1", ['1 → "1"']),
        ({}, {"a": "nothing"}, ['a: nothing → "nothing"']),
        (None, "", ['null → ""']),
        ("x" * 99 + "one", "x" * 99 + "two", [f"…{'x' * 15}one → …{'x' * 15}two"]),
        ("x" * 99, "x" * 99 + "two", [f"…{'x' * 15} → …{'x' * 15}two"]),
        ("a\nb\x1b", {"\x00": 1}, ['a\\nb\\x1b → {"\\u0000": 1}']),
        ({"\x1b": 1}, {"\x1b": 2}, ["\\x1b: 1 → 2"]),
    ],
)
def test_difference_names_each_place(before, after, said):
    """What differs is said place by place, and what is the same is not said."""
    assert phrasing.difference(before, after) == said


def test_count_agrees_with_its_noun():
    """A number and its noun agree."""
    assert [phrasing.count(number, "cell") for number in (0, 1, 2)] == ["0 cells", "1 cell", "2 cells"]


def test_releases_of_the_same_distribution_go_by_their_version():
    """Beside a release, others of its distribution are said by version, and those of another in full."""
    releases = ["httpx==0.1", "httpx2==2.0"]
    assert phrasing.versions(releases, "httpx==0.2") == "0.1, httpx2==2.0"
    assert phrasing.versions(releases, "httpx2==2.0") == "httpx==0.1, 2.0"


def test_what_steers_a_terminal_is_shown():
    """Every text in JSON is made printable, names too, and line breaks stay where prose may have them."""
    assert phrasing.printable({"a\x1b": ["one\ntwo\r", 1, None]}) == {"a\\x1b": ["one\ntwo\\r", 1, None]}
