"""What a client says first, and how it takes a handshake that comes to nothing."""

import ssl
import warnings

import pytest

from repro.cell import outcomes, redaction, tls
from repro.cell.asking import async_ended, both
from repro.cell.clients import async_client, sync_client
from repro.cell.library import httpx
from repro.cell.upstream import response

#: How long the server waits, in seconds, for a client whose timeout of a fifth of that does not come.
LATE = 0.5

#: A timeout of a handshake alone; one that bounds reading would end a handshake of some releases as well.
TIMEOUTS = {"connect": 0.1, "read": 5.0, "write": 5.0, "pool": 5.0}


def sync_way(url, **options):
    """How one GET ends."""
    with sync_client(**options) as client:
        return outcomes.caught(lambda: client.get(url))


def async_way(url, **options):
    """How one asynchronous GET ends."""
    return async_ended(lambda: async_client(**options), outcomes.caught_async, lambda client: client.get(url))


WAYS = pytest.mark.parametrize("ask", both(sync_way, async_way))


@pytest.fixture
def greeter():
    """A server that hears a client's first words and closes."""
    with redaction.naming(tls.Greeter(), "PORT") as server:
        yield server


@pytest.mark.needs("sync client")
def test_server_name(observe, greeter):
    """The host that a client names in the handshake (SNI), by the host in the URL."""
    urls = {host: f"https://{host}:{greeter.port}" for host in ("localhost", "127.0.0.1")}
    observe({host: greeter.said(lambda url=url: sync_way(url), "server_name") for host, url in urls.items()})


@pytest.mark.needs("sync client")
def test_server_name_of_request(observe, greeter):
    """The host that a client names in the handshake where a request asks for another one, as an extension."""

    def ask():
        with sync_client() as client:
            return client.get(greeter.url, extensions={"sni_hostname": "other-host.test"})

    observe(greeter.said(ask, "server_name"))


@WAYS
def test_protocols(observe, greeter, ask):
    """What a client offers by ALPN; not in which order, which in some releases is another in every process."""
    observe(sorted(greeter.said(lambda: ask(greeter.url), "protocols")))


@pytest.mark.needs("sync client", "top-level functions", "verify argument")
def test_protocols_of_function(observe, greeter):
    """What a function of the module offers by ALPN; in no order, as above."""
    observe(sorted(greeter.said(lambda: httpx.get(greeter.url, verify=False), "protocols")))


@pytest.mark.needs("sync client", "verify argument")
def test_versions(observe, greeter, monkeypatch):
    """The versions of TLS that a client offers where Python itself excludes none, by what `verify` says.

    Whoever builds a Python decides whether it excludes those before 1.2: Debian does not. Here every one offers them.
    """
    plain = ssl.SSLContext.__new__

    def unlimited(kind, *arguments, **named):
        context = plain(kind, *arguments, **named)
        with warnings.catch_warnings(action="ignore"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        return context

    monkeypatch.setattr(ssl.SSLContext, "__new__", unlimited)
    observe({str(v): greeter.said(lambda v=v: sync_way(greeter.url, verify=v), "versions") for v in (True, False)})


@pytest.mark.needs("sync client")
def test_old_server(observe, serving):
    """A server that speaks no newer version than TLS 1.1."""
    observe(sync_way(serving(tls.server(newest=ssl.TLSVersion.TLSv1_1))))


@pytest.mark.needs("sync client", "verify argument")
def test_address(observe, serving, verdict):
    """A server whose certificate vouches for its address, asked by its address and by its name."""
    observe({host: verdict(serving(tls.server(), host)) for host in ("127.0.0.1", "localhost")})


@WAYS
@pytest.mark.needs("Python 3.11.7")
def test_closed(observe, greeter, ask):
    """A server that closes the connection during the handshake."""
    observe(ask(greeter.url))


@pytest.mark.needs("sync client")
def test_plain_server(observe):
    """A server that answers a handshake in plain HTTP."""
    with tls.Greeter(response("not TLS", status=400, reason="Bad Request")) as server:
        observe(sync_way(server.url))


@WAYS
@pytest.mark.needs("timeout argument")
def test_unanswered(observe, ask):
    """A server that does not answer a handshake in the time that there is for connecting; it closes late."""
    with tls.Greeter(patience=LATE) as server:
        observe(ask(server.url, timeouts=TIMEOUTS))
