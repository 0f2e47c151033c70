"""Redirects to another origin: which headers and cookies go along."""

import pytest

from repro.cell import redaction
from repro.cell.following import following_client
from repro.cell.resolver import resolving
from repro.cell.upstream import Upstream
from repro.cell.values import told

pytestmark = pytest.mark.needs("sync client")

SECRETS = ("Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key")


@pytest.fixture
def other():
    """A second upstream, on a port of its own."""
    with redaction.naming(Upstream(), "OTHER") as server:
        yield server


def kept(client, url, server):
    """Which headers of the first request the server that it is redirected to gets as well, and which it does not."""
    headers = {name: redaction.plant() for name in SECRETS}
    ended = told(lambda: client.get(url, headers=headers).status_code)
    if not server.requests:
        return ended
    last = server.requests[-1]
    return {
        "kept": [name for name in SECRETS if last.header(name) == headers[name]],
        "dropped": [name for name in SECRETS if last.header(name) != headers[name]],
    }


def test_same_origin(observe, upstream, redirect):
    """The headers with secrets that go along with a redirect to the same server."""
    redirect(upstream, "/from", upstream.url + "/to")
    with following_client() as client:
        observe(kept(client, upstream.url + "/from", upstream))


@pytest.mark.needs("timeout argument")
def test_other_port(observe, upstream, other, redirect):
    """The headers with secrets that go along with a redirect to another port of the same host."""
    redirect(upstream, "/from", other.url + "/to")
    with following_client() as client:
        observe(kept(client, upstream.url + "/from", other))


def test_other_host(observe, upstream, other, redirect):
    """The headers with secrets that go along with a redirect to another host."""
    redirect(upstream, "/from", "http://other.test/to")
    with resolving({80: other.port}), following_client() as client:
        observe(kept(client, upstream.url + "/from", other))


@pytest.mark.needs("timeout argument")
def test_to_https(observe, upstream, secure, redirect):
    """The headers with secrets that go along with a redirect from http to https, both on their default ports."""
    redirect(upstream, "/from", "https://localhost/to")
    with resolving({80: upstream.port, 443: secure.port}), following_client() as client:
        observe(kept(client, "http://localhost/from", secure))


@pytest.mark.needs("timeout argument")
def test_there_and_back(observe, upstream, other, redirect):
    """Whether the header Authorization is back where a redirect leads to another port and another one back."""
    redirect(upstream, "/from", other.url + "/by")
    redirect(other, "/by", upstream.url + "/to")
    secret = redaction.plant()
    with following_client() as client:
        told(lambda: client.get(upstream.url + "/from", headers={"Authorization": secret}))
    observe([request.header("Authorization") == secret for request in upstream.requests])


@pytest.mark.needs("timeout argument")
def test_auth(observe, upstream, other, redirect):
    """Who gets the credentials that were given as `auth`, where the first redirects to another port."""
    redirect(upstream, "/from", other.url + "/to")
    with following_client() as client:
        told(lambda: client.get(upstream.url + "/from", auth=("jo", redaction.plant())))
    observe({name: sees(server) for name, server in (("first", upstream), ("other port", other))})


def sees(server):
    """Whether each request that a server got has credentials."""
    return [request.header("Authorization") is not None for request in server.requests]


@pytest.mark.needs("timeout argument")
def test_auth_of_location(observe, upstream, redirect):
    """Whether credentials in a Location are sent, to the same server."""
    place = upstream.url.partition("//")[2]
    redirect(upstream, "/from", f"http://jo:{redaction.plant()}@{place}/to")
    with following_client() as client:
        told(lambda: client.get(upstream.url + "/from"))
    observe(sees(upstream))


@pytest.mark.needs("timeout argument")
def test_host_header(observe, upstream, other, redirect):
    """The header Host of the request after a redirect to another port, of a request that had one of its own."""
    redirect(upstream, "/from", other.url + "/to")
    with following_client() as client:
        told(lambda: client.get(upstream.url + "/from", headers={"Host": "own.test"}))
    observe([request.header("Host") for request in upstream.requests + other.requests])


@pytest.mark.needs("timeout argument")
def test_cookie_on_the_way(observe, upstream, redirect):
    """A cookie that a redirect sets: whether the next request carries it, and the client keeps it."""
    redirect(upstream, "/from", "/to", headers=(("Set-Cookie", "seen=yes; Path=/"),))
    with following_client() as client:
        response = client.get(upstream.url + "/from")
        observe(
            {
                "sent to the next": upstream.requests[-1].header("Cookie") == "seen=yes",
                "kept by the client": told(lambda: client.cookies["seen"]),
                "in the last answer": told(lambda: dict(response.cookies)),
            }
        )


@pytest.mark.needs("timeout argument")
def test_cookie_of_client(observe, upstream, other, redirect):
    """Whether a cookie of the client goes along with a redirect, to the same server and to another host."""
    redirect(upstream, "/from", "/to")
    redirect(upstream, "/away", "http://other.test/to")
    with resolving({80: other.port}), following_client(cookies={"a": "1"}) as client:
        told(lambda: client.get(upstream.url + "/from"))
        told(lambda: client.get(upstream.url + "/away"))
    observe(
        {
            "same server": upstream.requests_for("/to")[0].header("Cookie") is not None,
            "other host": other.requests[0].header("Cookie") is not None,
        }
    )


@pytest.mark.needs("timeout argument")
def test_cookie_of_request(observe, upstream, redirect):
    """Whether a cookie of one request goes along with a redirect to the same server, and with the next request."""
    redirect(upstream, "/from", "/to")
    with following_client() as client:
        told(lambda: client.get(upstream.url + "/from", cookies={"a": "1"}))
        told(lambda: client.get(upstream.url + "/after"))
    observe({request.target: request.header("Cookie") is not None for request in upstream.requests})
