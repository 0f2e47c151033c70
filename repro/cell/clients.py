"""Clients under every spelling: the one place that knows how a name moved from release to release.

A behaviour asks here for a client, for its end, for an option; where the move itself is its subject, it uses the old
spelling and observes what comes of it.
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from repro.cell import capabilities, outcomes
from repro.cell.library import httpx
from repro.cell.upstream import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def sync_client(**options: Any) -> Any:
    """A synchronous client; options that the release spells otherwise are respelled."""
    cls = capabilities.sync_client()
    return cls(**respelled(cls, options))


def plain(options: dict[str, Any]) -> dict[str, Any]:
    """Client options for plain connections: the client neither reads a trust store nor sets up TLS of its own.

    Setting up TLS is half of what a client costs, and a cell makes a thousand of them. Where a client takes no
    `verify`, or where one is given, the options stay as they are.
    """
    return {"verify": _without_trust(), **options} if capabilities.has("verify argument") else options


@cache
def _without_trust() -> ssl.SSLContext:
    """The context of every plain client; as with `verify=False`, it takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def plain_client(**options: Any) -> Any:
    """A synchronous client for plain connections; options as `sync_client`."""
    return sync_client(**plain(options))


def async_client(**options: Any) -> Any:
    """An asynchronous client; options that the release spells otherwise are respelled."""
    cls = capabilities.async_client()
    return cls(**respelled(cls, options))


def trio_client(**options: Any) -> Any:
    """An asynchronous client that runs under trio, which some releases have to be told; options as `sync_client`."""
    backend = capabilities.trio_backend()
    return async_client(**options if backend is None else {"backend": backend, **options})


def plain_async_client(**options: Any) -> Any:
    """An asynchronous client for plain connections; options as `async_client`."""
    return async_client(**plain(options))


