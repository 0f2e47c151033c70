"""The headers that a request has by itself."""

import re

import pytest

from repro.cell import redaction
from repro.cell.asking import answer
from repro.cell.library import httpx

sends = pytest.mark.needs("sync client")


@sends
def test_order_of_get(observe, upstream, client):
    """The names of the headers of a GET, as they are on the wire, their case too."""
    client.get(upstream.url)
    (seen,) = upstream.requests
    observe([name for name, _ in seen.headers])


@sends
def test_order_of_post(observe, upstream, client, names):
    """The names of the headers of a POST without a body, in their order on the wire."""
    observe(names(lambda: client.post(upstream.url)))


@sends
def test_order_of_json(observe, upstream, client, names):
    """The names of the headers of a POST with `json`, in their order on the wire."""
    observe(names(lambda: client.post(upstream.url, json={"a": 1})))


@sends
def test_default_values(observe, upstream, client):
    """The values of the headers of a GET."""
    client.get(upstream.url)
    (seen,) = upstream.requests
    # The user agent names the release's own version, and so would begin an epoch with every release.
    agent = seen.header("user-agent")
    redaction.normalise(agent, re.sub(r"/\S+", "/VERSION", agent))
    observe({name.lower(): value for name, value in seen.headers})


@sends
def test_client_defaults(observe, client):
    """The names of the headers that a client says it has when it was given none."""
    observe(answer(lambda: list(client.headers)))


def names_of(request):
    """The names of a request's headers, in lower case."""
    return [name.lower() for name in request.headers]


def test_request_defaults(observe):
    """The names of the headers of a request that is made without a client."""
    observe(
        {
            "GET": answer(lambda: names_of(httpx.Request("GET", "http://example.org/"))),
            "POST": answer(lambda: names_of(httpx.Request("POST", "http://example.org/"))),
        }
    )
