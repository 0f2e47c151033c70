"""`Headers` as a mapping: reading, comparing and changing it."""

import copy

from repro.cell import redaction
from repro.cell.asking import answer
from repro.cell.library import httpx

PARTS = [("X-Part", "1"), ("X-Other", "a"), ("x-part", "2")]


def pairs(headers):
    """Every line of some headers; where the release has no word for that, every key and value."""
    return [list(pair) for pair in (headers.multi_items() if hasattr(headers, "multi_items") else headers.items())]


def changed(change):
    """The headers after a change, or how it ended."""

    def after():
        headers = httpx.Headers(PARTS)
        change(headers)
        return pairs(headers)

    return answer(after)


def set_item(headers, name, value):
    """Set a header by its name."""
    headers[name] = value


def delete_item(headers, name):
    """Delete a header by its name."""
    del headers[name]


def test_any_case(observe):
    """A header asked for in another case than it was given."""
    headers = httpx.Headers({"X-Part": "1"})
    observe(
        {
            "headers[name]": answer(lambda: headers["x-PART"]),
            "get": answer(lambda: headers.get("x-PART")),
            "in": answer(lambda: "x-PART" in headers),
        }
    )


def test_missing(observe):
    """A header that is not there."""
    headers = httpx.Headers()
    observe(
        {
            "headers[name]": answer(lambda: headers["x-a"]),
            "get": answer(lambda: headers.get("x-a")),
            "get with a default": answer(lambda: headers.get("x-a", "b")),
            "get_list": answer(lambda: headers.get_list("x-a")),
            "in": answer(lambda: "x-a" in headers),
        }
    )


def test_repeated_read(observe):
    """The ways to read a header that is there twice, in two cases, with another between them."""
    headers = httpx.Headers(PARTS)
    observe(
        {
            "headers[name]": answer(lambda: headers["x-part"]),
            "dict(headers)": answer(lambda: dict(headers)),
            "keys": answer(lambda: list(headers.keys())),
            "values": answer(lambda: list(headers.values())),
            "items": answer(lambda: [list(item) for item in headers.items()]),
            "iteration": answer(lambda: list(headers)),
            "len": answer(lambda: len(headers)),
            "multi_items": answer(lambda: [list(item) for item in headers.multi_items()]),
            "get_list": answer(lambda: headers.get_list("x-part")),
            "getlist": answer(lambda: headers.getlist("x-part")),
            "raw": answer(lambda: [[name.decode(), value.decode()] for name, value in headers.raw]),
        }
    )


def test_commas_split(observe):
    """A header whose lines have commas, as a list."""
    headers = httpx.Headers([("Vary", "Accept, Accept-Language"), ("Vary", "Origin")])
    observe(
        {
            "get_list": answer(lambda: headers.get_list("vary")),
            "get_list(split_commas=True)": answer(lambda: headers.get_list("vary", split_commas=True)),
            "getlist(split_commas=True)": answer(lambda: headers.getlist("vary", split_commas=True)),
        }
    )


def test_made_from(observe):
    """What `Headers` can be made from."""
    forms = {
        "nothing": httpx.Headers,
        "None": lambda: httpx.Headers(None),
        "dict": lambda: httpx.Headers({"A": "1"}),
        "dict of bytes": lambda: httpx.Headers({b"A": b"1"}),
        "list of pairs": lambda: httpx.Headers([("A", "1")]),
        "tuple of pairs": lambda: httpx.Headers((("A", "1"),)),
        "generator of pairs": lambda: httpx.Headers(pair for pair in [("A", "1")]),
        "Headers": lambda: httpx.Headers(httpx.Headers({"A": "1"})),
        "a value that is a number": lambda: httpx.Headers({"A": 1}),
        "a value that is None": lambda: httpx.Headers({"A": None}),
        "a text": lambda: httpx.Headers("A: 1"),
    }
    observe({form: answer(lambda make=make: pairs(make())) for form, make in forms.items()})


