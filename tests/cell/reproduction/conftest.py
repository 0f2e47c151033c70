"""The reproduction as a caller meets it: Flask's test client before it, an upstream on loopback behind it."""

import gc
import json
import types

import pytest
from flask import got_request_exception

from repro.cell import outcomes, redaction
from repro.cell.library import httpx
from repro.cell.upstream import answering
from repro.project import tmdb
from repro.project.app import create_app

#: What TMDb answers to a search, in UTF-8 and without a charset parameter, as it does.
FOUND = {
    "page": 1,
    "results": [{"id": 1437, "name": "Firefly", "popularity": 12.5}, {"id": 98, "name": "Élite"}],
    "total_pages": 1,
}


class Service:
    """The reproduction's application, its upstream, and what became of its requests."""

    def __init__(self, app, upstream):
        self.app = app
        self.upstream = upstream
        self.raised = None
        self.body = json.dumps(FOUND, ensure_ascii=False).encode()
        self.found = answering(self.body, headers=(("Content-Type", "application/json"),))
        upstream.answer(None, self.found)
        app.logger.disabled = True  # a view that fails is a subject here, and its traceback costs more than the view
        got_request_exception.connect(self._note, app)

    def _note(self, sender, exception, **_):
        # The phrase and never the exception, whose frames would keep sockets open.
        self.raised = outcomes.phrase(exception)

    def search(self, q="firefly"):
        """What the service answers to a search."""
        self.raised = None
        return self.app.test_client().get("/movies/search", query_string={"q": q})

    def outcome(self):
        """One search: what its caller gets, what its view raised, how often upstream was asked, what stays open."""
        status = self.search().status_code
        return {
            "service": status,
            "view": self.raised or "answers",
            "upstream asked": len(self.upstream.requests),
            "left open": self.left_open(),
        }

    def left_open(self):
        """How many connections are open now, and whether only until garbage is collected."""
        now = self.upstream.held_open()
        if now:
            gc.collect()
            return now if self.upstream.held_open() else f"{now} until garbage is collected"
        return now


@pytest.fixture
def key(monkeypatch):
    """The service's API key, planted."""
    value = redaction.plant()
    monkeypatch.setenv("TMDB_API_KEY", value)
    return value


@pytest.fixture
def service(upstream, monkeypatch, key):
    """The service, and an upstream that knows what is searched for under every path."""
    monkeypatch.setenv("TMDB_BASE_URL", upstream.url + "/3")
    # When the garbage collector happens to run must not decide what is still open.
    gc.disable()
    yield Service(create_app(), upstream)
    gc.enable()


@pytest.fixture
def replace_client(monkeypatch):
    """Give the service another client class, or another way to make one, under the name that it uses."""

    def replace(client):
        monkeypatch.setattr(tmdb, "httpx", types.SimpleNamespace(Client=client))

    return replace


@pytest.fixture
def impatient(replace_client):
    """The service with timeouts of a fifth of a second, not the default; its own code is as it stands."""
    replace_client(lambda **options: httpx.Client(timeout=0.2, **options))
