"""What takes a request elsewhere than to the network: an application, a function, a transport of the caller's own."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from repro.cell import capabilities, outcomes
from repro.cell.clients import async_client, sync_client
from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where an application answers; nothing is asked for by this name.
PLACE = "http://application.invalid"


def over(transport: Any, **options: Any) -> Any:
    """A synchronous client that sends its requests with a transport."""
    return sync_client(**{_argument(capabilities.sync_client()): transport}, **options)


def async_over(transport: Any, **options: Any) -> Any:
    """An asynchronous client that sends its requests with a transport."""
    return async_client(**{_argument(capabilities.async_client()): transport}, **options)


def _argument(cls: Any) -> str:
    """How a client is given its transport: `transport`, or `dispatch` where there is no such argument."""
    return "transport" if capabilities.takes(cls, "transport") else "dispatch"


def wsgi(application: Any, **options: Any) -> Any:
    """A synchronous client of a WSGI application; the options are those of the transport."""
    return over(capabilities.application_transport("WSGI")(app=application, **options))


def asgi(application: Any, **options: Any) -> Any:
    """An asynchronous client of an ASGI application; the options are those of the transport."""
    return async_over(capabilities.application_transport("ASGI")(app=application, **options))


def mocked(handler: Callable[[Any], Any], **options: Any) -> Any:
    """A synchronous client that a function answers, as a test suite makes one."""
    return over(httpx.MockTransport(handler), **options)


def async_mocked(handler: Callable[[Any], Any], **options: Any) -> Any:
    """An asynchronous client that a function answers."""
    return async_over(httpx.MockTransport(handler), **options)


def dispatcher(kind: str) -> Any:
    """A base class of transports where the release insists on one, by its name; else `object`."""
    for place in ("dispatch.base", "interfaces"):
        try:
            return getattr(importlib.import_module(f"{httpx.__name__}.{place}"), kind, object)
        except ImportError:
            continue
    return object


def answer(call: Callable[[], Any]) -> Any:
    """How a call ends; as `outcomes.of`, and a failed assertion of the release, which some check with, as a phrase."""
    try:
        return outcomes.of(call)
    except AssertionError as error:
        return outcomes.phrase(error)
