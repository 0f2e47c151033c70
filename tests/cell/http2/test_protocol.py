"""Which protocol client and server agree on, and what it saves."""

import importlib
import ssl

import pytest

from repro.cell import outcomes
from repro.cell.applications import over
from repro.cell.enclosure import AUTHORITY


def agreed(server, client):
    """The protocol of a first request, as the server and as the response say."""
    # By name: releases on urllib3 refuse TLS with an address.
    response = client.get(f"https://localhost:{server.port}")
    return {"server": server.connections[0].protocol, "response": response.http_version}


@pytest.mark.needs("HTTP/2")
def test_protocol_by_default(observe, any_client, http2_upstream):
    """The protocol a client agrees on with a server that offers HTTP/2, when it was not told anything about it."""
    observe(agreed(http2_upstream, any_client()))


@pytest.mark.needs("HTTP/2")
def test_protocol_asked_for(observe, any_client, http2_upstream):
    """The protocol a client agrees on with a server that offers HTTP/2, when it was told to use it."""
    observe(outcomes.of(lambda: agreed(http2_upstream, any_client(http2=True))))


@pytest.mark.needs("HTTP/2", "sync client")
def test_protocol_of_pool(observe, http2_upstream):
    """The protocol of a synchronous client that is given the pool of httpcore 0.8 to 0.13, made by hand for HTTP/2."""

    def spoken(pool):
        context = ssl.create_default_context(cafile=AUTHORITY)
        context.set_alpn_protocols(["h2", "http/1.1"])
        with over(pool(ssl_context=context, http2=True)) as client:
            return agreed(http2_upstream, client)

    try:
        pool = getattr(importlib.import_module("httpcore"), "SyncConnectionPool", None)
    except ImportError:
        pool = None
    observe(outcomes.of(lambda: spoken(pool)) if pool else "no such pool")


def test_ten_requests(observe, http2_client, http2_upstream):
    """How many requests each connection carries when a client with HTTP/2 sends ten, one after another."""
    client = http2_client()
    outcome = [outcomes.of(lambda: client.get(http2_upstream.url)) for _ in range(10)]
    observe(
        {
            "answered": outcome.count(200),
            "requests": [connection.requests for connection in http2_upstream.connections],
        }
    )


@pytest.mark.needs("HTTP/2 in the async client", "first requests at once")
def test_five_at_once(observe, http2_async_client, http2_upstream):
    """How a new client spreads five requests at once over connections."""
    client = http2_async_client()
    answered = client.at_once(http2_upstream, 5)
    observe({"answered": answered, "requests": [connection.requests for connection in http2_upstream.connections]})


@pytest.mark.needs("HTTP/2 in the async client")
def test_five_at_once_on_a_used_connection(observe, http2_async_client, http2_upstream):
    """How a client that has a connection spreads five further requests at once."""
    client = http2_async_client()
    client.get(http2_upstream.url)
    answered = client.at_once(http2_upstream, 5)
    observe({"answered": answered, "requests": [connection.requests for connection in http2_upstream.connections]})
