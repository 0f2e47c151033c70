"""What a mocked test sees: the service and the clients at the host name that is in production, through respx.

A release and a respx that do not fit fail open: the request goes to the network. In a cell it gets no further than
that, so an answer here is one that respx gave.
"""

import inspect
import json
import re

import pytest

from repro.cell import outcomes, redaction
from repro.cell.clients import aclose, async_client, run, sync_client
from repro.project.app import create_app
from repro.project.tmdb import BASE_URL

FOUND = {"results": [{"id": 1437, "name": "Firefly"}]}

# Every path: which one is asked for is what is observed.
TMDB = re.compile(r"^https://api\.themoviedb\.org[:/]")

pytestmark = pytest.mark.needs("respx companion", "base_url argument")


@pytest.fixture
def router():
    """A respx router that answers at TMDb's host name, written in the style that this respx offers."""
    import respx

    with respx.mock(assert_all_called=False) as router:
        if "status_code" in inspect.signature(router.get).parameters:
            router.get(TMDB, status_code=200, content=json.dumps(FOUND))
        else:
            router.get(TMDB).respond(200, json=FOUND)
        yield router


@pytest.fixture
def service(monkeypatch):
    """A caller of the reproduction, which talks to TMDb as it does in production."""
    monkeypatch.delenv("TMDB_BASE_URL", raising=False)
    monkeypatch.setenv("TMDB_API_KEY", redaction.plant())
    return create_app().test_client()


def asked(router):
    """The URLs that clients asked for."""
    return [str(call[0].url) for call in router.calls]


@pytest.mark.needs("sync client")
def test_service(service, router):
    """A search is answered by respx alone."""
    answer = service.get("/movies/search?q=firefly")
    assert (answer.status_code, answer.json) == (200, [{"id": 1437, "title": "Firefly"}])
    assert len(asked(router)) == 1


@pytest.mark.needs("sync client")
def test_service_url(observe, service, router):
    """The URL that the service asks for, as respx sees it."""
    service.get("/movies/search?q=firefly")
    observe(asked(router))


@pytest.mark.needs("async client")
def test_async_client(router):
    """A request of the asynchronous client is answered by respx alone."""

    async def main():
        client = async_client(base_url=BASE_URL)
        answer = await client.get("/search/tv", params={"query": "firefly"})
        await aclose(client)
        return answer.json()

    assert run(main) == FOUND
    assert len(asked(router)) == 1


@pytest.mark.needs("async client")
def test_async_client_url(observe, router):
    """The URL that the asynchronous client asks for, given a base URL and a path, as respx sees it."""

    async def main():
        client = async_client(base_url=BASE_URL)
        await client.get("/search/tv", params={"query": "firefly"})
        await aclose(client)

    run(main)
    observe(asked(router))


@pytest.mark.needs("sync client")
def test_use_after_close(observe, router):
    """Sending a request through respx with a client that was closed: whether a mocked test notices."""
    client = sync_client()
    client.close()
    observe(outcomes.of(lambda: client.get(BASE_URL + "/search/tv")))
