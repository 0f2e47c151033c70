"""What a behaviour may need from the release, asked of the release itself and never of its version.

A behaviour names what it needs with `@pytest.mark.needs("...")`. Where a need is not met the behaviour is absent,
which is not a change, and the record names the first capability that is missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from repro.cell.library import httpx
from repro.cell.optional import companion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def _has(owner: Any, name: str) -> bool:
    return getattr(owner, name, None) is not None


def _is_async(client: Any) -> bool:
    return client is not None and inspect.iscoroutinefunction(getattr(client, "get", None))


def async_client() -> Any:
    """The asynchronous client class: `AsyncClient`, or `Client` where that was the asynchronous one; else None."""
    if _has(httpx, "AsyncClient"):
        return httpx.AsyncClient
    return httpx.Client if _is_async(httpx.Client) else None


def sync_client() -> Any:
    """The synchronous client class, or None."""
    return None if _is_async(httpx.Client) else httpx.Client


def application_transport(kind: str) -> Any:
    """The class that takes requests to an application, by the name that the release has for it, or None.

    Args:
        kind: `WSGI` or `ASGI`.
    """
    for name in (f"{kind}Transport", f"{kind}Dispatch"):
        if _has(httpx, name):
            return getattr(httpx, name)
    try:
        return getattr(importlib.import_module(f"{httpx.__name__}.dispatch.{kind.lower()}"), f"{kind}Dispatch", None)
    except ImportError:
        return None


def trio_backend() -> Any:
    """The backend that a client has to be given to run under trio; None where it finds out by itself, or cannot."""
    try:
        backend = importlib.import_module(f"{httpx.__name__}.concurrency.trio").TrioBackend
    except ImportError:
        return None
    # Some releases have one left over from the one before, and no use for it.
    return None if importlib.util.find_spec(f"{httpx.__name__}.concurrency.auto") else backend()


def takes(callee: Any, argument: str) -> bool:
    """Whether a class or function takes an argument of that name."""
    return callee is not None and argument in _parameters(callee)


@cache
def _parameters(callee: Any) -> frozenset[str]:
    """The names of a callee's parameters; asked for with every client that is made."""
    return frozenset(inspect.signature(callee).parameters)


def _http2(client: Any) -> bool:
    return (takes(client, "http2") or takes(client, "http_versions")) and _h2()


def _respx() -> bool:
    return importlib.util.find_spec("respx") is not None


def _onceonly() -> bool:
    return importlib.util.find_spec("onceonly") is not None


def _h2() -> bool:
    return importlib.util.find_spec("h2") is not None


def _takes_proxy(client: Any) -> bool:
    """Whether a client can be made with a proxy; in one release it takes the argument, and making it fails."""
    argument = next((name for name in ("proxy", "proxies") if takes(client, name)), None)
    try:
        return argument is not None and client(**{argument: "http://127.0.0.1"}) is not None
    except TypeError:
        return False


def _can_fork() -> bool:
    """Whether the backend that the client finds by itself can do what its HTTP/2 needs: two things at once."""
    try:
        backend = importlib.import_module(f"{httpx.__name__}.concurrency.auto").AutoBackend
    except (ImportError, AttributeError):
        return True
    return "fork" in vars(backend) or not hasattr(backend, "fork")


def _asks_opening_connections() -> bool:
    """Whether the pool may ask a connection that is being opened whether it is HTTP/2.

    Where it may not, two first requests at once fail or not as the event loop of the Python happens to order them.
    """
    try:
        connection = importlib.import_module(f"{httpx.__name__}.dispatch.connection").HTTPConnection
        return connection("https://localhost").is_http2 is not None
    except AssertionError:
        return False
    except (ImportError, AttributeError, TypeError):
        return True


def _sends_before_reading() -> bool:
    """Whether a request is sent before its answer is read, and not beside that in a task of its own.

    Which of two tasks meets what the server said is up to the event loop, and another one under another Python.
    """
    try:
        backend = importlib.import_module(f"{httpx.__name__}.concurrency.asyncio").AsyncioBackend
    except (ImportError, AttributeError):
        return not hasattr(getattr(httpx, "AsyncioBackend", None), "background_manager")
    return not hasattr(backend, "background_manager")


def _decodes(coding: str) -> bool:
    """Whether the release has a decoder of a coding, and the library that it needs."""
    for module in ("_decoders", "decoders"):
        try:
            return coding in importlib.import_module(f"{httpx.__name__}.{module}").SUPPORTED_DECODERS
        except ImportError:
            continue
    return False


def _speaks_socks() -> bool:
    """Whether a client can be made whose proxy speaks SOCKS."""
    cls = sync_client() or async_client()
    argument = next((name for name in ("proxy", "proxies") if takes(cls, name)), None)
    try:
        return argument is not None and cls(**{argument: "socks5://127.0.0.1:1"}) is not None
    except (TypeError, ValueError):
        return False


def _has_command_line() -> bool:
    """Whether the release comes with a command line client."""
    return callable(getattr(httpx, "main", None))


