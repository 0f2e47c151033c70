"""Which connections a pool keeps, and which request may have one again."""

import contextlib
import select
import threading

import pytest

from repro.cell import outcomes
from repro.cell.clients import Call, plain_client
from repro.cell.upstream import Upstream, answering, holding, response, sending

pytestmark = pytest.mark.needs("sync client")

#: A pool that is waited for no longer than this has no place that will become free.
FULL = {"connect": 5, "read": 5, "write": 5, "pool": 0.1}


@contextlib.contextmanager
def servers(count):
    """So many servers, each an origin of its own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Upstream()) for _ in range(count)]


@pytest.mark.needs("connection limits")
def test_more_idle_than_kept(observe):
    """Which of three connections, used one after the other, stay open where two idle ones are kept."""
    with servers(3) as each, plain_client(max_keepalive=2) as client:
        answers = [outcomes.of(lambda server=server: client.get(server.url)) for server in each]
        observe({"answers": answers, "held open": [server.held_open() for server in each]})


@pytest.mark.needs("connection limits", "sync client without an event loop")
def test_more_at_once_than_kept(observe, upstream):
    """How many of two connections that were in use at once stay open where one idle one is kept."""
    released = [threading.Event(), threading.Event()]
    for number, event in enumerate(released):
        upstream.answer(f"/{number}", holding(event, answering({"ok": True})))
    with plain_client(max_keepalive=1) as client:
        calls = []
        for number in (0, 1):
            calls.append(Call(lambda number=number: client.get(f"{upstream.url}/{number}")))
            calls[number].reach(lambda number=number: upstream.requests_for(f"/{number}"))
        answers = []
        for call, event in zip(calls, released, strict=True):
            event.set()
            answers.append(call.ended())
        observe({"answers": answers, "held open": upstream.held_open()})


@pytest.mark.needs("connection limits")
def test_total_below_kept(observe):
    """Which connections to three servers stay open where two are allowed and no idle one is refused."""
    with servers(3) as each, plain_client(max_connections=2, max_keepalive=10, timeouts=FULL) as client:
        answers = [outcomes.of(lambda server=server: client.get(server.url)) for server in each]
        observe({"answers": answers, "held open": [server.held_open() for server in each]})


@pytest.mark.needs("keepalive_expiry option")
def test_expiry_of_nothing(observe, upstream):
    """Whether a connection is used again with a `keepalive_expiry` of 0."""
    with plain_client(keepalive_expiry=0) as client:
        answers = [outcomes.of(lambda: client.get(upstream.url)) for _ in range(2)]
        observe({"answers": answers, "connections opened": len(upstream.connections)})


def test_other_spellings_of_host(observe, upstream):
    """Whether a connection is used again for the same server under another name, or the same name in capitals."""
    places = {"127.0.0.1": "127.0.0.1", "localhost": "localhost", "LOCALHOST": "LOCALHOST"}
    found = {}
    with plain_client() as client:
        client.get(upstream.url)
        for name, host in places.items():
            before = len(upstream.connections)
            outcome = outcomes.of(lambda host=host: client.get(f"http://{host}:{upstream.port}/"))
            found[name] = outcome if outcome != 200 else USED[len(upstream.connections) - before]
    observe(found)


USED = {0: "used again", 1: "another connection"}


def old(exchange):
    """Answer in HTTP/1.0, and keep the connection."""
    exchange.send(response("old", headers=(("Connection", "keep-alive"),)).replace(b"HTTP/1.1", b"HTTP/1.0", 1))


def test_after_answer(observe, upstream):
    """Whether the next request uses the connection again, after each kind of answer that leaves it open."""
    kinds = {
        "204": ("GET", answering(status=204, reason="No Content")),
        "304": ("GET", lambda exchange: exchange.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
        "404": ("GET", answering(b"no", status=404, reason="Not Found")),
        "500": ("GET", answering(b"no", status=500, reason="Error")),
        "chunked": ("GET", chunked),
        "no body": ("GET", answering(b"")),
        "HEAD": ("HEAD", lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")),
        "HTTP/1.0 with keep-alive": ("GET", old),
    }
    found = {}
    with plain_client() as client:
        client.get(upstream.url)
        for name, (method, answer) in kinds.items():
            upstream.answer("/kind", going_on(answer))
            outcome = outcomes.of(lambda method=method: client.request(method, upstream.url + "/kind"))
            before = len(upstream.connections)
            client.get(upstream.url)
            found[name] = outcome if isinstance(outcome, str) else USED[len(upstream.connections) - before]
    observe(found)


def going_on(answer):
    """Answer, and close when nothing follows within half a second: the client waits for what will not come."""

    def then(exchange):
        answer(exchange)
        if not select.select([exchange.connection.sock], [], [], 0.5)[0]:
            exchange.close()

    return then


def chunked(exchange):
    """Answer in two chunks."""
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_body_until_close(observe, upstream):
    """An answer without a length, whose body ends with the connection, and whether the client closes its end then."""
    upstream.answer("/until", sending(b"HTTP/1.1 200 OK\r\n\r\nbody"))
    with plain_client() as client:
        text = outcomes.of(lambda: client.get(upstream.url + "/until").text)
        observe({"body": text, "held open": upstream.held_open()})


def test_close_asked_by_client(observe, upstream):
    """Whether a connection is kept after a request with `Connection: close`, which the server does not heed."""
    upstream.answer("/", unheeding)
    with plain_client() as client:
        client.get(upstream.url, headers={"Connection": "close"})
        observe({"held open": upstream.held_open()})


def unheeding(exchange):
    """Answer, and keep the connection for as long as the client does."""
    exchange.send(response("here I stay"))
    exchange.client_left()


def test_surplus_after_answer(observe, upstream):
    """Whether a connection is used again on which the server sent more than its answer."""
    upstream.answer("/more", lambda exchange: exchange.send(response("body") + b"more"))
    with plain_client() as client:
        first = outcomes.of(lambda: client.get(upstream.url + "/more"))
        second = outcomes.of(lambda: client.get(upstream.url))
        observe({"answers": [first, second], "connections opened": len(upstream.connections)})
