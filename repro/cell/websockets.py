"""A client's end of a WebSocket: asked of the process that finds wsproto, by `companion.ask`.

What a client does with its WebSocket is given as calls: the name of a method, and its arguments. Each has its answer,
and the last one is how the WebSocket was left, where it was not left in peace.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import queue
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from repro.cell import bodies, clients, outcomes
from repro.cell.library import httpx
from repro.cell.upstream import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    Calls = Sequence[Sequence[Any]]

#: How long one reading waits for what comes, in seconds, before it is looked at whether anything can come.
_BRIEF = 0.005

#: How often in a row a client reads nothing before it is taken to do so for ever; once is enough for one that knows
#: what that means.
_TURNS = 20

#: An application has no network to wait for: what has not come after so many turns of the loop never does.
_LOOP_TURNS = 500

#: What a reading raises when nothing has come in time.
_NOTHING_YET = (queue.Empty, TimeoutError)


def speak(url: str, calls: Calls = (), options: dict[str, Any] | None = None, leave: str = "") -> list[Any]:
    """Open a WebSocket with a synchronous client, make calls and leave it, and answer how each of that ended.

    Args:
        url: Where to.
        calls: What to call: the name of a method, and its arguments.
        options: Arguments of `websocket`.
        leave: What an error says that is raised within; none is where it is empty.
    """
    answers: list[Any] = []

    def speaking() -> None:
        with clients.plain_client() as client, client.websocket(url, **options or {}) as session:
            reading = Reading(session.connection)
            for name, *arguments in calls:
                answers.append(_ended(partial(_call, session, reading, name, *arguments)))
            if leave:
                raise ValueError(leave)

    with threads_that_fail() as failed:
        Reading.failed = failed
        left = _ended(speaking)
    return answers if left is None else [*answers, left]


def speak_async(url: str, calls: Calls = (), options: dict[str, Any] | None = None, leave: str = "") -> list[Any]:
    """As `speak`, with an asynchronous client."""

    async def speaking(answers: list[Any]) -> None:
        async with clients.plain_async_client() as client, client.websocket(url, **options or {}) as session:
            await converse(session, calls, answers)
            if leave:
                raise ValueError(leave)

    return run(speaking)


def run(speaking: Callable[[list[Any]], Awaitable[None]]) -> list[Any]:
    """What an asynchronous function adds to the answers, and how it ended, where that was not in peace."""
    answers: list[Any] = []
    left = _ended(lambda: clients.run(lambda: speaking(answers)))
    return answers if left is None else [*answers, left]


async def converse(session: Any, calls: Calls, answers: list[Any]) -> None:
    """Make calls of an asynchronous session, and add how each ended."""
    reading = Reading(session.connection)
    for name, *arguments in calls:
        try:
            answers.append(await _call_async(session, reading, name, *arguments))
        except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
            answers.append(_phrase(error))


class Reading:
    """Whether a session still reads what comes.

    Args:
        connection: The session's connection, of wsproto.
    """

    #: What became of threads that failed.
    failed: Sequence[str] = ()

    def __init__(self, connection: Any) -> None:
        self._empty = 0
        self._receive_data = connection.receive_data
        connection.receive_data = self._counting
        self._deadline = time.perf_counter() + PATIENCE

    def _counting(self, data: bytes) -> Any:
        self._empty = 0 if data else self._empty + 1
        return self._receive_data(data)

    def over(self) -> str | None:
        """Why nothing can come any more, None while it can.

        Raises:
            AssertionError: Nothing has come for `PATIENCE` seconds.
        """
        assert time.perf_counter() < self._deadline, "nothing has come"
        if self._empty > _TURNS:
            return "nothing: it reads the end again and again"
        return f"nothing: the thread that reads {self.failed[0]}" if self.failed else None


def _call(session: Any, reading: Reading, name: str, *arguments: Any) -> Any:
    """Call a method; what reads is bounded by what can still come."""
    method = getattr(session, name)
    if name == "ping":
        return "answered" if method(*arguments).wait(PATIENCE) else "not answered"
    if not name.startswith("receive") or arguments:
        return _plain(method(*arguments))
    while True:
        over = reading.over()
        try:
            return _plain(method(timeout=_BRIEF))
        except _NOTHING_YET:
            if over:
                return over


async def _call_async(session: Any, reading: Reading, name: str, *arguments: Any) -> Any:
    """As `_call`; `receive at once` is bounded by turns of the loop, where nothing comes from outside of it."""
    if name == "receive at once":
        return await _at_once(session.receive)
    method = getattr(session, name)
    if name == "ping":
        answered = await method(*arguments)
        await asyncio.wait_for(answered.wait(), PATIENCE)
        return "answered"
    if not name.startswith("receive") or arguments:
        return _plain(await method(*arguments))
    while True:
        over = reading.over()
        try:
            return _plain(await method(timeout=_BRIEF))
        except _NOTHING_YET:
            if over:
                return over


async def _at_once(call: Callable[[], Awaitable[Any]]) -> Any:
    """What a call answers within so many turns of the loop."""
    calling = asyncio.ensure_future(call())
    try:
        for _ in range(_LOOP_TURNS):
            if calling.done():
                return calling.result()
            await asyncio.sleep(0)
        return "nothing"
    finally:
        calling.cancel()


@contextlib.contextmanager
def threads_that_fail() -> Iterator[list[str]]:
    """What threads raise that nobody catches, as it comes; it is printed nowhere."""
    failed: list[str] = []
    before = threading.excepthook
    threading.excepthook = lambda ended: failed.append(_phrase(ended.exc_value or ended.exc_type()))
    try:
        yield failed
    finally:
        threading.excepthook = before


def _plain(result: Any) -> Any:
    """What a call answers, as plain values: bytes say so."""
    return f"bytes {bytes(result).decode('latin-1')}" if isinstance(result, bytes | bytearray) else result


def _ended(call: Callable[[], Any]) -> Any:
    """How a call ends: what it answers, or what it raises and what that has to say."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return _phrase(error)


