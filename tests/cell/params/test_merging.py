"""What upstream is asked for, where parameters come from the URL, from the request and from the client."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import plain_client
from repro.cell.following import following_client
from repro.cell.library import httpx
from repro.cell.upstream import answering
from repro.cell.values import told

# Clients that take parameters also take a base URL, and the other way round.
pytestmark = pytest.mark.needs("sync client", "base_url argument")


def asked(client, upstream, path, **options):
    """The target that upstream is asked for, or how asking ends where it is not."""
    ended = outcomes.of(lambda: client.get(upstream.url + path, **options))
    return upstream.requests.pop().target if upstream.requests else ended


def of_client(params, ask):
    """What a client that has these parameters answers to a question; or what came of making it."""

    def answer():
        with plain_client(params=params) as client:
            return ask(client)

    return told(answer)


PARAMS = {
    "nothing": [None, {}, [], ""],
    "something": [{"b": "2"}, {"a": "2"}, "b=2", b"b=2", {"b": ["2", "3"]}, {"b": None}],
}


@pytest.mark.parametrize("kinds", [pytest.param(kinds, id=name) for name, kinds in PARAMS.items()])
def test_with_query(observe, upstream, kinds):
    """A request for a URL whose query is `a=1`, by the parameters that it has as well."""
    with plain_client() as client:
        observe({repr(params): asked(client, upstream, "/?a=1", params=params) for params in kinds})


def test_with_query_kept(observe, upstream):
    """The query of a URL that is sent without parameters: escapes, empty values, a question mark alone."""
    with plain_client() as client:
        observe({query: asked(client, upstream, query) for query in ("/?", "/?a&b=", "/?a+b%20c", "/?/:@?")})


def test_client(observe, upstream):
    """A request of a client that has the parameter `a=1`, by what the request adds to it."""
    observe(
        of_client(
            {"a": "1"},
            lambda client: {
                "nothing": asked(client, upstream, "/"),
                "empty params": asked(client, upstream, "/", params={}),
                "another name": asked(client, upstream, "/", params={"b": "2"}),
                "the same name": asked(client, upstream, "/", params={"a": "2"}),
                "another name in the URL": asked(client, upstream, "/?b=2"),
                "the same name in the URL": asked(client, upstream, "/?a=2"),
                "URL and params": asked(client, upstream, "/?b=2", params={"c": "3"}),
            },
        )
    )


def test_client_lists(observe, upstream):
    """A request of a client that has two values for `a`, by what the request adds to them."""
    observe(
        of_client(
            [("a", "1"), ("a", "2")],
            lambda client: {
                "nothing": asked(client, upstream, "/"),
                "another name": asked(client, upstream, "/", params={"b": "3"}),
                "the same name": asked(client, upstream, "/", params={"a": "3"}),
            },
        )
    )


def test_client_changed(observe, upstream):
    """A request of a client whose parameter `a=1` was changed after it was made."""
    changes = {
        "set": lambda client: setattr(client, "params", {"b": "2"}),
        "set to None": lambda client: setattr(client, "params", None),
        "updated": lambda client: client.params.update({"b": "2"}),
        "merged": lambda client: setattr(client, "params", client.params.merge({"b": "2"})),
    }
    found = {}
    with plain_client() as client:
        for name, change in changes.items():
            told(lambda: setattr(client, "params", httpx.QueryParams({"a": "1"})))
            ended = told(lambda change=change: change(client))
            found[name] = asked(client, upstream, "/") if ended is None else ended
    observe(found)


def test_client_attribute(observe):
    """The parameters that a client says it has, by what it was given."""
    sources = (None, {"a": 1}, "a=1", 1)
    observe(
        {
            repr(source): of_client(source, lambda client: f"{type(client.params).__name__} {str(client.params)!r}")
            for source in sources
        }
    )


def test_escaped_on_the_wire(observe, upstream):
    """What upstream is asked for, where a parameter has characters of one class."""
    texts = ("a b", "a+b", "a/b", "é", "100%", "!$()*,~")
    with plain_client() as client:
        observe({text: asked(client, upstream, "/", params={"q": text}) for text in texts})


def test_after_redirect(observe, upstream):
    """The target of the request after a redirect, where the request before it had parameters of its own."""
    upstream.answer("/from", answering(status=302, reason="Found", headers=(("Location", "/to?b=2"),)))
    with following_client() as client:
        client.get(upstream.url + "/from", params={"a": "1"})
    observe([request.target for request in upstream.requests])
