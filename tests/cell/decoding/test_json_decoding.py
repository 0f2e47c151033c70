"""`response.json()`: which bytes are JSON, and what is raised when they are not."""

import json

import pytest

from repro.cell import outcomes

pytestmark = pytest.mark.needs("sync client", "content of a response")

VALUE = {"name": "Zoë"}
TEXT = json.dumps(VALUE, ensure_ascii=False)

GIVEN = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": ("\ufeff" + TEXT).encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "Latin-1": TEXT.encode("latin-1"),
}


def parsed(get, body, kind="application/json"):
    """How a body is parsed as JSON: to the value it was made of, to another, or not."""
    return outcomes.of(lambda: "parsed" if (value := get(body, kind).json()) == VALUE else value)


def test_json(observe, get):
    """JSON of which nobody says what encoding it is in."""
    observe({name: parsed(get, body) for name, body in GIVEN.items()})


def test_json_declared(observe, get):
    """JSON in Latin-1, and JSON in UTF-8, that both say they are in Latin-1."""
    kind = "application/json; charset=iso-8859-1"
    observe({which: parsed(get, GIVEN[which], kind) for which in ("Latin-1", "UTF-8")})


def test_no_json(observe, get):
    """A body that is no JSON: what is raised, and which `except` clauses catch it."""
    observe(outcomes.caught(lambda: get(b"<html>", "application/json").json()))


def test_no_utf_8(observe, get):
    """A body that is JSON but for a byte that is in no UTF-8."""
    observe(outcomes.of(lambda: get(b'"\xff"', "application/json").json()))


def test_json_options(observe, get):
    """Options of the standard library's parser, given to `response.json`."""
    observe(outcomes.of(lambda: get(b"[1.5]", "application/json").json(parse_float=str)))
