"""Old ways to name a proxy; the upstream is the proxy."""

from repro.cell.library import httpx

ORIGIN = "http://origin.invalid/"


def test_client_proxies(client, spelling, upstream):
    """A client with a proxy, given as `proxies=`."""
    spelling(lambda: client(proxies=upstream.url).get(ORIGIN))


def test_client_proxies_by_scheme(client, spelling, upstream):
    """A client whose proxies are a mapping from bare schemes, given as `proxies=`."""
    spelling(lambda: client(proxies={"http": upstream.url}).get(ORIGIN))


def test_client_proxies_http_proxy(client, spelling, upstream):
    """A client whose proxy is an `HTTPProxy`."""
    spelling(lambda: client(proxies=httpx.HTTPProxy(upstream.url)).get(ORIGIN))


def test_http_proxy_mode(spelling, upstream):
    """An `HTTPProxy` whose mode is a member of `HTTPProxyMode`."""
    spelling(lambda: httpx.HTTPProxy(upstream.url, proxy_mode=httpx.HTTPProxyMode.FORWARD_ONLY))


def test_proxy_mode(spelling, upstream):
    """A `Proxy` with a mode, given as `mode=`."""
    spelling(lambda: httpx.Proxy(upstream.url, mode="FORWARD_ONLY"))
