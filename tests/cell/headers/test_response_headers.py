"""The headers of a response, as a caller reads them."""

import pytest

from repro.cell.asking import answer
from repro.cell.library import httpx
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client")


def on_the_wire(text, encoding):
    """A text in some encoding, in the form in which the server sends just its bytes."""
    return text.encode(encoding).decode("latin-1")


def test_letters_outside_ascii(observe, upstream, client):
    """The text of a response header that the server wrote in each encoding."""
    values = {
        "ASCII": "e",
        "Latin-1": on_the_wire("é", "latin-1"),
        "UTF-8": on_the_wire("é", "utf-8"),
        "UTF-8, outside Latin-1": on_the_wire("€", "utf-8"),
    }
    found = {}
    for number, (kind, value) in enumerate(values.items()):
        upstream.answer(f"/{number}", answering(headers=(("X-A", value),)))
        found[kind] = answer(lambda at=number: client.get(f"{upstream.url}/{at}").headers["X-A"])
    observe(found)


def test_repeated(observe, upstream, client):
    """A response header that came twice, with another between them."""
    upstream.answer("/", answering(headers=(("X-Part", "1"), ("X-Other", "a"), ("X-Part", "2"))))
    headers = client.get(upstream.url).headers
    observe(
        {
            "headers[name]": answer(lambda: headers["X-Part"]),
            "raw": answer(lambda: [value.decode() for name, value in headers.raw if name.lower() == b"x-part"]),
        }
    )


def test_case_of_names(observe, upstream, client):
    """The name of a response header that was sent with capitals."""
    upstream.answer("/", answering(headers=(("X-MiXed", "1"),)))
    headers = client.get(upstream.url).headers
    observe(
        {
            "as a key": answer(lambda: next(name for name in headers if name.lower() == "x-mixed")),
            "in raw": answer(lambda: next(n.decode() for n, _ in headers.raw if n.lower() == b"x-mixed")),
        }
    )


def test_space_and_nothing(observe, upstream, client):
    """A response header with spaces around its value, one with none, and one that is spaces."""
    upstream.answer("/", answering(headers=(("X-Spaces", "  a b  "), ("X-Empty", ""), ("X-Blank", "   "))))
    observe(answer(lambda: {n: client.get(upstream.url).headers[n] for n in ("X-Spaces", "X-Empty", "X-Blank")}))


@pytest.mark.needs("mock transport")
def test_made_with_length(observe):
    """The headers about length of a response that a caller made of a body in parts, with a length and without."""

    def framing(headers):
        response = httpx.Response(200, headers=headers, content=iter([b"a"]))
        return {name: response.headers.get(name) for name in ("Content-Length", "Transfer-Encoding")}

    each = {"with": {"Content-Length": "1"}, "without": {}}
    observe({name: answer(lambda headers=headers: framing(headers)) for name, headers in each.items()})
