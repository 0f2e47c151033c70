"""`json=`: which bytes a value becomes, and what is said about them."""

import datetime as dt
import math

import pytest

pytestmark = pytest.mark.needs("sync client", "body arguments")


def test_json(observe, send):
    """An object with a list in it: bytes, type and length."""
    observe(send(json={"b": 1, "a": [1, "x"]}))


def test_json_beyond_ascii(observe, send_each):
    """Texts with characters beyond ASCII, and one that no UTF-8 can say, because it is half of a surrogate pair."""
    observe(send_each("json", {"letter": "Zoë", "beyond the first plane": "🙂", "half a pair": "\ud83d"}))


def test_json_no_number(observe, send_each):
    """Numbers that JSON has no form for."""
    observe(send_each("json", {"not a number": math.nan, "infinity": math.inf}))


def test_json_not_serialisable(observe, send_each):
    """Values that JSON has no form for."""
    observe(send_each("json", {"date": dt.date(2020, 1, 1), "bytes": b"x", "set": {1}}))


def test_json_empty(observe, send_each):
    """Values that are false: which are sent, and which leave the body empty."""
    observe(send_each("json", {"object": {}, "list": [], "text": "", "zero": 0, "false": False, "None": None}))


def test_json_own_type(observe, send):
    """A value with a `Content-Type` of the caller."""
    observe(send(json={}, headers={"Content-Type": "application/vnd.api+json"})["Content-Type"])


def test_json_with_data(observe, send):
    """`json=` and a form in one request: which of them is sent, where the form has fields and where it has none."""
    each = {"with fields": {"from": "data"}, "without fields": {}}
    observe({name: send(json={"from": "json"}, data=fields)["Content-Type"] for name, fields in each.items()})
