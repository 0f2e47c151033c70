"""Names and ports of this machine's own making: every name is loopback, and a default port may lead to any other.

So a URL may have an international host or no port at all and still be sent, over a real socket to a real server. Only
where the socket goes is made up: in the answer of the resolver, and at the moment of connecting.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


@contextlib.contextmanager
def resolving(ports: dict[int, int]) -> Iterator[list[str]]:
    """Resolve every name to 127.0.0.1 within the block, and lead ports elsewhere.

    Args:
        ports: For the port of a URL, the port to connect to; a port that is not there stays as it is.

    Yields:
        The names that were resolved, in order.
    """
    getaddrinfo, connect = socket.getaddrinfo, socket.socket.connect
    asked: list[str] = []

    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        asked.append(host.decode("ascii") if isinstance(host, bytes) else host)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (LOOPBACK, int(port)))]

    def lead(sock: socket.socket, address: Any) -> None:
        # The first releases on httpcore leave it to the socket to resolve a name.
        if address[0] != LOOPBACK:
            asked.append(address[0])
        connect(sock, (LOOPBACK, ports.get(address[1], address[1])))

    socket.getaddrinfo = resolve
    socket.socket.connect = lead  # type: ignore[assignment,method-assign]  # the class inherits it from one in C
    try:
        yield asked
    finally:
        socket.getaddrinfo = getaddrinfo
        socket.socket.connect = connect  # type: ignore[method-assign]
