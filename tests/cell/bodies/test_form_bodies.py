"""`data=` with fields: which bytes a form becomes."""

import decimal
import types

import pytest

pytestmark = pytest.mark.needs("sync client", "body arguments")


def test_form(observe, send):
    """Two fields: bytes, type and length."""
    observe(send(data={"b": "two words", "a": "1&2=3/~*+é"}))


def test_form_empty(observe, send):
    """A form without fields: type and length."""
    observe(send(data={}))


def test_form_values(observe, send_each):
    """Fields whose value is no text."""
    each = {
        "None": None,
        "true": True,
        "float": 1.5,
        "decimal": decimal.Decimal("1.50"),
        "bytes": b"\xff",
        "dict": {"a": "1"},
    }
    observe(send_each("data", {name: {"field": value} for name, value in each.items()}))


def test_form_empty_values(observe, send):
    """Fields with an empty value, which is a text, a list or nothing at all."""
    observe(send(data={"text": "", "list": [], "nothing": None, "last": "1"})["body"])


def test_form_lists(observe, send_each):
    """Fields with several values: texts, in a list or a tuple, and others."""
    each = {"list": ["1", "2"], "tuple": ("1", "2"), "list of others": [None, True, 1.5], "list in a list": [["1"]]}
    observe(send_each("data", {name: {"field": value} for name, value in each.items()}))


def test_form_names(observe, send):
    """Fields whose name is no text."""
    observe(send(data={1: "a", None: "b"})["body"])


def test_form_pairs(observe, hasty):
    """Fields as a list of pairs."""
    observe(hasty(data=[("a", "1"), ("b", "2")]))


def test_form_mapping(observe, hasty):
    """Fields in a mapping that is no dict."""
    observe(hasty(data=types.MappingProxyType({"a": "1"})))


def test_form_own_type(observe, send):
    """Fields with a `Content-Type` of the caller."""
    observe(send(data={"a": "1"}, headers={"Content-Type": "text/plain"})["Content-Type"])
