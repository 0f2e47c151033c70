"""What a caller gets who asks for what cannot be sent: the error, who catches it, what it says."""

import pytest

from repro.cell import failures
from repro.cell.asking import answer
from repro.cell.capabilities import takes
from repro.cell.clients import plain_client, run
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")

BRIEF = {"connect": 5, "read": 0.05, "write": 5, "pool": 5}


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ftp://127.0.0.1/", id="ftp"),
        pytest.param("mailto:someone@example.org", id="mailto"),
        pytest.param("/path", id="relative"),
    ],
)
def test_scheme(observe, url):
    """A URL that says how to reach no server of HTTP."""
    with plain_client() as client:
        observe(failures.of(lambda: client.get(url)))


def test_invalid_url(observe):
    """A URL whose port is no number."""
    with plain_client() as client:
        observe(failures.of(lambda: client.get("http://127.0.0.1:port/")))


def test_header_of_two_lines(observe, upstream):
    """A header of the caller's with a line break in its value."""
    with plain_client() as client:
        observe(failures.of(lambda: client.get(upstream.url, headers={"X-Lines": "one\r\ntwo"})))


def body(raw, length):
    """What a POST is given to send these bytes and to say that they are so many."""
    argument = "content" if takes(plain_client().post, "content") else "data"
    return {argument: raw, "headers": {"Content-Length": str(length)}}


@pytest.mark.needs("timeout argument")
def test_body_too_short(observe, upstream):
    """A body that is shorter than the caller's Content-Length says; the server waits for the rest of it."""
    with plain_client(timeouts=BRIEF) as client:
        observe(failures.of(lambda: client.post(upstream.url, **body(b"body", length=10))))


def test_closed_client(observe, upstream):
    """A request with a client that was closed before its first one."""
    client = plain_client()
    client.close()
    observe(failures.of(lambda: client.get(upstream.url)))


def test_cookie_conflict(observe):
    """A cookie read by its name alone, which two sites have set."""
    with plain_client() as client:

        def read():
            client.cookies.set("session", "one", domain="one.example.org")
            client.cookies.set("session", "two", domain="two.example.org")
            return client.cookies["session"]

        observe(failures.of(read))


def test_without_request(observe):
    """`.request` of an error that a caller made, and that belongs to no request."""
    observe(answer(lambda: httpx.ReadTimeout("late").request))


@pytest.mark.needs("mock transport")
def test_response_of_other_kind(observe):
    """A response whose body is a generator of one kind, read and closed as one of the other kind is."""

    async def part():
        yield b"a"

    def made(content):
        return httpx.Response(200, content=content)

    observe(
        {
            "synchronous, aread": answer(lambda: run(lambda: made(iter([b"a"])).aread())),
            "synchronous, aclose": answer(lambda: run(lambda: made(iter([b"a"])).aclose())),
            "asynchronous, read": answer(lambda: made(part()).read()),
            "asynchronous, close": answer(lambda: made(part()).close()),
        }
    )


@pytest.mark.needs("mock transport")
def test_response_without_request(observe):
    """`.request` of a response that a caller made, and the body of one that cannot be decoded."""

    def broken():
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=b"broken").text

    observe({"request": answer(lambda: httpx.Response(200).request), "broken": answer(broken)})
