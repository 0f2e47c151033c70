"""URLs made of other URLs."""

import pytest

from repro.cell.asking import answer
from repro.cell.library import httpx
from repro.cell.values import told

WHOLE = "https://jo:pass@example.org:8080/a?b=1#c"

CHANGES = {
    "parts": [
        {"scheme": "http"},
        {"host": "other.org"},
        {"port": 9090},
        {"port": None},
        {"path": "/d e"},
        {"path": "d"},
        {"path": "/d?e"},
        {"fragment": "d e"},
    ],
    "query": [{"query": "d=2"}, {"query": b"d=2"}, {"query": None}, {"params": {"d": "2"}}, {"params": {}}],
    "user": [{"username": "d@e"}, {"password": "d:e"}, {"userinfo": "d:e"}, {"userinfo": b"d:e"}],
    "several_parts": [
        {"authority": "other.org:9090"},
        {"netloc": "other.org:9090"},
        {"netloc": b"other.org:9090"},
        {"raw_path": b"/d?e=2"},
        {"full_path": "/d?e=2"},
    ],
    "unknown_part": [{"nonsense": "d"}],
}


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in CHANGES.items()])
def test_copy_with(observe, changes):
    """A copy of a URL with one part changed."""
    url = httpx.URL(WHOLE)
    observe({called(change): told(lambda change=change: url.copy_with(**change)) for change in changes})


def called(change):
    """The arguments of a call as they are written."""
    return ", ".join(f"{name}={value!r}" for name, value in change.items())


def test_params_of_copy(observe):
    """A copy of the URL `http://example.org/a?b=1` with another parameter in its query."""
    url = httpx.URL("http://example.org/a?b=1")
    observe(
        {
            "copy_set_param": told(lambda: url.copy_set_param("b", "2")),
            "copy_add_param": told(lambda: url.copy_add_param("b", "2")),
            "copy_append_param": told(lambda: url.copy_append_param("b", "2")),
            "copy_remove_param": told(lambda: url.copy_remove_param("b")),
            "copy_merge_params": told(lambda: url.copy_merge_params({"d": "2"})),
        }
    )


def test_join(observe):
    """What a URL and a reference make together."""
    base = "http://example.org/a/b?c=1#d"
    references = ("", "e", "./e", "../e", "../../../e", "/e", "?e=2", "#e", "//other.org/e", "https://other.org/e")
    observe({reference: told(lambda reference=reference: httpx.URL(base).join(reference)) for reference in references})


def test_join_relative(observe):
    """What a relative URL and a reference make together."""
    observe(
        {reference: told(lambda reference=reference: httpx.URL("/a/b").join(reference)) for reference in ("e", "/e")}
    )


def test_arguments(observe):
    """Arguments that not every release takes."""
    observe(
        {
            "URL(allow_relative=True)": told(lambda: httpx.URL("/a", allow_relative=True)),
            "join(relative_url=)": told(lambda: httpx.URL("http://example.org/a").join(relative_url="b")),
            "join(url=)": told(lambda: httpx.URL("http://example.org/a").join(url="b")),
        }
    )


def test_full_path_set(observe):
    """Setting the path and the query of a URL that there is, as `full_path`: how it ends, and the URL afterwards."""
    url = httpx.URL("http://example.org/a?b=1")
    observe({"ends": told(lambda: setattr(url, "full_path", "/d?e=2")), "URL": str(url)})


def test_host_of_copy(observe):
    """A copy with another host, given as an IPv6 address without brackets."""
    observe(answer(lambda: str(httpx.URL("http://a.invalid/b").copy_with(host="::1"))))


def test_made_of_path(observe):
    """A URL made of a path alone, by how the path begins."""
    observe({path: answer(lambda path=path: str(httpx.URL(path=path))) for path in ("/a", "a", "//a", ":a", "a:b")})
