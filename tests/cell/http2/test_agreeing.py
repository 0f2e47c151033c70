"""What client and server agree on where one of them knows only one protocol, or nothing of agreeing."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import sync_client

pytestmark = pytest.mark.needs("HTTP/2 in the sync client", "request sent before its answer is read")


def agreed(client, *protocols, **options):
    """How a GET of a server that offers these protocols ends, and over which protocol it was as either side says."""
    from repro.cell.http2_upstream import Http2Upstream

    with Http2Upstream(protocols, **options) as server:

        def get():
            response = client.get(server.url)
            return {"server": server.connections[0].protocol, "response": response.http_version}

        return outcomes.of(get)


def test_server_of_one_protocol(observe, http2_sync_client):
    """A client with HTTP/2 and servers that offer HTTP/1.1 alone, HTTP/2 alone, or nothing."""
    client = http2_sync_client()
    observe(
        {
            "HTTP/1.1 alone": agreed(client, "http/1.1"),
            "HTTP/2 alone": agreed(client, "h2"),
            "nothing": agreed(client),
        }
    )


def test_prior_knowledge(observe):
    """A client that was told to use nothing but HTTP/2, and a server that speaks it without TLS."""

    def get():
        with sync_client(http1=False, http2=True) as client:
            return agreed(client, plain=True)

    observe(outcomes.of(get))


def test_no_protocol(observe, upstream):
    """A client that was told to use neither HTTP/1.1 nor HTTP/2."""

    def get():
        with sync_client(http1=False, http2=False) as client:
            return client.get(upstream.url)

    observe(outcomes.of(get))
