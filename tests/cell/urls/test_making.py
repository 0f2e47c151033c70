"""What a URL may be made of, and what is said of what it may not."""

import pytest

from repro.cell import outcomes
from repro.cell.library import httpx
from repro.cell.values import told

ODD = {
    "without_a_part": ["/a?b=1", "", "example.org/a", "example.org:8080/a", "http://", "http:///a", "https:a/b"],
    "port": ["http://:8080/a", "http://example.org:port/", "http://example.org:-1/", "http://example.org:65536/"],
    "scheme": ["1http://example.org/", "invalid://example.org/a", "mailto:jo@example.org"],
    "host": ["http://exa mple.org/", "http://example..org/", f"http://{'a' * 64}.org/", "http://-a-.org/"],
    "not_printable": ["http://example.org/a\tb", "http://example.org/a\nb", "http://example.org/a\0", " /a "],
}


@pytest.mark.parametrize("texts", [pytest.param(texts, id=name) for name, texts in ODD.items()])
def test_odd(observe, texts):
    """A URL made of an odd text: what it becomes, or what is said of it."""
    observe({text: told(lambda text=text: httpx.URL(text)) for text in texts})


def test_too_long(observe):
    """Whether a URL may have 65,537 characters, one more than httpx admits today, and a part of it as many."""
    long = "a" * 65537
    url = httpx.URL("http://example.org/")
    observe(
        {
            "65536": told(lambda: type(httpx.URL(f"http://example.org/{long}"[:65536])).__name__),
            "65537": told(lambda: type(httpx.URL(f"http://example.org/{long}"[:65537])).__name__),
            "path": told(lambda: type(url.copy_with(path="/" + long)).__name__),
        }
    )


def test_invalid_caught(observe):
    """The `except` clauses that catch the error of a URL whose port is no number."""
    observe(outcomes.caught(lambda: httpx.URL("http://example.org:port/")))


def test_made_of(observe):
    """A URL made of something else than a text."""
    observe(
        {
            "a URL": told(lambda: httpx.URL(httpx.URL("http://example.org/a"))),
            "bytes": told(lambda: httpx.URL(b"http://example.org/a")),
            "None": told(lambda: httpx.URL(None)),
            "a number": told(lambda: httpx.URL(1)),
            "nothing": told(httpx.URL),
        }
    )


def test_made_with_params(observe):
    """A URL made of `http://example.org/a?b=1` and of parameters, some and none."""
    text = "http://example.org/a?b=1"
    sources = ({"c": "2"}, {"b": ["2", "3"]}, {}, None)
    observe({str(params): told(lambda params=params: httpx.URL(text, params=params)) for params in sources})


def test_made_of_parts(observe):
    """A URL made of its parts by name."""
    observe(
        {
            "scheme, host, path": told(lambda: httpx.URL(scheme="http", host="example.org", path="/a")),
            "a text and another path": told(lambda: httpx.URL("http://example.org/a", path="/b")),
            "a path of bytes": told(lambda: httpx.URL("http://example.org/a", path=b"/b")),
            "a path that is not printable": told(lambda: httpx.URL("http://example.org/a", path="/b\nc")),
            "a path without a slash": told(lambda: httpx.URL("http://example.org/a", path="b")),
            "a malformed scheme": told(lambda: httpx.URL("http://example.org/a", scheme="ht!tp")),
        }
    )
