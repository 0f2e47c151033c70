"""The upstream server, spoken to with raw sockets: what it records, and how it misbehaves."""

import contextlib
import queue
import socket
import ssl
import struct
import threading

import pytest
from stage import ROOT

from repro.cell import upstream as server
from repro.cell.upstream import Upstream
from repro.cell.watch import Watch

REQUEST = b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Name: value\r\n\r\n"


@pytest.fixture
def upstream():
    """A running upstream."""
    with Upstream() as running:
        yield running


@contextlib.contextmanager
def dialled(upstream):
    """A connection to an upstream."""
    with socket.create_connection(("127.0.0.1", upstream.port), timeout=10) as sock:
        yield sock


def answer(sock, request=REQUEST):
    """Send a request, and read a response with a Content-Length."""
    sock.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(4096)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += sock.recv(4096)
    return head, body


def test_request_is_recorded_as_it_was_on_the_wire(upstream):
    """The target, the header lines in their order and case, and the body are kept as they came."""
    with dialled(upstream) as sock:
        assert answer(sock)[1] == b'{"ok": true}'
        answer(sock, b"POST /b HTTP/1.1\r\nhost: x\r\nContent-Length: 3\r\n\r\nabc")
        answer(sock, b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n")
    first, second, third = upstream.requests
    assert (first.connection, first.method, first.target, first.version) == (1, "GET", "/a?b=1", "HTTP/1.1")
    assert first.headers == [("Host", "x"), ("X-Name", "value")]
    assert (second.header("HOST"), second.header("none"), second.body, third.body) == ("x", None, b"abc", b"def")
    assert [request.target for request in upstream.requests_for("/a")] == ["/a?b=1"]


def test_connections_are_counted_and_their_end_is_told(upstream):
    """Which connection carried what, and who ended it, is known."""
    with dialled(upstream) as sock:
        answer(sock)
        answer(sock)
    assert upstream.wait_for(lambda: upstream.connections[0].ended_by is not None)
    with dialled(upstream) as sock:
        answer(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert upstream.wait_for(lambda: upstream.connections[1].ended_by is not None)
    assert [(found.requests, found.ended_by) for found in upstream.connections] == [
        (2, "client"),
        (1, "reset by client"),
    ]


def test_answers_are_given_in_turn_and_the_last_goes_on(upstream):
    """A path answers in turn, and goes on with its last answer."""
    upstream.answer("/a", server.answering("one"), server.answering("two", status=201, reason="Created"))
    upstream.answer(None, server.answering("else"))
    with dialled(upstream) as sock:
        assert [answer(sock)[1] for _ in range(3)] == [b"one", b"two", b"two"]
        assert answer(sock, b"GET / HTTP/1.1\r\n\r\n")[1] == b"else"


@pytest.mark.parametrize(
    ("misbehaviour", "received"),
    [
        (server.closing, b""),
        (server.resetting, ConnectionResetError),
        (server.sending(b"nonsense"), b"nonsense"),
        (server.breaking_off(b"abcdef", after=2), b"ab"),
        (server.dripping(b"abcdef", 3), b"abcdef"),
    ],
)
def test_upstream_misbehaves_on_request(upstream, misbehaviour, received):
    """A server closes, resets, talks nonsense, breaks off or drips, and the bytes on the wire show it."""
    upstream.answer(None, misbehaviour)
    data = b""
    with dialled(upstream) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        try:
            while chunk := sock.recv(4096):
                data += chunk
        except ConnectionResetError:
            data = ConnectionResetError
    assert data is received or data.endswith(received)


def test_silence_lasts_until_the_client_gives_up(upstream):
    """A silent server answers nothing, and learns that the client left."""
    upstream.answer(None, server.silent)
    with dialled(upstream) as sock:
        sock.sendall(REQUEST)
        assert upstream.wait_for(lambda: len(upstream.requests) == 1)
        sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    assert upstream.wait_for(lambda: upstream.connections[0].ended_by == "client")


def test_idle_connections_are_closed_from_the_servers_side(upstream):
    """A server that closes what is idle is seen by the client as an end."""
    with dialled(upstream) as sock:
        answer(sock)
        assert upstream.held_open() == 1
        upstream.end_idle()
        assert sock.recv(1) == b""
    assert upstream.held_open() == 0


def test_tls_server_is_trusted_through_its_authority():
    """A server with TLS speaks the protocol that was agreed on."""
    context = ssl.create_default_context(cafile=ROOT / "repro/cell/certificates/authority.pem")
    context.set_alpn_protocols(["http/1.1"])
    with Upstream(server.server_context()) as upstream, dialled(upstream) as plain:
        assert upstream.url == f"https://127.0.0.1:{upstream.port}"
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as sock:
            assert answer(sock)[1] == b'{"ok": true}'
            assert upstream.connections[0].protocol == "http/1.1"


def test_refusing_port_refuses():
    """Nobody listens on a port that refuses."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.refusing_port()), timeout=5)


def test_connecting_to_a_pending_port_is_neither_made_nor_refused():
    """A connection to a port that keeps it pending runs into its time limit."""
    with server.pending_port() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.2)


def test_upstream_leaves_nothing_running():
    """When it ends, its threads and its descriptors are gone, although a client is still there."""
    with Upstream():
        # What watches for all servers of a process comes with the first, and stays.
        pass
    threads, descriptors = threading.active_count(), server.descriptors()
    with Upstream() as upstream:
        sock = socket.create_connection(("127.0.0.1", upstream.port), timeout=5)
        answer(sock)
    sock.close()
    assert (threading.active_count(), server.descriptors()) == (threads, descriptors)


def test_trouble_with_one_socket_is_told_and_is_not_that_of_others(monkeypatch):
    """What the sight of one socket raises is told, that socket is watched no more, and others still are."""
    told, seen = queue.Queue(), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda trouble: told.put(str(trouble.exc_value)))
    watch = Watch()
    with contextlib.ExitStack() as sockets:
        (one, far), (other, away) = [map(sockets.enter_context, socket.socketpair()) for _ in range(2)]

        def fail():
            raise ZeroDivisionError("trouble")

        def see():
            watch.end(other)
            seen.set()

        watch.begin(one, fail)
        far.send(b"x")
        assert told.get(timeout=server.PATIENCE) == "trouble"
        watch.begin(other, see)
        away.send(b"x")
        assert seen.wait(server.PATIENCE)
    assert told.empty()
