"""SOCKS: a real SOCKS5 proxy on loopback that records what it was asked, and requests through it.

As `proxy.Proxy`, it takes every host for loopback, at the port asked for. The requests are asked of the process that
finds socksio, by `companion.ask`.
"""

from __future__ import annotations

import os
import select
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro.cell import clients, outcomes
from repro.cell.proxy import carry, connected
from repro.cell.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from repro.cell.upstream import Connection

#: How a client may say who it is: not at all, or by a name and a password.
ANYBODY, BY_PASSWORD = 0, 2
#: What a proxy answers: that it has connected, or why not.
CONNECTED, FAILED, UNREACHABLE, REFUSED = 0, 1, 4, 5

_KINDS = {1: "IPv4", 3: "name", 4: "IPv6"}


@dataclass
class Asked:
    """What the proxy was asked on one connection, as far as the client came.

    Attributes:
        ways: How the client offered to say who it is.
        credentials: The name and password that it gave, as `name:password`; None if none.
        host: The host to connect to; None if it did not come to that.
        kind: What the host was given as: `IPv4`, `IPv6` or `name`.
    """

    ways: list[int]
    credentials: str | None = None
    host: str | None = None
    kind: str | None = None


class SocksProxy(Upstream):
    """The proxy; a context manager that leaves nothing running.

    Args:
        credentials: The name and password that it wants, as `name:password`; None to let anybody in.
        answer: What it answers to the wish to connect; it connects only where that is `CONNECTED`.
        greeting: What it says in the place of SOCKS before it closes; None to speak SOCKS.
        slow: How many seconds it waits, before it says anything, for the client to leave.

    Attributes:
        asked: What it was asked, a connection each.
    """

    threaded = True

    def __init__(
        self,
        credentials: str | None = None,
        *,
        answer: int = CONNECTED,
        greeting: bytes | None = None,
        slow: float = 0.0,
    ) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._credentials = credentials
        self._answer = answer
        self._greeting = greeting
        self._slow = slow

    def place(self, scheme: str = "socks5", who: str = "") -> str:
        """The URL of this proxy, with this scheme and these credentials."""
        return f"{scheme}://{who}{'@' if who else ''}127.0.0.1:{self.port}"

    def _converse(self, connection: Connection) -> None:
        sock = connection.sock
        _, count = _exactly(sock, 2)
        asked = Asked(list(_exactly(sock, count)))
        self.asked.append(asked)
        if self._slow and select.select([sock], [], [], self._slow)[0]:
            raise EOFError
        if self._greeting is not None:
            sock.sendall(self._greeting)
            raise EOFError
        way = ANYBODY if self._credentials is None else BY_PASSWORD
        if way not in asked.ways:
            sock.sendall(b"\x05\xff")
            raise EOFError
        sock.sendall(bytes((5, way)))
        if way == BY_PASSWORD:
            asked.credentials = f"{_text(sock, skip=1)}:{_text(sock)}"
            right = asked.credentials == self._credentials
            sock.sendall(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                raise EOFError
        asked.kind = _KINDS[_exactly(sock, 4)[3]]
        if asked.kind == "name":
            asked.host = _text(sock)
        else:
            family, length = (socket.AF_INET, 4) if asked.kind == "IPv4" else (socket.AF_INET6, 16)
            asked.host = socket.inet_ntop(family, _exactly(sock, length))
        (port,) = struct.unpack("!H", _exactly(sock, 2))
        said = struct.pack("!BBBB4sH", 5, self._answer, 0, 1, bytes(4), 0)
        if self._answer != CONNECTED:
            sock.sendall(said)
            raise EOFError
        with connected(str(port)) as origin:
            origin.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(said)
            carry(sock, origin)
        raise EOFError


def _exactly(sock: socket.socket, count: int) -> bytes:
    """So many bytes of a connection.

    Raises:
        EOFError: It ended before.
    """
    found = b""
    while len(found) < count:
        piece = sock.recv(count - len(found))
        if not piece:
            raise EOFError
        found += piece
    return found


def _text(sock: socket.socket, skip: int = 0) -> str:
    """A text behind its length, after so many bytes of no interest."""
    return _exactly(sock, _exactly(sock, skip + 1)[-1]).decode()


def making(proxy: str) -> Any:
    """Make a client with a proxy and close it, and say how that ended."""

    def made() -> str:
        with clients.plain_client(proxy=proxy):
            return "made"

    return outcomes.of(made)


def get(proxy: str, urls: Iterable[str], timeouts: dict[str, float] | None = None) -> Any:
    """Send a GET to each URL by one client with a proxy, and say how the last one ended.

    Args:
        proxy: The URL of the proxy.
        urls: What to ask for.
        timeouts: Timeouts by kind, in seconds; five seconds of each when None.
    """

    def sending() -> Any:
        options = {"timeouts": timeouts} if timeouts else {}
        with clients.plain_client(proxy=proxy, **options) as client:
            return [client.get(url) for url in urls][-1]

    return outcomes.of(sending)


def get_trusting(proxy: str, url: str) -> Any:
    """Send a GET to a server that speaks TLS, by a client with a proxy, and say how it ended."""

    def sending() -> Any:
        with clients.sync_client(proxy=proxy) as client:
            return client.get(url)

    return outcomes.of(sending)


def async_get(proxy: str, url: str) -> Any:
    """Send a GET by an asynchronous client with a proxy, and say how it ended."""

    async def sending() -> Any:
        async with clients.async_client(**clients.plain({"proxy": proxy})) as client:
            return await client.get(url)

    return outcomes.of(lambda: clients.run(sending))


def failure(proxy: str, url: str) -> Any:
    """Send a GET by a client with a proxy: what it raises and says, or the status of its answer."""
    with clients.plain_client(proxy=proxy) as client:
        return _said(lambda: client.get(url))


def async_failure(proxy: str, url: str) -> Any:
    """Send a GET by an asynchronous client with a proxy: what it raises and says; as `failure`."""

    async def sending() -> Any:
        async with clients.async_client(**clients.plain({"proxy": proxy})) as client:
            return await client.get(url)

    return _said(lambda: clients.run(sending))


def _said(call: Callable[[], Any]) -> Any:
    """The status of an answer; else what is raised, and what it says."""
    try:
        return clients.status(call())
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return f"{outcomes.phrase(error)}: {error}"


def by_environment(variable: str, proxy: str, url: str) -> Any:
    """Send a GET by a client that is told nothing, with this proxy in an environment variable, and say how it ended."""

    def sending() -> Any:
        with clients.plain_client() as client:
            return client.get(url)

    os.environ[variable] = proxy
    try:
        return outcomes.of(sending)
    finally:
        del os.environ[variable]