def test_equal(observe):
    """What a `Headers` with two lines is equal to."""
    headers = httpx.Headers([("A", "1"), ("B", "2")])
    others = {
        "the same": httpx.Headers([("A", "1"), ("B", "2")]),
        "other case": httpx.Headers([("a", "1"), ("b", "2")]),
        "other order": httpx.Headers([("B", "2"), ("A", "1")]),
        "other case of a value": httpx.Headers([("A", "x"), ("B", "2")]),
        "a dict": {"A": "1", "B": "2"},
        "a dict in other case": {"a": "1", "b": "2"},
        "a list of pairs": [("A", "1"), ("B", "2")],
        "a number": 1,
    }
    observe({kind: answer(lambda other=other: headers == other) for kind, other in others.items()})


def test_repr(observe):
    """The `repr` of headers: with one line, with one repeated, and with letters outside ASCII."""
    observe(
        {
            "one": answer(lambda: repr(httpx.Headers({"X-A": "1"}))),
            "repeated": answer(lambda: repr(httpx.Headers([("X-A", "1"), ("X-A", "2")]))),
            "é": answer(lambda: repr(httpx.Headers([(b"X-A", "é".encode())]))),
            "none": answer(lambda: repr(httpx.Headers())),
        }
    )


def test_repr_of_secrets(observe):
    """Which headers that carry a secret have it in the `repr`."""
    names = ("Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Api-Key")

    def told(name):
        secret = redaction.plant()
        return "shown" if secret in repr(httpx.Headers({name: secret})) else "hidden"

    # A sentence for each: what stands under the name of such a header is taken out of an observation.
    observe([f"{name} {told(name)}" for name in names])


def test_set(observe):
    """Setting a header that is there twice, one that is not there, and one to what is no text."""
    observe(
        {
            "there twice": changed(lambda h: set_item(h, "X-PART", "3")),
            "not there": changed(lambda h: set_item(h, "X-New", "3")),
            "to bytes": changed(lambda h: set_item(h, "X-New", b"3")),
            "to a number": changed(lambda h: set_item(h, "X-New", 3)),
            "setdefault": changed(lambda h: h.setdefault("X-Part", "3")),
        }
    )


def test_delete(observe):
    """Deleting a header that is there twice, and one that is not there."""
    observe(
        {
            "there twice": changed(lambda h: delete_item(h, "X-PART")),
            "not there": changed(lambda h: delete_item(h, "X-New")),
            "pop": changed(lambda h: h.pop("X-Part")),
            "pop of one that is not there": changed(lambda h: h.pop("X-New")),
        }
    )


def test_update(observe):
    """Updating headers of which one is there twice."""
    observe(
        {
            "with a dict": changed(lambda h: h.update({"X-PART": "3"})),
            "with it twice": changed(lambda h: h.update([("X-Part", "3"), ("X-Part", "4")])),
            "with Headers": changed(lambda h: h.update(httpx.Headers([("X-Part", "3"), ("X-Part", "4")]))),
            "by keyword": changed(lambda h: h.update(other="3")),
            "with None": changed(lambda h: h.update(None)),
        }
    )


def test_merge_operator(observe):
    """Headers merged with the operators of a dict."""
    given = httpx.Headers([("A", "1"), ("B", "2")])
    observe(
        {
            "Headers | dict": answer(lambda: pairs(given | {"a": "3"})),
            "dict | Headers": answer(lambda: pairs({"a": "3"} | given)),
        }
    )


def test_copy(observe):
    """A copy, and what changing it does to the original."""

    def after(duplicate):
        headers = httpx.Headers({"X-A": "1"})
        duplicate(headers)["X-A"] = "2"
        return headers["X-A"]

    observe({"copy()": answer(lambda: after(lambda h: h.copy())), "copy.copy": answer(lambda: after(copy.copy))})


def test_encoding(observe):
    """The encoding that headers find from their bytes, and the text under another that is set."""

    def found(raw):
        return answer(lambda: httpx.Headers([(b"X-A", raw)]).encoding)

    def told():
        headers = httpx.Headers([(b"X-A", "é".encode())])
        headers.encoding = "iso-8859-1"
        return headers["X-A"]

    observe(
        {
            "ASCII": found(b"e"),
            "UTF-8": found("é".encode()),
            "Latin-1": found(b"\xe9"),
            "é of UTF-8, read as iso-8859-1": answer(told),
        }
    )


def test_equal_to_others(observe):
    """Headers compared with what can be no headers: text, a number, nothing."""
    others = {"text": "a", "number": 1, "None": None}
    observe({name: answer(lambda other=other: httpx.Headers({"a": "1"}) == other) for name, other in others.items()})
