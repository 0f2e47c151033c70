"""What a model of the release says, in a form that JSON has and that reads as the Python it was.

Where a value changes its type, from text to bytes say, that is a change as well; so bytes are shown as Python writes
them.
"""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING, Any

from repro.cell import outcomes
from repro.cell.library import httpx

if TYPE_CHECKING:
    from collections.abc import Callable


def shown(value: Any) -> Any:
    """A value as JSON: bytes as `b'...'`, a tuple as a list, a URL or query parameters as their text.

    Anything else that JSON has no form for is named by its type.
    """
    if value is None or type(value) in {bool, int, float, str}:
        return value
    if isinstance(value, bytes):
        return repr(value)
    if isinstance(value, list | tuple):
        return [shown(entry) for entry in value]
    if isinstance(value, dict):
        return {str(name): shown(entry) for name, entry in value.items()}
    if isinstance(value, httpx.URL | httpx.QueryParams):
        return str(value)
    return f"a {type(value).__name__}"


def told(call: Callable[[], Any]) -> Any:
    """How a call ends: its value as `shown`, an exception as a phrase with what the release says about it."""
    try:
        return shown(call())
    except Exception as error:  # noqa: BLE001 - whatever the release raises is the observation, an assertion too
        return phrase(error)


def phrase(error: BaseException) -> str:
    """An exception as a phrase, with its message where that is the release's own: `raises InvalidURL: No host`.

    A message of Python's own is another under another Python, so only the class is named then.
    """
    message = str(error) if _is_own(error) else ""
    return outcomes.phrase(error) + (f": {message}" if message else "")


def _is_own(error: BaseException) -> bool:
    """Whether a message was written by the release: in a class of its own, or where its own code says `raise`."""
    if type(error).__module__.partition(".")[0] == httpx.__name__:
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] != httpx.__name__:
        return False
    line = linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return line.lstrip().startswith(("raise ", "assert "))
