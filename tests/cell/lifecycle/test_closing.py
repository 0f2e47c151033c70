"""Closing a client, and what it may be used for afterwards."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client, status, streamed
from repro.cell.upstream import dripping

pytestmark = pytest.mark.needs("sync client")


def test_close_closes_connections(upstream):
    """A client is used without a block, and closing it closes its connections."""
    client = plain_client()
    client.get(upstream.url)
    assert upstream.held_open() == 1
    client.close()
    assert upstream.held_open() == 0


def test_close_with_response(observe, upstream):
    """Closing a client while a response that was read is still kept."""
    client = plain_client()
    response = client.get(upstream.url)
    client.close()
    observe({"answer": status(response), "connections held open": upstream.held_open()})


def test_close_unused(upstream):
    """Closing a client that sent no request is no error and opens no connection."""
    client = plain_client()
    client.close()
    assert upstream.connections == []


def test_close_twice(observe, upstream):
    """Closing a client a second time."""
    client = plain_client()
    client.get(upstream.url)
    client.close()
    observe(outcomes.of(client.close) or "no error")


def test_close_after_block(observe, upstream):
    """Closing a client that its block has already closed."""
    with plain_client() as client:
        client.get(upstream.url)
    observe(outcomes.of(client.close) or "no error")


def test_use_after_close(observe, upstream):
    """Sending a request with a client that was closed."""
    client = plain_client()
    client.get(upstream.url)
    client.close()
    observe(use_again(client, upstream))


def test_use_after_block(observe, upstream):
    """Sending a request with a client whose block has ended."""
    with plain_client() as client:
        client.get(upstream.url)
    observe(use_again(client, upstream))


def use_again(client, upstream):
    """Use a closed client again, and close it again."""
    answer = outcomes.of(lambda: client.get(upstream.url))
    held = upstream.held_open()
    client.close()
    return {"answer": answer, "connections held open": held, "after closing again": upstream.held_open()}


@pytest.mark.needs("streamed response")
def test_close_within_stream(observe, upstream):
    """Closing a client in the middle of a streamed response, and reading on."""
    body, arriving = b"0123456789", threading.Event()
    upstream.answer("/", dripping(body, 2, between=arriving))
    client = plain_client()
    response = streamed(client, upstream.url)
    closing = outcomes.of(client.close) or "no error"
    held = upstream.held_open()
    arriving.set()
    reading = outcomes.of(lambda: "the whole body" if response.read() == body else "a part of the body")
    then = upstream.held_open()
    client.close()
    observe({"closing": closing, "held open then": held, "reading on": reading, "held open after that": then})


def test_is_closed(observe, upstream):
    """What `is_closed` says through the life of a client."""
    client = plain_client()
    new = outcomes.of(lambda: client.is_closed)
    client.get(upstream.url)
    used = outcomes.of(lambda: client.is_closed)
    client.close()
    observe({"new": new, "used": used, "closed": outcomes.of(lambda: client.is_closed)})


def test_is_closed_of_block(observe):
    """What `is_closed` says inside a block and after it."""
    with plain_client() as client:
        inside = outcomes.of(lambda: client.is_closed)
    observe({"inside": inside, "after": outcomes.of(lambda: client.is_closed)})
