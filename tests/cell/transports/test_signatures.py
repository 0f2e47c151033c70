"""Transports of the caller's own: which of their methods a release calls, and with what."""

import asyncio
import inspect

import pytest

from repro.cell.applications import PLACE, answer, async_over, dispatcher, over
from repro.cell.library import httpx


class Piece:
    """A body as every kind of transport has answered with one: to be iterated, at once or not, and closed."""

    def __iter__(self):
        yield b"ok"

    async def __aiter__(self):
        yield b"ok"

    def close(self):
        """End it."""

    async def aclose(self):
        """End it."""


HEADERS = [(b"Content-Length", b"2")]


def responding(request):
    """A response as a caller makes one; the request is in it where the release asks for that."""
    options = {"request": request} if "request" in inspect.signature(httpx.Response).parameters else {}
    return httpx.Response(200, content=b"ok", **options)


class Anything:
    """A transport with every method; the first one that is called is kept, with the names of what it is given."""

    called = None

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def method(*given, **named):
            if self.called is None:
                kinds = [type(value).__name__ for value in given]
                self.called = f"{name}({', '.join(kinds + [f'{option}=' for option in named])})"
            raise ArithmeticError

        return method


@pytest.mark.needs("sync client")
def test_called(observe):
    """The method of a transport that the synchronous client calls, and what it gives it."""

    class Dispatcher(Anything, dispatcher("Dispatcher")):
        """A transport that is none of the asynchronous ones."""

        # The base class has one of its own, which would be found first.
        def send(self, *given, **named):
            return self.__getattr__("send")(*given, **named)

    kind = Anything if dispatcher("Dispatcher") is object else Dispatcher
    transport = kind()
    answer(lambda: over(transport).get(PLACE))
    observe(transport.called)


@pytest.mark.needs("async client")
def test_async_called(observe):
    """The method of a transport that the asynchronous client calls, and what it gives it."""
    transport = Anything()

    async def main():
        await async_over(transport).get(PLACE)

    answer(lambda: asyncio.run(main()))
    observe(transport.called)


@pytest.mark.needs("sync client")
def test_send(observe):
    """A transport with `send(request, ...)`, which answers with a response."""

    class Sending(dispatcher("Dispatcher")):
        def send(self, request, verify=None, cert=None, timeout=None):
            return responding(request)

    observe(answer(lambda: over(Sending()).get(PLACE)))


@pytest.mark.needs("sync client")
def test_request_timeout(observe):
    """A transport with `request(method, url, headers, stream, timeout)`, which answers with five things."""

    class Requesting:
        def request(self, method, url, headers=None, stream=None, timeout=None):
            return b"HTTP/1.1", 200, b"OK", HEADERS, Piece()

    observe(answer(lambda: over(Requesting()).get(PLACE)))


@pytest.mark.needs("sync client")
def test_request_ext(observe):
    """A transport with `request(method, url, headers, stream, ext)`, which answers with four things."""

    class Requesting:
        def request(self, method, url, headers=None, stream=None, ext=None):
            return 200, HEADERS, Piece(), {}

    observe(answer(lambda: over(Requesting()).get(PLACE)))


@pytest.mark.needs("sync client")
def test_handle_request_parts(observe):
    """A transport with `handle_request(method, url, headers, stream, extensions)`, which answers with four things."""

    class Handling:
        def handle_request(self, method, url, headers, stream, extensions):
            return 200, HEADERS, Piece(), {}

    observe(answer(lambda: over(Handling()).get(PLACE)))


@pytest.mark.needs("sync client")
def test_handle_request(observe):
    """A transport with `handle_request(request)`, which answers with a response."""

    class Handling:
        def handle_request(self, request):
            return responding(request)

    observe(answer(lambda: over(Handling()).get(PLACE)))


@pytest.mark.needs("async client")
def test_handle_async_request(observe):
    """A transport with `handle_async_request(request)`, which answers with a response."""

    class Handling:
        async def handle_async_request(self, request):
            return responding(request)

    async def main():
        return await async_over(Handling()).get(PLACE)

    observe(answer(lambda: asyncio.run(main())))


@pytest.mark.needs("async client")
def test_async_send(observe):
    """A transport with an asynchronous `send(request, ...)`, which answers with a response."""

    class Sending:
        async def send(self, request, verify=None, cert=None, timeout=None):  # noqa: ASYNC109 - the release gives it
            return responding(request)

    async def main():
        return await async_over(Sending()).get(PLACE)

    observe(answer(lambda: asyncio.run(main())))


@pytest.mark.needs("async client")
def test_sync_in_async(observe):
    """A transport of the synchronous kind, given to an asynchronous client."""

    class Handling:
        def handle_request(self, request):
            return responding(request)

    async def main():
        return await async_over(Handling()).get(PLACE)

    observe(answer(lambda: asyncio.run(main())))


@pytest.mark.needs("sync client")
def test_transport_class(observe):
    """A transport that is given as its class, and not as an instance."""

    class Handling:
        def handle_request(self, request):
            return responding(request)

    observe(answer(lambda: over(Handling).get(PLACE)))


@pytest.mark.needs("mock transport", "sync client")
def test_no_response(observe):
    """A transport that answers with nothing."""
    observe(answer(lambda: over(httpx.MockTransport(lambda request: None)).get(PLACE)))


@pytest.mark.needs("mock transport", "sync client")
def test_use_alone(observe):
    """A transport that is asked without a client."""
    request = httpx.Request("GET", PLACE)
    transport = httpx.MockTransport(responding)
    observe(answer(lambda: transport.handle_request(request)))
