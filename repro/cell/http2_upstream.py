"""The upstream over HTTP/2: a real server on loopback, over TLS, that agrees on its protocol by ALPN.

HTTP/2 is spoken by the `h2` that the release itself brings, 3.x or 4.x. What arrived is known without it: the frames
are counted in the bytes that came out of TLS, so a frame that h2 answers by itself, or refuses, is seen all the same.
A client that agrees on HTTP/1.1 is served like by any upstream.

Each connection belongs to one thread. What a behaviour asks for (a PING, a GOAWAY, an end) that thread does too, after
it has read whatever the client had sent until then: so "the client has sent nothing" is an observation here and not
a matter of how long one waited.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

from repro.cell.upstream import PATIENCE, Connection, Seen, Upstream, server_context

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Answers a request: takes the conversation, in the thread that serves it, and the number of the stream.
    Reply = Callable[["Conversation", int], None]

#: What a client sends before its first frame (RFC 9113, section 3.4).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

#: The frame types of RFC 9113, section 6, by their number.
FRAMES = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
_ACK = 0x1
#: The length of what each frame begins with (section 4.1): its length, its type, its flags, its stream.
_HEAD = 9


@dataclass(frozen=True)
class Frame:
    """One frame that a client sent.

    Attributes:
        connection: The number of the connection that carried it.
        name: Its type, as `HEADERS`; with ` ACK` where a SETTINGS or a PING acknowledges one.
        stream: The stream it belongs to; 0 for the connection itself.
    """

    connection: int
    name: str
    stream: int


class Frames:
    """Cuts the bytes of one connection into frames, by nothing but the nine bytes that each begins with."""

    def __init__(self, connection: int) -> None:
        self._connection = connection
        self._buffer = b""
        self._preface = False

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with these bytes."""
        self._buffer += data
        if not self._preface and len(self._buffer) >= len(PREFACE):
            self._preface = self._buffer.startswith(PREFACE)
            self._buffer = self._buffer.removeprefix(PREFACE)
        found = []
        while self._preface and len(self._buffer) >= _HEAD:
            length = int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < _HEAD + length:
                break
            kind, flags = self._buffer[3], self._buffer[4]
            name = FRAMES[kind] if kind < len(FRAMES) else "unknown"
            if name in ("SETTINGS", "PING") and flags & _ACK:
                name += " ACK"
            stream = int.from_bytes(self._buffer[5:_HEAD], "big") & 0x7FFFFFFF
            found.append(Frame(self._connection, name, stream))
            self._buffer = self._buffer[_HEAD + length :]
        return found


