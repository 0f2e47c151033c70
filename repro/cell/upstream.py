"""The upstream: a real HTTP/1.1 server on loopback that records what reaches it and misbehaves on request.

It speaks to raw sockets, so what it records is what was on the wire: the request line as it was sent, headers in
their order and case, and which connection carried which request. An answer is a function of one `Exchange`; the
module's other functions make the usual ones.

Connections are served in turn by the one thread of `repro/cell/watch.py`, as long as their answers are of the kind that
waits for nobody. With the first other answer, a connection gets a thread of its own, to its end.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import ssl
import struct
import threading
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from repro.cell.watch import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

#: No wait of a behaviour lasts longer, in seconds. Reaching it is a failure, never an observation.
PATIENCE = 10.0

# So many bytes a new socket takes at once, whoever reads them, in bytes.
_ROOM = 16384


@dataclass
class Seen:
    """One request, as it was on the wire.

    Attributes:
        connection: The number of the connection that carried it, from 1 in order of arrival.
        method: The method.
        target: The request target: path and query as they were sent.
        version: The protocol version, as `HTTP/1.1`.
        headers: Name and value of each header line, in order and in the case that was sent.
        body: The body.
        chunks: The size of each chunk of a body that came in chunks, in bytes.
    """

    connection: int
    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    chunks: list[int] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case; None if it was not sent."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


@dataclass(eq=False)
class Connection:
    """One connection that a client opened.

    Attributes:
        number: From 1, in order of arrival.
        sock: The server's end.
        requests: How many requests it has carried.
        ended: Set when the server's end is closed, whoever began it.
        ended_by: `client`, `server`, `reset by client`; None while it is open.
        protocol: What was agreed on by ALPN, as `h2`; None where nothing was.
        watched: Whether it is served in turn with others, and not by a thread of its own.
    """

    number: int
    sock: socket.socket
    requests: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    ended_by: str | None = None
    protocol: str | None = None
    watched: bool = False


class Exchange:
    """One request, and the connection to answer it on.

    Attributes:
        request: What was sent.
        connection: The connection that carried it.
        upstream: The server.
    """

    def __init__(self, upstream: Upstream, connection: Connection, request: Seen) -> None:
        self.upstream = upstream
        self.connection = connection
        self.request = request

    def send(self, data: bytes) -> None:
        """Put bytes on the wire; a client that is gone is not an error here."""
        with contextlib.suppress(OSError):
            self.connection.sock.sendall(data)

    def close(self) -> None:
        """End the connection in order: what was sent arrives, then the end."""
        self.upstream.end(self.connection, "server")

    def reset(self) -> None:
        """End the connection with a reset: what was sent may be lost."""
        self.upstream.end(self.connection, "server", reset=True)

    def client_left(self, within: float = PATIENCE) -> bool:
        """Wait until the client closes its end; False if it has not within that many seconds."""
        self.connection.sock.settimeout(within)
        try:
            return self.connection.sock.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                self.connection.sock.settimeout(None)


if TYPE_CHECKING:
    Answer = Callable[[Exchange], None]


class Prompt:
    """An answer that waits for nobody, neither for an event nor for the client to read what is sent.

    Args:
        answer: The answer.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, exchange: Exchange) -> None:
        """Answer."""
        self._answer(exchange)


