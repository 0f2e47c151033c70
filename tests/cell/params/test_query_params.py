"""Query parameters as a model: what they are made of, and what they answer."""

import decimal
import enum

import pytest

from repro.cell.library import httpx
from repro.cell.values import told


class Colour(enum.Enum):
    """An enumeration that is no text."""

    RED = "red"


class TextColour(enum.StrEnum):
    """An enumeration that is a text."""

    RED = "red"


SOURCES = {
    "text": ["a=1&a=2&b=3", "?a=1", "", b"a=1&b=2"],
    "mapping": [{"a": "1", "b": "2"}, {}, {"a": ["1", "2"]}, {"a": ("1", "2")}, {"a": []}],
    "pairs": [[("a", "1"), ("a", "2")], (("a", "1"), ("a", "2")), []],
    "other": [None, 1, ["a", "b"]],
}


@pytest.mark.parametrize("sources", [pytest.param(sources, id=name) for name, sources in SOURCES.items()])
def test_made_of(observe, sources):
    """The text of parameters, by what they are made of."""
    observe({repr(source): told(lambda source=source: httpx.QueryParams(source)) for source in sources})


def test_made_of_names(observe):
    """The text of parameters that are made of named arguments, of nothing, and of both kinds of argument."""
    observe(
        {
            "a=1, b=2": told(lambda: httpx.QueryParams(a=1, b=2)),
            "nothing": told(httpx.QueryParams),
            "both": told(lambda: httpx.QueryParams({"a": 1}, b=2)),
            "two": told(lambda: httpx.QueryParams({"a": 1}, {"b": 2})),
        }
    )


VALUES = {
    "nothing": ["", None],
    "truth": [True, False],
    "number": [1, 1.5, 1e20, decimal.Decimal("1.50")],
    "several": [[1, None, True], [["1"]]],
    "other": [b"1", {"b": 1}, Colour.RED, TextColour.RED],
}


@pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in VALUES.items()])
def test_value(observe, values):
    """The text of one parameter, by its value."""
    observe({repr(value): told(lambda value=value: httpx.QueryParams({"a": value})) for value in values})


def test_name(observe):
    """The text of one parameter, by its name."""
    names = ("", None, 1, b"a", True)
    observe({repr(name): told(lambda name=name: httpx.QueryParams({name: "1"})) for name in names})


CHARACTERS = {
    "unreserved": "Az09-._~",
    "space": "a b",
    "plus": "a+b",
    "slash": "a/b",
    "question mark": "a?b",
    "colon and at": ":@",
    "separators": "&=#;",
    "delimiters": "!$()*,",
    "percent": "100%",
    "escaped": "%2F%20",
    "unicode": "é€😀",
    "quotes": "'\"`",
    "brackets": "[]{}<>",
    "backslash, bar, caret": "\\|^",
    "line feed": "a\nb",
}


def test_escaped(observe):
    """The text of one parameter, by the class of the characters in its value."""
    observe({name: told(lambda text=text: httpx.QueryParams({"a": text})) for name, text in CHARACTERS.items()})


def test_escaped_in_url(observe):
    """The query of the URL of a request with one parameter, by the class of the characters in its value."""

    def query(text):
        return str(httpx.Request("GET", "http://example.org/", params={"a": text}).url).partition("?")[2]

    observe({name: told(lambda text=text: query(text)) for name, text in CHARACTERS.items()})


def test_parsed(observe):
    """The pairs that a text is taken for."""
    texts = ("a=1&a=2", "a=", "a", "=1", "a=1&&b=2", "a=1;b=2", "a=b+c%20d%2B", "a=%E9", "a=1=2")
    observe({text: told(lambda text=text: httpx.QueryParams(text).multi_items()) for text in texts})


CALLS = {
    "one_value": {
        "get": lambda params: params.get("a"),
        "get, missing": lambda params: params.get("c"),
        "item": lambda params: params["a"],
        "item, missing": lambda params: params["c"],
    },
    "all": {
        "keys": lambda params: list(params.keys()),
        "values": lambda params: list(params.values()),
        "items": lambda params: list(params.items()),
        "multi_items": lambda params: params.multi_items(),
        "len": len,
        "dict": dict,
    },
    "all_values": {
        "get_list": lambda params: params.get_list("a"),
        "getlist": lambda params: params.getlist("a"),
        "multi_dict": lambda params: params.multi_dict(),
    },
    "copy": {
        "set": lambda params: params.set("a", "3"),
        "add": lambda params: params.add("a", "3"),
        "remove": lambda params: params.remove("a"),
        "merge": lambda params: params.merge({"a": "3"}),
    },
    "copy_by_long_name": {
        "copy_set": lambda params: params.copy_set("a", "3"),
        "copy_append": lambda params: params.copy_append("a", "3"),
        "copy_remove": lambda params: params.copy_remove("a"),
        "copy_update": lambda params: params.copy_update({"a": "3"}),
    },
}


@pytest.mark.parametrize("calls", [pytest.param(calls, id=name) for name, calls in CALLS.items()])
def test_asked(observe, calls):
    """What `a=1&a=2&b=` answers, by the call."""
    observe({name: told(lambda call=call: call(httpx.QueryParams("a=1&a=2&b="))) for name, call in calls.items()})


CHANGES = {
    "item": lambda params: params.__setitem__("a", "3"),
    "update": lambda params: params.update({"a": "3", "c": ["4", "5"]}),
}


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in CHANGES.items()])
def test_changed(observe, change):
    """What `a=1&a=2&b=` is after it was told to change in place."""
    params = httpx.QueryParams("a=1&a=2&b=")
    ended = told(lambda: change(params))
    observe(str(params) if ended is None else ended)


def test_repr(observe):
    """How parameters are printed."""
    observe(repr(httpx.QueryParams("a=1&a=2&b=")))


def test_equal(observe):
    """Whether `a=1&b=2` equals other parameters, and whether it can be the key of a dictionary."""
    params = httpx.QueryParams("a=1&b=2")
    observe(
        {
            "the same": told(lambda: params == httpx.QueryParams("a=1&b=2")),
            "in another order": told(lambda: params == httpx.QueryParams("b=2&a=1")),
            "a dict": told(lambda: params == {"a": "1", "b": "2"}),
            "a text": told(lambda: params == "a=1&b=2"),
            "as a key": told(lambda: {params: 1}[httpx.QueryParams("a=1&b=2")]),
        }
    )


def test_order(observe):
    """The order of parameters: as given, and of those that have one name."""
    observe(told(lambda: httpx.QueryParams([("b", "1"), ("a", "2"), ("b", "3"), ("a", "4")])))


def test_contained(observe):
    """Which names are in some parameters, and what going through them gives."""
    params = httpx.QueryParams("a=1&a=2&b=3")
    observe({"contained": [name for name in ("a", "b", "1") if name in params], "gone through": list(params)})
