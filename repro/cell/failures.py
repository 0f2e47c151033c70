"""A failed call, described in full: its class, its ancestry, its message, who catches it, and what is on it."""

from __future__ import annotations

import dis
import re
import sys
from typing import TYPE_CHECKING, Any

from repro.cell import outcomes
from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: The names that an `except` clause is written with, from the widest on; what a release lacks catches nothing there.
WIDE = ("HTTPError", "RequestError", "TransportError", "TimeoutException", "NetworkError")

# What the operating system, OpenSSL or zlib says, and what stands after it: other words on another machine.
_SYSTEM = re.compile(r"(?:\[(?:Errno|SSL|X509)|Connection\w+Error\(\d|Error -?\d+ while decompressing).*", re.DOTALL)
_RAISE = dis.opmap["RAISE_VARARGS"]
_ADDRESS = re.compile(r" (?:object )?at 0x[0-9a-f]+")


def of(call: Callable[[], Any]) -> Any:
    """How a call ends; an exception as `described`, anything else as `outcomes.of` has it."""
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return described(error)
    return outcomes.of(lambda: result)


async def of_async(call: Callable[[], Awaitable[Any]]) -> Any:
    """How an asynchronous call ends; as `of`."""
    try:
        result = await call()
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return described(error)
    return outcomes.of(lambda: result)


def described(error: Exception) -> dict[str, Any]:
    """An exception as plain JSON.

    Returns:
        `raises`: its class; `ancestry`: the classes above that, up to Exception; both as `outcomes.named`.
        `caught by`: those of `WIDE` that catch it.
        `says`: its message without the words of the system; left out where the Python wrote it.
        `request`, `response`: what the attribute holds, `none` where it is not there; `error` where it may not be read.
    """
    classes = [cls for cls in type(error).__mro__ if issubclass(cls, Exception)]
    description: dict[str, Any] = {
        "raises": outcomes.class_name(classes[0]),
        "ancestry": [outcomes.class_name(cls) for cls in classes[1:]],
        "caught by": [f"httpx.{name}" for name in WIDE if isinstance(error, getattr(httpx, name, ()))],
    }
    if not written_by_python(error):
        description["says"] = words(error)
    return description | {name: held(error, name) for name in ("request", "response")}


def written_by_python(error: Exception) -> bool:
    """Whether the message is the Python's: one of its own classes, and no `raise` of the release or a dependency.

    Such a message is another one from Python to Python.
    """
    trace = error.__traceback__
    if not _of_python(type(error).__module__) or trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    raised = trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE
    return not raised or _of_python(trace.tb_frame.f_globals["__name__"])


def _of_python(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def words(error: Exception) -> str:
    """The message of an exception, without addresses and without what the system says in it."""
    return _ADDRESS.sub("", _SYSTEM.sub("[system]", str(error)))


def held(error: Exception, name: str) -> str:
    """What an attribute of an exception holds: a request, a response, or `none`; `error` where reading it is one."""
    try:
        value = getattr(error, name, None)
    except (RuntimeError, AssertionError):
        return "error"
    return "none" if value is None else "held"
