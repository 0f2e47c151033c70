"""A header that a request has by itself, given another value, none, or taken away."""

import pytest

from repro.cell import redaction
from repro.cell.asking import answer
from repro.cell.clients import plain_client

pytestmark = pytest.mark.needs("sync client")

DEFAULTS = ("accept", "accept-encoding", "connection", "user-agent")


def test_replaced_by_request(observe, upstream, client, lines):
    """Other values for the defaults, given to the request under names in lower case."""
    observe(lines(lambda: client.get(upstream.url, headers=dict.fromkeys(DEFAULTS, "mine")), *DEFAULTS))


def test_replaced_by_client(observe, upstream, lines):
    """Other values for the defaults, given to the client under names in lower case."""
    with plain_client(headers=dict.fromkeys(DEFAULTS, "mine")) as client:
        observe(lines(lambda: client.get(upstream.url), *DEFAULTS))


def test_none_for_request(observe, upstream, client, lines):
    """None for a default, given to the request."""
    observe(lines(lambda: client.get(upstream.url, headers={"accept": None}), "accept"))


def test_empty_for_request(observe, upstream, client, lines):
    """Empty values for the defaults, given to the request."""
    observe(lines(lambda: client.get(upstream.url, headers=dict.fromkeys(DEFAULTS, "")), *DEFAULTS))


def test_deleted_from_client(observe, upstream, client, lines):
    """The defaults, once they were deleted from the client's headers."""

    def send():
        for name in DEFAULTS:
            del client.headers[name]
        return client.get(upstream.url)

    observe(lines(send, *DEFAULTS))


def test_deleted_from_request(observe, upstream, client, lines):
    """The defaults, once they were deleted from a request that the client has built."""

    def send():
        request = client.build_request("GET", upstream.url)
        for name in DEFAULTS:
            del request.headers[name]
        return client.send(request)

    observe(lines(send, *DEFAULTS))


def test_assigned_to_client(observe, upstream, client, names):
    """The names of the headers of a request, sorted, once the client's were assigned anew, with one of them."""

    def send():
        client.headers = {"X-Only": "1"}
        return client.get(upstream.url)

    found = names(send)
    observe(sorted(found) if isinstance(found, list) else found)


def test_host_of_request(observe, upstream, client, lines):
    """Another Host, given to the request after another header."""
    observe(lines(lambda: client.get(upstream.url, headers={"X-A": "1", "Host": "example.org"}), "host", "x-a"))


def test_host_of_client(observe, upstream, lines):
    """Another Host, given to the client."""
    with plain_client(headers={"Host": "example.org"}) as client:
        observe(lines(lambda: client.get(upstream.url), "host"))


def test_host_with_userinfo(observe, upstream, client, lines):
    """The Host of a request whose URL has a user and a password."""
    user, password = redaction.plant(), redaction.plant()
    observe(lines(lambda: client.get(upstream.url.replace("//", f"//{user}:{password}@")), "host"))


def test_host_with_default_port(observe, client):
    """The Host of a request to port 80 of a URL that says so."""
    observe(answer(lambda: client.build_request("GET", "http://example.org:80/").headers["host"]))
