"""When two URLs are the same, and how one is printed."""

from repro.cell.library import httpx
from repro.cell.values import told

PAIRS = {
    "the same text": ("http://example.org/a", "http://example.org/a"),
    "host in upper case": ("http://example.org/a", "http://EXAMPLE.org/a"),
    "default port": ("http://example.org/a", "http://example.org:80/a"),
    "no path and a slash": ("http://example.org", "http://example.org/"),
    "other order of the query": ("http://example.org/?a=1&b=2", "http://example.org/?b=2&a=1"),
    "empty query": ("http://example.org/", "http://example.org/?"),
    "empty fragment": ("http://example.org/", "http://example.org/#"),
    "escape in lower case": ("http://example.org/%C3%A9", "http://example.org/%c3%a9"),
    "escaped or not": ("http://example.org/%C3%A9", "http://example.org/é"),
}


def test_equal(observe):
    """Whether two URLs are equal that differ in one thing."""
    observe({name: told(lambda pair=pair: httpx.URL(pair[0]) == httpx.URL(pair[1])) for name, pair in PAIRS.items()})


def test_equal_to_text(observe):
    """Whether a URL is equal to a text, to an odd one, and to what is no text."""
    url = httpx.URL("http://example.org/")
    observe(
        {
            "its text": told(lambda: url == "http://example.org/"),
            "its text without the slash": told(lambda: url == "http://example.org"),
            "a text that is no URL": told(lambda: url == "http://example.org:port/"),
            "its text as bytes": told(lambda: url == b"http://example.org/"),
            "None": told(lambda: url == None),  # noqa: E711 - what the operator answers is the question
        }
    )


def test_hash():
    """URLs of the same text are one key of a dictionary."""
    assert {httpx.URL("http://example.org/a"): 1}[httpx.URL("http://example.org/a")] == 1


def test_repr(observe):
    """How a URL is printed in a list or a log: with a password, and without."""
    urls = (
        "http://example.org/a",
        "http://jo@example.org/",
        "http://jo:pass@example.org/",
        "http://:pass@example.org/",
    )
    observe({url: told(lambda url=url: repr(httpx.URL(url))) for url in urls})


def test_text_with_password(observe):
    """The text of a URL that has a password."""
    observe(told(lambda: str(httpx.URL("http://jo:pass@example.org/"))))
