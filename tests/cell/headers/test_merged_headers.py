"""Headers given to the client and to the request: what of both is sent, in which order and under which case."""

import pytest

from repro.cell.clients import plain_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")


def test_order_of_both(observe, upstream, lines):
    """The lines of two headers of the client and two of the request, in their order on the wire."""
    with plain_client(headers={"X-A": "client", "X-D": "client"}) as client:
        headers = {"X-C": "request", "X-B": "request"}
        observe(lines(lambda: client.get(upstream.url, headers=headers), "x-a", "x-b", "x-c", "x-d"))


def test_case(observe, upstream):
    """A header of the client and one of the request whose names have capitals."""
    with plain_client(headers={"X-CLIENT-Id": "a"}) as client:
        client.get(upstream.url, headers={"x-Request-ID": "b"})
    (seen,) = upstream.requests
    observe([name for name, _ in seen.headers if name.lower().startswith("x-")])


def test_same_name_in_both(observe, upstream, lines):
    """The same header in the client and, in another case, in the request."""
    with plain_client(headers={"X-Trace": "client"}) as client:
        observe(lines(lambda: client.get(upstream.url, headers={"x-trace": "request"}), "x-trace"))


def test_repeated_in_request(observe, upstream, client, lines):
    """A header that the request has twice, with another between them."""
    pairs = [("X-Part", "1"), ("X-Other", "a"), ("X-Part", "2")]
    observe(lines(lambda: client.get(upstream.url, headers=pairs), "x-part", "x-other"))


def test_repeated_in_client(observe, upstream, lines):
    """A header that the client has twice."""

    def send():
        with plain_client(headers=[("X-Part", "1"), ("X-Part", "2")]) as client:
            return client.get(upstream.url)

    observe(lines(send, "x-part"))


def test_repeated_in_client_and_in_request(observe, upstream, lines):
    """A header that the client has twice, and the request twice."""

    def send():
        with plain_client(headers=[("X-Part", "1"), ("X-Part", "2")]) as client:
            return client.get(upstream.url, headers=[("X-Part", "3"), ("X-Part", "4")])

    observe(lines(send, "x-part"))


def test_forms(observe, upstream, client, lines):
    """The forms in which a request takes its headers: what is sent of each."""
    forms = {
        "dict": lambda: {"X-A": "1"},
        "dict of bytes": lambda: {b"X-A": b"1"},
        "list of pairs": lambda: [("X-A", "1")],
        "tuple of pairs": lambda: (("X-A", "1"),),
        "list of lists": lambda: [["X-A", "1"]],
        "list of pairs of bytes": lambda: [(b"X-A", b"1")],
        "dict view": {"X-A": "1"}.items,
        "generator of pairs": lambda: (pair for pair in [("X-A", "1")]),
        "Headers": lambda: httpx.Headers({"X-A": "1"}),
    }
    observe({name: lines(lambda f=form: client.get(upstream.url, headers=f()), "x-a") for name, form in forms.items()})
