"""An idle HTTP/2 connection: what client and server may do with it, and what the next request meets."""

import pytest

from repro.cell import outcomes
from repro.cell.clock import later

pytestmark = pytest.mark.needs("HTTP/2")

HOUR = 3600


def used(client, server):
    """Send one request, and let client and server do all that follows from it; the frames until then, counted."""
    client.get(server.url)
    client.idle()
    return server.catch_up()


def next_two(server, client):
    """How the next request and the one after it end, and how many connections there have been then."""
    return {
        "next request": outcomes.of(lambda: client.get(server.url)),
        "the one after": outcomes.of(lambda: client.get(server.url)),
        "connections": len(server.connections),
    }


def test_idle_for_an_hour(observe, http2_client, http2_upstream):
    """What a client sends on a connection that is idle for an hour, and whether it keeps it open without a request.

    The hour passes on the clock that the client reads, so whatever it would do by itself by then is due.
    """
    client = http2_client()
    before = used(client, http2_upstream)
    with later(HOUR):
        client.idle()
        observe({"frames": http2_upstream.names(before), "connections open": http2_upstream.held_open()})


def test_ping_while_idle(observe, http2_client, http2_upstream):
    """When a client answers a PING that reaches it while it is idle."""
    client = http2_client()
    before = used(client, http2_upstream)
    http2_upstream.ping()
    assert http2_upstream.reached()
    client.idle()
    while_idle = http2_upstream.names(before).count("PING ACK")
    outcome = outcomes.of(lambda: client.get(http2_upstream.url))
    observe(
        {
            "answers while idle": while_idle,
            "answers with the next request": http2_upstream.names(before).count("PING ACK") - while_idle,
            "next request": outcome,
            "connections": len(http2_upstream.connections),
        }
    )


@pytest.mark.needs("request sent before its answer is read")
def test_goaway_while_idle(observe, http2_client, http2_upstream):
    """What the next request meets after the server said GOAWAY on the idle connection and left it open."""
    client = http2_client()
    used(client, http2_upstream)
    http2_upstream.goaway()
    assert http2_upstream.reached()
    client.idle()
    observe(next_two(http2_upstream, client))


def test_goaway_and_close_while_idle(observe, noticing_http2_client, http2_upstream):
    """What the next request meets after the server said GOAWAY on the idle connection and closed it."""
    client = noticing_http2_client()
    used(client, http2_upstream)
    http2_upstream.goaway()
    http2_upstream.end_idle()
    assert http2_upstream.reached(end=True)
    client.idle()
    observe(next_two(http2_upstream, client))


def test_close_while_idle(observe, noticing_http2_client, http2_upstream):
    """What the next request meets after the server closed the idle connection."""
    client = noticing_http2_client()
    used(client, http2_upstream)
    http2_upstream.end_idle()
    assert http2_upstream.reached(end=True)
    client.idle()
    observe(next_two(http2_upstream, client))
