"""The transport of the network: its arguments, and how often it tries to connect."""

import socket

import pytest

from repro.cell import capabilities
from repro.cell.applications import answer, over
from repro.cell.library import httpx
from repro.cell.upstream import closing, refusing_port, resetting

ARGUMENTS = (
    *("verify", "cert", "trust_env", "http1", "http2", "limits", "proxy"),
    *("uds", "local_address", "retries", "socket_options"),
)


def test_network_arguments(observe):
    """The arguments of the class `HTTPTransport`."""
    kind = getattr(httpx, "HTTPTransport", None)
    observe([name for name in ARGUMENTS if capabilities.takes(kind, name)] if kind else "no such class")


def network(**options):
    """A client with the network's transport, given some options."""
    return over(httpx.HTTPTransport(verify=False, **options))


@pytest.mark.needs("mounts")
def test_network_retries_refused(observe, monkeypatch):
    """How often a connection that is refused is tried for, without and with one retry."""
    tried = []
    connect = socket.socket.connect

    def counting(sock, address):
        tried.append(address)
        return connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", counting)

    def count(**options):
        tried.clear()
        ended = answer(lambda: network(**options).get(f"http://127.0.0.1:{refusing_port()}/"))
        return {"ends": ended, "tried": len(tried)}

    observe({"default": count(), "one retry": count(retries=1)})


@pytest.mark.needs("mounts")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("unanswered", [resetting, closing], ids=["reset", "closed"])
def test_network_retries_unanswered(observe, upstream, unanswered, method):
    """How often a request is sent that gets no answer, with one retry."""
    upstream.answer("/", unanswered)
    ended = answer(lambda: network(retries=1).request(method, upstream.url))
    observe({"ends": ended, "sent": len(upstream.requests)})


@pytest.mark.needs("mounts")
def test_network_local_address(observe, upstream):
    """A request from a local address that the machine does not have."""
    observe(answer(lambda: network(local_address="192.0.2.1").get(upstream.url)))


@pytest.mark.needs("mounts")
def test_network_uds(observe, upstream, tmp_path):
    """A request through a Unix domain socket that nobody listens on."""
    observe(answer(lambda: network(uds=str(tmp_path / "none")).get(upstream.url)))


@pytest.mark.needs("mounts")
def test_network_socket_options(observe, upstream):
    """A request with a socket option that the system does not know."""
    observe(answer(lambda: network(socket_options=[(socket.SOL_SOCKET, -1, 1)]).get(upstream.url)))
