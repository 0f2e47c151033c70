"""How a server is told where a body ends: by method, and where the caller says so himself."""

import io

import pytest

from repro.cell import bodies
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client")


@pytest.fixture
def by_method(client, upstream):
    """Send a body with each of some methods; answers how the server was told where it ends, by method."""
    upstream.answer("/", lambda exchange: exchange.send(b"HTTP/1.1 204 No Content\r\n\r\n"))

    def framings(methods, **arguments):
        observed = {method: bodies.sent(client, upstream, method, **arguments) for method in methods}
        return {method: seen["framing"] if isinstance(seen, dict) else seen for method, seen in observed.items()}

    return framings


def test_no_body(observe, by_method):
    """What each method says about a body when there is none."""
    observe(by_method(("GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT", "PATCH", "PURGE")))


def test_empty_body(observe, by_method):
    """What each method says about a body of no bytes."""
    observe(by_method(("GET", "DELETE", "POST", "PUT"), **bodies.raw(b"")))


def test_body_of_any_method(observe, by_method):
    """What methods that usually have no body say about one."""
    observe(by_method(("GET", "HEAD", "OPTIONS", "DELETE"), **bodies.raw(b"12345")))


def test_methods_that_take_a_body(observe, client, upstream):
    """A body given to the function of a method that usually has none."""
    observe({method: given(client, method, upstream) for method in ("get", "head", "options", "delete")})


def given(client, method, upstream):
    """How calling the function of a method with a body ends."""
    ending = bodies.ending(lambda: getattr(client, method)(upstream.url, **bodies.raw(b"12345")))
    return bodies.text(upstream.requests[-1].body) if isinstance(ending, int) else ending


def test_own_length(observe, send):
    """A generator whose length the caller has said."""
    observe(send(**bodies.raw(part for part in [b"one", b"two"]), headers={"Content-Length": "6"}))


@pytest.mark.needs("timeout argument")
def test_wrong_length(observe, upstream):
    """A generator of six bytes of which the caller has said that they are fewer, or more."""

    def sent(length):
        with bodies.hasty_client() as client:
            return bodies.sent(
                client, upstream, **bodies.raw(iter([b"one", b"two"])), headers={"Content-Length": length}
            )

    observe({"fewer": sent("2"), "more": sent("9")})


# Where nothing ends it, a client that waits for the rest of its own request waits for ever.
@pytest.mark.needs("timeout argument")
def test_own_chunks(observe, send):
    """Bytes that the caller wants sent in chunks."""
    observe(send(**bodies.raw(b"12345"), headers={"Transfer-Encoding": "chunked"})["framing"])


def test_expecting_to_go_on(observe, client, upstream):
    """A body sent with `Expect: 100-continue`, to a server that says to go on and then answers."""
    upstream.answer(
        "/",
        lambda exchange: exchange.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    observe(bodies.sent_body(client, upstream, **bodies.raw(b"12345"), headers={"Expect": "100-continue"}))


def test_redirected(observe, upstream):
    """A body whose request is redirected with 307, and followed: what the second request sends."""
    upstream.answer("/", answering(status=307, headers=(("Location", "/there"),)))
    kinds = {
        "bytes": b"onetwo",
        "list": [b"one", b"two"],
        "generator": (part for part in [b"one", b"two"]),
        "file": io.BytesIO(b"onetwo"),
    }
    observe({kind: redirected(upstream, body) for kind, body in kinds.items()})


def redirected(upstream, body):
    """The body that the server saw where it redirected to, or how sending it failed."""
    with bodies.hasty_client() as client:
        arguments = bodies.following("POST", upstream.url, **bodies.raw(body))
        ending = bodies.ending(lambda: client.request(**arguments))
    return bodies.text(upstream.requests[-1].body) if ending == 200 else ending
