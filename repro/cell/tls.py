"""TLS from the server's side: servers that a client has to refuse or to satisfy, and what a client's first words say.

The certificates are those in `certificates/`; see `repro/kit/certificates.py` for which vouches for what.
"""

from __future__ import annotations

import contextlib
import ssl
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.cell import outcomes
from repro.cell.enclosure import AUTHORITY
from repro.cell.upstream import PATIENCE, Connection, Upstream

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

CERTIFICATES = Path(__file__).parent / "certificates"

#: Why a client refuses a certificate, by OpenSSL's figure for it (x509_vfy.h).
REASONS = {10: "expired", 18: "self-signed", 19: "unknown authority", 20: "unknown authority", 62: "another host"}


@cache
def server(
    certificate: str = "server", *, client_authority: bool = False, newest: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """The TLS context of a server.

    Args:
        certificate: The name of its file in `certificates/`, without its end.
        client_authority: Demand that the client has a certificate of the authority.
        newest: The newest version of TLS to speak; the newest there is when None.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
    if client_authority:
        context.load_verify_locations(AUTHORITY)
        context.verify_mode = ssl.CERT_REQUIRED
    if newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns about the versions that nobody should speak any more
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
    return context


def verdict(call: Callable[[], Any]) -> Any:
    """What a client makes of a server: `trusted`, `refused` and why, or how the call ended otherwise.

    Which class a refusal has is another question, with the same answer for every reason.
    """
    reasons: list[str | None] = []

    def told() -> Any:
        try:
            return call()
        except Exception as error:
            reasons.append(refusal(error))
            raise

    answer = outcomes.of(told)
    if answer == 200:  # noqa: PLR2004 - the status of an answer
        return "trusted"
    return f"refused: {reasons[0]}" if any(reasons) else answer


def refusal(error: BaseException) -> str | None:
    """Why a certificate was refused, from an error or from what it came of; None where none was."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return REASONS.get(found.verify_code, f"reason {found.verify_code}")
        found = found.__cause__ or found.__context__
    return None


@dataclass(frozen=True)
class Hello:
    """What a client says first.

    Attributes:
        server_name: The host it asks for (SNI); None where it names none.
        protocols: What it offers by ALPN, in order.
        versions: The versions of TLS that it offers, newest first.
    """

    server_name: str | None
    protocols: list[str]
    versions: list[str]


class Greeter(Upstream):
    """A server that hears a client's first words and goes no further.

    Args:
        reply: What it sends then, before it closes.
        patience: How many seconds it waits before it replies, unless the client leaves first.

    Attributes:
        hellos: What each client said first, in order of arrival.
    """

    threaded = True

    def __init__(self, reply: bytes = b"", *, patience: float = 0.0) -> None:
        super().__init__()
        self.hellos: list[Hello] = []
        self._reply = reply
        self._patience = patience

    @property
    def url(self) -> str:
        """The base URL; it looks like one of a server that speaks TLS."""
        return f"https://localhost:{self.port}"

    def said(self, call: Callable[[], Any], what: str) -> Any:
        """What a client says first within a call; how the call ended where it said nothing.

        A client that has said something waits for the reply, so there is nothing to wait for once the call has ended.

        Args:
            call: The call.
            what: The attribute of `Hello`.
        """
        before = len(self.hellos)
        ended = outcomes.of(call)
        return getattr(self.hellos[before], what) if len(self.hellos) > before else ended

    def _serve(self, connection: Connection) -> None:
        sock = connection.sock
        with contextlib.suppress(OSError):
            sock.settimeout(PATIENCE)
            hello = read_hello(sock)
            with self._changed:
                self.hellos.append(hello)
                self._changed.notify_all()
            if self._patience:
                sock.settimeout(self._patience)
                with contextlib.suppress(TimeoutError):
                    sock.recv(1)
            sock.sendall(self._reply)
        self.end(connection, "server")


def read_hello(sock: socket.socket) -> Hello:
    """Read a ClientHello (RFC 8446, section 4.1.2) that came in one record.

    Raises:
        OSError: The client left before it had said all of it.
    """
    length = int.from_bytes(_exactly(sock, 5)[3:])
    message = _Bytes(_exactly(sock, length))
    message.take(4 + 2 + 32)  # what kind of message, the version that says nothing any more, the random
    message.vector(1)  # session
    message.vector(2)  # ciphers
    message.vector(1)  # compression
    extensions = {}
    rest = _Bytes(message.vector(2))
    while rest.left:
        kind = int.from_bytes(rest.take(2))
        extensions[kind] = _Bytes(rest.vector(2))
    return Hello(
        server_name=_server_name(extensions.get(0)),
        protocols=_protocols(extensions.get(16)),
        versions=_versions(extensions.get(43)),
    )


def _server_name(extension: _Bytes | None) -> str | None:
    if extension is None:
        return None
    names = _Bytes(extension.vector(2))
    names.take(1)
    return names.vector(2).decode("ascii")


def _protocols(extension: _Bytes | None) -> list[str]:
    offered = []
    rest = _Bytes(extension.vector(2) if extension else b"")
    while rest.left:
        offered.append(rest.vector(1).decode("ascii"))
    return offered


def _versions(extension: _Bytes | None) -> list[str]:
    names = {0x0304: "1.3", 0x0303: "1.2", 0x0302: "1.1", 0x0301: "1.0"}
    offered = []
    rest = _Bytes(extension.vector(1) if extension else b"")
    while rest.left:
        offered.append(names[int.from_bytes(rest.take(2))])
    return offered


class _Bytes:
    """Bytes, taken from the front."""

    def __init__(self, left: bytes) -> None:
        self.left = left

    def take(self, count: int) -> bytes:
        """So many of them."""
        taken, self.left = self.left[:count], self.left[count:]
        return taken

    def vector(self, size: int) -> bytes:
        """As many as the number in the first `size` of them says."""
        return self.take(int.from_bytes(self.take(size)))


def _exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            raise ConnectionAbortedError("the client left")
        data += piece
    return data
