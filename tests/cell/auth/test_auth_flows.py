"""Authentication of the caller's own: a function, a class, and a flow of several requests."""

import pytest

from repro.cell import outcomes
from repro.cell.asking import answer, body, following, seen
from repro.cell.clients import aclose, async_client, run
from repro.cell.library import httpx
from repro.cell.upstream import answering, resetting

pytestmark = pytest.mark.needs("sync client", "authentication")


def flow(steps, **attributes):
    """An authentication whose flow is this generator function, with these attributes."""
    return type("Flow", (httpx.Auth,), {"auth_flow": lambda self, request: steps(request), **attributes})()


def marked(request):
    """The request, with a header that upstream knows."""
    request.headers["X-Token"] = "1"
    return request


def tokens(upstream, call):
    """The token of each request that a call takes, and how it ended."""
    before = len(upstream.requests)
    ended = answer(call)
    return [*(request.header("X-Token") or "none" for request in upstream.requests[before:]), ended]


def test_function(observe, upstream, client):
    """A function that changes the request, one that answers nothing, and one that raises."""

    def raising(request):
        raise LookupError

    functions = {"changes": marked, "answers nothing": lambda request: None, "raises": raising}
    observe(
        {kind: tokens(upstream, lambda f=each: client.get(upstream.url, auth=f)) for kind, each in functions.items()}
    )


def test_callable_object(observe, upstream, client):
    """An object that is called with the request."""

    class Token:
        def __call__(self, request):
            return marked(request)

    observe(tokens(upstream, lambda: client.get(upstream.url, auth=Token())))


def test_flow(observe, upstream, client):
    """A flow that changes the request and sends it."""

    def steps(request):
        yield marked(request)

    observe(tokens(upstream, lambda: client.get(upstream.url, auth=flow(steps))))


def test_flow_without_steps(observe, upstream, client):
    """A flow that sends nothing."""
    observe(tokens(upstream, lambda: client.get(upstream.url, auth=flow(lambda request: iter(())))))


def test_flow_of_two_requests(observe, upstream, client):
    """A flow that first asks another path for a token: the targets that upstream sees, and the history."""

    def steps(request):
        response = yield httpx.Request("GET", upstream.url + "/token")
        request.headers["X-Token"] = response.headers["X-Token"]
        yield request

    upstream.answer("/token", answering(headers=(("X-Token", "2"),)))

    def send():
        response = client.get(upstream.url + "/data", auth=flow(steps))
        sent = [f"{request.target} {request.header('X-Token')}" for request in upstream.requests]
        return {"sent": sent, "history": [int(each.status_code) for each in response.history]}

    observe(answer(send))


def test_response_body(observe, upstream, client):
    """A flow that reads the body of the response, with `requires_response_body` and without."""
    upstream.answer("/token", answering({"token": "2"}))

    def steps(request):
        response = yield httpx.Request("GET", upstream.url + "/token")
        request.headers["X-Token"] = response.json()["token"]
        yield request

    def send(**attributes):
        return tokens(upstream, lambda: client.get(upstream.url, auth=flow(steps, **attributes)))

    observe({"with": send(requires_response_body=True), "without": send()})


def test_request_body(observe, upstream, client):
    """A flow that reads the body of a request, with `requires_request_body` and without."""

    def steps(request):
        request.headers["X-Token"] = str(len(request.content))
        yield request

    def send(**attributes):
        pieces = (each for each in (b"a", b"b"))
        return tokens(upstream, lambda: client.post(upstream.url, auth=flow(steps, **attributes), **body(pieces)))

    observe({"with": send(requires_request_body=True), "without": send()})


def test_flow_ended(observe, upstream, client):
    """Whether a flow is ended when its response has arrived, and when its request fails."""
    ended = []
    # A flow that nobody holds is ended by being collected, and when that is depends on the Python.
    held = []

    def steps(request):
        try:
            yield request
        finally:
            ended.append(True)

    def begin(self, request):
        held.append(steps(request))
        return held[-1]

    def send(path):
        ended.clear()
        # Under either name: what the client itself begins is what it can end.
        auth = type("Flow", (httpx.Auth,), {"auth_flow": begin, "sync_auth_flow": begin})()
        answer(lambda: client.get(upstream.url + path, auth=auth))
        return "ended" if ended else "left open"

    upstream.answer("/fails", resetting)
    observe(answer(lambda: {"answered": send("/"), "failed": send("/fails")}))


@pytest.mark.needs("async client")
def test_flows_by_kind(observe, upstream, client):
    """Which flow each client takes, of an authentication that has all three."""

    def make():
        class Flows(httpx.Auth):
            def auth_flow(self, request):
                request.headers["X-Token"] = "either"
                yield request

            def sync_auth_flow(self, request):
                request.headers["X-Token"] = "sync"
                yield request

            async def async_auth_flow(self, request):
                request.headers["X-Token"] = "async"
                yield request

        return Flows()

    async def main():
        client = async_client()
        ended = await outcomes.of_async(lambda: client.get(upstream.url, auth=make()))
        await aclose(client)
        return ended

    observe(
        {
            "sync": tokens(upstream, lambda: client.get(upstream.url, auth=make())),
            "async": tokens(upstream, lambda: run(main)),
        }
    )


def test_after_redirect(observe, upstream, client):
    """How often a function is called, and what is sent, where the request is redirected on the same host."""
    upstream.answer("/", answering(status=302, reason="Found", headers=(("Location", "/end"),)))
    calls = []

    def counting(request):
        calls.append(request)
        request.headers["X-Token"] = str(len(calls))
        return request

    observe(tokens(upstream, lambda: client.get(upstream.url, auth=counting, **following())))


def test_wrong_type(observe, upstream, client):
    """An `auth` that is none."""
    observe(
        {
            kind: seen(upstream, lambda v=value: client.get(upstream.url, auth=v), lambda request: "sent")
            for kind, value in {"number": 1, "text": "Token", "False": False}.items()
        }
    )
