"""Names and values that are no plain text: what of them is sent, and what the client refuses."""

import pytest

from repro.cell.asking import seen
from repro.cell.clients import plain_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")


@pytest.fixture
def sent(upstream):
    """A function: the header lines between two that mark their place, as bytes, or how the request ended.

    After a request that failed the next has a client of its own: what one cannot send may stay in the way of another.
    """
    clients = []

    def what(request):
        lines = [f"{name.lower()}: {value}".encode("latin-1") for name, value in request.headers]
        first = next(at for at, line in enumerate(lines) if line == b"x-before: 1")
        last = next(at for at, line in enumerate(lines) if line == b"x-after: 1")
        found = [str(line)[2:-1] for line in lines[first + 1 : last]]
        return found[0] if len(found) == 1 else found

    def found(name, value):
        client = clients.pop() if clients else plain_client()
        marked = [("X-Before", "1"), (name, value), ("X-After", "1")]
        lines = seen(upstream, lambda: client.get(upstream.url, headers=marked), what)
        if str(lines).startswith("raises "):
            client.close()
        else:
            clients.append(client)
        return lines

    yield found
    for client in clients:
        client.close()


def test_types_of_value(observe, sent):
    """A header value that is no text."""
    values = {"int": 1, "float": 1.5, "bool": True, "None": None, "bytes": b"1", "list": ["1"]}
    observe({kind: sent("X-A", value) for kind, value in values.items()})


def test_types_of_name(observe, sent):
    """A header name that is no text."""
    observe({kind: sent(name, "1") for kind, name in {"bytes": b"X-A", "int": 1, "None": None}.items()})


def test_non_ascii_value(observe, sent):
    """Letters outside ASCII in a value, as bytes on the wire."""
    values = {"é": "é", "€": "€", "é, as bytes of UTF-8": "é".encode(), "é, as a byte of Latin-1": b"\xe9"}
    observe({kind: sent("X-A", value) for kind, value in values.items()})


def test_non_ascii_name(observe, sent):
    """A letter outside ASCII in a name."""
    observe({kind: sent(name, "1") for kind, name in {"é": "X-é", "é, as bytes": "X-é".encode()}.items()})


def test_encoding_given(observe, upstream, client):
    """A value outside ASCII in a `Headers` that was told its encoding, as bytes on the wire."""

    def send(encoding):
        return client.get(upstream.url, headers=httpx.Headers({"X-A": "é"}, encoding=encoding))

    def sent(encoding):
        return seen(upstream, lambda: send(encoding), lambda request: str(request.header("x-a").encode("latin-1")))

    observe({encoding: sent(encoding) for encoding in ("ascii", "iso-8859-1", "utf-8")})


def test_value_with(observe, sent):
    """A value with characters that a header line has no place for, or that are no part of it."""
    values = {
        "line end": "a\r\nX-Injected: b",
        "line feed": "a\nX-Injected: b",
        "carriage return": "a\rb",
        "null": "a\0b",
        "delete": "a\x7fb",
        "tab": "a\tb",
        "spaces around": " a ",
        "nothing": "",
    }
    observe({kind: sent("X-A", value) for kind, value in values.items()})


def test_name_with(observe, sent):
    """A name with characters that a header name may not have, or that some servers do not take."""
    names = {
        "line end": "X-A: 1\r\nX-Injected",
        "space": "X A",
        "colon": "X:A",
        "underscore": "X_A",
        "nothing": "",
    }
    observe({kind: sent(name, "1") for kind, name in names.items()})
