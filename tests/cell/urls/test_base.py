"""What upstream is asked for, where the client has a base URL."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.values import told

pytestmark = pytest.mark.needs("sync client", "base_url argument")


def asked(client, upstream, url, **options):
    """The target that upstream is asked for, or how asking ends where it is not."""
    ended = outcomes.of(lambda: client.get(url, **options))
    return upstream.requests.pop().target if upstream.requests else ended


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("", id="host"),
        pytest.param("/api", id="path"),
        pytest.param("/api/", id="path_and_slash"),
    ],
)
def test_base(observe, upstream, base):
    """The target of a request for each kind of reference, below a base URL."""
    with plain_client(base_url=upstream.url + base) as client:
        observe({reference: asked(client, upstream, reference) for reference in ("", "/", "a", "/a")})


def test_base_and_odd_references(observe, upstream):
    """The target of a request for references with dots, escapes, doubled slashes and a colon, below a base URL."""
    references = ("../a", "a/", "a%2Fb", "//a", "a:b", "?b=1")
    with plain_client(base_url=upstream.url + "/api/v1/") as client:
        observe({reference: asked(client, upstream, reference) for reference in references})


def test_base_with_query(observe, upstream):
    """The target of a request, below a base URL with a query."""
    with plain_client(base_url=upstream.url + "/api?key=1") as client:
        observe(
            {
                "a": asked(client, upstream, "a"),
                "a?b=2": asked(client, upstream, "a?b=2"),
                "empty": asked(client, upstream, ""),
                "a with params": asked(client, upstream, "a", params={"b": "2"}),
            }
        )


def test_base_with_fragment(observe, upstream):
    """The target of a request, below a base URL with a fragment."""
    with plain_client(base_url=upstream.url + "/api/#part") as client:
        observe(asked(client, upstream, "a"))


def test_base_and_absolute(observe, upstream):
    """Request line and host of a request for an absolute URL, which a base URL of another host does not touch."""
    with plain_client(base_url="http://base.invalid/api/") as client:
        told(lambda: client.get(upstream.url + "/a?b=1"))
    observe([f"{request.method} {request.target}, host {request.header('Host')}" for request in upstream.requests])


def test_base_text(observe, upstream):
    """The base URL that a client says it has."""
    texts = ("http://example.org", "http://example.org/", "http://example.org/api", "http://example.org/api/?b=1")
    found = {}
    for text in texts:
        with plain_client(base_url=text) as client:
            found[text] = told(lambda client=client: client.base_url)
    observe(found)


def test_base_set(observe, upstream):
    """The target of a request, below a base URL that was set after the client was made."""
    with plain_client() as client:
        told(lambda: setattr(client, "base_url", upstream.url + "/api"))
        observe(asked(client, upstream, "a"))


def test_base_invalid(observe):
    """Making a client with a base URL that is none."""
    texts = ("/api", "example.org", "http://example.org:port/")
    observe({text: told(lambda text=text: plain_client(base_url=text).close()) for text in texts})
