"""What a caller gets when the proxy fails."""

import importlib.util

import pytest

from repro.cell import outcomes
from repro.cell.asking import async_ended, both
from repro.cell.clients import plain_async_client, plain_client
from repro.cell.enclosure import AUTHORITY
from repro.cell.proxy import Proxy, demanding, failing
from repro.cell.upstream import closing, outlasting, refusing_port, server_context


def sync_way(url, **options):
    """How one GET ends."""

    def ask():
        with plain_client(**options) as client:
            return client.get(url)

    return outcomes.caught(ask)


def async_way(url, **options):
    """How one asynchronous GET ends."""
    return async_ended(lambda: plain_async_client(**options), outcomes.caught_async, lambda client: client.get(url))


WAYS = pytest.mark.parametrize("ask", both(sync_way, async_way, "proxy in the {} client"))

#: How long the proxy has patience, in seconds, with a client whose timeout of a fifth of that does not come.
LATE = 0.5

#: A name that only a proxy could resolve; the proxies asked here never try to.
PLAIN = "http://example.test/"
SECURE = "https://example.test/"


@pytest.mark.needs("proxy in the sync client")
def test_refused(observe):
    """A request where nobody listens at the proxy's address."""
    observe(sync_way(PLAIN, proxy=f"http://127.0.0.1:{refusing_port()}"))


@pytest.mark.needs("proxy in the sync client")
def test_tunnel_refused(observe):
    """A request through a tunnel where nobody listens at the proxy's address."""
    observe(sync_way(SECURE, proxy=f"http://127.0.0.1:{refusing_port()}"))


@pytest.mark.needs("proxy in the sync client")
def test_credentials_demanded(observe, proxy):
    """A request that the proxy answers with 407."""
    proxy.answer(None, demanding)
    observe(sync_way(PLAIN, proxy=proxy.url))


@WAYS
def test_tunnel_credentials_demanded(observe, proxy, ask):
    """A request for a tunnel that the proxy answers with 407."""
    proxy.answer(None, demanding)
    observe(ask(SECURE, proxy=proxy.url))


@pytest.mark.needs("proxy in the sync client")
def test_closed(observe, proxy):
    """A request that the proxy closes the connection on instead of answering."""
    proxy.answer(None, closing)
    observe(sync_way(PLAIN, proxy=proxy.url))


@WAYS
def test_tunnel_closed(observe, proxy, ask):
    """A request for a tunnel that the proxy closes the connection on instead of answering."""
    proxy.answer(None, closing)
    observe(ask(SECURE, proxy=proxy.url))


@WAYS
def test_tunnel_unanswered(observe, proxy, ask):
    """A request for a tunnel that the proxy does not answer in time; it answers late, with 502."""
    proxy.answer(None, outlasting(LATE, failing))
    observe(ask(SECURE, proxy=proxy.url, timeout=0.1))


@pytest.mark.needs("proxy in the sync client")
def test_scheme(observe):
    """Proxies whose URL has a scheme that none is spoken with, or none at all; and SOCKS without its package."""
    observe(
        {
            url: outcomes.of(lambda url=url: plain_client(proxy=url).get(PLAIN))
            for url in ("socks5://127.0.0.1:1", "socks5h://127.0.0.1:1", "socks4://127.0.0.1:1", "ftp://127.0.0.1:1")
        }
        | {"without": outcomes.of(lambda: plain_client(proxy="127.0.0.1:1").get(PLAIN))}
    )


@pytest.mark.needs("proxy in the sync client", "sync client without an event loop")
def test_over_tls(observe, secure, monkeypatch):
    """A request through a tunnel of a proxy that is itself spoken to over TLS."""
    if importlib.util.find_spec("certifi"):
        # Who trusts the proxy by certifi's bundle as well is spared reading the whole of it.
        monkeypatch.setattr("certifi.where", lambda: str(AUTHORITY))
    with Proxy(server_context()) as proxy:
        observe(sync_way(f"https://localhost:{secure.port}/", proxy=f"https://localhost:{proxy.port}"))
