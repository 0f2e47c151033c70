"""The life of a client under trio: its block, its end, and what it may be used for afterwards.

The same is asked of asyncio in the area `lifecycle`, in ids that begin with `async` in the place of `trio`.
"""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, aread, status, streamed
from repro.cell.upstream import dripping

pytestmark = pytest.mark.needs("trio")


async def in_block(client, url):
    """Send one request inside a block of its own, and keep nothing of the response but its status."""
    async with client as entered:
        return status(await entered.get(url))


def test_trio_block_closes_connections(trio_loop, upstream):
    """Leaving an `async with` block under trio closes the client's connections."""

    async def main():
        async with trio_loop.client() as client:
            await client.get(upstream.url)
            assert upstream.held_open() == 1
        assert upstream.held_open() == 0

    trio_loop.run(main)


def test_trio_block_with_exception(trio_loop, upstream):
    """An exception inside the block leaves it unchanged under trio, and the client's connections are closed."""
    error = LookupError()

    async def main():
        async with trio_loop.client() as client:
            await client.get(upstream.url)
            raise error

    with pytest.raises(LookupError) as caught:
        trio_loop.run(main)
    assert caught.value is error
    assert upstream.held_open() == 0


def test_trio_block_again(trio_loop, observe, upstream):
    """Entering a second block under trio, with a client whose first block has ended."""

    async def main():
        client = trio_loop.client()
        await in_block(client, upstream.url)
        answer = await outcomes.of_async(lambda: in_block(client, upstream.url))
        return {"second block": answer, "connections held open": upstream.held_open()}

    observe(trio_loop.run(main))


def test_trio_close_closes_connections(trio_loop, upstream):
    """A client is used under trio without a block, and closing it closes its connections."""

    async def main():
        client = trio_loop.client()
        await client.get(upstream.url)
        assert upstream.held_open() == 1
        await aclose(client)
        assert upstream.held_open() == 0

    trio_loop.run(main)


def test_trio_close_twice(trio_loop, observe, upstream):
    """Closing a client a second time under trio."""

    async def main():
        client = trio_loop.client()
        await client.get(upstream.url)
        await aclose(client)
        return await outcomes.of_async(lambda: aclose(client)) or "no error"

    observe(trio_loop.run(main))


def test_trio_use_after_close(trio_loop, observe, upstream):
    """Sending a request under trio with a client that was closed."""

    async def main():
        client = trio_loop.client()
        await client.get(upstream.url)
        await aclose(client)
        answer = await outcomes.of_async(lambda: client.get(upstream.url))
        held = upstream.held_open()
        await aclose(client)
        return {"answer": answer, "connections held open": held, "after closing again": upstream.held_open()}

    observe(trio_loop.run(main))


def test_trio_close_within_stream(trio_loop, observe, upstream):
    """Closing a client in the middle of a streamed response under trio, and reading on."""
    body, arriving = b"0123456789", threading.Event()
    upstream.answer("/", dripping(body, 2, between=arriving))

    async def read(response):
        return "the whole body" if await aread(response) == body else "a part of the body"

    async def main():
        client = trio_loop.client()
        response = await streamed(client, upstream.url)
        closing = await outcomes.of_async(lambda: aclose(client)) or "no error"
        held = upstream.held_open()
        arriving.set()
        reading = await outcomes.of_async(lambda: read(response))
        then = upstream.held_open()
        await aclose(client)
        return {"closing": closing, "held open then": held, "reading on": reading, "held open after that": then}

    observe(trio_loop.run(main))


def test_trio_collected_unclosed(trio_loop, observe, upstream, left_open):
    """What is left open of a client that has sent a request under trio, when it is not closed and its loop ends."""

    async def main():
        client = trio_loop.client()
        await client.get(upstream.url)
        return client

    kept = [trio_loop.run(main)]
    left = upstream.held_open()
    kept.clear()
    observe({"left open by the loop": left, "connections held open": left_open(upstream.held_open)})
