"""A body that is sent in parts: which chunks the server sees, and which kinds of iterator each client takes."""

import pytest

from repro.cell import bodies, outcomes
from repro.cell.clients import async_client, run
from repro.cell.library import httpx


class Readable:
    """What can be read and iterated over like a file, and does not say how long it is."""

    def __init__(self, *lines):
        self._lines = list(lines)

    def read(self, size=-1):
        """Give the rest."""
        given, self._lines = b"".join(self._lines), []
        return given

    def __iter__(self):
        return iter([self._lines.pop(0) for _ in range(len(self._lines))])


def refusing():
    """Give a part, and fail."""
    yield b"one"
    raise LookupError


@pytest.mark.needs("sync client", "body arguments")
def test_chunks(observe, client, upstream):
    """The chunks that a server sees of a generator, one of whose parts is empty."""
    bodies.sent(client, upstream, **bodies.raw(part for part in [b"one", b"", b"three"]))
    observe(upstream.requests[-1].chunks)


@pytest.mark.needs("sync client", "body arguments")
def test_chunks_of_readable(observe, upstream):
    """The chunks that a server sees of what can be read and gives lines."""
    with bodies.hasty_client() as client:
        seen = bodies.sent(client, upstream, **bodies.raw(Readable(b"one\n", b"three\n")))
    observe(upstream.requests[-1].chunks if upstream.requests else seen)


@pytest.mark.needs("sync client", "body arguments")
def test_failing(observe, upstream):
    """A generator that fails after its first part: what is raised, and whether the server has a whole request."""
    with bodies.hasty_client() as client:
        ending = bodies.ending(lambda: client.request("POST", upstream.url, **bodies.raw(refusing())))
    assert upstream.hear_out()
    observe({"ending": ending, "whole requests": len(upstream.requests)})


@pytest.mark.needs("sync client", "streamed response")
def test_sent_again(observe, client, upstream):
    """One request object, with a generator in it, sent twice: the body of the second, or what is raised."""

    def twice():
        request = client.build_request("POST", upstream.url, **bodies.raw(part for part in [b"one"]))
        client.send(request)
        client.send(request)
        return bodies.text(upstream.requests[-1].body)

    observe(bodies.ending(twice))


async def parts():
    """Give two parts."""
    yield b"one"
    yield b"two"


ITERATORS = {
    "generator": lambda: (part for part in [b"one", b"two"]),
    "async generator": parts,
    "list": lambda: [b"one"],
}


@pytest.mark.needs("async client")
def test_async_client(observe, upstream):
    """A body in parts with the asynchronous client, by what gives the parts."""

    async def main():
        async def sent(body):
            async with async_client(verify=False) as client:
                await client.request("POST", upstream.url, **bodies.raw(body))
            return bodies.text(upstream.requests[-1].body)

        return {kind: await ending(sent, make()) for kind, make in ITERATORS.items()}

    observe(run(main))


async def ending(call, *arguments):
    """How an asynchronous call ends; an AssertionError of the release is an observation too."""
    try:
        return await outcomes.of_async(lambda: call(*arguments))
    except AssertionError as error:
        return outcomes.phrase(error)


@pytest.mark.needs("body arguments")
def test_request_content(observe):
    """What a request that was not sent says its content is: of fields, and of a generator."""
    url = "http://127.0.0.1/"
    made = {
        "fields": lambda: httpx.Request("POST", url, data={"a": "1"}),
        "generator": lambda: httpx.Request("POST", url, **bodies.raw(part for part in [b"one"])),
    }
    observe({kind: bodies.ending(content, make) for kind, make in made.items()})


def content(make):
    """The content of a request, made now."""
    return bodies.text(make().content)
