"""A response read in parts: which parts, of which size, under which name."""

import pytest

from repro.cell import bodies, downloads
from repro.cell.following import not_following_of
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "streamed response")


WAYS = ("iter_bytes", "iter_raw", "iter_text")


def test_names(observe, unread):
    """Under which names a body can be read in parts."""
    observe({name: named(unread(), name) for name in (*downloads.WAYS, *downloads.WAYS.values())})


def named(response, name):
    """Whether a body can be read in parts under a name, or how that fails."""
    ended = bodies.ending(lambda: bool(list(getattr(response, name)())))
    response.close()
    return ended


def test_parts(observe, upstream, unread):
    """The parts of a body that comes in three chunks at once."""
    upstream.answer("/", downloads.chunked(b"one", b"two2", b"three"))
    observe({way: of_body(unread, way) for way in WAYS})


def test_chunk_size(observe, upstream, unread):
    """The parts of a body in three chunks when parts of five are asked for."""
    upstream.answer("/", downloads.chunked(b"one", b"two2", b"three"))
    observe({way: of_body(unread, way, chunk_size=5) for way in WAYS})


def test_parts_of_empty_body(observe, upstream, unread):
    """The parts of an empty body."""
    upstream.answer("/", answering(b""))
    observe({way: of_body(unread, way) for way in ("iter_bytes", "iter_raw", "iter_text", "iter_lines")})


def of_body(unread, way, **options):
    """The parts of the body that one way gives."""
    response = unread()
    parts = bodies.ending(lambda: downloads.plain(downloads.parts(response, way, **options)))
    response.close()
    return parts


def test_parts_of_read_body(observe, upstream, unread):
    """The parts of a body that was read already."""
    upstream.answer("/", answering("0123456789"))
    ways = ("iter_bytes", "iter_raw", "iter_text", "iter_lines")
    observe({way: of_body(lambda: read(unread()), way) for way in ways})


def read(response):
    """The response, read."""
    response.read()
    return response


def test_redirect_in_parts(observe, upstream, client):
    """The body of a redirect that is not followed, read in parts."""
    upstream.answer("/", answering("body", status=302, reason="Found", headers=(("Location", "/to"),)))

    def unread():
        return client.send(client.build_request("GET", upstream.url), stream=True, **not_following_of(client.send))

    parts = bodies.ending(lambda: of_body(unread, "iter_raw"))
    # Whether a last part is empty is asked elsewhere.
    observe("".join(parts) if isinstance(parts, list) else parts)


@pytest.fixture
def lines(upstream, unread):
    """A function that answers the lines of each text, by name; a text is given in the chunks that it comes in."""

    def each(texts):
        observed = {}
        for name, chunks in texts.items():
            upstream.answer("/", downloads.chunked(*(chunk.encode() for chunk in chunks)))
            observed[name] = of_body(unread, "iter_lines")
        return observed

    return each


def test_lines(observe, lines):
    """The lines of a text, by what ends them."""
    texts = {
        "LF": ["a\nb\n"],
        "CRLF": ["a\r\nb\r\n"],
        "CR": ["a\rb\r"],
        "no end": ["a\nb"],
        "empty lines": ["\n\na\n\n"],
    }
    observe(lines(texts))


def test_lines_by_other_separators(observe, lines):
    """The lines of a text with a form feed in it, and with a line separator of Unicode."""
    observe(lines({"form feed": ["a\x0cb"], "line separator": ["a\u2028b"]}))


def test_lines_over_chunks(observe, lines):
    """The lines of a text that comes in two chunks: divided within a line, and between CR and LF."""
    observe(lines({"within a line": ["a", "b\nc"], "between CR and LF": ["a\r", "\nb"]}))


def test_lines_after_chunk_of_return(observe, lines):
    """The lines of a text that comes in two chunks, where CR ends the first chunk and no LF begins the second."""
    observe(lines({"another letter": ["a\r", "b\n"], "another CR": ["a\r", "\rb\n"]}))


def test_letter_over_chunks(observe, upstream, unread):
    """The parts of a text of which one letter is divided between two chunks."""
    upstream.answer("/", downloads.chunked(b"Zo\xc3", b"\xab"))
    observe([part for part in of_body(unread, "iter_text") if part])


def test_text_cut_short(observe, upstream, unread):
    """The text of a body that ends in the middle of a letter, read in parts."""
    upstream.answer("/", downloads.chunked(b"Zo\xc3"))
    observe(of_body(unread, "iter_text"))
