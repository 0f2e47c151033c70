"""Authentication of the caller's own, with an asynchronous client: what it may ask of bodies, and how it fails."""

import pytest

from repro.cell import bodies
from repro.cell.asking import answer
from repro.cell.clients import aclose, async_client, plain, run
from repro.cell.library import httpx
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("async client", "authentication")

#: What an authentication is a kind of, where there is a name for that.
AUTH = getattr(httpx, "Auth", object)


def sent(upstream, auth, **request):
    """How a POST with an authentication ends, the bodies that upstream saw."""

    async def main():
        client = async_client(**plain({}))
        try:
            return await client.request("POST", upstream.url, auth=auth, **request)
        finally:
            await aclose(client)

    ended = answer(lambda: run(main))
    return {"ended": ended, "bodies": [request.body.decode() for request in upstream.requests]}


async def parts():
    """A body in parts."""
    yield b"one"
    yield b"two"


def test_async_flow_of_bodies(observe, upstream):
    """A flow that asks for the body of the request, which is a generator, and for that of the response."""
    upstream.answer("/", answering("answer"))
    seen = []

    class Flow(AUTH):
        requires_request_body = True
        requires_response_body = True

        def auth_flow(self, request):
            seen.append(request.content.decode())
            response = yield request
            seen.append(response.content.decode())

    observe({**sent(upstream, Flow(), **bodies.raw(parts())), "flow": seen})


def test_async_flow_failing(observe, upstream):
    """A flow that raises when it sees the response."""

    class Flow(AUTH):
        def auth_flow(self, request):
            yield request
            raise LookupError

    observe(sent(upstream, Flow()))
