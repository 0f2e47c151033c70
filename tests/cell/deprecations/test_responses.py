"""Old attributes and methods of a response."""

import pytest

from repro.cell import capabilities
from repro.cell.clients import streamed
from repro.cell.library import httpx
from repro.cell.upstream import answering


@pytest.fixture
def unfollowed(upstream):
    """Sends a request with a client, and answers the redirect that is the answer to it."""
    upstream.answer("/moved", answering(status=302, reason="Found", headers=(("Location", "/"),)))

    def get(client):
        kind = capabilities.sync_client() or capabilities.async_client()
        spellings = ("allow_redirects", "follow_redirects")
        told = {name: False for name in spellings if capabilities.takes(kind.get, name)}
        return client.get(f"{upstream.url}/moved", **told)

    return get


@pytest.mark.needs("sync client")
def test_response_stream(client, spelling, upstream):
    """The parts of a response's body, read with `stream`."""
    spelling(lambda: list(client().get(upstream.url).stream()))


@pytest.mark.needs("async client")
def test_async_response_stream(async_spelling, upstream):
    """The parts of an asynchronous response's body, read with `stream`."""

    async def parts(client):
        return [part async for part in (await client.get(upstream.url)).stream()]

    async_spelling(parts)


@pytest.mark.needs("sync client", "streamed response")
def test_response_raw(client, spelling, upstream):
    """The parts of a response's body as they were sent, read with `raw`."""
    spelling(lambda: list(streamed(client(), upstream.url).raw()))


@pytest.mark.needs("async client", "streamed response")
def test_async_response_raw(async_spelling, upstream):
    """The parts of an asynchronous response's body as they were sent, read with `raw`."""

    async def parts(client):
        return [part async for part in (await streamed(client, upstream.url)).raw()]

    async_spelling(parts)


@pytest.mark.needs("async client", "streamed response")
def test_async_response_stream_text(async_spelling, upstream):
    """The text of an asynchronous response's body, read in parts with `stream_text`."""

    async def parts(client):
        return [part async for part in (await streamed(client, upstream.url)).stream_text()]

    async_spelling(parts)


@pytest.mark.needs("async client", "streamed response")
@pytest.mark.parametrize("method", ["read", "close"])
def test_async_response(async_spelling, method, upstream):
    """An asynchronous response, streamed and then read or closed by the name that a synchronous one has for it."""

    async def used(client):
        await getattr(await streamed(client, upstream.url), method)()

    async_spelling(used)


@pytest.mark.needs("async client")
@pytest.mark.parametrize("method", ["next", "anext"])
def test_async_response_following(async_spelling, method, unfollowed):
    """The response that an asynchronous redirect leads to, asked for with a method of the redirect."""

    async def used(client):
        return await getattr(await unfollowed(client), method)()

    async_spelling(used)


@pytest.mark.needs("sync client")
def test_response_next(client, spelling, unfollowed):
    """The response that a redirect leads to, asked for with `next`."""
    spelling(lambda: unfollowed(client()).next())


@pytest.mark.parametrize("attribute", ["protocol", "apparent_encoding", "ext"])
def test_response_attribute(attribute, client, spelling, upstream):
    """An attribute of a response by a name that it had for a time."""
    spelling(lambda: getattr(client().get(upstream.url), attribute))


@pytest.mark.parametrize(
    ("argument", "value"),
    [("ext", None), ("on_close", None), ("http_version", "HTTP/1.1")],
    ids=["ext", "on_close", "http_version"],
)
def test_response_argument(argument, spelling, value):
    """A response made by hand, with an argument that it took for a time."""
    request = httpx.Request("GET", "http://origin.invalid/")
    needed = {"request": request} if capabilities.takes(httpx.Response, "request") else {}
    spelling(lambda: httpx.Response(200, **needed, **{argument: value}))
