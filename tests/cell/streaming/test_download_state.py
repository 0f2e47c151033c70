"""What a streamed response says of itself, and what may be asked of it before, after and twice."""

import gc
import gzip
import time
import weakref

import pytest

from repro.cell import bodies, downloads, outcomes
from repro.cell.clients import streamed
from repro.cell.upstream import answering, breaking_off

pytestmark = pytest.mark.needs("sync client", "streamed response")


def parts(response, way="iter_bytes"):
    """The parts of a response as one text."""
    return "".join(downloads.plain(downloads.parts(response, way)))


ASKED = {
    "content": lambda response: bodies.text(response.content),
    "text": lambda response: response.text,
    "json": lambda response: response.json(),
    "encoding": lambda response: response.encoding,
    "elapsed": lambda response: "a time" if response.elapsed else "no time",
    "num_bytes_downloaded": lambda response: response.num_bytes_downloaded,
}


def test_unread(observe, unread):
    """What a response that is not read yet says of itself, and what it does not."""
    response = unread()
    observe({name: bodies.ending(ask, response) for name, ask in ASKED.items()})
    response.close()


def test_read(observe, unread):
    """What a response says of the time it took and of the bytes that came, once it is read."""
    response = unread()
    response.read()
    observe({name: bodies.ending(ASKED[name], response) for name in ("elapsed", "num_bytes_downloaded")})


def test_not_read_caught(observe, unread):
    """Asking for the content of a response that is not read: which `except` clauses catch what that raises."""
    response = unread()
    observe(outcomes.caught(lambda: response.content))
    response.close()


def test_consumed_caught(observe, unread):
    """Reading the parts of a response a second time: which `except` clauses catch what that raises."""
    response = unread()
    parts(response)
    observe(outcomes.caught(lambda: parts(response)))


def test_closed_caught(observe, unread):
    """Reading a response that was closed: which `except` clauses catch what that raises."""
    response = unread()
    response.close()
    observe(outcomes.caught(lambda: bodies.text(response.read())))


def test_twice(observe, unread):
    """Reading a response that was read: what the second reading gives, after the first."""
    orders = (
        "read, read",
        "read, iter_bytes",
        "read, iter_raw",
        "iter_bytes, read",
        "iter_raw, read",
        "iter_bytes, content",
    )
    observe({order: second(unread(), *order.split(", ")) for order in orders})


def second(response, *actions):
    """Do one thing with a response, and then another; answers how the other ends."""
    first, then = actions
    act(response, first)
    return bodies.ending(lambda: act(response, then))


def act(response, action):
    """Read a response in one way; answers what was read."""
    if action == "content":
        return bodies.text(response.content)
    return bodies.text(response.read()) if action == "read" else parts(response, action)


def test_life(observe, unread):
    """What `is_closed` and `is_stream_consumed` say, from the head of a response to its end."""
    response = unread()
    head = said(response)
    response.read()
    observe({"unread": head, "read": said(response)})


def said(response):
    """What a response says of its state."""
    return {name: bodies.ending(getattr, response, name) for name in ("is_closed", "is_stream_consumed")}


def test_closed_after_part(observe, upstream, unread):
    """A response that is closed when its first part was read: what it says, and what reading on gives."""
    upstream.answer("/", downloads.chunked(b"one", b"two"))
    response = unread()
    iterator = iter(downloads.iterating(response, "iter_raw"))
    next(iterator)
    response.close()
    observe({**said(response), "reading on": bodies.ending(lambda: downloads.plain(iterator))})


def test_bytes_downloaded(observe, upstream, unread):
    """How many bytes came, by a response's account, while a compressed body is read."""
    upstream.answer("/", downloads.chunked(gzip.compress(b"0" * 100, mtime=0), headers=(("Content-Encoding", "gzip"),)))
    response = unread()
    decoded = sum(len(part) for part in downloads.parts(response, "iter_bytes"))
    observe({"decoded": decoded, "downloaded": bodies.ending(lambda: response.num_bytes_downloaded)})


def test_broken_off(observe, upstream, unread):
    """Reading the parts of a body that breaks off."""
    upstream.answer("/", breaking_off(b"0123456789", after=4))
    response = unread()
    observe(outcomes.caught(lambda: parts(response)))
    response.close()


def test_stream_argument(observe, client, upstream):
    """Asking for a streamed response with `client.get(..., stream=True)`."""
    observe(bodies.ending(lambda: client.get(upstream.url, stream=True)))


def test_stream_block(observe, client, upstream):
    """`with client.stream(...)`: reading in the block, and what the response says after it."""

    def block():
        with client.stream("GET", upstream.url) as response:
            inside = bodies.text(response.read())
        return {"inside": inside, "closed after it": response.is_closed}

    observe(bodies.ending(block))


def test_stream_without_block(observe, client, upstream):
    """`client.stream(...)` without a block, taken for a response: reading it."""
    observe(bodies.ending(lambda: bodies.text(client.stream("GET", upstream.url).read())))


def test_head(observe, client, upstream):
    """The parts of an answer to HEAD, which claims a length and has no body."""
    upstream.answer("/", lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"))
    response = client.request("HEAD", upstream.url)
    observe({"content": bodies.text(response.content), "length said": response.headers.get("content-length")})


@pytest.mark.needs("connection limits", "timeout argument")
def test_left_unread(observe, upstream):
    """A request beside a response that nobody read or closed, where one connection is allowed."""
    upstream.answer("/long", answering(b"0" * 10))
    timeouts = {"connect": 5, "read": 5, "write": 5, "pool": 0.1}
    with bodies.client(max_connections=1, timeouts=timeouts) as client:
        response = streamed(client, upstream.url + "/long")
        ending = bodies.ending(lambda: client.get(upstream.url))
        response.close()
    observe(ending)


def test_elapsed_bound(observe, unread):
    """Whether a response says that it took longer than its caller waited for it."""

    def longer():
        began = time.perf_counter()
        response = unread()
        response.read()
        waited = time.perf_counter() - began
        # Two clocks of a machine may differ by a little.
        return "longer" if response.elapsed.total_seconds() > waited + 0.01 else "not longer"

    observe(bodies.ending(longer))


@pytest.mark.needs("sync client without an event loop")
def test_freed(observe, client, upstream):
    """Whether a response is freed as soon as it is dropped, without the collector."""

    def dropped():
        return weakref.ref(client.get(upstream.url))

    gc.disable()
    try:
        observe("freed" if dropped()() is None else "kept until it is collected")
    finally:
        gc.enable()
