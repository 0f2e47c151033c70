"""What a way of making clients costs: connections opened, and what is left in the process afterwards."""

import gc
import sys
import warnings

import pytest

from repro.cell import enclosure, outcomes
from repro.cell.clients import aclose, in_thread, plain, plain_async_client, plain_client, run, sync_client, turns
from repro.cell.library import httpx
from repro.cell.upstream import descriptors


@pytest.fixture(autouse=True)
def _small_trust_store(monkeypatch):
    """Give a client that cannot be told to do without a trust store, and takes certifi's, a small one for it."""
    if "certifi" in sys.modules:
        monkeypatch.setattr("certifi.where", lambda: str(enclosure.AUTHORITY))


#: A pool that has no place for a request of one at a time will have none.
IMPATIENT = {"connect": 5, "read": 5, "write": 5, "pool": 0.05}


def counted(upstream, opened, sockets, descriptors_left, clients):
    """What was opened since there were so many connections, and what is left."""
    return {
        "connections opened": len(upstream.connections) - opened,
        "sockets left": sockets,
        # Whole ones: the event loop that one of a hundred is still letting go of is no leak.
        "other file descriptors left per client": int(descriptors_left / clients),
    }


def cost(upstream, send, requests, clients):
    """What it costs to send that many requests with so many clients, and what of it is left.

    They are sent in a thread of their own, as from a view: a synchronous client that has an event loop takes another
    one in the main thread, depending on what ran there before. A first client, which is not counted, opens what is
    opened only once.
    """

    def count():
        # What was there before is no part of the question, and the collector takes its time to look through it.
        gc.freeze()
        with warnings.catch_warnings():
            # The same ones for every client.
            warnings.simplefilter("ignore")
            first(upstream)
            before, opened = settled(upstream, 0), len(upstream.connections)
            assert send() == [200] * requests
            sockets = upstream.held_open()
            return counted(upstream, opened, sockets, settled(upstream, sockets) - before, clients)

    return in_thread(count)


def async_cost(upstream, send, requests, clients):
    """As `cost`, with asynchronous clients, all in one event loop that still runs when what is left is counted.

    Where a request fails, no more are sent.
    """
    answered = []

    async def count():
        gc.freeze()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            client = plain_async_client()
            await client.get(upstream.url)
            await aclose(client)
            await turns()
            held, opened = upstream.held_open(), len(upstream.connections)
            before = settled(upstream, held)
            end = await outcomes.of_async(lambda: send(answered))
            await turns()
            sockets = upstream.held_open()
            found = counted(upstream, opened, sockets - held, settled(upstream, sockets) - before, clients)
            return found if answered == [200] * requests else {"requests answered": len(answered), "then": end, **found}

    return run(count)


def first(upstream):
    """Send a request with a client of which nothing is kept."""
    with sync_client() as client:
        client.get(upstream.url)


def settled(upstream, held):
    """The process's file descriptors besides its ends of connections, once the server closed what the client has."""
    gc.collect()
    assert upstream.wait_for(lambda: sum(not each.ended.is_set() for each in upstream.connections) == held)
    return descriptors() - 2 * held


@pytest.mark.needs("sync client")
def test_client_per_request(observe, upstream):
    """A hundred requests, each with a client of its own that is closed."""

    def send():
        answers = []
        for _ in range(100):
            with plain_client() as client:
                answers.append(client.get(upstream.url).status_code)
        return answers

    observe(cost(upstream, send, requests=100, clients=100))


@pytest.mark.needs("sync client")
def test_client_per_application(observe, upstream):
    """Two hundred requests with one client, closed at the end."""

    def send():
        with sync_client() as client:
            return [client.get(upstream.url).status_code for _ in range(200)]

    observe(cost(upstream, send, requests=200, clients=1))


@pytest.mark.needs("async client")
def test_async_client_per_request(observe, upstream):
    """A hundred requests, each with an asynchronous client of its own that is closed."""

    async def send(answered):
        for _ in range(100):
            client = plain_async_client(timeouts=IMPATIENT)
            answered.append((await client.get(upstream.url)).status_code)
            await aclose(client)

    observe(async_cost(upstream, send, requests=100, clients=100))


@pytest.mark.needs("async client")
def test_async_client_per_application(observe, upstream):
    """Two hundred requests with one asynchronous client, closed at the end."""

    async def send(answered):
        client = plain_async_client(timeouts=IMPATIENT)
        try:
            for _ in range(200):
                answered.append((await client.get(upstream.url)).status_code)
        finally:
            await aclose(client)

    observe(async_cost(upstream, send, requests=200, clients=1))


@pytest.mark.needs("sync client", "top-level functions")
def test_call_per_request(observe, upstream):
    """A hundred requests with the top-level function, without a client."""

    def send():
        return [httpx.get(upstream.url, **plain({})).status_code for _ in range(100)]

    # Each call makes a client and closes it.
    observe(cost(upstream, send, requests=100, clients=100))


@pytest.mark.needs("sync client")
def test_clients_kept_unclosed(observe, upstream):
    """Five requests, each with a client of its own that is kept and not closed."""
    clients = [sync_client() for _ in range(5)]
    for client in clients:
        client.get(upstream.url)
    observe({"connections opened": len(upstream.connections), "sockets held": upstream.held_open()})
    for client in clients:
        client.close()
