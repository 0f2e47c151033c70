"""Old attributes, methods and arguments of URLs, queries and headers."""

import pytest

from repro.cell.library import httpx

URL = "https://example.org:1234/path?a=1&a=2"


@pytest.mark.parametrize("attribute", ["authority", "full_path", "is_absolute_url", "is_ssl", "origin", "raw"])
def test_url(attribute, spelling):
    """An attribute of a URL."""
    spelling(lambda: getattr(httpx.URL(URL), attribute))


def test_url_allow_relative(spelling):
    """A URL that may be relative, made with `allow_relative=`."""
    spelling(lambda: httpx.URL("/path", allow_relative=True))


def test_url_join_relative_url(spelling):
    """A URL joined with another, given as `relative_url=`."""
    spelling(lambda: httpx.URL(URL).join(relative_url="/other"))


def test_url_of_parts(spelling):
    """A URL made of the four parts that `raw` is."""
    spelling(lambda: httpx.URL((b"https", b"example.org", 1234, b"/path")))


def test_origin(spelling):
    """The class `Origin`."""
    spelling(lambda: httpx.Origin(URL))


def test_query_params_getlist(spelling):
    """All values of one name in a query, with `getlist`."""
    spelling(lambda: httpx.QueryParams("a=1&a=2").getlist("a"))


def test_query_params_update(spelling):
    """A query changed in place with `update`."""
    spelling(lambda: httpx.QueryParams("a=1").update({"b": "2"}))


def test_query_params_assigned(spelling):
    """A query changed in place by assigning to one of its names."""

    def assigned():
        httpx.QueryParams("a=1")["b"] = "2"

    spelling(assigned)


def test_headers_getlist(spelling):
    """All values of one header, with `getlist`."""
    spelling(lambda: httpx.Headers([("a", "1"), ("a", "2")]).getlist("a"))
