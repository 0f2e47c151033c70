"""How requests fail under trio.

The same is asked of asyncio in the areas `connections`, `errors` and `timeouts`.
"""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose
from repro.cell.event_loops import until
from repro.cell.upstream import answering, breaking_off, closing, holding, refusing_port, resetting, silent

pytestmark = pytest.mark.needs("trio")

LONG = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}


@pytest.fixture
def ended(trio_loop):
    """A function: how a GET under trio ends, with a client with these options."""

    def send(url, **options):
        async def main():
            client = trio_loop.client(**options)
            answer = await outcomes.of_async(lambda: client.get(url))
            await outcomes.of_async(lambda: aclose(client))
            return answer

        return trio_loop.run(main)

    return send


def test_trio_refused(ended, observe):
    """A request under trio to a port where nobody listens."""
    observe(ended(f"http://127.0.0.1:{refusing_port()}/"))


def test_trio_closed(ended, observe, upstream):
    """A request under trio that the server answers by closing the connection."""
    upstream.answer("/", closing)
    observe(ended(upstream.url))


def test_trio_reset(ended, observe, upstream):
    """A request under trio that the server answers by resetting the connection."""
    upstream.answer("/", resetting)
    observe(ended(upstream.url))


def test_trio_broken_off(ended, observe, upstream):
    """A request under trio whose answer breaks off in its body."""
    upstream.answer("/", breaking_off(b"0123456789", after=5))
    observe(ended(upstream.url))


def test_trio_read_timeout(ended, observe, upstream):
    """A request under trio whose answer does not come within the read timeout."""
    upstream.answer("/", silent)
    observe(ended(upstream.url, timeouts={**LONG, "read": 0.05}))


def test_trio_pool_timeout(trio_loop, observe, upstream):
    """A request under trio for which the pool has no place within its timeout."""
    released = threading.Event()
    upstream.answer("/held", holding(released, answering({"ok": True})))

    async def main():
        client = trio_loop.client(max_connections=1, timeouts={**LONG, "pool": 0.05})
        first = trio_loop.begin(lambda: client.get(upstream.url + "/held"))
        await until(trio_loop, lambda: upstream.requests, first)
        answer = await outcomes.of_async(lambda: client.get(upstream.url))
        released.set()
        await first.ended()
        await outcomes.of_async(lambda: aclose(client))
        return answer

    observe(trio_loop.run(main))


def test_trio_closed_while_idle(trio_loop, observe, upstream):
    """A request under trio after the server closed the idle connection."""

    async def main():
        client = trio_loop.client()
        await client.get(upstream.url)
        upstream.end_idle()
        assert upstream.reached(end=True)
        answer = await outcomes.of_async(lambda: client.get(upstream.url))
        await outcomes.of_async(lambda: aclose(client))
        return {"answer": answer, "connections opened": len(upstream.connections)}

    observe(trio_loop.run(main))
