"""The places of a pool, asked of the asynchronous client."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, async_client, plain, run, turns

#: A pool that is waited for no longer than this has no place that will become free.
FULL = {"connect": 5, "read": 5, "write": 5, "pool": 0.05}


@pytest.mark.needs("async client", "connection limits")
def test_async_place_of_dropped_connection(observe, upstream):
    """An asynchronous request where a pool of one connection has one that the server closed while it was idle."""

    async def main():
        client = async_client(**plain({"max_connections": 1, "timeouts": FULL}))
        await client.get(upstream.url)
        upstream.end_idle()
        assert upstream.reached()
        await turns()
        answer = await outcomes.of_async(lambda: client.get(upstream.url))
        await aclose(client)
        return answer

    observe(run(main))