class Http2Upstream(Upstream):
    """The server; a context manager that leaves nothing running.

    Args:
        protocols: What it offers by ALPN, from the most wanted on; none for a server that knows nothing of ALPN.
        plain: Speak HTTP/2 without TLS, to clients that know so beforehand; `protocols` are nothing then.
        settings: Settings of the server's to say at the beginning, by the codes of `h2.settings.SettingCodes`.

    Attributes:
        frames: Every frame that clients have sent so far, in order of arrival.
    """

    threaded = True

    def __init__(
        self,
        protocols: tuple[str, ...] = ("h2", "http/1.1"),
        *,
        plain: bool = False,
        settings: dict[Any, int] | None = None,
    ) -> None:
        super().__init__(None if plain else server_context(protocols))
        self.settings = settings or {}
        self.frames: list[Frame] = []
        self._plain = plain
        self._replies: dict[str, Reply] = {}
        self._conversations: dict[int, Conversation] = {}
        self._holding = False

    def reply(self, path: str, reply: Reply) -> None:
        """Answer requests over HTTP/2 for `path` (without query) with what this does."""
        self._replies[path] = reply

    def hold(self) -> None:
        """Answer no request over HTTP/2 from now on."""
        self._holding = True

    def release(self) -> None:
        """Answer every request that was held, those of one connection in one piece, and hold no more."""
        self._holding = False
        self._everywhere(Conversation.answer_held)

    def ping(self) -> None:
        """Send a PING on every open connection."""
        self._everywhere(lambda conversation: conversation.state.ping(b"upstream"))

    def goaway(self) -> None:
        """Say on every open connection that no further request will be answered on it; the connection stays open."""
        self._everywhere(Conversation.refuse)

    def end_idle(self) -> None:
        """Close every open connection in order: the end of TLS, then the server's half of the connection."""
        self._everywhere(Conversation.finish)

    def catch_up(self) -> int:
        """Read everything that clients have sent until now; how many frames that is since the beginning."""
        self._everywhere(lambda _: None)
        return len(self.frames)

    def names(self, since: int = 0) -> list[str]:
        """The names of the frames that clients have sent until now, without those that were counted before."""
        self.catch_up()
        return [frame.name for frame in self.frames[since:]]

    def end(self, connection: Connection, by: str, *, reset: bool = False) -> None:
        """Close the server's end of a connection, in the thread that owns it."""
        conversation = self._conversations.get(connection.number)
        end = super().end
        if conversation is None or not conversation.run(lambda: end(connection, by, reset=reset)):
            end(connection, by, reset=reset)

    def _everywhere(self, action: Callable[[Conversation], None]) -> None:
        for conversation in list(self._conversations.values()):
            conversation.run(lambda owner=conversation: action(owner))  # type: ignore[misc]

    def _converse(self, connection: Connection) -> None:
        if connection.protocol != "h2" and not self._plain:
            super()._converse(connection)
            return
        with contextlib.closing(Conversation(self, connection)) as conversation:
            self._conversations[connection.number] = conversation
            conversation.serve()

    def arrived(self, frames: list[Frame]) -> None:
        """Frames have arrived; for the thread that read them."""
        with self._changed:
            self.frames += frames
            self._changed.notify_all()

    def asked(self, conversation: Conversation, stream: int, request: Seen) -> None:
        """A request is complete: answer it, unless it is to be held; for the thread that read it."""
        reply = self._replies.get(request.target.partition("?")[0])
        if reply is None:
            conversation.held.append(stream)
        self._note(conversation.connection, request)
        if reply is not None:
            reply(conversation, stream)
        elif not self._holding:
            conversation.answer_held()


