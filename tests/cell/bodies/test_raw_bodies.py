"""Bodies that are given as they are: what they may be, and how the server is told where they end."""

import io
import tempfile

import pytest

from repro.cell import bodies
from repro.cell.library import httpx

pytestmark = pytest.mark.needs("sync client")


def test_content_argument(observe, client, upstream):
    """Bytes as `content=`."""
    observe(bodies.sent(client, upstream, content=b"bytes"))


def test_data_argument(observe, client, upstream):
    """Bytes, text and a generator as `data=`."""
    given = {"bytes": b"bytes", "text": "text", "generator": (part for part in [b"one", b"two"])}
    observe({name: bodies.sent_body(client, upstream, data=value) for name, value in given.items()})


def test_bytes_and_text(observe, send):
    """Bytes and text as the body: what is sent, type and length."""
    observe({"bytes": send(**bodies.raw(b"bytes")), "text": send(**bodies.raw("Zoë"))})


def test_generator(observe, send):
    """A generator of bytes as the body."""
    observe(send(**bodies.raw(part for part in [b"one", b"two"])))


def test_iterables(observe, hasty):
    """A list of bytes, a generator of text, and an asynchronous generator as the body, with the synchronous client."""

    async def parts():
        yield b"one"

    given = {
        "list of bytes": [b"one", b"two"],
        "generator of text": (part for part in ["one", "two"]),
        "asynchronous generator": parts(),
    }
    observed = {name: hasty(**bodies.raw(value)) for name, value in given.items()}
    observe({name: seen if isinstance(seen, str) else seen["body"] for name, seen in observed.items()})


def test_file(observe, send):
    """A file as the body."""
    with tempfile.TemporaryFile() as file:
        file.write(b"one\ntwo\n")
        file.seek(0)
        observe(send(**bodies.raw(file)))


def test_file_begun(observe, send):
    """A file as the body of which the beginning was read already."""
    file = io.BytesIO(b"0123456789")
    file.read(4)
    observe(send(**bodies.raw(file)))


def test_file_again(observe, send):
    """One file as the body of two requests: what the second sends."""
    file = io.BytesIO(b"0123456789")
    send(**bodies.raw(file))
    observe(send(**bodies.raw(file)))


def test_generator_again(observe, send):
    """One generator as the body of two requests: what the second sends."""
    parts = (part for part in [b"one", b"two"])
    send(**bodies.raw(parts))
    observe(send(**bodies.raw(parts)))


def test_no_body_type(observe, client, upstream):
    """What is no body: a number, and, as `content=`, fields."""
    given = {"number": bodies.raw(1), "fields": {"content": {"a": "1"}}}
    observe({name: bodies.sent_body(client, upstream, **argument) for name, argument in given.items()})


def test_content_with_form(observe, send):
    """`content=` and fields in one request: which of them is sent."""
    observe(send(content=b"content", data={"from": "data"}))


def test_content_classes(observe, client, upstream):
    """Bodies that say their type themselves, each by a class of the release."""
    given = {"JSON": {"a": [1, "é"]}, "Form": {"a": ["1 2", "é"]}, "Text": "é"}
    observe({name: bodies.ending(made, client, upstream, name, value) for name, value in given.items()})


def made(client, upstream, name, value):
    """Body and type that the server saw of a body of a class of the release."""
    observed = bodies.sent(client, upstream, content=getattr(httpx, name)(value))
    return f"{observed['body']} as {observed['Content-Type']}"


class Parts(getattr(httpx, "SyncByteStream", object)):
    """A body of the caller's own, as the release has a class for it."""

    def __iter__(self):
        yield b"one"
        yield b"two"

    def close(self):
        """Nothing is held."""


def test_own_stream(observe, hasty):
    """A `SyncByteStream` of the caller's own as the body."""
    observe(hasty(**bodies.raw(Parts())))


def test_headers_beside_stream(observe):
    """The headers that a request has by itself, made with `stream=`."""
    observe(bodies.ending(lambda: sorted(httpx.Request("GET", "http://example.org/", stream=Parts()).headers)))


def test_mapping_of_bytes(observe, hasty):
    """A dict whose keys are bytes as the body."""
    observe(hasty(content={b"key": b"value"}))


def test_query_method(observe, client, upstream):
    """`client.query` with a body: the method and the body that the server sees."""
    ended = bodies.ending(lambda: client.query(upstream.url, content=b"question"))
    observe([f"{seen.method} {seen.body.decode()}" for seen in upstream.requests] or ended)
