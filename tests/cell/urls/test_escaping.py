"""Which characters are escaped, where in a URL: one class of them at a time."""

import pytest

from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.values import told

CLASSES = {
    "unreserved": "Az09-._~",
    "delimiters": "!$&()*+,;=:@",
    "slash": "a/b",
    "question mark": "a?b",
    "space": "a b",
    "percent": "100%zz%",
    "escaped": "%2F%20%c3%a9",
    "escaped needlessly": "%41%7E",
    "escaped and not": "%20 ",
    "unicode": "é€😀",
    "quotes": "'\"`",
    "brackets": "[]{}<>",
    "backslash, bar, caret": "\\|^",
}


@pytest.mark.parametrize(
    ("before", "classes"),
    [
        pytest.param("", sorted(CLASSES.keys() - {"question mark"}), id="path"),
        pytest.param("?", sorted(CLASSES), id="query"),
        pytest.param("#", sorted(CLASSES), id="fragment"),
    ],
)
def test_escaped(observe, before, classes):
    """What one part of a URL becomes in its text, by the class of the characters in it."""
    start = f"http://example.org/{before}-"

    def text(characters):
        whole = str(httpx.URL(f"{start}{characters}-"))
        return whole.removeprefix(start).removesuffix("-") if whole.startswith(start) else whole

    observe({name: told(lambda name=name: text(CLASSES[name])) for name in classes})


@pytest.mark.needs("sync client")
def test_escaped_on_the_wire(observe, upstream):
    """What upstream is asked for, where path and query of the URL have characters of one class."""
    sent = {}
    with plain_client() as client:
        for name in ("delimiters", "space", "percent", "escaped", "unicode", "quotes", "brackets"):
            text = CLASSES[name]
            ended = told(lambda text=text: client.get(f"{upstream.url}/-{text}-?-{text}-"))
            sent[name] = upstream.requests.pop().target if upstream.requests else ended
    observe(sent)


def test_path_unescaped(observe):
    """The path that a URL answers, where it was given escaped and where it was not."""
    paths = ("/a b", "/a%20b", "/a%2Fb", "/é", "/%C3%A9", "/%FF", "/100%")
    observe({path: told(lambda path=path: httpx.URL(f"http://example.org{path}").path) for path in paths})


def test_dots_and_slashes(observe):
    """The text of a URL whose path has dots and slashes that mean nothing."""
    paths = ("", "/a/../b", "/a/./b", "/a/b/..", "/..", "//a//b", "/a/%2E%2E/b")
    observe({path: told(lambda path=path: str(httpx.URL(f"http://example.org{path}"))) for path in paths})
