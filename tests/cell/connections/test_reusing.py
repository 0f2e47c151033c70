"""When a connection is used again, and when the next request opens another one."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, aread, plain_async_client, plain_client, run, streamed, turns
from repro.cell.clock import later
from repro.cell.upstream import answering, response


def old(exchange):
    """Answer in HTTP/1.0, and leave closing to the client."""
    exchange.send(response("old").replace(b"HTTP/1.1", b"HTTP/1.0", 1))


def last(exchange):
    """Announce that this was the connection's last answer, and leave closing to the client."""
    exchange.send(response("last", headers=(("Connection", "close"),)))


def idle(upstream, seconds, **options):
    """Whether a connection that was idle for so long is used again."""
    opened = len(upstream.connections)
    with plain_client(**options) as client:
        client.get(upstream.url)
        with later(seconds):
            client.get(upstream.url)
    return USED_AGAIN[len(upstream.connections) - opened]


def async_idle(upstream, seconds, **options):
    """Whether a connection of an asynchronous client that was idle for so long is used again."""

    async def main():
        client = plain_async_client(**options)
        await client.get(upstream.url)
        with later(seconds):
            await client.get(upstream.url)
        await aclose(client)

    opened = len(upstream.connections)
    run(main)
    return USED_AGAIN[len(upstream.connections) - opened]


USED_AGAIN = {1: "used again", 2: "replaced"}


def after(upstream, path):
    """Two requests, the first of them for `path`: how both end, and over how many connections."""
    with plain_client() as client:
        first = outcomes.of(lambda: client.get(upstream.url + path))
        held = upstream.held_open()
        second = outcomes.of(lambda: client.get(upstream.url))
    return {"answers": [first, second], "held open between them": held, "connections opened": len(upstream.connections)}


def async_after(upstream, path):
    """As `after`, with an asynchronous client."""

    async def main():
        client = plain_async_client()
        first = await outcomes.of_async(lambda: client.get(upstream.url + path))
        await turns()
        held = upstream.held_open()
        second = await outcomes.of_async(lambda: client.get(upstream.url))
        await aclose(client)
        return {
            "answers": [first, second],
            "held open between them": held,
            "connections opened": len(upstream.connections),
        }

    return run(main)


@pytest.mark.needs("sync client")
def test_after_http_1_0(observe, upstream):
    """The request after an answer in HTTP/1.0, which the server left open."""
    upstream.answer("/old", old)
    observe(after(upstream, "/old"))


@pytest.mark.needs("async client")
def test_async_after_http_1_0(observe, upstream):
    """The asynchronous request after an answer in HTTP/1.0, which the server left open."""
    upstream.answer("/old", old)
    observe(async_after(upstream, "/old"))


@pytest.mark.needs("sync client")
def test_after_connection_close(observe, upstream):
    """The request after an answer with `Connection: close`, which the server left open."""
    upstream.answer("/last", last)
    observe(after(upstream, "/last"))


@pytest.mark.needs("async client")
def test_async_after_connection_close(observe, upstream):
    """The asynchronous request after an answer with `Connection: close`, which the server left open."""
    upstream.answer("/last", last)
    observe(async_after(upstream, "/last"))


@pytest.mark.needs("async client")
def test_async_requests_in_turn(observe, upstream):
    """Ten requests that follow one another, with one asynchronous client."""

    async def main():
        client = plain_async_client()
        for _ in range(10):
            await client.get(upstream.url)
        await aclose(client)

    run(main)
    observe({"connections opened": len(upstream.connections)})


@pytest.mark.needs("sync client")
def test_idle(observe, upstream):
    """How long a connection may be idle and is used again."""
    observe({span: idle(upstream, seconds) for span, seconds in SPANS.items()})


@pytest.mark.needs("async client")
def test_async_idle(observe, upstream):
    """How long a connection of an asynchronous client may be idle and is used again."""
    observe({span: async_idle(upstream, seconds) for span, seconds in SPANS.items()})


SPANS = {"4 seconds": 4, "6 seconds": 6, "an hour": 3600}


@pytest.mark.needs("sync client", "keepalive_expiry option")
def test_keepalive_expiry(observe, upstream):
    """How long a connection may be idle and is used again with `keepalive_expiry` a minute, or None."""
    observe(
        {
            "a minute, after 50 seconds": idle(upstream, 50, keepalive_expiry=60),
            "a minute, after 70 seconds": idle(upstream, 70, keepalive_expiry=60),
            "None, after an hour": idle(upstream, 3600, keepalive_expiry=None),
        }
    )


@pytest.mark.needs("async client", "keepalive_expiry option")
def test_async_keepalive_expiry(observe, upstream):
    """How long an asynchronous client's connection may be idle with `keepalive_expiry` a minute, or None."""
    observe(
        {
            "a minute, after 50 seconds": async_idle(upstream, 50, keepalive_expiry=60),
            "a minute, after 70 seconds": async_idle(upstream, 70, keepalive_expiry=60),
            "None, after an hour": async_idle(upstream, 3600, keepalive_expiry=None),
        }
    )


@pytest.mark.needs("sync client", "connection limits")
def test_no_idle_connections(observe, upstream):
    """The connections of two requests where no idle connection is allowed."""
    with plain_client(max_keepalive=0) as client:
        client.get(upstream.url)
        held = upstream.held_open()
        client.get(upstream.url)
    observe({"held open between them": held, "connections opened": len(upstream.connections)})


@pytest.mark.needs("async client", "connection limits")
def test_async_no_idle_connections(observe, upstream):
    """The connections of two asynchronous requests where no idle connection is allowed."""

    async def main():
        client = plain_async_client(max_keepalive=0)
        await client.get(upstream.url)
        await turns()
        held = upstream.held_open()
        await client.get(upstream.url)
        await aclose(client)
        return {"held open between them": held, "connections opened": len(upstream.connections)}

    observe(run(main))


def after_stream(upstream, end):
    """The request after a streamed answer of 10 kB that was ended so: how it ends, and over how many connections."""
    upstream.answer("/stream", answering("0123456789" * 1000))
    with plain_client() as client:
        end(streamed(client, upstream.url + "/stream"))
        second = outcomes.of(lambda: client.get(upstream.url))
    return {"answer": second, "connections opened": len(upstream.connections)}


def async_after_stream(upstream, end):
    """As `after_stream`, with an asynchronous client."""
    upstream.answer("/stream", answering("0123456789" * 1000))

    async def main():
        client = plain_async_client()
        await end(await streamed(client, upstream.url + "/stream"))
        second = await outcomes.of_async(lambda: client.get(upstream.url))
        await aclose(client)
        return second

    return {"answer": run(main), "connections opened": len(upstream.connections)}


@pytest.mark.needs("sync client", "streamed response")
def test_stream_read(observe, upstream):
    """The request after a streamed answer that was read to its end and not closed."""
    observe(after_stream(upstream, lambda response: response.read()))


@pytest.mark.needs("sync client", "streamed response")
def test_stream_closed_early(observe, upstream):
    """The request after a streamed answer of which nothing was read before it was closed."""
    observe(after_stream(upstream, lambda response: response.close()))


@pytest.mark.needs("async client", "streamed response")
def test_async_stream_read(observe, upstream):
    """The asynchronous request after a streamed answer that was read to its end and not closed."""
    observe(async_after_stream(upstream, aread))


@pytest.mark.needs("async client", "streamed response")
def test_async_stream_closed_early(observe, upstream):
    """The asynchronous request after a streamed answer of which nothing was read before it was closed."""
    observe(async_after_stream(upstream, aclose))
