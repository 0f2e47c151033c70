"""HTTP/2 over real TLS, asked of the synchronous and of the asynchronous client in the same words.

The asynchronous client is driven step by step on one event loop, which stands still between two steps and runs while
the client is idle: so what an idle client does by itself is seen, and nothing depends on how long it took.
"""

import asyncio

import pytest

from repro.cell import capabilities, outcomes
from repro.cell.asking import both
from repro.cell.clients import aclose, async_client, sync_client
from repro.cell.enclosure import AUTHORITY
from repro.cell.library import httpx
from repro.cell.upstream import PATIENCE


class Sync:
    """The synchronous client; it does nothing between two calls."""

    def __init__(self, **options):
        self.client = sync_client(**options)
        self.open = True

    def get(self, url):
        """Send one request."""
        return self.client.get(url)

    def idle(self):
        """Time passes."""

    def close(self):
        """End the client; a second time is nothing."""
        if self.open:
            self.open = False
            self.client.close()


class Async:
    """The asynchronous client, and the event loop that it lives on."""

    def __init__(self, **options):
        self.runner = asyncio.Runner()
        self.client = async_client(**options)
        self.open = True

    def get(self, url):
        """Send one request, and let the loop run until it is answered."""
        return self.runner.run(self._get(url))

    async def _get(self, url):
        return await self.client.get(url)

    def at_once(self, server, count):
        """How many of so many requests are answered that are under way together; the server answers all at once.

        Which ones, where it is not all of them, is not the same twice; nor is what the others come to.
        """
        return self.runner.run(self._at_once(server, count))

    async def _at_once(self, server, count):
        server.hold()
        before = len(server.requests)
        tasks = [asyncio.ensure_future(outcomes.of_async(lambda: self.client.get(server.url))) for _ in range(count)]
        async with asyncio.timeout(PATIENCE):
            # One that is done before the server answers has failed, and will not arrive.
            # Two kinds of events in two threads are waited for, so each turn looks.
            while len(server.requests) - before + sum(task.done() for task in tasks) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        # The loop stands still until every answer is there, so who reads first does not depend on the network.
        server.release()
        assert server.reached() or len(server.requests) == before
        # Each takes its handful, and all of them wait for one another.
        await self._turn(200)
        answered = sum(task.done() and task.result() == 200 for task in tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return answered

    def idle(self):
        """Let the loop do all that there is to do: what has arrived is read, timers that are due have fired."""
        self.runner.run(self._turn())

    async def _turn(self, turns=20):
        # A turn of the loop asks for what has arrived and runs what follows from it; from TLS to whoever waits for it
        # that is a handful.
        for _ in range(turns):
            await asyncio.sleep(0)

    def close(self):
        """End the client and its loop; a second time is nothing."""
        if self.open:
            self.open = False
            self.runner.run(aclose(self.client))
            self.idle()
            self.runner.close()


def _making(kind, **always):
    clients = []
    if capabilities.takes(httpx.Client, "http_versions"):
        # Some of the releases that call it so do not read SSL_CERT_FILE.
        always["verify"] = str(AUTHORITY)

    def make(**options):
        clients.append(kind(**always, **options))
        return clients[-1]

    yield make
    for client in clients:
        # How that ends is not the question here, and a connection that was replaced may be half gone.
        outcomes.of(client.close)


@pytest.fixture(params=both(Sync, Async))
def any_client(request):
    """Makes clients, synchronous or asynchronous; they are closed when the behaviour is over."""
    yield from _making(request.param)


@pytest.fixture(params=both(Sync, Async, "HTTP/2 in the {} client"))
def http2_client(request):
    """Makes clients that were told to use HTTP/2, synchronous or asynchronous; closed when the behaviour is over."""
    yield from _making(request.param, http2=True)


@pytest.fixture(
    params=[
        pytest.param(
            Sync,
            id="sync",
            marks=pytest.mark.needs("HTTP/2 in the sync client", "sync client without an event loop"),
        ),
        pytest.param(Async, id="async", marks=pytest.mark.needs("HTTP/2 in the async client", "Python 3.11.7")),
    ]
)
def noticing_http2_client(request):
    """As `http2_client`, for what it does about the end of a connection.

    A synchronous client that is an asynchronous one inside lets its event loop stand still between two requests. When
    that loop learns of an end, before its next request has written or after, is not the same twice.
    """
    yield from _making(request.param, http2=True)


@pytest.fixture
def http2_async_client():
    """Makes asynchronous clients that were told to use HTTP/2; they are closed when the behaviour is over."""
    yield from _making(Async, http2=True)


@pytest.fixture
def http2_sync_client():
    """Makes synchronous clients that were told to use HTTP/2; they are closed when the behaviour is over."""
    yield from _making(Sync, http2=True)


@pytest.fixture
def http2_upstream():
    """A loopback server that speaks HTTP/2 where the client agrees; the release brings the h2 that it needs."""
    from repro.cell.http2_upstream import Http2Upstream

    with Http2Upstream() as server:
        yield server
