"""The proxy: a real HTTP proxy on loopback that records what reaches it, and misbehaves on request.

It is an upstream that answers by asking another: a request for an absolute URL is forwarded, a CONNECT opens a tunnel.
Every host that it is asked for it takes for loopback, at the port asked for, so a name that no resolver knows may stand
for the world outside. Whatever it should do instead is an answer like any other upstream's.
"""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import ssl
from typing import TYPE_CHECKING

from repro.cell.upstream import PATIENCE, Upstream, response

if TYPE_CHECKING:
    from repro.cell.upstream import Answer, Exchange, Seen

#: What a proxy answers when it cannot do what it was asked for.
BAD_GATEWAY = response("", status=502, reason="Bad Gateway")


class Proxy(Upstream):
    """The proxy; a context manager that leaves nothing running.

    Args:
        context: Speak TLS with this context, to the client; plain when None.

    Attributes:
        requests: Every request so far; the target of one to forward is a URL, that of a CONNECT is `host:port`.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(context)
        self.answer(None, relaying)

    def with_credentials(self, username: str, password: str) -> str:
        """The URL of this proxy with these credentials in it, written as they stand."""
        scheme, _, place = self.url.partition("://")
        return f"{scheme}://{username}:{password}@{place}"

    @property
    def tunnels(self) -> list[Seen]:
        """The requests for a tunnel."""
        return [request for request in self.requests if request.method == "CONNECT"]


def relaying(exchange: Exchange) -> None:
    """Do what a proxy does: open the tunnel, or forward the request and its answer."""
    if exchange.request.method == "CONNECT":
        _tunnel(exchange)
    else:
        _forward(exchange)


def demanding(exchange: Exchange) -> None:
    """Demand credentials, whatever was sent, and leave closing to the client."""
    exchange.send(
        response(
            "", status=407, reason="Proxy Authentication Required", headers=(("Proxy-Authenticate", 'Basic realm="x"'),)
        )
    )


def failing(exchange: Exchange) -> None:
    """Say that the origin cannot be reached, and leave closing to the client."""
    exchange.send(BAD_GATEWAY)


def only_tunnels(answer: Answer) -> Answer:
    """Answer a CONNECT with this, and forward everything else."""
    return lambda exchange: (answer if exchange.request.method == "CONNECT" else relaying)(exchange)


def credentials(request: Seen) -> str | None:
    """The credentials of HTTP Basic that a request brought for the proxy, as `username:password`; None if none.

    Raises:
        ValueError: There is something else in the header.
    """
    value = request.header("Proxy-Authorization")
    if value is None:
        return None
    scheme, _, encoded = value.partition(" ")
    if scheme != "Basic":
        raise ValueError("the proxy was sent credentials of another kind than Basic")
    return base64.b64decode(encoded, validate=True).decode()


def _tunnel(exchange: Exchange) -> None:
    """Open a tunnel, and carry bytes both ways until either end closes."""
    _, _, port = exchange.request.target.rpartition(":")
    try:
        origin = connected(port)
    except (OSError, ValueError):
        failing(exchange)
        return
    with origin:
        origin.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        exchange.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        carry(exchange.connection.sock, origin)
    exchange.upstream.end(exchange.connection, "client")


def connected(port: str) -> socket.socket:
    """A connection to a port on loopback.

    Raises:
        OSError: Nobody listens there.
        ValueError: The port is none.
    """
    return socket.create_connection(("127.0.0.1", int(port)), PATIENCE)


def carry(client: socket.socket, origin: socket.socket) -> None:
    """Carry bytes both ways between two sockets until either is closed."""
    while True:
        # What TLS has already read of the client, no selector knows of.
        pending = isinstance(client, ssl.SSLSocket) and client.pending() > 0
        readable = [client] if pending else select.select([client, origin], [], [])[0]
        for source, drain in ((client, origin), (origin, client)):
            if source in readable:
                try:
                    data = source.recv(65536)
                    drain.sendall(data)
                except OSError:
                    return
                if not data:
                    return


def _forward(exchange: Exchange) -> None:
    """Send a request on to its origin, without what is meant for the proxy, and the answer back."""
    request = exchange.request
    place, _, path = request.target.partition("://")[2].partition("/")
    port = place.rpartition(":")[2]
    ours = {"proxy-authorization", "proxy-connection", "connection"}
    lines = [f"{request.method} /{path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers if name.lower() not in ours]
    lines.append("Connection: close")
    answer = b""
    with contextlib.suppress(OSError, ValueError), connected(port) as origin:
        origin.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body)
        while piece := origin.recv(65536):
            answer += piece
    exchange.send(answer or BAD_GATEWAY)