def _speaks_websocket() -> bool:
    """Whether the release has a module for WebSockets, and the package that it needs."""
    try:
        return importlib.import_module(f"{httpx.__name__}.websockets") is not None
    except ImportError:
        return False


#: Each capability that only optional packages give, and how it is asked for where they are found.
OPTIONAL: dict[str, Callable[..., bool]] = {
    "brotli": lambda: _decodes("br"),
    "zstd": lambda: _decodes("zstd"),
    "SOCKS proxy": _speaks_socks,
    "command line client": _has_command_line,
    "WebSocket": _speaks_websocket,
}


def with_packages(capability: str) -> bool:
    """Whether the release has one of these in this process; asked where the optional packages are found."""
    return OPTIONAL[capability]()


def _has_with_packages(capability: str) -> bool:
    return has("optional packages") and bool(companion.ask(with_packages, capability))


def _trio() -> bool:
    """Whether a request under trio is answered; asked by sending one, for a backend for trio may not fit trio."""
    if async_client() is None or importlib.util.find_spec("trio") is None:
        return False
    from repro.cell.clients import aclose
    from repro.cell.event_loops import Trio
    from repro.cell.upstream import Upstream

    async def send() -> bool:
        client = loop.client()
        try:
            return bool((await client.get(upstream.url)).status_code)
        finally:
            await aclose(client)

    loop = Trio()
    with Upstream() as upstream:
        try:
            return bool(loop.run(send))
        except Exception:  # noqa: BLE001 - whatever it fails with, there is no answer
            return False


#: Each capability, and how it is asked for.
CAPABILITIES: dict[str, Callable[[], bool]] = {
    "sync client": lambda: sync_client() is not None,
    "async client": lambda: async_client() is not None,
    "base_url argument": lambda: takes(sync_client() or async_client(), "base_url"),
    "timeout argument": lambda: takes(sync_client() or async_client(), "timeout"),
    "verify argument": lambda: takes(sync_client() or async_client(), "verify"),
    "connection limits": lambda: any(takes(sync_client() or async_client(), n) for n in ("limits", "pool_limits")),
    "keepalive_expiry option": lambda: takes(getattr(httpx, "Limits", None), "keepalive_expiry"),
    "body arguments": lambda: takes(getattr(sync_client() or async_client(), "request", None), "json"),
    "content of a response": lambda: hasattr(httpx.Response, "content"),
    "top-level functions": lambda: _has(httpx, "get"),
    # A sync client that takes the backend of an event loop is an asynchronous one inside. What it does about the end of
    # a connection, and how it makes TLS through a tunnel, is what the event loop of the Python does.
    "sync client without an event loop": lambda: sync_client() is not None and not takes(sync_client(), "backend"),
    # Without a block of its own, that is: one that stays open for as long as its reader likes.
    "streamed response": lambda: _has(sync_client() or async_client(), "send"),
    "HTTP/2": lambda: _http2(sync_client()) or _http2(async_client()),
    "HTTP/2 in the sync client": lambda: _http2(sync_client()),
    "HTTP/2 in the async client": lambda: _http2(async_client()) and _can_fork(),
    "first requests at once": _asks_opening_connections,
    "request sent before its answer is read": _sends_before_reading,
    "cookies": lambda: _has(httpx, "Cookies"),
    "authentication": lambda: takes(sync_client() or async_client(), "auth"),
    "digest authentication": lambda: _has(httpx, "DigestAuth"),
    "proxy in the sync client": lambda: _takes_proxy(sync_client()),
    "proxy in the async client": lambda: _takes_proxy(async_client()),
    "respx companion": _respx,
    "OnceOnly SDK": _onceonly,
    "WSGI application": lambda: sync_client() is not None and application_transport("WSGI") is not None,
    "ASGI application": lambda: application_transport("ASGI") is not None,
    "mock transport": lambda: _has(httpx, "MockTransport"),
    "event hooks": lambda: takes(sync_client(), "event_hooks"),
    "mounts": lambda: takes(sync_client(), "mounts"),
    **{name: partial(_has_with_packages, name) for name in OPTIONAL},
    "trio": _trio,
}


#: What is no capability of the release but of its environment: there is none in one that was made by hand.
AROUND: dict[str, Callable[[], bool]] = {
    "optional packages": lambda: companion.here,
    # Before it, the end of a connection within its handshake is told by another error, and a TLS connection of asyncio
    # that has ended cannot be closed (AttributeError); 3.11.2 is the one that was tried, which Debian 12 has.
    "Python 3.11.7": lambda: sys.version_info >= (3, 11, 7),
}


@cache
def has(capability: str) -> bool:
    """Whether the release has a capability.

    Raises:
        KeyError: No such capability is known.
    """
    return (CAPABILITIES | AROUND)[capability]()


def missing(needs: Sequence[str]) -> str | None:
    """The first of these capabilities that the release lacks, or None."""
    return next((need for need in needs if not has(need)), None)
