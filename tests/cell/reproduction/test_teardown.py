"""The end of an application context, and what the view's block has left of the client for it."""

import pytest
from flask import g

from repro.cell import outcomes
from repro.cell.library import httpx
from repro.cell.upstream import answering
from repro.project.tmdb import get_tmdb

pytestmark = pytest.mark.needs("sync client", "base_url argument")


@pytest.fixture
def events(service, replace_client):
    """What happens to the client of a request, in order."""
    happened = []
    note = happened.append
    # Some releases close a client once more when it is collected, which is no part of the teardown.
    kept = []

    class Client(httpx.Client):
        def __enter__(self):
            kept.append(self)
            note("the block is entered")
            return super().__enter__()

        def __exit__(self, *error):
            note("the block is left" + (" by an error" if error and error[0] else ""))
            return super().__exit__(*error)

        def close(self):
            note("close() is called")
            note(f"close() answers {outcomes.of(super().close)}")

    # Flask calls the newest first, so this one comes before the service's own.
    service.app.teardown_appcontext(lambda error: note("the context ends" + (", failing" if error else "")))
    replace_client(Client)
    return happened


def test_teardown_order(observe, service, events):
    """What happens to the client of a request, from the view's block to the end of the application context."""
    assert service.search().status_code == 200
    observe(events)


def test_teardown_order_failing(observe, service, events):
    """What happens to the client of a request whose view fails, to the end of the application context."""
    service.upstream.answer(None, answering("sorry", status=500, reason="Internal Server Error"))
    assert service.search().status_code == 500
    observe(events)


def test_gone_after_teardown(service):
    """When the teardown is over the client is gone from `g`, whether the view answered or failed."""
    seen = []
    # Flask calls the newest first, so the first in the list comes after the service's own.
    service.app.teardown_appcontext_funcs.insert(0, lambda error: seen.append("tmdb" in g))
    service.search()
    service.upstream.answer(None, answering("sorry", status=500, reason="Internal Server Error"))
    service.search()
    assert seen == [False, False]


def test_teardown_without_block(service):
    """A client that no block was entered with is closed, with its connection, when the context ends."""
    with service.app.app_context():
        get_tmdb().get(service.upstream.url)
        assert service.upstream.held_open() == 1
    assert service.upstream.held_open() == 0


def test_teardown_unused(service):
    """A context in which nobody asked for the client ends without one."""
    with service.app.app_context():
        pass
    assert service.upstream.connections == []


def test_second_block(observe, service):
    """A view that enters the block with the context's client a second time, after leaving it."""

    def block():
        with get_tmdb() as tmdb:
            return tmdb.get(service.upstream.url)

    with service.app.app_context():
        observe([outcomes.of(block), outcomes.of(block)])


def test_nested_block(observe, service):
    """A view that within its block calls a function with a block of its own, and goes on with the client after that."""

    def ask(tmdb):
        return outcomes.of(lambda: tmdb.get(service.upstream.url))

    def inner():
        with get_tmdb() as tmdb:
            return ask(tmdb)

    with service.app.app_context(), get_tmdb() as tmdb:
        observe({"inner block": outcomes.of(inner), "outer block after it": ask(tmdb)})


def test_after_block(observe, service):
    """Code of the same context, an `after_request` say, that uses the client when the view's block is over."""
    audited = []

    @service.app.after_request
    def audit(response):
        audited.append(outcomes.of(lambda: get_tmdb().get(service.upstream.url)))
        return response

    service.search()
    observe({"after the block": audited[0], "left open": service.left_open()})
