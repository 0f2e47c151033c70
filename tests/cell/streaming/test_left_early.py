"""What an asynchronous stream that is left early leaves behind: generators that somebody has to close."""

import sys

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, async_client, plain, run
from repro.cell.upstream import dripping

pytestmark = pytest.mark.needs("async client")


def test_generators_left(observe, upstream):
    """What closing the generators raises that a stream leaves behind, the inmost first, as an event loop may."""
    upstream.answer("/", dripping(b"0123456789", 2))

    async def main():
        left = []
        sys.set_asyncgen_hooks(firstiter=left.append)
        client = async_client(**plain({}))
        async with client.stream("GET", upstream.url) as response:
            parts = response.aiter_bytes().__aiter__()
            await parts.__anext__()
        errors = {str(await outcomes.of_async(generator.aclose)) for generator in reversed(left)}
        await aclose(client)
        return sorted(errors - {"None"}) or "nothing"

    observe(outcomes.of(lambda: run(main)))
