"""What a table that a person wrote is held to."""

import pytest

from repro.kit import tables
from repro.problem import Problem


def test_table_has_no_key_that_nobody_knows():
    """An unknown key is named, beside those that there are."""
    tables.known({"a": 1}, {"a", "b"}, "The table", "Mend it.")
    with pytest.raises(Problem, match="The table has the unknown key 'c'; the keys are a, b") as caught:
        tables.known({"c": 1}, {"b", "a"}, "The table", "Mend it.")
    assert caught.value.mend == "Mend it."


def test_entry_is_of_its_kind_or_left_out():
    """An entry of another kind is shown; a truth is a number only for Python."""
    assert tables.typed({"a": 1}, "a", int, "The table", "Mend it.") == 1
    assert tables.typed({}, "a", int, "The table", "Mend it.", 5) == 5
    assert tables.typed({"a": True}, "a", bool, "The table", "Mend it.", False) is True
    for found, kind in ((True, int), ("1", int), (1, str), (1, bool)):
        with pytest.raises(Problem, match=r"The table has a = .*, which is of the wrong kind"):
            tables.typed({"a": found}, "a", kind, "The table", "Mend it.")


def test_lists_and_tables_of_texts_hold_nothing_else():
    """Anything but a text in them is shown."""
    assert tables.texts({"a": ["b"]}, "a", "The table", "Mend it.") == ("b",)
    assert tables.texts({}, "a", "The table", "Mend it.") == ()
    with pytest.raises(Problem, match=r"The table has a = \['b', 1\], which is no list of texts"):
        tables.texts({"a": ["b", 1]}, "a", "The table", "Mend it.")
    assert tables.named_texts({"a": {"b": "c"}}, "a", "The table", "Mend it.") == {"b": "c"}
    assert tables.named_texts({}, "a", "The table", "Mend it.") == {}
    with pytest.raises(Problem, match="The table: a has b = 1, which is of the wrong kind"):
        tables.named_texts({"a": {"b": 1}}, "a", "The table", "Mend it.")
