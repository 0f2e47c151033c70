"""TLS under trio: to the server, and through the tunnel of a proxy."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose
from repro.cell.enclosure import AUTHORITY
from repro.cell.proxy import Proxy

pytestmark = pytest.mark.needs("trio")


@pytest.fixture
def twice(trio_loop, secure):
    """A function: how two GETs under trio over TLS end, with one client.

    The client trusts the authority of the server; it takes further options.
    """

    def send(**options):
        url = f"https://localhost:{secure.port}/"

        async def main():
            client = trio_loop.client(verify=str(AUTHORITY), **options)
            answers = [await outcomes.of_async(lambda: client.get(url)) for _ in range(2)]
            await outcomes.of_async(lambda: aclose(client))
            return answers

        return trio_loop.run(main)

    return send


def test_trio_tls(twice, observe, secure):
    """Two requests over TLS under trio with one client."""
    observe({"answers": twice(), "connections": len(secure.connections)})


@pytest.mark.needs("proxy in the async client")
def test_trio_tunnel(twice, observe):
    """Two requests over TLS under trio with one client, through the tunnel of a proxy."""
    with Proxy() as proxy:
        observe({"answers": twice(proxy=proxy.url), "tunnels": len(proxy.tunnels)})


@pytest.mark.needs("HTTP/2 in the async client")
def test_trio_http2(trio_loop, observe):
    """Two requests under trio over HTTP/2 with one client, and how many connections they take."""
    from repro.cell.http2_upstream import Http2Upstream

    async def main():
        client = trio_loop.client(verify=str(AUTHORITY), http2=True)
        answers = [await outcomes.of_async(lambda: client.get(server.url)) for _ in range(2)]
        await outcomes.of_async(lambda: aclose(client))
        return {"answers": answers, "protocols": [connection.protocol for connection in server.connections]}

    with Http2Upstream() as server:
        observe(trio_loop.run(main))
