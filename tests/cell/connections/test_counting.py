"""What a way of making clients costs: connections opened, and what is left in the process afterwards."""

import gc
import sys
import warnings

import pytest

from repro.cell import enclosure
from repro.cell.clients import in_thread, plain, plain_client, sync_client
from repro.cell.library import httpx
from repro.cell.upstream import descriptors

pytestmark = pytest.mark.needs("sync client")


@pytest.fixture(autouse=True)
def _small_trust_store(monkeypatch):
    """Give a client that cannot be told to do without a trust store, and takes certifi's, a small one for it."""
    if "certifi" in sys.modules:
        monkeypatch.setattr("certifi.where", lambda: str(enclosure.AUTHORITY))


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
            return {
                "connections opened": len(upstream.connections) - opened,
                "sockets left": sockets,
                # Whole ones: the event loop that one of a hundred is still letting go of is no leak.
                "other file descriptors left per client": int((settled(upstream, sockets) - before) / clients),
            }

    return in_thread(count)


def first(upstream):
    """Send a request with a client of which nothing is kept."""
    with sync_client() as client:
        client.get(upstream.url)


def settled(upstream, held):
    """The process's file descriptors besides its ends of connections, once the server closed what the client has."""
    gc.collect()
    assert upstream.wait_for(lambda: sum(not each.ended.is_set() for each in upstream.connections) == held)
    return descriptors() - 2 * held


def test_client_per_request(observe, upstream):
    """A hundred requests, each with a client of its own that is closed."""

    def send():
        answers = []
        for _ in range(100):
            with plain_client() as client:
                answers.append(client.get(upstream.url).status_code)
        return answers

    observe(cost(upstream, send, requests=100, clients=100))


def test_client_per_application(observe, upstream):
    """Two hundred requests with one client, closed at the end."""

    def send():
        with sync_client() as client:
            return [client.get(upstream.url).status_code for _ in range(200)]

    observe(cost(upstream, send, requests=200, clients=1))


@pytest.mark.needs("top-level functions")
def test_call_per_request(observe, upstream):
    """A hundred requests with the top-level function, without a client."""

    def send():
        return [httpx.get(upstream.url, **plain({})).status_code for _ in range(100)]

    # Each call makes a client and closes it.
    observe(cost(upstream, send, requests=100, clients=100))


def test_clients_kept_unclosed(observe, upstream):
    """Five requests, each with a client of its own that is kept and not closed."""
    clients = [sync_client() for _ in range(5)]
    for client in clients:
        client.get(upstream.url)
    observe({"connections opened": len(upstream.connections), "sockets held": upstream.held_open()})
    for client in clients:
        client.close()