class Conversation:
    """HTTP/2 on one connection; all of it but `run` is for the thread that serves it.

    Attributes:
        connection: The connection.
        state: What h2 knows of it; what is asked of it is sent when the answer is complete.
        held: The streams that wait for an answer.
    """

    def __init__(self, upstream: Http2Upstream, connection: Connection) -> None:
        self.connection = connection
        self.held: list[int] = []
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._upstream = upstream
        self._sock: Any = connection.sock
        self._frames = Frames(connection.number)
        self._requests: dict[int, Seen] = {}
        self._bodies: dict[int, bytes] = {}
        self._refusing = False
        self._finished = False
        self._over = False
        self._actions: list[tuple[Callable[[], None], threading.Event]] = []
        self._lock = threading.Lock()
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)

    def run(self, action: Callable[[], None]) -> bool:
        """Have the thread that serves this do something, and wait until it is done; False if that thread is over."""
        done = threading.Event()
        with self._lock:
            if self._over:
                return False
            self._actions.append((action, done))
            self._ring.send(b"!")
        return done.wait(PATIENCE)

    def serve(self) -> None:
        """Serve the connection until it ends.

        Raises:
            EOFError: The client ended it.
        """
        self.connection.sock.setblocking(False)
        self.state.local_settings = h2.settings.Settings(
            client=False, initial_values={**self.state.local_settings, **self._upstream.settings}
        )
        self.state.initiate_connection()
        self._flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while not self.connection.ended.is_set():
                # Read before waiting: TLS may hold what came with the end of its handshake.
                self._read()
                self._act()
                if not self.connection.ended.is_set():
                    selector.select()

    def close(self) -> None:
        """Let everybody go who waits for this thread to do something."""
        with self._lock:
            self._over = True
            for _, done in self._actions:
                done.set()
            self._bell.close()
            self._ring.close()

    def refuse(self, last: int | None = None) -> None:
        """Say that no further request will be answered; those that come all the same are read and not answered.

        Args:
            last: The last stream that is answered; that of the last request when None.
        """
        self._refusing = True
        self.state.close_connection(last_stream_id=last)

    def finish(self) -> None:
        """End the server's half of the connection: what the client still sends is read and not answered."""
        self._finished = True
        self.connection.ended_by = self.connection.ended_by or "server"
        self._sock.setblocking(False)
        with contextlib.suppress(OSError):
            self._sock.unwrap()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def answer_held(self) -> None:
        """Answer every request that waits; a stream that the client has left is not an error here."""
        body = b'{"ok": true}'
        headers = [(":status", "200"), ("content-type", "application/json"), ("content-length", str(len(body)))]
        while self.held:
            with contextlib.suppress(h2.exceptions.ProtocolError):
                stream = self.held.pop(0)
                self.state.send_headers(stream, headers)
                self.state.send_data(stream, body, end_stream=True)

    def answer(self, stream: int, body: bytes | None = None) -> None:
        """Answer a request as any other one, or with a body of any length, as fast as the client makes room for it."""
        if body is None:
            self.held.append(stream)
            self.answer_held()
        else:
            self.state.send_headers(stream, [(":status", "200"), ("content-length", str(len(body)))])
            self._bodies[stream] = body
            self._send_bodies()

    def _send_bodies(self) -> None:
        for stream in list(self._bodies):
            try:
                while (left := self._bodies[stream]) and (room := self.state.local_flow_control_window(stream)) > 0:
                    room = min(room, self.state.max_outbound_frame_size)
                    self.state.send_data(stream, left[:room])
                    self._bodies[stream] = left[room:]
                if not self._bodies[stream]:
                    self.state.end_stream(stream)
            except h2.exceptions.ProtocolError:
                # The client has left the stream.
                self._bodies[stream] = b""
            if not self._bodies[stream]:
                del self._bodies[stream]

    def write(self, data: bytes) -> None:
        """Send bytes that h2 knows nothing of, before anything that it still holds."""
        self._sock.sendall(data)

    def _act(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        asked = len(self._actions)
        if asked:
            # What the client sent before it was asked for is there by now, and may have come after the last reading.
            self._read()
        with self._lock:
            actions, self._actions = self._actions[:asked], self._actions[asked:]
        for action, done in actions:
            try:
                action()
                self._flush()
            finally:
                done.set()

    def _read(self) -> None:
        """Take in all that has arrived."""
        while True:
            try:
                data = self._sock.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not data:
                raise EOFError
            if self._finished:
                continue
            self._upstream.arrived(self._frames.feed(data))
            if not self._refusing:
                self._take(data)

    def _take(self, data: bytes) -> None:
        events: list[Any] = []
        with contextlib.suppress(h2.exceptions.ProtocolError):
            # h2 tells the client of an error by itself, in what is flushed below.
            events = self.state.receive_data(data)
        for event in events:
            if isinstance(event, h2.events.RequestReceived):
                fields = dict(event.headers)
                self._requests[event.stream_id] = Seen(
                    self.connection.number, fields[":method"], fields[":path"], "HTTP/2", list(event.headers)
                )
            elif isinstance(event, h2.events.DataReceived):
                self._requests[event.stream_id].body += event.data
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self._upstream.asked(self, event.stream_id, self._requests.pop(event.stream_id))
        self._send_bodies()
        self._flush()

    def _flush(self) -> None:
        if not self._finished:
            # What a behaviour sends fits into the socket's buffer; a client that is gone is not an error here.
            with contextlib.suppress(OSError):
                self._sock.sendall(self.state.data_to_send())
