"""The request after a redirect, as upstream sees it: its method, its body, its headers."""

import pytest

from repro.cell import capabilities, outcomes
from repro.cell.following import following_client
from repro.cell.values import told

# A redirect may lead to where nobody answers, and a client that has no timeout waits there for ever.
pytestmark = pytest.mark.needs("sync client", "timeout argument")

#: A server waits for a body that was announced and is not sent; so long the client waits for the server.
PATIENT = {"timeout": 1.0}

#: The name of the argument for a body that is bytes.
CONTENT = (
    "content"
    if capabilities.sync_client() and capabilities.takes(capabilities.sync_client().request, "content")
    else "data"
)

BODY = {CONTENT: b"body"}


def next_seen(client, upstream, method, options):
    """The request after a redirect as a phrase; where there is none that is whole, what the client answers."""
    upstream.requests.clear()
    ended = outcomes.of(lambda: client.request(method, upstream.url + "/from", **options))
    return described(upstream.requests[1]) if len(upstream.requests) > 1 else ended


def described(request):
    """A request as a phrase: its method, and its body."""
    return f"{request.method} with {request.body.decode()!r}" if request.body else f"{request.method} without a body"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_next_request(observe, upstream, redirect, status):
    """What upstream sees after a redirect of this status, by the method of the request before it."""
    redirect(upstream, "/from", "/to", status)
    methods = {"GET": {}, "HEAD": {}, "POST": BODY, "PUT": BODY}
    with following_client(**PATIENT) as client:
        observe({name: next_seen(client, upstream, name, options) for name, options in methods.items()})


def test_unusual_method(observe, upstream, redirect):
    """What upstream sees after a redirect of status 302, by a method that is none of the usual ones."""
    redirect(upstream, "/from", "/to")
    with following_client() as client:
        observe({name: next_seen(client, upstream, name, {}) for name in ("DELETE", "OPTIONS", "PATCH", "PROPFIND")})


def test_status_not_followed(observe, upstream, redirect):
    """The status that a caller gets who follows redirects, where there is a Location and nothing to follow."""
    found = {}
    with following_client() as client:
        for status in (201, 300, 304, 305):
            redirect(upstream, "/from", "/to", status)
            found[str(status)] = outcomes.of(lambda: client.get(upstream.url + "/from"))
    observe(found)


@pytest.mark.parametrize("status", [302, 307])
def test_headers_of_body(observe, upstream, redirect, status):
    """The headers that speak of the body, and one of the caller's own, after a POST was redirected."""
    redirect(upstream, "/from", "/to", status)
    names = ("Content-Length", "Content-Type", "Transfer-Encoding", "X-Own")
    headers = {"Content-Type": "text/plain", "X-Own": "kept"}
    with following_client(**PATIENT) as client:
        ended = told(lambda: client.request("POST", upstream.url + "/from", headers=headers, **BODY))
    seen = [{name: request.header(name) for name in names} for request in upstream.requests_for("/to")]
    observe(seen[0] if seen else ended)


@pytest.mark.parametrize("status", [302, 307])
def test_streamed_body(observe, upstream, redirect, status):
    """What is raised and said where a POST is redirected whose body comes from a generator, and what upstream sees."""
    redirect(upstream, "/from", "/to", status)

    def pieces():
        yield b"bo"
        yield b"dy"

    with following_client(**PATIENT) as client:
        ended = told(lambda: client.request("POST", upstream.url + "/from", **{CONTENT: pieces()}).status_code)
    observe({"answer": ended, "upstream sees": [described(request) for request in upstream.requests]})
