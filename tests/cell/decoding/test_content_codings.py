"""`Content-Encoding`: what is decoded, what is passed on as it came, and what is refused."""

import gzip
import zlib

import pytest

from repro.cell import bodies, downloads, outcomes
from repro.cell.clients import streamed
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client")

BODY = b"hello"
GZIP = gzip.compress(BODY, mtime=0)
DEFLATE = zlib.compress(BODY)
RAW_DEFLATE = DEFLATE[2:-4]
#: The same five bytes as brotli and as zstd, made by hand: RFC 7932 and RFC 8878, one block that is not compressed.
BROTLI = b"\x0b\x02\x80hello\x03"
ZSTD = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello"


def decoded(get, body, coding):
    """How a body with a `Content-Encoding` is read: decoded, as it was sent, or not."""

    def read():
        content = get(body, Content_Encoding=coding).read()
        return "decoded" if content == BODY else "as sent" if content == body else f"{len(content)} other bytes"

    return bodies.ending(read)


def test_codings(observe, get):
    """Bodies in one coding, by what their header says."""
    each = {"gzip": GZIP, "deflate": DEFLATE, "identity": BODY, "unknown": GZIP, "x-gzip": GZIP, "GZIP": GZIP}
    observe({coding: decoded(get, body, coding) for coding, body in each.items()})


@pytest.mark.needs("content of a response")
def test_raw_deflate(observe, get):
    """A body in deflate without the head of zlib, as some servers send it."""
    observe(decoded(get, RAW_DEFLATE, "deflate"))


@pytest.mark.needs("content of a response")
def test_codings_without_their_library(observe, get):
    """Bodies in brotli and zstd, whose libraries are not installed."""
    observe({coding: decoded(get, body, coding) for coding, body in {"br": BROTLI, "zstd": ZSTD}.items()})


@pytest.mark.needs("content of a response")
def test_several_codings(observe, get):
    """Bodies in several codings, by what their header says."""
    each = {
        "deflate, gzip": gzip.compress(DEFLATE, mtime=0),
        "gzip, identity": GZIP,
        "unknown, gzip": GZIP,
        "br, gzip": gzip.compress(BROTLI, mtime=0),
    }
    observe({coding: decoded(get, body, coding) for coding, body in each.items()})


@pytest.mark.needs("content of a response")
def test_broken(observe, get):
    """A body that is not gzip and says so: what is raised, and which `except` clauses catch it."""
    observe(
        outcomes.caught(lambda: "as sent" if get(b"no gzip", Content_Encoding="gzip").read() == b"no gzip" else "other")
    )


@pytest.mark.needs("content of a response")
def test_incomplete(observe, get):
    """Bodies in gzip that are empty, cut off, without their checksum, or followed by something."""
    each = {
        "empty": b"",
        "cut off": GZIP[:-11],
        "no checksum": GZIP[:-8],
        "more after it": GZIP + b"x",
        "twice": GZIP * 2,
    }
    observe({name: bodies.text(content(get, body)) for name, body in each.items()})


def content(get, body):
    """What is read of a body that says it is gzip; the name of what is raised, in the place of it."""
    try:
        read = get(body, Content_Encoding="gzip").read()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return outcomes.phrase(error).encode()
    return b"as sent" if body and read == body else read


@pytest.mark.needs("content of a response")
def test_no_body(observe, client, upstream):
    """An answer to HEAD, and one with status 204, that say they are compressed."""
    head = b"HTTP/1.1 %s\r\nContent-Encoding: gzip\r\n%s\r\n"
    upstream.answer("/head", lambda exchange: exchange.send(head % (b"200 OK", b"Content-Length: 30\r\n")))
    upstream.answer("/204", lambda exchange: exchange.send(head % (b"204 No Content", b"")))
    asked = {"HEAD": ("HEAD", "/head"), "204": ("GET", "/204")}
    observe(
        {name: bodies.ending(client.request, method, upstream.url + path) for name, (method, path) in asked.items()}
    )


@pytest.mark.needs("streamed response")
def test_raw(observe, client, upstream, get):
    """The raw parts of a compressed body: as they were sent, or decoded."""
    get(GZIP, Content_Encoding="gzip")
    observe("as sent" if b"".join(downloads.parts(streamed(client, upstream.url), "iter_raw")) == GZIP else "decoded")


@pytest.mark.needs("streamed response")
def test_at_once(observe, client, upstream, get):
    """How much of a small body that decodes to three MiB is in the largest part of it."""
    get(gzip.compress(bytes(3 << 20), 1, mtime=0), Content_Encoding="gzip")
    largest = max(len(part) for part in downloads.parts(streamed(client, upstream.url), "iter_bytes"))
    observe("a MiB at most" if largest <= 1 << 20 else "more than a MiB")


@pytest.mark.needs("content of a response")
def test_no_deflate(observe, get):
    """A body that is said to be in deflate, and is in neither of its two forms."""
    observe(decoded(get, b"\xff\xff\xff\xff", "deflate"))


@pytest.mark.needs("content of a response")
def test_many_codings(observe, upstream):
    """A body that was encoded by gzip five times, and six times."""

    def read(times):
        body = b"body"
        for _ in range(times):
            body = gzip.compress(body, 1)
        upstream.answer("/", answering(body, headers=(("Content-Encoding", ", ".join(["gzip"] * times)),)))
        with bodies.client() as client:
            return client.get(upstream.url).text

    observe({str(times): bodies.ending(read, times) for times in (5, 6)})
