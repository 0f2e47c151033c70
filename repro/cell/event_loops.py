"""The two event loops that httpx runs on, asyncio's and trio's, in the same words.

A behaviour that is asked under both is written once: as an asynchronous function that a loop runs, and that asks the
loop for clients, for tasks and for time to pass.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Protocol

from repro.cell import outcomes
from repro.cell.clients import async_client, plain, trio_client
from repro.cell.upstream import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import trio

#: How a task ends that was cancelled, and did not make something else of it.
CANCELLED = "cancelled"

#: From what has arrived to whoever waits for it, and from whoever is told to go to the end of what it holds, is a
#: handful of turns of a loop.
TURNS = 30


class Task(Protocol):
    """A call in a task of its own, under way as soon as the loop turns."""

    def cancel(self) -> None:
        """Cancel the task."""

    def expire(self) -> None:
        """Let the time limit around the call be over now, as if it had been set for this moment."""

    def is_done(self) -> bool:
        """Whether it has ended."""

    async def ended(self) -> Any:
        """How it ended, once it has: as `outcomes.of`, or `CANCELLED`.

        Raises:
            AssertionError: It has not after `PATIENCE` seconds.
        """


class Loop(Protocol):
    """An event loop."""

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What an asynchronous function answers in a new loop; what is left of its tasks then is cancelled."""

    def client(self, **options: Any) -> Any:
        """An asynchronous client for plain connections that runs in this loop; options as `clients.sync_client`."""

    def begin(self, call: Callable[[], Awaitable[Any]]) -> Task:
        """Make a call in a task of its own."""

    async def turn(self, turns: int = TURNS) -> None:
        """Let the loop do all that there is to do: what has arrived is read, and what follows from it is done."""

    async def pause(self) -> None:
        """Let a millisecond pass."""

    async def forever(self) -> None:
        """Wait until cancelled."""


async def until(loop: Loop, happened: Callable[[], Any], *tasks: Task) -> None:
    """Wait until something has happened at a server, or until one of these tasks can bring it about no more.

    Raises:
        AssertionError: Neither is so after `PATIENCE` seconds.
    """
    deadline = time.perf_counter() + PATIENCE
    # What happens at a server and the end of a task are events of two threads, so each turn looks for both.
    while not happened() and not any(task.is_done() for task in tasks):
        assert time.perf_counter() < deadline, "what was waited for has not happened"
        await loop.pause()
    # The server may have something before the client knows that it is sent.
    await loop.turn()


class Asyncio:
    """The event loop of asyncio."""

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """As `Loop.run`."""
        return asyncio.run(main())

    def client(self, **options: Any) -> Any:
        """As `Loop.client`."""
        return async_client(**plain(options))

    def begin(self, call: Callable[[], Awaitable[Any]]) -> AsyncioTask:
        """As `Loop.begin`."""
        return AsyncioTask(call)

    async def turn(self, turns: int = TURNS) -> None:
        """As `Loop.turn`."""
        for _ in range(turns):
            await asyncio.sleep(0)

    async def pause(self) -> None:
        """As `Loop.pause`."""
        await asyncio.sleep(0.001)

    async def forever(self) -> None:
        """As `Loop.forever`."""
        await asyncio.Event().wait()


class AsyncioTask:
    """A task of asyncio; as `Task`."""

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        self._call = call
        self._limit = asyncio.timeout(None)
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> Any:
        try:
            async with self._limit:
                return await outcomes.of_async(self._call)
        except TimeoutError:
            return CANCELLED

    def cancel(self) -> None:
        """As `Task.cancel`."""
        self._task.cancel()

    def expire(self) -> None:
        """As `Task.expire`."""
        self._limit.reschedule(asyncio.get_running_loop().time())

    def is_done(self) -> bool:
        """As `Task.is_done`."""
        return self._task.done()

    async def ended(self) -> Any:
        """As `Task.ended`."""
        await asyncio.wait([self._task], timeout=PATIENCE)
        assert self._task.done(), "a task has not ended"
        return CANCELLED if self._task.cancelled() else self._task.result()


class Trio:
    """The event loop of trio."""

    def __init__(self) -> None:
        self._nursery: trio.Nursery | None = None

    def run(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """As `Loop.run`."""
        import trio

        return trio.run(self._with_tasks, main)

    async def _with_tasks(self, main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        import trio

        answer, error = None, None
        async with trio.open_nursery() as self._nursery:
            try:
                answer = await main()
            except Exception as raised:  # noqa: BLE001 - it is raised again, outside of any group
                error = raised
            self._nursery.cancel_scope.cancel()
        if error is not None:
            raise error
        return answer

    def client(self, **options: Any) -> Any:
        """As `Loop.client`."""
        return trio_client(**plain(options))

    def begin(self, call: Callable[[], Awaitable[Any]]) -> TrioTask:
        """As `Loop.begin`."""
        assert self._nursery is not None
        task = TrioTask(call)
        self._nursery.start_soon(task.work)
        return task

    async def turn(self, turns: int = TURNS) -> None:
        """As `Loop.turn`."""
        import trio

        for _ in range(turns):
            await trio.lowlevel.checkpoint()

    async def pause(self) -> None:
        """As `Loop.pause`."""
        import trio

        await trio.sleep(0.001)

    async def forever(self) -> None:
        """As `Loop.forever`."""
        import trio

        await trio.sleep_forever()


class TrioTask:
    """A task of trio; as `Task`."""

    def __init__(self, call: Callable[[], Awaitable[Any]]) -> None:
        import trio

        self._call = call
        self._scope = trio.CancelScope()
        self._end = trio.Event()
        self._answer: Any = None

    async def work(self) -> None:
        """Make the call."""
        with self._scope:
            self._answer = await outcomes.of_async(self._call)
        if self._scope.cancelled_caught:
            self._answer = CANCELLED
        self._end.set()

    def cancel(self) -> None:
        """As `Task.cancel`."""
        self._scope.cancel()

    def expire(self) -> None:
        """As `Task.expire`."""
        import trio

        self._scope.deadline = trio.current_time()

    def is_done(self) -> bool:
        """As `Task.is_done`."""
        return bool(self._end.is_set())

    async def ended(self) -> Any:
        """As `Task.ended`."""
        import trio

        with trio.move_on_after(PATIENCE):
            await self._end.wait()
        assert self._end.is_set(), "a task has not ended"
        return self._answer
