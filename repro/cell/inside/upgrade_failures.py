"""What went wrong, as data: an exception crosses to the kit as its parts, never as an object."""

from __future__ import annotations

import upgrade_places
from upgrade_warnings import qualified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MESSAGE = 4000
_HEAD, _TAIL = 30, 70
_CAUSES = 10
_GROUP = 10

#: What stands between a test and its runner, which is the same for every test.
_RUNNERS = ("_pytest/", "pluggy/", "pytest/", "xdist/", "importlib/", "unittest/")


def describe(error: BaseException, traceback: Any = None) -> dict[str, Any]:
    """A FAILURE of the protocol.

    Args:
        error: The exception.
        traceback: Where it was raised; its own traceback when None.
    """
    return _describe(error, traceback, _CAUSES, set())


def _describe(error: BaseException, traceback: Any, deep: int, seen: set[Any]) -> dict[str, Any]:
    """As `describe`, so many causes deep, past those seen before."""
    seen.add(id(error))
    found = {
        "type": qualified(type(error)),
        "message": message(error),
        "frames": _frames(traceback or error.__traceback__) + _example(error),
        "cause": None,
    }
    cause = _cause(error)
    if cause is not None and deep and id(cause) not in seen:
        found["cause"] = _describe(cause, None, deep - 1, seen)
    group = getattr(error, "exceptions", None)
    if isinstance(group, (tuple, list)) and deep:
        members = [member for member in group[:_GROUP] if isinstance(member, BaseException) and id(member) not in seen]
        if members:
            found["group"] = [_describe(member, None, deep - 1, seen) for member in members]
    return found


def message(error: BaseException) -> str:
    """What an exception says."""
    try:
        text = _doctest(error) or str(error)
    except Exception as trouble:
        text = f"(its message cannot be had: {type(trouble).__name__})"
    return text[:_MESSAGE]


def _cause(error: BaseException) -> BaseException | None:
    """What an exception was raised from, or while handling what."""
    inside = getattr(error, "exc_info", None)
    if type(error).__name__ == "UnexpectedException" and isinstance(inside, tuple):
        # What a doctest raised without expecting it.
        raised: BaseException | None = inside[1]
        return raised
    if error.__cause__ is not None:
        return error.__cause__
    if error.__suppress_context__ or error.__context__ is None:
        # Before pytest 6 an early conftest carried what it raised in itself.
        within = getattr(error, "excinfo", None)
        carried: BaseException | None = within[1] if isinstance(within, tuple) else None
        return carried
    return error.__context__


def _first(error: Any) -> Any:
    """The first failure of a doctest that went on after it; any other exception as it is."""
    failures = getattr(error, "failures", None)
    return failures[0] if type(error).__name__ == "MultipleDoctestFailures" and failures else error


def _doctest(error: Any) -> str | None:
    """What a failed doctest says; None for any other exception."""
    error = _first(error)
    example = getattr(error, "example", None)
    if example is None:
        return None
    if type(error).__name__ == "UnexpectedException":
        return f"{example.source.strip()} raised {qualified(type(error.exc_info[1]))}: {error.exc_info[1]}"
    return f"{example.source.strip()} gave\n{error.got}and was to give\n{example.want}"


def _example(error: BaseException) -> list[Any]:
    """The line of a failed doctest, as a frame."""
    error = _first(error)
    example, test = getattr(error, "example", None), getattr(error, "test", None)
    if example is None or test is None or not test.filename:
        return []
    place, path = upgrade_places.place(test.filename)
    line = (test.lineno or 0) + example.lineno + 1
    return [{"path": path, "place": place, "line": line, "function": test.name, "code": example.source.strip()[:500]}]


def _frames(traceback: Any) -> list[Any]:
    """The frames of a traceback, without those of the runner before the test and without this folder's."""
    raw = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not upgrade_places.own(code.co_filename):
            raw.append((code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    first = 0
    while first < len(raw) and _runner(raw[first][0]):
        first += 1
    # What only the runner raised keeps its frames: there is nothing else.
    raw = raw[first:] or raw
    if len(raw) > _HEAD + _TAIL:
        raw = raw[:_HEAD] + raw[-_TAIL:]
    return [upgrade_places.frame(*entry) for entry in raw]


def _runner(path: str) -> bool:
    """Whether a file is what runs tests."""
    place, short = upgrade_places.place(path)
    return (place in ("packages", "stdlib") and short.startswith(_RUNNERS)) or path.startswith("<frozen importlib")