def respelled(cls: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Client options as the release spells them.

    Args:
        cls: The client class.
        options: `http2=True`, `max_connections=N`, `max_keepalive=N`, `keepalive_expiry=SECONDS`,
            `timeouts={"read": SECONDS}` with the kinds of `timeouts`, `proxy=URL`; others pass as they are.
    """
    options = dict(options)
    if "proxy" in options and not capabilities.takes(cls, "proxy"):
        options["proxies"] = options.pop("proxy")
    if options.get("http2") and not capabilities.takes(cls, "http2"):
        del options["http2"]
        options["http_versions"] = ["HTTP/2", "HTTP/1.1"]
    limits: dict[str, Any] = {
        name: options.pop(name) for name in ("max_connections", "max_keepalive", "keepalive_expiry") if name in options
    }
    if "timeouts" in options:
        kinds = options.pop("timeouts")
        options["timeout"] = timeouts(**kinds)
        if "pool" in kinds and not _is_kind_of_timeout("pool"):
            limits["pool_timeout"] = kinds["pool"]
    if limits:
        options.update(_limits(cls, limits))
    return options


def _limits(cls: Any, limits: dict[str, Any]) -> dict[str, Any]:
    """Connection limits under the argument and the class that the release has for them."""
    argument = "limits" if capabilities.takes(cls, "limits") else "pool_limits"
    kind = getattr(httpx, "Limits", None) or httpx.PoolLimits
    spellings = {
        "max_connections": ("max_connections", "hard_limit"),
        "max_keepalive": ("max_keepalive_connections", "max_keepalive", "soft_limit"),
        "keepalive_expiry": ("keepalive_expiry",),
        "pool_timeout": ("pool_timeout",),
    }
    spelled = {
        next((name for name in spellings[option] if capabilities.takes(kind, name)), option): value
        for option, value in limits.items()
    }
    return {argument: kind(**spelled)}


def timeouts(
    *, connect: float | None = None, read: float | None = None, write: float | None = None, pool: float | None = None
) -> Any:
    """Timeouts in seconds, as a client or a request of the release takes them; a kind that is not given is None.

    Where waiting for the pool is bounded by the client's limits, `pool` has no place here; `respelled` gives it one.
    """
    cls = _timeouts_class()
    kinds = {"connect": connect, "read": read, "write": write, "pool": pool}
    return cls(
        **{
            kind if capabilities.takes(cls, kind) else f"{kind}_timeout": seconds
            for kind, seconds in kinds.items()
            if _is_kind_of_timeout(kind)
        }
    )


def _timeouts_class() -> Any:
    """`TimeoutConfig` where there is one: where both are, `Timeout` is an exception or the same class."""
    return getattr(httpx, "TimeoutConfig", None) or httpx.Timeout


def _is_kind_of_timeout(kind: str) -> bool:
    cls = _timeouts_class()
    return capabilities.takes(cls, kind) or capabilities.takes(cls, f"{kind}_timeout")


def supports_option(option: str) -> bool:
    """Whether a client of the release takes an option of `respelled`, under any spelling."""
    cls = capabilities.sync_client() or capabilities.async_client()
    try:
        cls(**respelled(cls, {option: 1}))
    except (TypeError, AttributeError):
        return False
    return True


async def aclose(client: Any) -> Any:
    """Close an asynchronous client: `aclose()` where there is one, else `close()`."""
    closing = (client.aclose if hasattr(client, "aclose") else client.close)()
    return await closing if inspect.isawaitable(closing) else closing


def streamed(client: Any, url: str) -> Any:
    """The response to a GET, its body not read yet; awaitable where the client is asynchronous."""
    if hasattr(client, "build_request"):
        return client.send(client.build_request("GET", url), stream=True)
    return client.get(url, stream=True)


async def aread(response: Any) -> Any:
    """Read an asynchronous response: `aread()` where there is one, else `read()`."""
    return await (response.aread if hasattr(response, "aread") else response.read)()


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    """Run an asynchronous behaviour under asyncio, and answer what it answers."""
    return asyncio.run(main())  # type: ignore[arg-type]  # a coroutine function's result is a coroutine


async def turns() -> None:
    """Let the event loop do what is due, as it does between two requests of an application.

    What closing a connection leaves to it, say, is done in its next turns.
    """
    for _ in range(5):
        await asyncio.sleep(0)


def status(response: Any) -> int:
    """The status code of a response."""
    return int(response.status_code)


class Call(threading.Thread):
    """A call in a thread of its own, under way as soon as it is made.

    Attributes:
        answer: How it ended; as `outcomes.of`.
    """

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.answer: Any = None
        self.start()

    def run(self) -> None:
        """Make the call."""
        self.answer = outcomes.of(self._call)

    def ended(self) -> Any:
        """How it ended, once it has.

        Raises:
            AssertionError: It has not after `PATIENCE` seconds.
        """
        self.join(PATIENCE)
        assert not self.is_alive(), "a call has not ended"
        return self.answer

    def reach(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened, or until this call can go no further: it has ended, or waits for another.

        Raises:
            AssertionError: Neither is so after `PATIENCE` seconds.
        """
        until(lambda: happened() or not self.is_alive() or self._waits())

    def _waits(self) -> bool:
        """Whether it waits for another thread, on a condition: so does who waits for an event, a semaphore, a queue."""
        frame = sys._current_frames().get(self.ident or 0)  # noqa: SLF001 - documented in spite of its name
        return frame is not None and frame.f_code is threading.Condition.wait.__code__


def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened that no event tells of, as what another thread is at.

    Raises:
        AssertionError: It has not after `PATIENCE` seconds.
    """
    deadline = time.perf_counter() + PATIENCE
    while not happened():
        assert time.perf_counter() < deadline, "what was waited for has not happened"
        time.sleep(0.001)


def in_thread(call: Callable[[], Any]) -> Any:
    """What a call answers in a thread of its own; what it raises is raised here."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(call).result()
