"""The loopback proxy: what it forwards, what it carries, and what it keeps to itself."""

import http.client
import ssl

import pytest

from repro.cell import proxy as proxies
from repro.cell.enclosure import AUTHORITY
from repro.cell.upstream import Upstream, answering, refusing_port, server_context


@pytest.fixture
def proxy():
    """A proxy."""
    with proxies.Proxy() as server:
        yield server


@pytest.fixture
def upstream():
    """An upstream without TLS."""
    with Upstream() as server:
        yield server


def ask(proxy, target, headers=()):
    """What a proxy answers to a GET for a whole URL: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    connection.request("GET", target, headers=dict(headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_forwards(proxy, upstream):
    """A request for a URL reaches its origin, whatever the host is called, and the answer comes back."""
    upstream.answer("/path", answering("the answer"))
    assert ask(proxy, f"http://example.test:{upstream.port}/path") == (200, b"the answer")
    assert [seen.target for seen in upstream.requests] == ["/path"]
    assert [seen.target for seen in proxy.requests] == [f"http://example.test:{upstream.port}/path"]


def test_keeps_what_is_for_it(proxy, upstream):
    """What is meant for the proxy alone goes no further; everything else does."""
    ask(proxy, f"{upstream.url}/", {"Proxy-Authorization": "Basic dTpw", "X-Other": "yes"})
    assert upstream.requests[0].header("Proxy-Authorization") is None
    assert upstream.requests[0].header("X-Other") == "yes"
    assert proxies.credentials(proxy.requests[0]) == "u:p"


@pytest.mark.parametrize("target", ["http://127.0.0.1:{refusing}/", "http://example.test/path"])
def test_says_what_it_cannot_reach(proxy, target):
    """Where nobody listens, or no port is named, the proxy says that it cannot reach the origin."""
    assert ask(proxy, target.format(refusing=refusing_port()))[0] == 502


@pytest.mark.parametrize("context", [None, server_context()], ids=["plain", "over TLS"])
def test_tunnels(context):
    """A tunnel carries TLS to the origin, and the proxy sees nothing of the request in it."""
    with proxies.Proxy(context) as proxy, Upstream(server_context()) as upstream:
        trusting = ssl.create_default_context(cafile=AUTHORITY)
        outer = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
        outer.connect()
        if context:
            outer.sock = trusting.wrap_socket(outer.sock, server_hostname="127.0.0.1")
        outer.sock.sendall(f"CONNECT localhost:{upstream.port} HTTP/1.1\r\n\r\n".encode())
        assert outer.sock.recv(1000).startswith(b"HTTP/1.1 200 ")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inner = trusting.wrap_bio(incoming, outgoing, server_hostname="localhost")
        step(inner.do_handshake, outer.sock, incoming, outgoing)
        inner.write(b"GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n")
        outer.sock.sendall(outgoing.read())
        assert step(lambda: inner.read(1000), outer.sock, incoming, outgoing).startswith(b"HTTP/1.1 200 OK")
        outer.close()
        assert [seen.target for seen in upstream.requests] == ["/secret"]
        assert [seen.target for seen in proxy.tunnels] == [f"localhost:{upstream.port}"]


def step(call, sock, incoming, outgoing):
    """Make a call of TLS within a tunnel, with as much reading and writing as it needs."""
    while True:
        try:
            result = call()
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))
        else:
            sock.sendall(outgoing.read())
            return result


def test_refuses_what_it_cannot_read(proxy, upstream):
    """Credentials of another kind than Basic are never taken for any."""
    ask(proxy, f"{upstream.url}/", {"Proxy-Authorization": "Bearer x"})
    with pytest.raises(ValueError, match="another kind"):
        proxies.credentials(proxy.requests[0])


def test_misbehaves_on_request(proxy, upstream):
    """A proxy demands credentials, or fails for tunnels only, when it is told to."""
    proxy.answer(None, proxies.only_tunnels(proxies.failing))
    assert ask(proxy, f"{upstream.url}/")[0] == 200
    proxy.answer(None, proxies.demanding)
    assert ask(proxy, f"{upstream.url}/")[0] == 407
