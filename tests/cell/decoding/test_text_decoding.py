"""`response.text`: by which encoding bytes become text, declared, undeclared and chosen by the caller."""

import pytest

from repro.cell import bodies, downloads
from repro.cell.clients import streamed
from repro.cell.upstream import answering

pytestmark = pytest.mark.needs("sync client", "content of a response")


def test_declared(observe, get):
    """Texts that say their encoding: plainly, in quotes, and with a mark at their beginning."""
    each = {
        "utf-8": "Zoë".encode(),
        "iso-8859-1": "Zoë".encode("latin-1"),
        "shift_jis": "日本語".encode("shift_jis"),
        '"utf-8"': "Zoë".encode(),
        "UTF-8": "\ufeffZoë".encode(),
        "utf-16": "Zoë".encode("utf-16"),
    }
    observe({charset: text(get, charset, body) for charset, body in each.items()})


def test_wrongly_declared(observe, get):
    """Texts that say an encoding they are not in: another one, an unknown one, and one that is none of text."""
    each = {"utf-8": "Zoë".encode("latin-1"), "no-such-charset": "Zoë".encode(), "base64": b"Wm9l"}
    observe({charset: text(get, charset, body) for charset, body in each.items()})


def text(get, charset, body):
    """The text of a body that declares an encoding, or how asking for it ends."""
    return bodies.ending(lambda: get(body, f"text/plain; charset={charset}").text)


#: Long enough for a detector to be sure of it.
SENTENCE = "Größere Übungen über Äpfel, Öl und süße Früchte: schön, daß es fünf Bücher für die Schüler gibt."
UNDECLARED = {
    "ascii": b"plain words and nothing else",
    "utf-8": SENTENCE.encode(),
    "latin-1": SENTENCE.encode("latin-1"),
    "shift_jis": ("日本語の文章です。これは長い文章で、文字コードを判別するために書かれています。" * 2).encode(
        "shift_jis"
    ),
    "utf-16": SENTENCE.encode("utf-16"),
    "utf-8 with a mark": ("\ufeff" + SENTENCE).encode(),
}


def test_undeclared(observe, get):
    """Texts of which nobody says what encoding they are in, and by which they are read."""
    observe({name: bodies.ending(reading, get, body, "application/x-text") for name, body in UNDECLARED.items()})


def test_undeclared_by_type(observe, get):
    """Texts whose type does not say their encoding, by type, and by which encoding they are read."""
    each = {"utf-8": SENTENCE.encode(), "latin-1": SENTENCE.encode("latin-1")}
    kinds = ("text/plain", "application/json")
    observe(
        {f"{kind} in {name}": bodies.ending(reading, get, body, kind) for kind in kinds for name, body in each.items()}
    )


def reading(get, body, kind):
    """The encoding by which a body of a type is read."""
    return read_as(get(body, kind).text, body)


def read_as(text, body):
    """The encoding by which bytes became a text; the first of a list that gives the same."""
    known = ("utf-8", "utf-8-sig", "latin-1", "windows-1252", "shift_jis", "utf-16")
    return next((name for name in known if body.decode(name, "replace") == text), "another")


def test_encoding(observe, get):
    """What `response.encoding` says, by what is declared."""
    kinds = {
        "declared": "text/plain; charset=utf-8",
        "unknown": "text/plain; charset=x-no",
        "undeclared text": "text/plain",
        "JSON": "application/json",
    }
    observe({name: bodies.ending(encoding, get, kind) for name, kind in kinds.items()})


def encoding(get, kind):
    """What a response with plain words says its encoding is."""
    return get(b"plain words", kind).encoding


def test_encoding_names(observe, get):
    """What `charset_encoding` and `apparent_encoding` say of a text that declares one encoding and is in another."""
    response = get(SENTENCE.encode(), "text/plain; charset=iso-8859-1")
    observe({name: bodies.ending(getattr, response, name) for name in ("charset_encoding", "apparent_encoding")})


def test_encoding_set(observe, get):
    """`response.encoding` set before the text is asked for: to another one, and to one that is unknown."""
    observe(
        {name: bodies.ending(text_as, get("Zoë".encode()), name) for name in ("utf-8", "latin-1", "no-such-encoding")}
    )


def text_as(response, encoding):
    """The text of a response whose encoding is set."""
    response.encoding = encoding
    return response.text


def test_encoding_set_late(observe, get):
    """`response.encoding` set after the text was asked for."""
    response = get("Zoë".encode(), "text/plain; charset=utf-8")
    first = bodies.ending(getattr, response, "text")
    observe({"before": first, "after": bodies.ending(text_as, response, "latin-1")})


def test_default_encoding(observe, upstream):
    """`default_encoding` of a client: by name, and by a function of the content."""
    upstream.answer("/", answering("Zoë".encode("latin-1"), headers=(("Content-Type", "text/plain"),)))

    def text(default):
        with bodies.client(default_encoding=default) as client:
            return client.get(upstream.url).text

    observe(
        {"name": bodies.ending(lambda: text("latin-1")), "function": bodies.ending(lambda: text(lambda _: "latin-1"))}
    )


def test_empty(observe, get):
    """The text of an empty body."""
    observe(bodies.ending(lambda: get(b"").text))


@pytest.mark.needs("streamed response")
def test_undeclared_in_parts(observe, client, upstream, get):
    """A text of which nobody says what encoding it is in, read in parts."""
    body = UNDECLARED["latin-1"]
    get(body, "application/x-text")
    observe(read_as("".join(downloads.parts(streamed(client, upstream.url), "iter_text")), body))
