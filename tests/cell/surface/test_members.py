"""The public attributes and methods of what a caller holds in the hand."""

import pytest

from repro.cell import capabilities, responses
from repro.cell.clients import plain
from repro.cell.library import httpx


def client():
    """A client, synchronous where the release has such ones; it is never used, and so has nothing to close."""
    return (capabilities.sync_client() or capabilities.async_client())(**plain({}))


THINGS = {
    "client": client,
    "request": lambda: httpx.Request("GET", "http://example.org/"),
    "response": lambda: responses.response(200),
    "url": lambda: httpx.URL("http://example.org/"),
}


@pytest.mark.parametrize("thing", THINGS)
def test_members(thing, observe):
    """The public names of an object of the release, attributes and methods together."""
    observe([name for name in dir(THINGS[thing]()) if not name.startswith("_")])


def test_stream_members(observe):
    """The public names of the class that a body sent by a synchronous client is derived from."""
    observe([name for name in dir(getattr(httpx, "SyncByteStream", None)) if not name.startswith("_")])
