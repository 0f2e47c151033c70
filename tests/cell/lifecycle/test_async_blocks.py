"""The `async with` block: what entering and leaving it does, once and again."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, plain_async_client, status

pytestmark = pytest.mark.needs("async client")


async def in_block(client, url):
    """Send one request inside a block of its own, and keep nothing of the response but its status."""
    async with client as entered:
        return status(await entered.get(url))


def test_async_block_closes_connections(loop, observe, upstream):
    """Leaving an `async with` block: how many of the client's connections are held open after it."""
    client = plain_async_client()

    async def block():
        async with client:
            await client.get(upstream.url)
            assert upstream.held_open() == 1

    loop(block())
    observe(upstream.held_open())


def test_async_block_unused(loop, upstream):
    """An `async with` block without a request names the client itself and opens no connection."""
    client = plain_async_client()

    async def block():
        async with client as entered:
            assert entered is client

    loop(block())
    assert upstream.connections == []


def test_async_block_with_exception(loop, observe, upstream):
    """An exception inside the block leaves it unchanged: how many connections are held open after it."""
    client, error = plain_async_client(), LookupError()

    async def block():
        async with client:
            await client.get(upstream.url)
            raise error

    with pytest.raises(LookupError) as caught:
        loop(block())
    assert caught.value is error
    observe(upstream.held_open())


def test_async_block_with_response(loop, observe, upstream):
    """Leaving an `async with` block while a response that was read in it is still kept."""
    client = plain_async_client()

    async def block():
        async with client:
            return await client.get(upstream.url)

    response = loop(block())
    observe({"answer": status(response), "connections held open": upstream.held_open()})


def test_async_block_again(loop, observe, upstream):
    """Entering a second block with an asynchronous client whose first block has ended."""
    client = plain_async_client()
    loop(in_block(client, upstream.url))
    answer = outcomes.of(lambda: loop(in_block(client, upstream.url)))
    observe({"second block": answer, "connections held open": upstream.held_open()})


def test_async_block_nested(loop, observe, upstream):
    """Entering a block with an asynchronous client inside a block with the same client."""
    client = plain_async_client()

    async def block():
        async with client:
            inner = await outcomes.of_async(lambda: in_block(client, upstream.url))
            outer = await outcomes.of_async(lambda: client.get(upstream.url))
        return {"inner block": inner, "outer block, then": outer}

    answers = loop(block())
    observe({**answers, "connections held open": upstream.held_open()})


def test_async_block_after_request(loop, observe, upstream):
    """Entering a block with an asynchronous client that has already sent a request."""
    client = plain_async_client()
    loop(client.get(upstream.url))
    answer = outcomes.of(lambda: loop(in_block(client, upstream.url)))
    held = upstream.held_open()
    loop(aclose(client))
    observe({"block": answer, "connections held open": held})


def test_async_block_after_close(loop, observe, upstream):
    """Entering a block with an asynchronous client that was closed."""
    client = plain_async_client()
    loop(client.get(upstream.url))
    loop(aclose(client))
    answer = outcomes.of(lambda: loop(in_block(client, upstream.url)))
    observe({"block": answer, "connections held open": upstream.held_open()})
