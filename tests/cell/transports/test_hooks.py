"""Event hooks: functions that a client calls with each request and each response."""

import pytest

from repro.cell.applications import PLACE, answer, async_mocked, mocked
from repro.cell.clients import run, sync_client
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("mock transport", "event hooks")


def ok(request):
    """Answer everything."""
    return httpx.Response(200, content=b"ok")


def moved(request):
    """Answer with a redirect, and what it leads to with `ok`."""
    return ok(request) if request.url.path == "/there" else httpx.Response(302, headers={"Location": "/there"})


def hooked(handler=ok, **hooks):
    """A client with one hook of a kind."""
    return mocked(handler, event_hooks={kind: [hook] for kind, hook in hooks.items()})


def failing(given):
    """A hook that fails."""
    raise ArithmeticError


def test_hook_order():
    """Hooks are called in their order, those of requests before the request is sent and those of responses after."""
    steps = []
    hooks = {
        "request": [lambda request: steps.append("first request"), lambda request: steps.append("second request")],
        "response": [lambda response: steps.append("first response"), lambda response: steps.append("second response")],
    }

    def handler(request):
        steps.append("sent")
        return ok(request)

    mocked(handler, event_hooks=hooks).get(PLACE)
    assert steps == ["first request", "second request", "sent", "first response", "second response"]


def test_hook_changes_request():
    """A header that a hook adds to a request is sent."""
    sent = []

    def handler(request):
        sent.append(request.headers.get("X-Hook"))
        return ok(request)

    hooked(handler, request=lambda request: request.headers.update({"X-Hook": "1"})).get(PLACE)
    assert sent == ["1"]


def test_hook_request_headers(observe):
    """The headers that a request has when its hook is called."""
    seen = []
    hooked(request=lambda request: seen.extend(request.headers)).get(PLACE)
    observe(sorted(seen))


@pytest.mark.parametrize("kind", ["request", "response"])
def test_hook_exception(kind):
    """An exception of a hook reaches the caller."""
    with pytest.raises(ArithmeticError):
        hooked(**{kind: failing}).get(PLACE)


def test_hook_exception_closes(observe, upstream):
    """The connection of a response whose hook failed."""
    client = sync_client(verify=False, event_hooks={"response": [failing]})
    answer(lambda: client.get(upstream.url))
    held = upstream.held_open()
    answer(lambda: client.get(upstream.url))
    observe({"held open": held, "connections after another request": len(upstream.connections)})
    client.close()


def test_hook_raises_for_status(observe):
    """A hook of responses that calls `raise_for_status`."""
    client = hooked(lambda request: httpx.Response(404), response=lambda response: response.raise_for_status())
    observe(answer(lambda: client.get(PLACE)))


def test_hook_body(observe):
    """The body of a response inside its hook, before and after the hook reads it."""
    found = {}

    def look(response):
        found["unread"] = answer(lambda: response.text)
        response.read()
        found["read"] = response.text

    # A stream of its own, as the network has one.
    client = hooked(lambda request: httpx.Response(200, stream=Pieces()), response=look)
    ended = answer(lambda: client.get(PLACE).text)
    observe({**found, "afterwards": ended})


class Pieces(getattr(httpx, "SyncByteStream", object)):
    """A body that is read from where it comes."""

    def __iter__(self):
        yield b"ok"


@pytest.mark.parametrize("kind", ["request", "response"])
def test_hook_redirect(observe, kind):
    """The paths that a hook is called with, where a redirect is followed."""
    paths = []
    client = hooked(moved, **{kind: lambda found: paths.append(found.url.path)})
    # Where it is no attribute, redirects are followed.
    client.follow_redirects = True
    client.get(PLACE + "/here")
    observe(paths)


def test_hook_auth(observe):
    """How often each hook is called, where an authentication asks twice."""

    class Twice(httpx.Auth):
        def auth_flow(self, request):
            yield request
            yield request

    calls = []
    client = mocked(
        ok, event_hooks={kind: [lambda _, kind=kind: calls.append(kind)] for kind in ("request", "response")}
    )
    client.get(PLACE, auth=Twice())
    observe(calls)


def test_hook_default(observe):
    """What `event_hooks` says of a client without hooks."""
    observe(mocked(ok).event_hooks)


def test_hook_added_later():
    """A hook that is added to the list of a client is called."""
    calls = []
    client = mocked(ok)
    client.event_hooks["request"].append(lambda request: calls.append("request"))
    client.get(PLACE)
    assert calls == ["request"]


def test_hook_unknown_kind(observe):
    """A hook of a kind that there is not."""
    observe(answer(lambda: hooked(connect=failing).get(PLACE)))


@pytest.mark.needs("async client")
def test_hook_async():
    """An asynchronous client awaits its hooks."""
    calls = []

    async def hook(found):
        calls.append(type(found).__name__)

    async def main():
        await async_mocked(ok, event_hooks={"request": [hook], "response": [hook]}).get(PLACE)

    run(main)
    assert calls == ["Request", "Response"]


@pytest.mark.needs("async client")
def test_hook_sync_in_async(observe):
    """A hook that is no coroutine function, given to an asynchronous client."""

    async def main():
        return await async_mocked(ok, event_hooks={"request": [lambda request: None]}).get(PLACE)

    observe(answer(lambda: run(main)))


def test_hook_replaced():
    """Hooks that are set on a client that was made with others are called in their place."""
    called = []
    client = hooked(request=failing)
    client.event_hooks = {"response": [lambda response: called.append("response")]}
    client.get(PLACE)
    assert (called, client.event_hooks["request"]) == (["response"], [])


def test_hook_async_exception(observe):
    """An asynchronous client whose hook for responses fails: how the request ends, and whether the body is closed."""
    closed = []

    class Body(getattr(httpx, "AsyncByteStream", object)):
        async def __aiter__(self):
            yield b"ok"

        async def aclose(self):
            closed.append(True)

    async def fails(response):
        raise ArithmeticError

    async def main():
        client = async_mocked(lambda request: httpx.Response(200, stream=Body()), event_hooks={"response": [fails]})
        return await client.get(PLACE)

    observe({"ended": answer(lambda: run(main)), "closed": bool(closed)})
