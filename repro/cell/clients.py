"""Clients under every spelling: the one place that knows how a name moved from release to release.

A behaviour asks here for a client, for its end, for an option; where the move itself is its subject, it uses the old
spelling and observes what comes of it.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from repro.cell import capabilities
from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def sync_client(**options: Any) -> Any:
    """A synchronous client; options that the release spells otherwise are respelled."""
    cls = capabilities.sync_client()
    return cls(**respelled(cls, options))


def async_client(**options: Any) -> Any:
    """An asynchronous client; options that the release spells otherwise are respelled."""
    cls = capabilities.async_client()
    return cls(**respelled(cls, options))


def respelled(cls: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Client options as the release spells them.

    Args:
        cls: The client class.
        options: `http2=True`, `max_connections=N`, `max_keepalive=N`, `keepalive_expiry=SECONDS`; others pass as they
            are.
    """
    options = dict(options)
    if options.get("http2") and not capabilities.takes(cls, "http2"):
        del options["http2"]
        options["http_versions"] = ["HTTP/2", "HTTP/1.1"]
    limits = {
        name: options.pop(name)
        for name in ("max_connections", "max_keepalive", "keepalive_expiry")
        if name in options
    }
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
    }
    spelled = {
        next((name for name in spellings[option] if capabilities.takes(kind, name)), option): value
        for option, value in limits.items()
    }
    return {argument: kind(**spelled)}


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


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    """Run an asynchronous behaviour under asyncio, and answer what it answers."""
    return asyncio.run(main())  # type: ignore[arg-type]  # a coroutine function's result is a coroutine


def status(response: Any) -> int:
    """The status code of a response."""
    return int(response.status_code)
