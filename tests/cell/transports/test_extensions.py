"""Extensions: what a client and its transport tell each other beside the request and the response."""

import pytest

from repro.cell.applications import PLACE, answer, mocked
from repro.cell.clients import sync_client
from repro.cell.library import httpx


def seen_by_transport(**request):
    """The names of the extensions that a transport sees with a request."""
    found = []

    def handler(sent):
        found.extend(sorted(sent.extensions))
        return httpx.Response(200)

    mocked(handler).get(PLACE, **request)
    return found


@pytest.mark.needs("mock transport", "sync client")
def test_request_extensions(observe):
    """The extensions that a transport sees with a request that has none of its own."""
    observe(answer(seen_by_transport))


@pytest.mark.needs("mock transport", "sync client")
def test_request_extensions_own(observe):
    """The extensions that a transport sees with a request that has one of its own."""
    observe(answer(lambda: seen_by_transport(extensions={"own": 1})))


@pytest.mark.needs("mock transport", "sync client")
def test_response_extensions_own(observe):
    """The extensions of a response to which a transport gave one of its own."""
    client = mocked(lambda request: httpx.Response(200, extensions={"own": 1}))
    observe(answer(lambda: sorted(client.get(PLACE).extensions)))


@pytest.mark.needs("mock transport", "sync client")
def test_http_version_of_mock(observe):
    """The protocol version and the reason phrase of a response that no network brought."""
    response = mocked(lambda request: httpx.Response(404)).get(PLACE)
    observe({"http_version": response.http_version, "reason_phrase": response.reason_phrase})


@pytest.mark.needs("sync client")
def test_response_extensions(observe, upstream):
    """The extensions of a response from the network."""
    client = sync_client()
    observe(answer(lambda: sorted(client.get(upstream.url).extensions)))
    client.close()
