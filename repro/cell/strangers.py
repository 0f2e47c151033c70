"""Servers on loopback that do not speak what the client speaks: one round, and the connection is over."""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING

from repro.cell.upstream import Connection, Upstream, server_context

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 1.0


class Stranger(Upstream):
    """Takes in what the client sends first, whatever that is, says something, and closes in order.

    Args:
        says: What it says, from what the client has sent.
    """

    threaded = True

    def __init__(self, says: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._says = says

    def _converse(self, connection: Connection) -> None:
        data = connection.sock.recv(65536)
        connection.sock.sendall(self._says(data))
        self.end(connection, "server")


class Mute(Upstream):
    """Says nothing; a client that does not leave is left after a second, longer than a timeout under test."""

    threaded = True

    def _converse(self, connection: Connection) -> None:
        connection.sock.settimeout(_PATIENCE)
        with contextlib.suppress(TimeoutError):
            while connection.sock.recv(65536):
                pass
        self.end(connection, "server")


def plain(_: bytes) -> bytes:
    """What a server without TLS says to a TLS handshake, or to anything else that is no request."""
    return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def tls(data: bytes) -> bytes:
    """What TLS says to a client that does not begin with a handshake.

    The handshake is done in memory and not on the socket, where a server that gives up leaves the rest unread, and
    whether its client meets the end or a reset is up to the network.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(data)
    with contextlib.suppress(ssl.SSLError):
        server_context().wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    return outgoing.read()
