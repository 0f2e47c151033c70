"""How a client is told that it runs under trio, or finds out."""

import pytest

from repro.cell import asking
from repro.cell.clients import aclose, async_client, plain

pytestmark = pytest.mark.needs("trio")


def answer(trio_loop, upstream, **options):
    """How a request under trio ends, with a client that is made with these options as they are."""

    async def main():
        client = async_client(**plain(options))
        try:
            return await client.get(upstream.url)
        finally:
            await aclose(client)

    return asking.answer(lambda: trio_loop.run(main))


def test_trio_untold(trio_loop, observe, upstream):
    """A request under trio, with a client that is not told which event loop it runs in."""
    observe(answer(trio_loop, upstream))


def test_trio_named(trio_loop, observe, upstream):
    """A request under trio, with a client that is made with `backend="trio"`."""
    observe(answer(trio_loop, upstream, backend="trio"))


def test_trio_misnamed(trio_loop, observe, upstream):
    """A request under trio, with a client that is made with `backend="asyncio"`."""
    observe(answer(trio_loop, upstream, backend="asyncio"))
