"""How a call ended, in a form that reads as one phrase: `200`, or `raises ReadTimeout`."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def phrase(error: BaseException) -> str:
    """An exception as a phrase: the name of its class, and whose it is where the caller has no name for it."""
    return f"raises {named(error)}"


def named(error: BaseException) -> str:
    """The name of an exception's class: `ReadTimeout`, or `ReadTimeout of httpcore`.

    A class of the release itself or of the standard library is named alone. One that a dependency lets through is
    another class even where the name is the same, so its package is named as well.
    """
    return class_name(type(error))


def class_name(cls: type[BaseException]) -> str:
    """The name of a class of exceptions; as `named`."""
    package = cls.__module__.partition(".")[0]
    own = package == httpx.__name__ or package in sys.stdlib_module_names
    return cls.__name__ + ("" if own else f" of {package}")


def of(call: Callable[[], Any]) -> Any:
    """How a call ends: a response as its status code, None and plain values as they are, an exception as a phrase.

    Only what a caller would handle is caught; an interrupt or a failed assertion of the behaviour itself is not.
    """
    try:
        return _answer(call())
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return phrase(error)


async def of_async(call: Callable[[], Awaitable[Any]]) -> Any:
    """How an asynchronous call ends; as `of`."""
    try:
        result = call()
        return _answer(await result if inspect.isawaitable(result) else result)
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return phrase(error)


def caught(call: Callable[[], Any]) -> Any:
    """How a call ends; of an exception also which `except` clauses catch it."""
    try:
        return _answer(call())
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return {"raises": named(error), "caught by": caught_by(error)}


async def caught_async(call: Callable[[], Awaitable[Any]]) -> Any:
    """How an asynchronous call ends; as `caught`."""
    try:
        return _answer(await call())
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation
        return {"raises": named(error), "caught by": caught_by(error)}


def _answer(result: Any) -> Any:
    code = getattr(result, "status_code", None)
    if code is not None:
        return int(code)
    if result is None or isinstance(result, bool | int | float | str | list | dict):
        return result
    return f"a {type(result).__name__}"


def caught_by(error: BaseException) -> list[str]:
    """The names in an `except` clause that catch an error: the release's public ones and the built-in ones."""
    public = {cls for cls in vars(httpx).values() if inspect.isclass(cls) and issubclass(cls, BaseException)}
    return [
        f"httpx.{cls.__name__}" if cls in public else cls.__name__
        for cls in type(error).__mro__
        if cls in public or cls.__module__ == "builtins"
        if cls is not object
    ]
