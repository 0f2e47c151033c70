"""The function of each method, of a client and of the module: what it sends, and whether it takes a body."""

import io
import re

import pytest

from repro.cell import bodies, capabilities
from repro.cell.asking import answer
from repro.cell.clients import aclose, async_client, plain, run
from repro.cell.library import httpx
from repro.cell.outcomes import of_async
from repro.cell.upstream import answering

METHODS = ("get", "options", "head", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def empty(upstream):
    """Answer without a body, as HEAD wants it."""
    upstream.answer("/", answering(b""))


@pytest.mark.needs("sync client")
def test_methods(observe, upstream):
    """What the function of each method of a client sends."""

    def sent(client, method):
        getattr(client, method)(upstream.url)
        return upstream.requests[-1].method

    with bodies.client() as client:
        observe({method: answer(lambda method=method: sent(client, method)) for method in METHODS})


@pytest.mark.needs("async client")
def test_async_methods(observe, upstream):
    """What the function of each method of an asynchronous client sends."""

    async def main():
        client = async_client(**plain({}))
        for method in METHODS:
            await getattr(client, method)(upstream.url)
        await aclose(client)

    run(main)
    observe([request.method for request in upstream.requests])


@pytest.mark.needs("sync client", "top-level functions")
def test_functions(observe, upstream):
    """What the function of each method of the module sends."""

    def sent(method):
        function = getattr(httpx, method)
        function(upstream.url, **_plain(function))
        return upstream.requests[-1].method

    observe({method: answer(lambda method=method: sent(method)) for method in METHODS})


@pytest.mark.needs("sync client", "top-level functions")
def test_function_stream(observe, upstream):
    """What a block with `httpx.stream` gives: the body, and whether the response and its connection are closed."""

    def streamed():
        with httpx.stream("GET", upstream.url, **_plain(httpx.stream)) as response:
            body = response.read().decode()
        return {"body": body, "closed": response.is_closed, "connections held open": upstream.held_open()}

    observe(answer(streamed))


def _plain(function):
    """The arguments with which a function of the module sets up no TLS of its own."""
    return plain({}) if capabilities.takes(function, "verify") else {}


@pytest.mark.needs("async client", "body arguments")
def test_async_files(observe, upstream):
    """Bodies that an asynchronous client takes from a file: one that is read, and one that is read asynchronously."""

    class File:
        def __init__(self):
            self.left = [b"ab", b"c"]

        async def aread(self, size):
            return self.left.pop(0) if self.left else b""

        async def __aiter__(self):
            yield b"iterated"

    async def sent(client, **body):
        await client.post(upstream.url, **body)
        body = bodies.text(upstream.requests[-1].body)
        return re.sub("[0-9a-f]{32}", "BOUNDARY", body).split("\r\n")

    async def main():
        client = async_client(**plain({}))
        forms = {
            "asynchronous": bodies.raw(File()),
            "in a form": {"files": {"a": io.BytesIO(b"in")}},
        }
        found = {name: await of_async(lambda body=body: sent(client, **body)) for name, body in forms.items()}
        await aclose(client)
        return found

    observe(run(main))
