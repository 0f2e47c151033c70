"""A timeout of each kind, alone and for real: what it raises, and which `except` clauses catch it."""

import asyncio
import threading

import pytest

from repro.cell import outcomes
from repro.cell.asking import async_ended, both
from repro.cell.clients import Call, aclose, plain_async_client, plain_client, run
from repro.cell.upstream import answering, holding, pending_port, silent

SHORT = 0.1
LONG = 5.0

#: How long the server has patience with a client whose timeout does not come. A timeout that comes is over long before.
LONGER = 1.0

#: More than the sockets of both ends hold, which is between three and four MiB.
BODY = bytes(8 << 20)


def only(kind):
    """Timeouts that are long, but for one kind."""
    return {each: SHORT if each == kind else LONG for each in ("connect", "read", "write", "pool")}


def sync_way(kind, send, **options):
    """How sending with a client ends that has a short timeout of this kind."""
    with plain_client(timeouts=only(kind), **options) as client:
        return outcomes.caught(lambda: send(client))


def async_way(kind, send, **options):
    """How sending with an asynchronous client ends that has a short timeout of this kind."""
    return async_ended(lambda: plain_async_client(timeouts=only(kind), **options), outcomes.caught_async, send)


WAYS = pytest.mark.parametrize("way", both(sync_way, async_way, "{} client", "timeout argument"))


@WAYS
def test_connect(observe, way):
    """Connecting to a server that does not accept."""
    with pending_port() as port:
        observe(way("connect", lambda client: client.get(f"http://127.0.0.1:{port}/")))


@WAYS
def test_read(observe, upstream, way):
    """Reading from a server that does not answer."""
    upstream.answer("/", silent)
    observe(way("read", lambda client: client.get(upstream.url)))


@WAYS
def test_read_of_body(observe, upstream, way):
    """Reading a body of which the server sends the beginning only."""
    upstream.answer("/", beginning)
    observe(way("read", lambda client: client.get(upstream.url)))


def beginning(exchange):
    """Send a part of the body, and wait until the client gives up."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
    silent(exchange)


@WAYS
def test_write(observe, upstream, way):
    """Writing a body to a server that does not read; after a second it does."""
    upstream.reading.clear()
    patience = threading.Timer(LONGER, upstream.reading.set)
    patience.start()
    observe(way("write", lambda client: client.post(upstream.url, data=BODY)))
    patience.cancel()
    patience.join()


@pytest.mark.needs("sync client", "timeout argument", "connection limits")
def test_pool(observe, upstream):
    """Waiting for the only connection, which another thread's request has."""
    released = threading.Event()
    upstream.answer("/held", holding(released, answering({"ok": True})))
    with plain_client(max_connections=1, timeouts=only("pool")) as client:
        first = Call(lambda: client.get(upstream.url + "/held"))
        first.reach(lambda: upstream.requests)
        second = outcomes.caught(lambda: client.get(upstream.url))
        released.set()
        assert first.ended() == 200
    observe(second)


@pytest.mark.needs("async client", "timeout argument", "connection limits")
def test_async_pool(observe, upstream):
    """Waiting for the only connection, which another task's request has."""
    released = threading.Event()
    upstream.answer("/held", holding(released, answering({"ok": True})))

    async def main():
        client = plain_async_client(max_connections=1, timeouts=only("pool"))
        first = asyncio.create_task(outcomes.of_async(lambda: client.get(upstream.url + "/held")))
        await asyncio.to_thread(upstream.wait_for, lambda: upstream.requests)
        second = await outcomes.caught_async(lambda: client.get(upstream.url))
        released.set()
        assert await first == 200
        await aclose(client)
        return second

    observe(run(main))