def response(
    body: bytes | str | Any = b"",
    *,
    status: int = 200,
    reason: str = "OK",
    headers: tuple[tuple[str, str], ...] = (),
    length: int | None = None,
) -> bytes:
    """A whole HTTP/1.1 response as bytes.

    Args:
        body: Bytes and text are sent as they are; anything else as JSON.
        status: The status code.
        reason: The reason phrase.
        headers: Further header lines.
        length: The Content-Length to claim; the true one when None.
    """
    kind = "text/plain; charset=utf-8"
    if not isinstance(body, bytes | str):
        kind, body = "application/json", json.dumps(body)
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(raw) if length is None else length}"]
    if not any(name.lower() == "content-type" for name, _ in headers):
        lines.append(f"Content-Type: {kind}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + raw


def answering(body: Any = b"", **options: Any) -> Answer:
    """Answer with a response; the arguments are those of `response`."""
    raw = response(body, **options)
    return _prompt(lambda exchange: exchange.send(raw), raw)


def _prompt(answer: Answer, raw: bytes) -> Answer:
    """An answer that waits for nobody but for the socket to take these bytes, `Prompt` where it surely does."""
    return Prompt(answer) if len(raw) <= _ROOM else answer


def sending(raw: bytes) -> Answer:
    """Answer with exactly these bytes, well-formed or not, and close."""

    def answer(exchange: Exchange) -> None:
        exchange.send(raw)
        exchange.close()

    return _prompt(answer, raw)


def holding(released: threading.Event, then: Answer) -> Answer:
    """Answer only when `released` is set, or not at all when the client leaves first."""

    def answer(exchange: Exchange) -> None:
        if released.wait(PATIENCE):
            then(exchange)

    return answer


def outlasting(seconds: float, then: Answer) -> Answer:
    """Answer only when the client has not given up within that many seconds."""

    def answer(exchange: Exchange) -> None:
        if exchange.client_left(within=seconds):
            exchange.upstream.end(exchange.connection, "client")
        else:
            then(exchange)

    return answer


def silent(exchange: Exchange) -> None:
    """Never answer; wait until the client gives up."""
    exchange.client_left()
    exchange.upstream.end(exchange.connection, "client")


@Prompt
def resetting(exchange: Exchange) -> None:
    """Reset the connection instead of answering."""
    exchange.reset()


@Prompt
def closing(exchange: Exchange) -> None:
    """Close the connection instead of answering."""
    exchange.close()


def breaking_off(body: bytes, *, after: int) -> Answer:
    """Claim the whole body, send `after` bytes of it, and close."""
    raw = response(body[:after], length=len(body))

    def answer(exchange: Exchange) -> None:
        exchange.send(raw)
        exchange.close()

    return _prompt(answer, raw)


def dripping(body: bytes, pieces: int, between: threading.Event | None = None) -> Answer:
    """Send the body in pieces, one TCP segment each.

    Args:
        body: The whole body.
        pieces: How many pieces to cut it into.
        between: Waited for before each piece after the first; pieces follow at once when None.
    """

    def answer(exchange: Exchange) -> None:
        head, _, _ = response(body).partition(b"\r\n\r\n")
        exchange.send(head + b"\r\n\r\n")
        size = -(-len(body) // pieces)
        for start in range(0, len(body), size):
            if start and between is not None and not between.wait(PATIENCE):
                return
            exchange.send(body[start : start + size])

    return answer


@cache
def server_context(protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """The TLS context of a server on localhost, 127.0.0.1 or ::1, offering these protocols by ALPN."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parent / "certificates" / "server.pem")
    context.set_alpn_protocols(list(protocols))
    return context


class Upstream:
    """The server; a context manager that leaves nothing running.

    Args:
        context: Speak TLS with this context; plain when None.

    Attributes:
        port: The port it listens on, on 127.0.0.1.
        requests: Every request so far, in order of arrival.
        connections: Every connection so far, in order of arrival.
    """

    #: Whether each connection has a thread of its own from its beginning on, because it is no matter of one request and
    #: one answer each.
    threaded = False

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Seen] = []
        self.connections: list[Connection] = []
        self._answers: dict[str, list[Answer]] = {}
        self._default: Answer = answering({"ok": True})
        self._context = context
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        #: While it is not set, the server reads nothing from the connections that are opened.
        self.reading = threading.Event()
        self.reading.set()
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        # Held by the watch while it sees to this server, so that nothing of it goes on after its end.
        self._turn = threading.Lock()
        self._over = False

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        watch.begin(self._listener, self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._over = True
            watch.end(self._listener)
            self._listener.close()
        self.reading.set()
        for connection in list(self.connections):
            self.end(connection, "server")
        for thread in list(self._threads):
            thread.join(PATIENCE)

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def answer(self, path: str | None, *answers: Answer) -> None:
        """Answer requests for `path` (without query) with these, one each; the last one goes on for ever.

        Args:
            path: The path; None for every path that has no answer of its own.
            answers: What to do, in turn.
        """
        if path is None:
            (self._default,) = answers
        else:
            self._answers[path] = list(answers)

    def end(self, connection: Connection, by: str, *, reset: bool = False) -> None:
        """Close the server's end of a connection, in order or with a reset; the first call says who ended it."""
        with self._changed:
            if connection.ended_by is None:
                connection.ended_by = by
        self._unwatch(connection)
        with contextlib.suppress(OSError):
            if reset:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                connection.sock.shutdown(socket.SHUT_RDWR)
        connection.sock.close()
        connection.ended.set()
        with self._changed:
            self._changed.notify_all()

    def end_idle(self) -> None:
        """Close every open connection from the server's side, as a server does with idle ones."""
        for connection in list(self.connections):
            if connection.ended_by is None:
                connection.ended_by = "server"
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_WR)

    def hear_out(self) -> bool:
        """Read what clients have sent until now, and nothing after it; False if that takes over `PATIENCE` seconds.

        It ends every connection, also one that the client has forgotten and not closed.
        """
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RD)
        return self.wait_for(lambda: all(connection.ended.is_set() for connection in self.connections))

    def wait_for(self, happened: Callable[[], bool]) -> bool:
        """Wait until something the server sees has happened; False if it has not after `PATIENCE` seconds."""
        with self._changed:
            return self._changed.wait_for(happened, PATIENCE)

    def wake(self) -> None:
        """Have whoever waits in `wait_for` look again: something has happened that an answer did, not the server."""
        with self._changed:
            self._changed.notify_all()

    def requests_for(self, path: str) -> list[Seen]:
        """The requests for one path (without query)."""
        return [request for request in self.requests if request.target.partition("?")[0] == path]

    def held_open(self) -> int:
        """How many connections to this server the client's end of this process still has open.

        Counted in the process's own descriptors, so the answer is exact and needs no waiting: a client that closed a
        socket has closed it.
        """
        return sum(1 for _, peer in _peers() if peer == ("127.0.0.1", self.port))

    def reached(self, *, end: bool = False) -> bool:
        """Wait until what was sent has arrived at every socket that the client still has open.

        It is in the socket then, and whether the client reads it is up to the client. False if it has not arrived
        after `PATIENCE` seconds, or if the client has no socket open.

        Args:
            end: Wait for the end of the connection, and not for whatever was sent before it.
        """
        # Only Linux tells an end from anything else that arrives.
        event = getattr(select, "POLLRDHUP", select.POLLIN) if end else select.POLLIN
        ends = [descriptor for descriptor, peer in _peers() if peer == ("127.0.0.1", self.port)]
        for descriptor in ends:
            arrival = select.poll()
            arrival.register(descriptor, event)
            if not arrival.poll(PATIENCE * 1000):
                return False
        return bool(ends)

    def _accept(self) -> None:
        """Take in a connection; for the watch."""
        with self._turn:
            if self._over:
                return
            try:
                sock, _ = self._listener.accept()
            except OSError:
                # Its client has left before its turn came.
                return
            sock.setblocking(True)
            with contextlib.suppress(OSError):
                # macOS refuses it where the client is gone already.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._changed:
                connection = Connection(len(self.connections) + 1, sock)
                self.connections.append(connection)
                self._changed.notify_all()
            if self._context or self.threaded or not self.reading.is_set():
                self._start(self._serve, connection)
            else:
                connection.watched = True
                watch.begin(sock, partial(self._hear, connection, _Reader(connection)))

    def _unwatch(self, connection: Connection) -> None:
        """Have the watch see to a connection no more."""
        with self._changed:
            if connection.watched:
                connection.watched = False
                watch.end(connection.sock)

    def _hear(self, connection: Connection, reader: _Reader) -> None:
        """Take in what has arrived on a connection, and answer it; for the watch."""
        with self._turn:
            if connection.watched:
                self._until_end(connection, lambda: self._answer_at_once(connection, reader))

    def _answer_at_once(self, connection: Connection, reader: _Reader) -> None:
        """Answer the requests that have arrived; with the first answer that may wait, a thread goes on."""
        try:
            reader.read(socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        while connection.watched and (request := reader.request()):
            self._note(connection, request)
            answer = self._next_answer(request)
            if not isinstance(answer, Prompt):
                self._unwatch(connection)
                self._start(self._until_end, connection, partial(self._go_on, connection, reader, request, answer))
                return
            self._give(answer, connection, request)

    def _go_on(self, connection: Connection, reader: _Reader, request: Seen, answer: Answer) -> None:
        """Answer a request, and go on with the connection."""
        self._give(answer, connection, request)
        self._respond(connection, reader)

    def _until_end(self, connection: Connection, work: Callable[[], None]) -> None:
        """Work on a connection, and end it where that comes to its end."""
        try:
            work()
        except EOFError:
            self.end(connection, "client")
        except ConnectionError:
            self.end(connection, "reset by client")
        except (OSError, ValueError):
            self.end(connection, "server")

    def _serve(self, connection: Connection) -> None:
        """Serve a connection from its beginning to its end; for a thread of its own."""
        self._until_end(connection, lambda: self._begin(connection))

    def _begin(self, connection: Connection) -> None:
        if self._context:
            tls = self._context.wrap_socket(connection.sock, server_side=True, do_handshake_on_connect=False)
            # From here on it can be ended, also in the middle of a handshake that the client does not go on with.
            connection.sock = tls
            _shake_hands(tls)
            connection.protocol = tls.selected_alpn_protocol()
        if self.reading.wait(PATIENCE):
            self._converse(connection)

    def _converse(self, connection: Connection) -> None:
        """Speak with a client until the connection ends.

        Raises:
            EOFError: The client ended it.
        """
        self._respond(connection, _Reader(connection))

    def _respond(self, connection: Connection, reader: _Reader) -> None:
        """Read requests and answer them until the connection ends.

        Raises:
            EOFError: The client ended it.
        """
        while not connection.ended.is_set():
            while (request := reader.request()) is None:
                reader.read()
            self._note(connection, request)
            self._give(self._next_answer(request), connection, request)

    def _give(self, answer: Answer, connection: Connection, request: Seen) -> None:
        """Answer a request, and end the connection where the client asked for that."""
        answer(Exchange(self, connection, request))
        if (request.header("Connection") or "").lower() == "close":
            self.end(connection, "server")

    def _note(self, connection: Connection, request: Seen) -> None:
        """A request has arrived."""
        with self._changed:
            connection.requests += 1
            self.requests.append(request)
            self._changed.notify_all()

    def _next_answer(self, request: Seen) -> Answer:
        answers = self._answers.get(request.target.partition("?")[0])
        if not answers:
            return self._default
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _shake_hands(sock: ssl.SSLSocket) -> None:
    """Make the handshake of the server's end.

    Raises:
        OSError: It failed, and the client has left.
    """
    try:
        sock.do_handshake()
    except ssl.SSLError:
        # Closing with something of the client's unread would reset the connection, and the alert that says why the
        # handshake failed might never be read.
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        raise


_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class _Reader:
    """Reads requests from one connection; it holds no descriptor of its own, so closing the socket closes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._buffer = b""
        self._parsing: Generator[None, None, Seen] | None = None

    def read(self, flags: int = 0) -> None:
        """Take in what has arrived, or what arrives next.

        Raises:
            BlockingIOError: The flags say not to wait, and nothing has.
            EOFError: The client ended the connection, between requests or within one.
        """
        data = self._connection.sock.recv(65536, flags)
        if not data:
            raise EOFError
        self._buffer += data

    def request(self) -> Seen | None:
        """The next request; None where not all of it has been read."""
        if self._parsing is None and not self._buffer:
            return None
        self._parsing = self._parsing or self._parse()
        try:
            next(self._parsing)
        except StopIteration as done:
            self._parsing = None
            request: Seen = done.value
            return request
        if _QUICKACK is not None:
            # A client that sends a request in two pieces would wait 40 ms for the first to be acknowledged.
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return None

    def _until(self, mark: bytes) -> Generator[None, None, bytes]:
        while mark not in self._buffer:
            yield
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _exactly(self, length: int) -> Generator[None, None, bytes]:
        pieces, left = [], length
        while left > len(self._buffer):
            pieces.append(self._buffer)
            left -= len(self._buffer)
            self._buffer = b""
            yield
        pieces.append(self._buffer[:left])
        self._buffer = self._buffer[left:]
        return b"".join(pieces)

    def _parse(self) -> Generator[None, None, Seen]:
        """The next request, with a pause wherever more has to be read."""
        head = yield from self._until(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        method, target, version = line.split()
        headers = [(name, value.strip()) for name, _, value in (f.partition(":") for f in fields)]
        request = Seen(self._connection.number, method, target, version, headers)
        if (request.header("Transfer-Encoding") or "").lower() == "chunked":
            while size := int((yield from self._until(b"\r\n")), 16):
                request.body += yield from self._exactly(size)
                request.chunks.append(size)
                yield from self._until(b"\r\n")
            yield from self._until(b"\r\n")
        else:
            request.body = yield from self._exactly(int(request.header("Content-Length") or 0))
        return request


def _peers() -> list[tuple[int, tuple[str, int]]]:
    """The descriptors of the IPv4 sockets that this process has connected, each with its far end."""
    found = []
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - a Path for each name costs more than all the rest
        with contextlib.suppress(OSError, ValueError):
            copy = os.dup(int(name))
            try:
                with socket.socket(fileno=copy) as sock:
                    copy = -1
                    peer = sock.getpeername()
                    if sock.family == socket.AF_INET:
                        found.append((int(name), (peer[0], peer[1])))
            finally:
                if copy >= 0:
                    os.close(copy)
    return found


def descriptors() -> int:
    """How many file descriptors this process has open."""
    return len(os.listdir("/dev/fd")) - 1  # noqa: PTH208 - as above; the listing has one of its own


@contextlib.contextmanager
def pending_port() -> Iterator[int]:
    """A loopback port where connecting stays pending: nobody accepts, and the backlog is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        connected: list[Any] = [None]
        while connected:
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            # A connection to loopback that can be made is made at once.
            _, connected, _ = select.select([], [filler], [], 0.05)
        yield listener.getsockname()[1]


def refusing_port() -> int:
    """A loopback port that refuses connections: it was free a moment ago, and nothing listens on it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
