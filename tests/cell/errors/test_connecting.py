"""What a caller gets who cannot be connected: the error, who catches it, what it says."""

import ssl

import pytest

from repro.cell import capabilities, clients, failures, outcomes, redaction
from repro.cell.asking import async_ended, both
from repro.cell.clients import async_client, sync_client
from repro.cell.strangers import Stranger, plain, tls
from repro.cell.upstream import Upstream, answering, refusing_port, server_context


def sync_way(url, **options):
    """How getting a URL with a client ends."""
    with sync_client(**options) as client:
        return failures.of(lambda: client.get(url))


def async_way(url, **options):
    """How getting a URL with an asynchronous client ends."""
    return async_ended(lambda: async_client(**options), failures.of_async, lambda client: client.get(url))


WAYS = pytest.mark.parametrize("way", both(sync_way, async_way))


@pytest.fixture
def nobody():
    """A port that refuses connections, called PORT in observations."""
    port = refusing_port()
    redaction.normalise(str(port), "PORT")
    return port


@WAYS
def test_refused(observe, way, nobody):
    """Connecting to a port where nothing listens."""
    observe(way(f"http://127.0.0.1:{nobody}/"))


@WAYS
def test_name_not_found(observe, way):
    """Connecting to a host whose name cannot be resolved."""
    observe(way("http://nowhere.invalid/"))


@WAYS
@pytest.mark.needs("verify argument")
def test_untrusted(observe, way):
    """Connecting to a server whose certificate the client does not trust."""
    with redaction.naming(Upstream(server_context()), "PORT") as server:
        observe(way(f"https://localhost:{server.port}/", verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))


@pytest.mark.needs("sync client")
def test_tls_to_plain(observe):
    """Asking a port for https that speaks plain HTTP."""
    with redaction.naming(Stranger(plain), "PORT") as server:
        observe(sync_way(f"https://localhost:{server.port}/"))


@pytest.mark.needs("sync client")
def test_plain_to_tls(observe):
    """Asking a port for http that speaks TLS."""
    with redaction.naming(Stranger(tls), "PORT") as server:
        observe(sync_way(f"http://localhost:{server.port}/"))


def through(proxy):
    """The client option that names a proxy."""
    return {"proxy" if capabilities.takes(capabilities.sync_client(), "proxy") else "proxies": proxy}


@pytest.mark.needs("sync client")
def test_proxy_refused(observe, nobody):
    """Asking through a proxy that is not there."""
    observe(failures.of(lambda: sync_way("http://localhost/", **through(f"http://127.0.0.1:{nobody}"))))


@pytest.mark.needs("sync client")
def test_proxy_says_no(observe, upstream):
    """Asking for https through a proxy that does not allow the connection."""
    upstream.answer(None, answering(status=403, reason="Forbidden"))
    observe(failures.of(lambda: sync_way("https://localhost/", **through(upstream.url))))


@pytest.mark.needs("sync client")
def test_cause(observe, nobody):
    """The error that one of a refused connection was raised from, by its class."""
    observe(outcomes.named(raised(f"http://127.0.0.1:{nobody}/").__cause__))


def raised(url):
    """The error with which a GET fails."""
    with sync_client(**clients.plain({})) as client, pytest.raises(Exception) as caught:  # noqa: PT011 - it is the subject
        client.get(url)
    return caught.value
