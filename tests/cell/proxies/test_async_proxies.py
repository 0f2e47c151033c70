"""What the asynchronous client does with its connections to a proxy."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, async_client, plain, run, turns
from repro.cell.enclosure import AUTHORITY

pytestmark = pytest.mark.needs("proxy in the async client")


def test_async_client_closed(observe, proxy, upstream):
    """How many connections to its proxy an asynchronous client holds open before it is closed, and after."""

    async def main():
        client = async_client(**plain({"proxy": proxy.url}))
        assert (await client.get(upstream.url)).status_code == 200
        held = [proxy.held_open()]
        await aclose(client)
        # A transport of asyncio's is closed one turn of the loop later.
        await turns()
        return [*held, proxy.held_open()]

    observe(run(main))


@pytest.mark.needs("HTTP/2 in the async client", "request sent before its answer is read")
def test_async_http2_tunnel(observe, proxy):
    """The protocol within a proxy's tunnel, of an asynchronous client that was told to use HTTP/2."""
    from repro.cell.http2_upstream import Http2Upstream  # it needs the h2 that only some releases bring

    async def main(port):
        client = async_client(http2=True, proxy=proxy.url, verify=str(AUTHORITY))
        answer = await outcomes.of_async(lambda: client.get(f"https://localhost:{port}"))
        await aclose(client)
        return answer

    with Http2Upstream() as secure:
        answer = run(lambda: main(secure.port))
        observe({"answer": answer, "protocols": [connection.protocol for connection in secure.connections]})
