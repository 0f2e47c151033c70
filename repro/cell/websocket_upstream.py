"""The server's end of a WebSocket: an answer of `upstream.Upstream` that speaks RFC 6455, and records what it hears.

It puts together and takes apart every frame by itself, so that a client is not held to the library that it speaks with.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import struct
import threading
from typing import TYPE_CHECKING

from repro.cell.upstream import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from repro.cell.upstream import Answer, Exchange

#: What a frame holds (RFC 6455, section 5.2).
MORE, TEXT, BYTES, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

#: What a server's key is made with (section 1.3).
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """The server's end of one WebSocket.

    Attributes:
        heard: What the client has sent, as `text hello`; the last is `close 1000 bye`, or `end` where it only left.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._exchange: Exchange | None = None
        self._over = threading.Event()

    def answer(self, script: Callable[[Peer], None], *headers: tuple[str, str], first: bytes = b"") -> Answer:
        """An answer that opens the WebSocket, follows a script, hears the client until it closes, and ends.

        It is the server that ends the connection, as the RFC has it (section 7.1.1).

        Args:
            script: What the server does once the WebSocket is open.
            headers: Further header lines of the handshake.
            first: What follows the handshake in the same bytes.
        """

        def speak(exchange: Exchange) -> None:
            self._exchange = exchange
            exchange.connection.sock.settimeout(PATIENCE)
            key = (exchange.request.header("Sec-WebSocket-Key") or "").encode()
            accepted = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()  # noqa: S324 - as the RFC has it
            lines = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accepted), *headers]
            head = "".join(f"{name}: {value}\r\n" for name, value in lines)
            exchange.send(f"HTTP/1.1 101 Switching Protocols\r\n{head}\r\n".encode("latin-1") + first)
            with contextlib.suppress(OSError):
                script(self)
                while not self._closed():
                    self.hear()
            exchange.close()
            self._over.set()

        return speak

    def send(self, kind: int, content: bytes = b"", *, more: bool = False) -> None:
        """Put a frame on the wire; as `frame`."""
        assert self._exchange is not None
        self._exchange.send(frame(kind, content, more=more))

    def close(self, code: int, reason: str = "") -> None:
        """Say that the WebSocket ends."""
        self.send(CLOSE, struct.pack("!H", code) + reason.encode())

    def drop(self) -> None:
        """Close the connection without a word about it."""
        assert self._exchange is not None
        self._exchange.close()

    def _closed(self) -> bool:
        """Whether the client has closed the WebSocket, or is gone."""
        return bool(self.heard) and self.heard[-1].partition(" ")[0] in {"close", "end"}

    def hear(self) -> str:
        """What the client sends next, as in `heard`; waited for."""
        try:
            said = self._frame()
        except (EOFError, OSError):
            said = "end"
        self.heard.append(said)
        return said

    def all_heard(self) -> list[str]:
        """What the client has sent, once it has closed the WebSocket.

        Raises:
            AssertionError: It has not after `PATIENCE` seconds.
        """
        assert self._over.wait(PATIENCE), "the client has not closed its WebSocket"
        return self.heard

    def _frame(self) -> str:
        """Read a frame; how it is said is as in `heard`."""
        first, second = self._exactly(2)
        length = second & 0x7F
        if length > 125:  # noqa: PLR2004 - where the length is in a field of its own (section 5.2)
            length = int.from_bytes(self._exactly(2 if length == 126 else 8))  # noqa: PLR2004 - the same
        mask = self._exactly(4) if second & 0x80 else b""
        content = self._exactly(length)
        if mask:
            content = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content))
        return said(first & 0x0F, content) + ("" if first & 0x80 else ", more") + ("" if mask else ", not masked")

    def _exactly(self, count: int) -> bytes:
        """So many bytes of the connection.

        Raises:
            EOFError: It ended before.
        """
        assert self._exchange is not None
        found = b""
        while len(found) < count:
            piece = self._exchange.connection.sock.recv(count - len(found))
            if not piece:
                raise EOFError
            found += piece
        return found


def frame(kind: int, content: bytes = b"", *, more: bool = False) -> bytes:
    """A frame of a server, whose content is not masked.

    Args:
        kind: What it holds.
        content: Its content, shorter than 64 KiB.
        more: Whether the message goes on in another frame.
    """
    size = bytes([len(content)]) if len(content) < 126 else b"\x7e" + struct.pack("!H", len(content))  # noqa: PLR2004
    return bytes([kind | (0 if more else 0x80)]) + size + content


def said(kind: int, content: bytes) -> str:
    """What a frame says, as one phrase."""
    if kind == CLOSE:
        code = str(int.from_bytes(content[:2])) if content else "without a code"
        return f"close {code} {content[2:].decode()}".strip()
    name = {MORE: "more", TEXT: "text", BYTES: "bytes", PING: "ping", PONG: "pong"}[kind]
    return f"{name} {content.decode() if kind == TEXT else content.decode('latin-1')}".strip()
