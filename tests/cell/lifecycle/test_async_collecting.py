"""An asynchronous client that nobody refers to any more, closed or not.

It is collected when its loop has ended: within the loop, what its collection closes depends on the Python.
"""

import pytest

from repro.cell.clients import aclose, async_client, run

pytestmark = pytest.mark.needs("async client")


def test_async_collected_unclosed(collect, observe, upstream):
    """An asynchronous client that has sent a request, is not closed, and is collected."""

    async def main():
        client = async_client()
        await client.get(upstream.url)
        return client

    kept = [run(main)]
    left = upstream.held_open()
    warnings = collect(kept)
    observe({"left open by the loop": left, "connections held open": upstream.held_open(), "warnings": warnings})


def test_async_collected_unused(collect, observe):
    """An asynchronous client that was never used, is not closed, and is collected."""

    async def main():
        return async_client()

    observe({"warnings": collect([run(main)])})


def test_async_collected_closed(collect, upstream):
    """An asynchronous client that was closed gives no warning when it is collected, and holds nothing open."""

    async def main():
        client = async_client()
        await client.get(upstream.url)
        await aclose(client)
        return client

    kept = [run(main)]
    assert not [warning for warning in collect(kept) if warning != "ResourceWarning"]
    assert upstream.held_open() == 0
