"""What a client sends to a proxy, and through it."""

import pytest

from repro.cell import outcomes
from repro.cell.asking import async_ended, both
from repro.cell.clients import plain_async_client, plain_client
from repro.cell.library import httpx
from repro.cell.proxy import failing
from repro.cell.tls import Greeter


def sync_way(url, **options):
    """How one GET ends."""

    def ask():
        with plain_client(**options) as client:
            return client.get(url)

    return outcomes.of(ask)


def async_way(url, **options):
    """How one asynchronous GET ends."""
    return async_ended(lambda: plain_async_client(**options), outcomes.of_async, lambda client: client.get(url))


WAYS = pytest.mark.parametrize("send", both(sync_way, async_way, "proxy in the {} client"))


def line(seen):
    """The request line; of a request for a tunnel only what it asks for.

    Below the synchronous client of 0.11 and 0.12 it is Python's own http.client that asks for a tunnel: since Python
    3.12 in HTTP/1.1, and with a Host.
    """
    return f"{seen.method} {seen.target}" + ("" if seen.method == "CONNECT" else f" {seen.version}")


def asked(server, ended):
    """The one request that arrived at a server: its line, and the names of its headers; else how it ended before."""
    if not server.requests:
        return ended
    (seen,) = server.requests
    names = [name for name, _ in seen.headers if (seen.method, name.lower()) != ("CONNECT", "host")]
    return {"line": line(seen), "headers": names}


@WAYS
def test_forwarded(observe, proxy, upstream, send):
    """The request that a proxy has to forward."""
    observe(asked(proxy, send(f"{upstream.url}/path?query=1", proxy=proxy.url)))


@WAYS
def test_tunnel(observe, proxy, secure, send):
    """The request for a tunnel."""
    observe(asked(proxy, send(f"https://localhost:{secure.port}/path", proxy=proxy.url)))


@pytest.mark.needs("proxy in the sync client", "sync client without an event loop")
def test_within_tunnel(observe, proxy, secure):
    """The request that arrives at upstream through a tunnel."""
    observe(asked(secure, sync_way(f"https://localhost:{secure.port}/path", proxy=proxy.url)))


@pytest.mark.needs("proxy in the sync client")
def test_usual_port(observe, proxy):
    """What a proxy is asked for where the URL names no port, or the usual one of its scheme."""
    proxy.answer(None, failing)
    urls = ["http://example.test/", "http://example.test:80/", "https://example.test/", "http://example.test"]

    def ask():
        with plain_client(proxy=proxy.url) as client:
            for url in urls:
                outcomes.of(lambda url=url: client.get(url))
        return dict(zip(urls, map(line, proxy.requests), strict=True))

    observe(outcomes.of(ask))


@pytest.mark.needs("proxy in the sync client")
def test_headers_of_proxy(observe, proxy, upstream, secure):
    """Who sees a header that the proxy was given for itself."""

    def told(seen):
        return seen.header("X-For-Proxy") is not None

    def ask():
        with plain_client(proxy=httpx.Proxy(proxy.url, headers={"X-For-Proxy": "yes"})) as client:
            client.get(upstream.url)
            client.get(f"https://localhost:{secure.port}/")
        return {
            "request to forward": told(proxy.requests[0]),
            "request for a tunnel": told(proxy.requests[1]),
            "request through the tunnel": told(secure.requests[0]),
        }

    observe(outcomes.of(ask))


@pytest.mark.needs("proxy in the sync client")
def test_preloaded_host(observe, proxy):
    """What a proxy is asked for, where the URL begins with http:// and browsers use TLS for all names ending so."""
    proxy.answer(None, failing)
    with plain_client(proxy=proxy.url) as client:
        outcomes.of(lambda: client.get("http://example.dev/"))
    observe([f"{seen.method} {seen.target}" for seen in proxy.requests])


@pytest.mark.needs("proxy in the async client", "HTTP/2 in the async client")
def test_tunnel_without_http1(observe, proxy, secure):
    """What a server that speaks HTTP/1.1 hears through a tunnel, of an asynchronous client of HTTP/2 only."""
    options = {"http1": False, "http2": True, "verify": False, "proxy": proxy.url}
    ended = outcomes.of(lambda: async_way(secure.url, **options))
    observe([f"{seen.method} {seen.version}" for seen in secure.requests] or ended)


@pytest.mark.needs("proxy in the sync client", "HTTP/2 in the sync client")
def test_tunnel_with_http2(observe, proxy):
    """What a client with HTTP/2 offers by ALPN through a tunnel."""
    with Greeter() as greeter:
        options = {"http2": True, "verify": False, "proxy": proxy.url}
        observe(greeter.said(lambda: sync_way(greeter.url, **options), "protocols"))
