"""The service end to end, while upstream is well."""

import re
import threading

import pytest

from repro.cell import outcomes, redaction
from repro.cell.upstream import answering
from repro.project.tmdb import get_tmdb

reproduction = pytest.mark.needs("sync client", "base_url argument")


def test_runs(observe, service):
    """A person runs the service as it stands, and upstream knows the path that TMDb documents and no other."""
    service.upstream.answer("/3/search/tv", service.found)
    service.upstream.answer(None, answering({"status_code": 34}, status=404, reason="Not Found"))
    # What the teardown raises passes the service by, up to the server that runs it.
    observe({"service": outcomes.of(service.search), "view": service.raised or "answers"})


@reproduction
def test_search(observe, service):
    """The status and the JSON that a caller of the service gets."""
    answer = service.search()
    observe({"status": answer.status_code, "json": answer.json})


@reproduction
def test_request_line(observe, service):
    """The request line that upstream sees."""
    service.search()
    (seen,) = service.upstream.requests
    observe(f"{seen.method} {seen.target} {seen.version}")


@reproduction
def test_request_headers(observe, service, key):
    """The headers that upstream sees, in their order and their case."""
    service.search()
    (seen,) = service.upstream.requests
    assert seen.header("x-api-key") == key
    # The user agent names the release's own version, and so would begin an epoch with every release.
    agent = seen.header("user-agent")
    redaction.normalise(agent, re.sub(r"/\S+", "/VERSION", agent))
    observe(redaction.headers(seen.headers))


@reproduction
def test_query_escaping(observe, service):
    """What is searched for with characters that have a meaning in a query, as upstream sees it."""
    typed = ["a b", "a+b", "a/b", "a&b=c", "50%#?", "Élite", "'(~*)!"]
    for q in typed:
        assert service.search(q).status_code == 200
    seen = [request.target.partition("?")[2] for request in service.upstream.requests]
    observe(dict(zip(typed, seen, strict=True)))


@reproduction
def test_connections_per_request(observe, service):
    """Connections that ten requests to the service open to upstream, how many carry more than one, and leave open."""
    for _ in range(10):
        service.search()
    opened = service.upstream.connections
    observe(
        {
            "opened": len(opened),
            "used again": sum(connection.requests > 1 for connection in opened),
            "left open": service.left_open(),
        }
    )


@reproduction
def test_threads(service):
    """Four requests that reach upstream at once are answered, each over its own connection, and leave none open."""

    def answer(exchange):
        if service.upstream.wait_for(lambda: len(service.upstream.requests) == 4):
            service.found(exchange)

    service.upstream.answer(None, answer)
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(service.search().status_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert [connection.requests for connection in service.upstream.connections] == [1] * 4
    assert service.upstream.held_open() == 0


@reproduction
def test_one_client_per_context(service):
    """Within one application context the service has one client."""
    with service.app.app_context():
        assert get_tmdb() is get_tmdb()


@reproduction
def test_new_client_per_context(service):
    """Every application context has a client of its own, also one that is entered within another."""
    with service.app.app_context():
        outer = get_tmdb()
        with service.app.app_context():
            inner = get_tmdb()
        assert get_tmdb() is outer
    with service.app.app_context():
        later = get_tmdb()
    assert len({id(client) for client in (outer, inner, later)}) == 3
