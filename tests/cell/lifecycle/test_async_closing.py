"""Closing an asynchronous client, and what it may be used for afterwards."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, aread, plain_async_client, status, streamed
from repro.cell.upstream import dripping

pytestmark = pytest.mark.needs("async client")


def test_async_close_closes_connections(loop, observe, upstream):
    """An asynchronous client is used without a block and closed: how many connections are held open after it."""
    client = plain_async_client()
    loop(client.get(upstream.url))
    assert upstream.held_open() == 1
    loop(aclose(client))
    observe(upstream.held_open())


def test_async_close_with_response(loop, observe, upstream):
    """Closing an asynchronous client while a response that was read is still kept."""
    client = plain_async_client()
    response = loop(client.get(upstream.url))
    loop(aclose(client))
    observe({"answer": status(response), "connections held open": upstream.held_open()})


def test_async_close_unused(loop, upstream):
    """Closing an asynchronous client that sent no request is no error and opens no connection."""
    loop(aclose(plain_async_client()))
    assert upstream.connections == []


def test_async_close_spelling(loop, observe):
    """Which of `close` and `aclose` an asynchronous client has."""
    client = plain_async_client()
    loop(aclose(client))
    observe([name for name in ("close", "aclose") if hasattr(client, name)])


def test_async_close_twice(loop, observe, upstream):
    """Closing an asynchronous client a second time."""
    client = plain_async_client()
    loop(client.get(upstream.url))
    loop(aclose(client))
    observe(outcomes.of(lambda: loop(aclose(client))) or "no error")


def test_async_close_after_block(loop, observe, upstream):
    """Closing an asynchronous client that its block has already closed."""
    client = plain_async_client()
    loop(in_block(client, upstream.url))
    observe(outcomes.of(lambda: loop(aclose(client))) or "no error")


def test_async_use_after_close(loop, observe, upstream):
    """Sending a request with an asynchronous client that was closed."""
    client = plain_async_client()
    loop(client.get(upstream.url))
    loop(aclose(client))
    observe(use_again(loop, client, upstream))


def test_async_use_after_block(loop, observe, upstream):
    """Sending a request with an asynchronous client whose block has ended."""
    client = plain_async_client()
    loop(in_block(client, upstream.url))
    observe(use_again(loop, client, upstream))


async def in_block(client, url):
    """Send one request inside a block of its own, and keep nothing of the response."""
    async with client:
        await client.get(url)


def use_again(loop, client, upstream):
    """Use a closed client again, and close it again."""
    answer = outcomes.of(lambda: loop(client.get(upstream.url)))
    held = upstream.held_open()
    loop(aclose(client))
    return {"answer": answer, "connections held open": held, "after closing again": upstream.held_open()}


def test_async_close_within_stream(loop, observe, upstream):
    """Closing an asynchronous client in the middle of a streamed response, and reading on."""
    body, arriving = b"0123456789", threading.Event()
    upstream.answer("/", dripping(body, 2, between=arriving))
    client = plain_async_client()
    response = loop(streamed(client, upstream.url))
    closing = outcomes.of(lambda: loop(aclose(client))) or "no error"
    held = upstream.held_open()
    arriving.set()
    reading = outcomes.of(lambda: "the whole body" if loop(aread(response)) == body else "a part of the body")
    then = upstream.held_open()
    loop(aclose(client))
    observe({"closing": closing, "held open then": held, "reading on": reading, "held open after that": then})


def test_async_is_closed(loop, observe, upstream):
    """What `is_closed` says through the life of an asynchronous client."""
    client = plain_async_client()
    new = outcomes.of(lambda: client.is_closed)
    loop(client.get(upstream.url))
    used = outcomes.of(lambda: client.is_closed)
    loop(aclose(client))
    observe({"new": new, "used": used, "closed": outcomes.of(lambda: client.is_closed)})


def test_async_is_closed_of_block(loop, observe):
    """What `is_closed` says inside an `async with` block and after it."""
    client = plain_async_client()

    async def block():
        async with client:
            return outcomes.of(lambda: client.is_closed)

    observe({"inside": loop(block()), "after": outcomes.of(lambda: client.is_closed)})
