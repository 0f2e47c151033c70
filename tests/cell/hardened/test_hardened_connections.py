"""Connections of the two services: how many a caller's requests cost, and what stays open."""

import gc

import pytest

from repro.cell.upstream import answering, closing, response, silent
from repro.hardened.app import close_app

pytestmark = pytest.mark.needs("sync client without an event loop", "base_url argument", "timeout argument")


def test_same_search(reproduction, hardened):
    """Both services answer a search with the same JSON."""
    assert hardened.search().json == reproduction.search().json == [{"id": 1437, "title": "Firefly"}]


def test_path(hardened):
    """The hardened service asks for the path that TMDb documents, below the path of its base URL."""
    hardened.search()
    assert [request.target for request in hardened.upstream.requests] == ["/3/search/tv?query=firefly&page=1"]


def test_connections(observe, reproduction, hardened):
    """Connections that ten searches open to upstream, ten for a hundred; and that they leave open."""

    def ten(side):
        assert [side.search().status_code for _ in range(10)] == [200] * 10
        return {"opened": len(side.upstream.connections), "left open": side.upstream.held_open()}

    observe({"reproduction": ten(reproduction), "hardened": ten(hardened)})


def test_closed(hardened):
    """The end of the hardened application closes its client, with its connection; a second end does nothing."""
    hardened.search()
    assert hardened.upstream.held_open() == hardened.samples("upstream_connections")[""] == 1
    close_app(hardened.app)
    close_app(hardened.app)
    assert hardened.upstream.held_open() == hardened.samples("upstream_connections")[""] == 0


def test_closed_idle(observe, reproduction, hardened):
    """A second search, when upstream has closed the connection of the first as it does with idle ones."""

    def second(side):
        side.search()
        side.upstream.end_idle()
        if side.upstream.held_open():
            side.upstream.reached(end=True)
        return {"service": side.search().status_code, "upstream asked": len(side.upstream.requests)}

    observe({"reproduction": second(reproduction), "hardened": second(hardened)})


def test_sockets_after_timeout(observe, reproduction, impatient, start):
    """Connections that a search leaves open when upstream does not answer it, also after the hardened service's end."""
    observe(sockets_after(silent, reproduction, start(read=0.05, attempts=1)))


def test_sockets_after_closing(observe, reproduction, start):
    """Connections that a search leaves open when upstream ends it unanswered, also after the hardened service's end."""
    observe(sockets_after(closing, reproduction, start(attempts=1)))


def sockets_after(answer, reproduction, hardened):
    """What is open after one search that upstream answers with this."""
    for side in (reproduction, hardened):
        side.answer(answer)
        side.search()
    while_it_runs = hardened.upstream.held_open()
    close_app(hardened.app)
    # All is counted before garbage is collected, because that is one for both.
    found = {"reproduction": reproduction.upstream.held_open(), "hardened, ended": hardened.upstream.held_open()}
    gc.collect()
    kept = {"reproduction": reproduction.upstream.held_open(), "hardened, ended": hardened.upstream.held_open()}
    ended = {
        name: count if count == kept[name] else f"{count} until garbage is collected" for name, count in found.items()
    }
    return {**ended, "hardened": while_it_runs}


def test_cookies_of_another(hardened):
    """A cookie that upstream sets in its answer to one caller is not sent with the next one's request."""
    hardened.answer(answering({"results": []}, headers=(("Set-Cookie", "caller=first"),)))
    hardened.search()
    hardened.search()
    assert [request.header("Cookie") for request in hardened.upstream.requests] == [None, None]


def test_redirect(observe, reproduction, hardened):
    """Upstream redirects a search: what the caller gets, and whether the API key goes where upstream says."""

    def redirected(side):
        side.answer(lambda exchange: exchange.send(response(status=302, headers=(("Location", "/elsewhere"),))))
        side.upstream.answer("/elsewhere", answering({"results": []}))
        status = side.search().status_code
        followed = any(request.header("x-api-key") for request in side.upstream.requests_for("/elsewhere"))
        return {"service": status, "key is taken along": followed}

    observe({"reproduction": redirected(reproduction), "hardened": redirected(hardened)})
