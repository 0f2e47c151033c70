"""URLs on their way out: what is resolved, what is in the request, and what is not sent at all."""

import base64

import pytest

from repro.cell import outcomes, redaction
from repro.cell.clients import plain_client
from repro.cell.library import httpx
from repro.cell.resolver import resolving
from repro.cell.values import told

pytestmark = pytest.mark.needs("sync client")


def test_host_sent(observe, upstream):
    """The name that is resolved and the host that is sent, by the URL."""
    urls = {
        "plain": "http://a.test/",
        "upper case": "http://B.test/",
        "default port": "http://c.test:80/",
        "other port": f"http://d.test:{upstream.port}/",
        "user": "http://jo@e.test/",
        "unicode": "http://中国.f.test/",
        "sharp s": "http://faß.g.test/",
    }
    found = {}
    with resolving({80: upstream.port}) as asked, plain_client() as client:
        for name, url in urls.items():
            asked.clear()
            ended = told(lambda url=url: client.get(url))
            found[name] = {
                "resolved": asked[-1] if asked else None,
                "sent": upstream.requests.pop().header("Host") if upstream.requests else ended,
            }
    observe(found)


def test_host_ipv6_in_request(observe):
    """The host that a request for an IPv6 address has in its headers."""
    urls = ("http://[::1]/", "http://[::1]:8080/")
    observe({url: told(lambda url=url: httpx.Request("GET", url).headers["Host"]) for url in urls})


def test_userinfo_sent(observe, upstream):
    """The credentials that upstream gets of a URL with a user and a password."""
    secret = redaction.plant()
    place = upstream.url.partition("//")[2]
    found = {}
    with plain_client() as client:
        for userinfo in (f"jo:{secret}", "jo", f"jo%40email.org:{secret}%3A"):
            told(lambda userinfo=userinfo: client.get(f"http://{userinfo}@{place}/"))
            kind, _, encoded = (upstream.requests.pop().header("Authorization") or "").partition(" ")
            found[userinfo] = f"{kind} {base64.b64decode(encoded).decode()}" if kind else None
    observe(found)


def test_fragment_kept_back(upstream):
    """The fragment of a URL is not sent."""
    with plain_client() as client:
        client.get(upstream.url + "/a?b=1#c")
    assert [request.target for request in upstream.requests] == ["/a?b=1"]


def test_not_sent(observe):
    """What is raised and said where a request is for what is no URL of a server."""
    urls = ("", "/a", "http://", "http:///a", "example.org/a", "ftp://example.org/a", "invalid://example.org/a")
    with plain_client() as client:
        observe({url: told(lambda url=url: client.get(url)) for url in urls})


def test_not_sent_caught(observe):
    """The `except` clauses that catch what a request for a URL of another scheme than http and https raises."""
    with plain_client() as client:
        observe(outcomes.caught(lambda: client.get("ftp://example.org/a")))


def test_not_text(observe):
    """Sending a request to what is neither a text nor a URL."""
    with plain_client() as client:
        observe({repr(url): told(lambda url=url: client.get(url)) for url in (None, 1, b"http://example.org/")})
