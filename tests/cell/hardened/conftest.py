"""The reproduction and the hardened service side by side, as a caller meets them, each with an upstream of its own."""

import contextlib
import gc
import json
import types
from dataclasses import replace

import pytest
from flask import jsonify
from prometheus_client.parser import text_string_to_metric_families

from repro.cell import redaction
from repro.cell.clients import plain, respelled, timeouts
from repro.cell.library import httpx
from repro.cell.upstream import Upstream, answering
from repro.hardened import tmdb as hardened_tmdb
from repro.hardened.app import close_app
from repro.hardened.app import create_app as create_hardened
from repro.hardened.settings import Settings
from repro.project import tmdb as project_tmdb
from repro.project.app import create_app

FOUND = {"page": 1, "results": [{"id": 1437, "name": "Firefly", "popularity": 12.5}], "total_pages": 1}


class Side:
    """One of the two services, its upstream, and what its callers do."""

    found = staticmethod(answering(FOUND))
    unavailable = staticmethod(answering("not now", status=503, reason="Service Unavailable"))

    def __init__(self, app, upstream):
        self.app = app
        self.upstream = upstream
        self.done = []
        app.logger.disabled = True  # a view that fails is a subject here, and its traceback costs more than the view

    def answer(self, *answers):
        """What upstream answers to searches, one each; the last one goes on for ever."""
        # Before 0.14 the reproduction asks for the second.
        for path in ("/3/search/tv", "/search/tv"):
            self.upstream.answer(path, *answers)

    def write_then(self, *answers):
        """What upstream answers to writes, one each, when it has done the work; the last one goes on for ever."""

        def doing(answer):
            def work(exchange):
                self.done.append(json.loads(exchange.request.body)["media_id"])
                self.upstream.wake()
                answer(exchange)

            return work

        for path in ("/3/account/0/watchlist", "/account/0/watchlist"):
            self.upstream.answer(path, *map(doing, answers))

    def search(self, q="firefly"):
        """What the service answers to a search."""
        return self.app.test_client().get("/movies/search", query_string={"q": q})

    def write(self, show=1437, key="caller's key"):
        """The status that the service answers to a write."""
        client = self.app.test_client()
        return client.post("/movies/watchlist", json={"id": show}, headers={"Idempotency-Key": key}).status_code

    def outcome(self):
        """One search: what its caller gets, and how often upstream was asked."""
        status = self.search().status_code
        return {"service": status, "upstream asked": self.asked(1)}

    def asked(self, least):
        """How often upstream was asked, once it has noticed the `least` that there were."""
        self.upstream.wait_for(lambda: len(self.upstream.requests) >= least)
        return len(self.upstream.requests)

    def written(self, times=3):
        """A caller that sends a write again until it is taken, `times` at most; and how often it was done."""
        statuses = []
        while len(statuses) < times and 201 not in statuses:
            statuses.append(self.write())
        return statuses, self.done_for(statuses)

    def done_for(self, statuses):
        """How often upstream did the work, once it has for each write that the service sent on to it."""
        sent = sum(status not in {409, 503} for status in statuses)
        self.upstream.wait_for(lambda: len(self.done) >= sent)
        return len(self.done)


class Hardened(Side):
    """The hardened service; `samples` is what its metrics say."""

    def samples(self, name):
        """The samples of one metric, by the value of their label, or by "" where there is none."""
        families = text_string_to_metric_families(self.app.test_client().get("/metrics").text)
        return {
            next(iter(sample.labels.values()), ""): int(sample.value)
            for family in families
            for sample in family.samples
            if sample.name == name
        }

    def outcome(self):
        """As of any side, and the attempts that the service counted."""
        status = self.search().status_code
        attempts = self.samples("upstream_attempts_total")
        asked = self.asked(sum(attempts.values()))
        assert asked == sum(attempts.values())
        return {"service": status, "upstream asked": asked, "attempts": attempts}

    def be_patient(self):
        """Wait from now on as long as an answer takes on a busy machine, but not long for a place in the pool."""
        self.app.extensions["tmdb"]._client.timeout = timeouts(connect=5, read=5, write=5, pool=0.05)

    def set(self, **settings):
        """Change settings that are read with every request."""
        changed = replace(self.app.extensions["settings"], **settings)
        self.app.extensions["settings"] = self.app.extensions["tmdb"]._settings = changed


@pytest.fixture(autouse=True)
def quick_clients(monkeypatch):
    """Clients that do not set up TLS of their own, which no connection here has."""
    client = types.SimpleNamespace(**{**vars(httpx), "Client": lambda **options: httpx.Client(**plain(options))})
    for module in (project_tmdb, hardened_tmdb):
        monkeypatch.setattr(module, "httpx", client)


@pytest.fixture(autouse=True)
def no_collection():
    """When the garbage collector happens to run must not decide what is still open."""
    gc.disable()
    gc.freeze()  # what was there before is no part of the question, and to look through all of it costs 50 ms
    yield
    gc.enable()


@pytest.fixture
def key():
    """The services' API key, planted."""
    return redaction.plant()


@pytest.fixture
def reproduction(upstream, monkeypatch, key):
    """The reproduction; with a write in its own manner, which it does not have as published."""
    monkeypatch.setenv("TMDB_API_KEY", key)
    monkeypatch.setenv("TMDB_BASE_URL", upstream.url + "/3")
    app = create_app()

    @app.post("/movies/watchlist")
    def add_to_watchlist():
        entry = {"media_type": "tv", "media_id": 1437, "watchlist": True}
        with project_tmdb.get_tmdb() as tmdb:
            tmdb.post("/account/0/watchlist", json=entry).raise_for_status()
            return jsonify(id=1437), 201

    side = Side(app, upstream)
    side.answer(side.found)
    return side


@pytest.fixture(scope="session")
def guards(tmp_path_factory):
    """The folder of the embedded guards; one for all, because to make and to remove one costs more than a write."""
    return tmp_path_factory.mktemp("guards")


@pytest.fixture
def guard_path(guards, request):
    """The file of the embedded guard of one behaviour."""
    return guards / request.node.name


@pytest.fixture
def start(key, guard_path):
    """Start a hardened service, with an upstream of its own; both end with the behaviour."""
    with contextlib.ExitStack() as ends:

        def make(guard=None, **settings):
            upstream = ends.enter_context(Upstream())
            settings = {"base_url": upstream.url + "/3", "backoff": 0.001, **settings}
            app = create_hardened(Settings(key, guard_path=str(guard_path), **settings), guard)
            ends.callback(close_app, app)
            side = Hardened(app, upstream)
            side.answer(side.found)
            side.write_then(answering({"success": True}))
            return side

        yield make


@pytest.fixture
def hardened(start):
    """The hardened service, with its own timeouts."""
    return start()


@pytest.fixture
def impatient(monkeypatch):
    """The reproduction waits a twentieth of a second for an answer, and not the default."""
    limit = timeouts(connect=5, read=0.05, write=5, pool=5)
    client = types.SimpleNamespace(Client=lambda **options: httpx.Client(**plain({"timeout": limit, **options})))
    monkeypatch.setattr(project_tmdb, "httpx", client)


@pytest.fixture
def two_connections(monkeypatch):
    """The hardened service's client may have two connections, not the hundred that are the default."""

    def make(**options):
        return httpx.Client(**plain(respelled(httpx.Client, {"max_connections": 2, **options})))

    monkeypatch.setattr(hardened_tmdb.httpx, "Client", make)
