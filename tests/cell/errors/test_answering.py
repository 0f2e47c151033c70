"""What a caller gets whose server breaks off, or answers with what is no HTTP: the error, who catches it, its words."""

import pytest

from repro.cell import failures
from repro.cell.asking import async_ended, both
from repro.cell.clients import plain_async_client, plain_client
from repro.cell.upstream import breaking_off, closing, resetting, sending

# No question here is about TLS, so no client needs a trust store.


def sync_way(upstream, answer):
    """How a request ends that is answered so."""
    upstream.answer("/", answer)
    with plain_client() as client:
        return failures.of(lambda: client.get(upstream.url))


def async_way(upstream, answer):
    """How an asynchronous request ends that is answered so."""
    upstream.answer("/", answer)
    return async_ended(plain_async_client, failures.of_async, lambda client: client.get(upstream.url))


WAYS = pytest.mark.parametrize("way", both(sync_way, async_way))

OK = b"HTTP/1.1 200 OK\r\n"


@WAYS
def test_closed_before_answering(observe, upstream, way):
    """A server that closes a new connection instead of answering."""
    observe(way(upstream, closing))


@WAYS
def test_reset(observe, upstream, way):
    """A server that resets a new connection instead of answering."""
    observe(way(upstream, resetting))


@WAYS
def test_closed_within_body(observe, upstream, way):
    """A server that closes after half of the body that it announced."""
    observe(way(upstream, breaking_off(b"0123456789", after=5)))


@pytest.mark.needs("sync client")
def test_closed_within_headers(observe, upstream):
    """A server that closes in the middle of the headers."""
    observe(sync_way(upstream, sending(OK + b"Content-Type: text/pl")))


@pytest.mark.needs("sync client")
def test_closed_within_chunks(observe, upstream):
    """A server that closes in the middle of a chunk."""
    observe(sync_way(upstream, sending(OK + b"Transfer-Encoding: chunked\r\n\r\na\r\n01234")))


@pytest.mark.needs("sync client")
def test_chunk_without_size(observe, upstream):
    """A chunk whose size is no number."""
    observe(sync_way(upstream, sending(OK + b"Transfer-Encoding: chunked\r\n\r\nten\r\n0123456789\r\n0\r\n\r\n")))


@pytest.mark.needs("sync client")
def test_status_line_malformed(observe, upstream):
    """A status line whose code is no number."""
    observe(sync_way(upstream, sending(b"HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n")))


@pytest.mark.needs("sync client")
def test_http_0_9(observe, upstream):
    """An answer in HTTP/0.9: the body alone."""
    observe(sync_way(upstream, sending(b"<html>hello</html>\r\n")))


@pytest.mark.needs("sync client")
def test_garbage(observe, upstream):
    """An answer that is no text."""
    observe(sync_way(upstream, sending(bytes(range(20)) + b"\r\n\r\n")))


@pytest.mark.needs("sync client")
def test_header_malformed(observe, upstream):
    """A header line without a colon."""
    observe(sync_way(upstream, sending(OK + b"Content-Length: 0\r\nno colon\r\n\r\n")))


@pytest.mark.needs("sync client")
def test_header_too_large(observe, upstream):
    """A header of 300 kB, more than any release that has a limit takes."""
    observe(sync_way(upstream, sending(OK + b"Content-Length: 0\r\nX-Large: " + b"x" * 300_000 + b"\r\n\r\n")))


@pytest.mark.needs("sync client")
def test_content_length_negative(observe, upstream):
    """A body that is said to be -1 bytes long."""
    observe(sync_way(upstream, sending(OK + b"Content-Length: -1\r\n\r\nbody")))


@pytest.mark.needs("sync client")
def test_content_length_twice(observe, upstream):
    """A body with two lengths, of which one is true."""
    observe(sync_way(upstream, sending(OK + b"Content-Length: 4\r\nContent-Length: 3\r\n\r\nbody")))


@pytest.mark.needs("sync client")
def test_switching_protocols(observe, upstream):
    """An answer 101 to a request that asked for no other protocol."""
    raw = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n"
    observe(sync_way(upstream, sending(raw)))
