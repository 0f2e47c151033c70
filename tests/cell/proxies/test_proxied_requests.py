"""What a client sends to a proxy, and through it."""

import pytest

from repro.cell import outcomes
from repro.cell.clients import aclose, async_client, run, sync_client
from repro.cell.library import httpx
from repro.cell.proxy import failing


def sync_way(url, **options):
    """One GET."""
    with sync_client(**options) as client:
        client.get(url)


def async_way(url, **options):
    """One asynchronous GET."""

    async def main():
        client = async_client(**options)
        await client.get(url)
        await aclose(client)

    run(main)


WAYS = pytest.mark.parametrize(
    "send",
    [
        pytest.param(sync_way, id="sync", marks=pytest.mark.needs("sync client", "proxy argument")),
        pytest.param(async_way, id="async", marks=pytest.mark.needs("async client", "proxy argument")),
    ],
)


def line(seen):
    """The request line."""
    return f"{seen.method} {seen.target} {seen.version}"


def asked(server):
    """The one request that arrived at a server: its line, and the names of its headers in order."""
    (seen,) = server.requests
    return {"line": line(seen), "headers": [name for name, _ in seen.headers]}


@WAYS
def test_forwarded(observe, proxy, upstream, send):
    """The request that a proxy has to forward."""
    send(f"{upstream.url}/path?query=1", proxy=proxy.url, verify=False)
    observe(asked(proxy))


@WAYS
def test_tunnel(observe, proxy, secure, send):
    """The request for a tunnel."""
    outcomes.of(lambda: send(f"https://localhost:{secure.port}/path", proxy=proxy.url, verify=False))
    observe(asked(proxy))


@pytest.mark.needs("sync client", "proxy argument")
def test_within_tunnel(observe, proxy, secure):
    """The request that arrives at upstream through a tunnel."""
    ended = outcomes.of(lambda: sync_way(f"https://localhost:{secure.port}/path", proxy=proxy.url, verify=False))
    observe(asked(secure) if secure.requests else ended)


@pytest.mark.needs("sync client", "proxy argument")
def test_usual_port(observe, proxy, way):
    """What a proxy is asked for where the URL names no port, or the usual one of its scheme."""
    proxy.answer(None, failing)
    urls = ["http://example.test/", "http://example.test:80/", "https://example.test/", "http://example.test"]
    with sync_client(proxy=proxy.url, verify=False) as client:
        for url in urls:
            way(lambda url=url: client.get(url))
    observe(dict(zip(urls, map(line, proxy.requests), strict=True)))


@pytest.mark.needs("sync client", "proxy argument")
def test_headers_of_proxy(observe, proxy, upstream, secure):
    """Who sees a header that the proxy was given for itself."""

    def told(seen):
        return seen.header("X-For-Proxy") is not None

    def ask():
        with sync_client(proxy=httpx.Proxy(proxy.url, headers={"X-For-Proxy": "yes"}), verify=False) as client:
            client.get(upstream.url)
            client.get(f"https://localhost:{secure.port}/")
        return {
            "request to forward": told(proxy.requests[0]),
            "request for a tunnel": told(proxy.requests[1]),
            "request through the tunnel": told(secure.requests[0]),
        }

    observe(outcomes.of(ask))