def _phrase(error: BaseException) -> str:
    """An exception as a phrase, with what the errors of WebSockets have to say."""
    if isinstance(error, BaseExceptionGroup):
        return "raises a group: " + ", ".join(_phrase(each) for each in error.exceptions)
    said = [outcomes.phrase(error)]
    if (code := getattr(error, "code", None)) is not None:
        said += [str(int(code)), getattr(error, "reason", None) or ""]
    if (response := getattr(error, "response", None)) is not None:
        said += [str(response.status_code)]
    return " ".join(said).strip()


def caught(url: str, calls: Calls = ()) -> Any:
    """What opening a WebSocket raises, or the first of these calls that fails, and which `except` clauses catch it."""

    def speaking() -> None:
        with clients.plain_client() as client, client.websocket(url) as session:
            for name, *arguments in calls:
                getattr(session, name)(*arguments)

    return outcomes.caught(speaking)


def refused(url: str) -> Any:
    """What the error of a refused WebSocket has of the answer: its status, a header, and how reading its body ends."""
    try:
        with clients.plain_client() as client, client.websocket(url):
            return "opened"
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        response = getattr(error, "response", None)
        if response is None:
            return outcomes.phrase(error)
        return [response.status_code, response.headers.get("x-why"), bodies.ending(lambda: response.read().decode())]


def opened(urls: Sequence[str], options: dict[str, Any] | None = None, secure: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 - asked by place
    """Open a WebSocket at each URL by one client, and say what its first message is.

    It is left when the server has closed it, and nothing of it is read any more. A thread that begins to read by TLS
    while another one closes the connection would read from the next connection, where that has the same descriptor.

    Args:
        urls: Where to.
        options: Options of the client.
        secure: Whether the client reads a trust store.
    """

    def opening(client: Any, url: str) -> Any:
        with client.websocket(url) as session:
            text = session.receive_text()
            closed = importlib.import_module(f"{httpx.__name__}.websockets").WebSocketDisconnect
            with contextlib.suppress(closed):
                session.receive()
            return text

    with (clients.sync_client if secure else clients.plain_client)(**options or {}) as client:
        return [_ended(partial(opening, client, url)) for url in urls]


def agreed(url: str, subprotocols: list[str]) -> Any:
    """The subprotocol of a WebSocket that was opened with these."""

    def opening() -> Any:
        with clients.plain_client() as client, client.websocket(url, subprotocols=subprotocols) as session:
            return session.subprotocol

    return _ended(opening)


def by_function(url: str) -> Any:
    """The first message of a WebSocket that the module's function `websocket` opens."""

    def opening() -> Any:
        with httpx.websocket(url, verify=clients.plain({})["verify"]) as session:
            return session.receive_text()

    return _ended(opening)


def leave_full(url: str) -> str:
    """Leave a WebSocket with room for one message when more have come than anybody reads, and say how it ends."""
    with clients.plain_client() as client:
        opening = client.websocket(url, queue_size=1)
        session = opening.__enter__()
        clients.until(lambda: _waiting_in(queue.Queue.put))
        leaving = clients.Call(lambda: opening.__exit__(None, None, None))
        taken: list[Any] = []

        def made_room() -> bool:
            # Its reader waits for room, and who leaves waits for its reader. Whether there ever is room for it shows in
            # what a reading gives then: a message that nobody else would have taken away, or none.
            if _waiting_in(threading.Thread.join) and _waiting_in(queue.Queue.put):
                with contextlib.suppress(Exception):
                    taken.append(session.receive(timeout=0))
            return bool(taken)

        clients.until(lambda: not leaving.is_alive() or made_room())
        leaving.ended()
    return "waits until somebody reads" if taken else "leaves"


def _waiting_in(function: Any) -> bool:
    """Whether any thread is within a function."""
    for frame in sys._current_frames().values():  # noqa: SLF001 - documented in spite of its name
        inner: Any = frame
        while inner is not None:
            if inner.f_code is function.__code__:
                return True
            inner = inner.f_back
    return False


def pings_after_closing(url: str) -> str:
    """Close a WebSocket by an event that is sent as it is, and say how the thread ends that pings the server."""
    closing = importlib.import_module("wsproto.events").CloseConnection(1000)
    options = {"keepalive_ping_interval_seconds": 0.01, "keepalive_ping_timeout_seconds": None}
    with (
        threads_that_fail() as failed,
        clients.plain_client() as client,
        client.websocket(url, **options) as session,
    ):
        session.send(closing)
        clients.until(lambda: not any("keepalive_ping" in thread.name for thread in threading.enumerate()))
        return failed[0] if failed else "in peace"
