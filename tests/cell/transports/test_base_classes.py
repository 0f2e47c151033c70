"""The classes that a caller's own transport or stream begins with: what they do where nothing is overridden."""

import pytest

from repro.cell.asking import answer
from repro.cell.clients import run
from repro.cell.library import httpx

# What a transport has to be is a public name only where one is public that answers by itself.
pytestmark = pytest.mark.needs("mock transport")


def test_base_transport(observe):
    """A transport that overrides nothing: asked for a response, as a block, and closed."""

    def block():
        with httpx.BaseTransport() as transport:
            return type(transport).__name__

    observe(
        {
            "asked": answer(lambda: httpx.BaseTransport().handle_request(httpx.Request("GET", "http://a.invalid"))),
            "block": answer(block),
            "closed": answer(lambda: httpx.BaseTransport().close()),
        }
    )


def test_async_base_transport(observe):
    """An asynchronous transport that overrides nothing: asked for a response, as a block, and closed."""

    async def asked():
        return await httpx.AsyncBaseTransport().handle_async_request(httpx.Request("GET", "http://a.invalid"))

    async def block():
        async with httpx.AsyncBaseTransport() as transport:
            return type(transport).__name__

    async def closed():
        return await httpx.AsyncBaseTransport().aclose()

    each = {"asked": asked, "block": block, "closed": closed}
    observe({name: answer(lambda call=call: run(call)) for name, call in each.items()})


def test_base_streams(observe):
    """A stream that overrides nothing, iterated and closed; an asynchronous one, iterated and closed."""

    async def iterated():
        return [part async for part in httpx.AsyncByteStream()]

    async def closed():
        return await httpx.AsyncByteStream().aclose()

    observe(
        {
            "iterated": answer(lambda: list(httpx.SyncByteStream())),
            "closed": answer(lambda: httpx.SyncByteStream().close()),
            "asynchronous, iterated": answer(lambda: run(iterated)),
            "asynchronous, closed": answer(lambda: run(closed)),
        }
    )
