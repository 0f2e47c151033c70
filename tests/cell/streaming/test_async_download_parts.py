"""An asynchronous response read in parts: which parts, of which size, and what comes of it afterwards."""

import pytest

from repro.cell import downloads, outcomes
from repro.cell.clients import aclose, aread, async_client, plain, run, streamed
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("async client", "streamed response")

WAYS = tuple(downloads.WAYS)


@pytest.fixture
def asked(upstream):
    """Asks something of unread responses in turn, all of one client: a function of one, by name."""

    def ask(questions):
        async def main():
            client = async_client(**plain({}))
            found = {}
            for name, question in questions.items():
                response = await streamed(client, upstream.url)
                found[name] = await ended(question(response))
                await ended(aclose(response))
            await aclose(client)
            return found

        return run(main)

    return ask


async def ended(question):
    """How a question ends; a failed assertion of the release included."""
    try:
        return await outcomes.of_async(lambda: question)
    except AssertionError as error:
        return outcomes.phrase(error)


async def parts(response, way, **options):
    """The parts of a body that one way gives."""
    return downloads.plain(await downloads.aparts(response, way, **options))


def test_async_parts(observe, upstream, asked):
    """The parts of a body that comes in three chunks at once, read asynchronously."""
    upstream.answer("/", downloads.chunked(b"one", b"two2", b"three"))
    observe(asked({way: lambda response, way=way: parts(response, way) for way in WAYS}))


def test_async_chunk_size(observe, upstream, asked):
    """The parts of a body in three chunks when parts of four are asked for, three to the last byte."""
    upstream.answer("/", downloads.chunked(b"one", b"two2", b"three"))
    ways = ("iter_bytes", "iter_raw", "iter_text")
    observe(asked({way: lambda response, way=way: parts(response, way, chunk_size=4) for way in ways}))


def test_async_parts_of_read_body(observe, upstream, asked):
    """The parts of an asynchronous response that was read already."""
    upstream.answer("/", answering("0123456789"))

    async def read(response, way):
        await aread(response)
        return await parts(response, way)

    observe(asked({way: lambda response, way=way: read(response, way) for way in WAYS}))


def test_async_parts_twice(observe, upstream, asked):
    """An asynchronous response whose parts are read a second time."""
    upstream.answer("/", answering("0123456789"))

    async def twice(response, way):
        await parts(response, way)
        return await parts(response, way)

    observe(asked({way: lambda response, way=way: twice(response, way) for way in ("iter_bytes", "iter_raw")}))


def test_async_parts_after_closing(observe, upstream, asked):
    """The parts of an asynchronous response that was closed unread."""
    upstream.answer("/", answering("0123456789"))

    async def late(response, way):
        await aclose(response)
        return await parts(response, way)

    observe(asked({way: lambda response, way=way: late(response, way) for way in ("iter_bytes", "iter_raw")}))


def test_async_response_read_synchronously(observe, upstream, asked):
    """An asynchronous response whose parts are read as those of a synchronous one are."""
    upstream.answer("/", answering("0123456789"))

    async def reading(response):
        return downloads.plain(response.iter_raw())

    observe(asked({"iter_raw": reading})["iter_raw"])


def test_async_text_cut_short(observe, upstream, asked):
    """The text of an asynchronous response that ends in the middle of a letter, read in parts."""
    upstream.answer("/", downloads.chunked(b"Zo\xc3"))
    observe(asked({"iter_text": lambda response: parts(response, "iter_text")})["iter_text"])


def test_async_block(observe, upstream):
    """What a block with `client.stream` of an asynchronous client gives, and whether it closes the response."""
    upstream.answer("/", downloads.chunked(b"one", b"two2"))

    async def main():
        async with async_client(**plain({})) as client:
            async with client.stream("GET", upstream.url) as response:
                pieces = await parts(response, "iter_bytes")
            async with client.stream("GET", upstream.url) as unread:
                pass
            return {"parts": pieces, "closed": response.is_closed, "closed unread": unread.is_closed}

    observe(run(lambda: outcomes.of_async(main)))


def test_async_chunk_size_with_rest(observe, upstream, asked):
    """The parts of an asynchronous response when parts of five are asked for, which leaves a rest."""
    upstream.answer("/", downloads.chunked(b"one", b"two2", b"three"))
    ways = ("iter_bytes", "iter_raw", "iter_text")
    observe(asked({way: lambda response, way=way: parts(response, way, chunk_size=5) for way in ways}))
