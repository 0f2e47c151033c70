"""After a timeout: what becomes of the connection's place in the pool, and of the next request.

When the socket itself is closed is not asked: some releases drop the connection and leave that to reference counts,
which are not the same under every Python.
"""

import asyncio

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, plain_async_client, plain_client, run, timeouts
from repro.cell.upstream import pending_port, silent

pytestmark = pytest.mark.needs("timeout argument")

#: What the client has; only a request that is to fail has less.
LONG = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 0.5}
READ = {**LONG, "read": 0.1}
CONNECT = {**LONG, "connect": 0.1}


@pytest.mark.needs("sync client")
def test_after_read(observe, upstream):
    """The next request after one whose answer did not come in time, and whether it has a connection of its own."""
    upstream.answer("/silent", silent)
    with plain_client(timeouts=LONG) as client:
        answers = [
            outcomes.of(lambda: client.get(f"{upstream.url}/silent", timeout=timeouts(**READ))),
            outcomes.of(lambda: client.get(upstream.url)),
        ]
        observe({"answers": answers, "connections opened": len(upstream.connections)})


@pytest.mark.needs("async client")
def test_async_after_read(observe, upstream):
    """The next asynchronous request after one whose answer did not come in time, and its connection."""
    upstream.answer("/silent", silent)

    async def main():
        client = plain_async_client(timeouts=LONG)
        answers = [
            await outcomes.of_async(lambda: client.get(f"{upstream.url}/silent", timeout=timeouts(**READ))),
            await outcomes.of_async(lambda: client.get(upstream.url)),
        ]
        await aclose(client)
        return {"answers": answers, "connections opened": len(upstream.connections)}

    observe(run(main))


@pytest.mark.needs("sync client", "connection limits")
def test_place_after_timeouts(observe, upstream):
    """Three requests with one connection allowed: not answered, not connected, and an ordinary one."""
    upstream.answer("/silent", silent)
    with pending_port() as port, plain_client(timeouts=LONG, max_connections=1) as client:
        answers = [
            outcomes.of(lambda: client.get(f"{upstream.url}/silent", timeout=timeouts(**READ))),
            outcomes.of(lambda: client.get(f"http://127.0.0.1:{port}/", timeout=timeouts(**CONNECT))),
            outcomes.of(lambda: client.get(upstream.url)),
        ]
    observe(answers)


@pytest.mark.needs("async client", "connection limits")
def test_async_place_after_timeouts(observe, upstream):
    """Three asynchronous requests with one connection allowed: not answered, not connected, and an ordinary one."""
    upstream.answer("/silent", silent)

    async def main():
        client = plain_async_client(timeouts=LONG, max_connections=1)
        answers = [
            await outcomes.of_async(lambda: client.get(f"{upstream.url}/silent", timeout=timeouts(**READ))),
            await outcomes.of_async(lambda: client.get(f"http://127.0.0.1:{port}/", timeout=timeouts(**CONNECT))),
            await outcomes.of_async(lambda: client.get(upstream.url)),
        ]
        await aclose(client)
        return answers

    with pending_port() as port:
        observe(run(main))


@pytest.mark.needs("async client", "connection limits")
def test_async_place_after_cancelling(observe, upstream):
    """A request with one connection allowed, after one that was cancelled while it waited for its answer."""
    upstream.answer("/silent", silent)

    async def main():
        client = plain_async_client(timeouts=LONG, max_connections=1)
        first = asyncio.create_task(client.get(upstream.url + "/silent"))
        await asyncio.to_thread(upstream.wait_for, lambda: upstream.requests)
        # The server may have the request before the client knows that it is sent.
        for _ in range(20):
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        answer = await outcomes.of_async(lambda: client.get(upstream.url))
        await aclose(client)
        return answer

    observe(run(main))
