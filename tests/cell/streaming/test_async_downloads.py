"""A response that is read later, asked of the asynchronous client, because there were releases that had no other."""

import pytest

from repro.cell import downloads
from repro.cell.asking import async_answer
from repro.cell.clients import streamed

pytestmark = pytest.mark.needs("async client", "streamed response")


def test_async_lines(observe, upstream):
    """The lines of a body, read from an asynchronous response."""
    upstream.answer("/", downloads.chunked(b"a\r\nb"))

    async def lines(client):
        response = await streamed(client, upstream.url)
        name = "aiter_lines" if hasattr(response, "aiter_lines") else "stream_lines"
        try:
            return [line async for line in getattr(response, name)()]
        finally:
            await closed(response)

    observe(async_answer(lines))


def test_async_elapsed_unread(observe, upstream):
    """What an asynchronous response that is not read yet says of the time that it took."""

    async def elapsed(client):
        response = await streamed(client, upstream.url)
        try:
            return response.elapsed
        finally:
            await closed(response)

    observe(async_answer(elapsed))


async def closed(response):
    """Close a response: `aclose()` where there is one, else `close()`."""
    await (response.aclose if hasattr(response, "aclose") else response.close)()
