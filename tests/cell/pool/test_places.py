"""The places of a pool that allows one connection: who waits for one, and what gives one back."""

import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import Call, plain_client, streamed, sync_client
from repro.cell.upstream import Upstream, answering, breaking_off, holding, sending

pytestmark = pytest.mark.needs("sync client", "connection limits")

#: A pool that is waited for no longer than this has no place that will become free.
FULL = {"connect": 5, "read": 0.5, "write": 5, "pool": 0.1}
PATIENT = {**FULL, "read": 5, "pool": 1}


# No question here is about TLS, so no client needs a trust store.


def narrow():
    """A client that may open one connection."""
    return plain_client(max_connections=1, timeouts=FULL)


def hold(upstream, path="/held"):
    """Answer a path only when the event is set."""
    released = threading.Event()
    upstream.answer(path, holding(released, answering({"ok": True})))
    return released


@pytest.mark.needs("sync client without an event loop")
def test_waiting(observe, upstream):
    """A thread that waits up to a second for the only connection, where the request of another thread is answered.

    Whether it is told that there is no place is asked, and not how its request ends then: in some releases it may take
    the connection while the first thread is not done with it.
    """
    released = hold(upstream)
    with sync_client(max_connections=1, timeouts=PATIENT) as client:
        first = Call(lambda: client.get(upstream.url + "/held"))
        first.reach(lambda: upstream.requests)
        second = Call(lambda: client.get(upstream.url))
        second.reach(lambda: len(upstream.requests) == 2)
        released.set()
        first.ended()
        answer = str(second.ended())
    observe(answer if "Pool" in answer else "has the place")


def test_idle_for_another_host(observe, upstream):
    """A request to one server, when the only connection is an idle one to another."""
    with Upstream() as second, narrow() as client:
        first = outcomes.of(lambda: client.get(upstream.url))
        answers = [first, outcomes.of(lambda: client.get(second.url))]
        observe({"answers": answers, "held open to the first": upstream.held_open()})


@pytest.mark.needs("streamed response")
def test_busy_for_another_host(observe, upstream):
    """A request to one server, when the only connection has an answer of another that was not read yet."""
    with Upstream() as second, narrow() as client:
        response = streamed(client, upstream.url)
        observe(outcomes.of(lambda: client.get(second.url)))
        response.close()


@pytest.mark.needs("streamed response")
def test_stream_open(observe, upstream):
    """A request, when the only connection has an answer that was not read yet."""
    with narrow() as client:
        response = streamed(client, upstream.url)
        observe(outcomes.of(lambda: client.get(upstream.url)))
        response.close()


@pytest.mark.needs("streamed response")
def test_stream_closed(observe, upstream):
    """A request, when the answer on the only connection was closed unread."""
    with narrow() as client:
        streamed(client, upstream.url).close()
        observe(outcomes.of(lambda: client.get(upstream.url)))


def test_error_in_stream_block(observe, upstream):
    """A request after the block of a stream was left by an exception."""

    def leave():
        with client.stream("GET", upstream.url):
            raise LookupError

    with narrow() as client:
        observe([outcomes.of(leave), outcomes.of(lambda: client.get(upstream.url))])


def test_body_broken_off(observe, upstream):
    """A request after one whose body broke off."""
    upstream.answer("/broken", breaking_off(b"0123456789", after=5))
    with narrow() as client:
        first = outcomes.of(lambda: client.get(upstream.url + "/broken"))
        observe([first, outcomes.of(lambda: client.get(upstream.url))])


def test_answer_malformed(observe, upstream):
    """A request after one whose answer was no HTTP."""
    upstream.answer("/malformed", sending(b"HTTP/1.1 OK 200\r\n\r\n"))
    with narrow() as client:
        first = outcomes.of(lambda: client.get(upstream.url + "/malformed"))
        observe([first, outcomes.of(lambda: client.get(upstream.url))])


def test_error_in_body(observe, upstream):
    """A request after one whose body, made piece by piece, ended with an exception."""

    def pieces():
        yield b"one"
        raise LookupError

    with narrow() as client:
        first = outcomes.of(lambda: client.post(upstream.url, data=pieces()))
        observe([first, outcomes.of(lambda: client.get(upstream.url))])


def test_error_in_hook(observe, upstream):
    """A request after one whose response hook raised an exception."""

    def refuse(response):
        raise LookupError

    def first():
        client.event_hooks["response"].append(refuse)
        try:
            return client.get(upstream.url)
        finally:
            client.event_hooks["response"].remove(refuse)

    with narrow() as client:
        observe([outcomes.of(first), outcomes.of(lambda: client.get(upstream.url))])


def test_redirect(observe, upstream):
    """A redirect with a body that is followed over the only connection."""
    upstream.answer("/", answering(b"moved", status=302, reason="Found", headers=(("Location", "/next"),)))
    with narrow() as client:
        client.follow_redirects = True
        observe(outcomes.of(lambda: client.get(upstream.url)))


def test_no_place(observe, upstream):
    """A request with a client that may open no connection."""
    with sync_client(max_connections=0, timeouts=FULL) as client:
        observe(outcomes.of(lambda: client.get(upstream.url)))
