"""A connection that the server has given up: while it was idle, or when the next request was already on it."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, plain_async_client, plain_client, run, turns
from repro.cell.upstream import PATIENCE, answering, closing, resetting, response

METHODS = pytest.mark.parametrize("method", ["get", "post"])


def reusing(upstream, method, between=lambda: None):
    """Send a request for `/again` over a connection that has carried one: how it ends, and what the server saw."""
    with plain_client() as client:
        client.get(upstream.url)
        between()
        answer = outcomes.of(lambda: getattr(client, method)(upstream.url + "/again"))
    return seen(upstream, answer)


def async_reusing(upstream, method, between=lambda: None):
    """As `reusing`, with an asynchronous client."""

    async def main():
        client = plain_async_client()
        await client.get(upstream.url)
        between()
        await turns()
        answer = await outcomes.of_async(lambda: getattr(client, method)(upstream.url + "/again"))
        await aclose(client)
        return answer

    return seen(upstream, run(main))


def seen(upstream, answer):
    """An answer, and what the server saw of the request."""
    assert upstream.hear_out()
    return {
        "answer": answer,
        "times the server saw it": len(upstream.requests_for("/again")),
        "connections opened": len(upstream.connections),
    }


def given_up(upstream):
    """Close the idle connection from the server's side; the client's socket has it when this returns."""

    def end():
        upstream.end_idle()
        assert upstream.reached()

    return end


@METHODS
@pytest.mark.needs("sync client")
def test_closed_while_idle(observe, upstream, method):
    """A request after the server closed the idle connection."""
    observe(reusing(upstream, method, given_up(upstream)))


@METHODS
@pytest.mark.needs("async client")
def test_async_closed_while_idle(observe, upstream, method):
    """An asynchronous request after the server closed the idle connection."""
    observe(async_reusing(upstream, method, given_up(upstream)))


@METHODS
@pytest.mark.needs("sync client")
def test_closed_when_asked(observe, upstream, method):
    """A request over a used connection that the server closes instead of answering, once."""
    upstream.answer("/again", closing, answering({"ok": True}))
    observe(reusing(upstream, method))


@METHODS
@pytest.mark.needs("async client")
def test_async_closed_when_asked(observe, upstream, method):
    """An asynchronous request over a used connection that the server closes instead of answering, once."""
    upstream.answer("/again", closing, answering({"ok": True}))
    observe(async_reusing(upstream, method))


@METHODS
@pytest.mark.needs("sync client")
def test_reset_when_asked(observe, upstream, method):
    """A request over a used connection that the server resets instead of answering, once."""
    upstream.answer("/again", resetting, answering({"ok": True}))
    observe(reusing(upstream, method))


@METHODS
@pytest.mark.needs("async client")
def test_async_reset_when_asked(observe, upstream, method):
    """An asynchronous request over a used connection that the server resets instead of answering, once."""
    upstream.answer("/again", resetting, answering({"ok": True}))
    observe(async_reusing(upstream, method))


@pytest.mark.needs("async client")
def test_async_reset_before_closing(observe, upstream):
    """Closing an asynchronous client whose idle connection the server has reset."""
    answered = threading.Event()

    def resetting_later(exchange):
        exchange.send(response())
        answered.wait(PATIENCE)
        exchange.reset()

    async def main():
        client = plain_async_client()
        await client.get(upstream.url)
        answered.set()
        assert upstream.connections[0].ended.wait(PATIENCE)
        await turns()
        return await outcomes.of_async(lambda: aclose(client))

    upstream.answer("/", resetting_later)
    observe(run(main))
