"""Sees warnings before any filter does, by standing in for `warnings.warn` and `warnings.warn_explicit`.

The filters still decide what becomes of a warning: it is told here, and then given on. Not seen: warnings that the
interpreter or an extension module gives in C, where pytest does not see them either because a filter hides them, and
those of code that took `warnings.warn` from `_warnings`.
"""

from __future__ import annotations

import sys
import warnings

import upgrade_places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How many different warnings one process tells of one test.
_MOST = 200


class Witness:
    """What is told of warnings.

    Args:
        lines: Lines for what is seen.
        state: Where the pytest plugin says which phase runs.
        running: Says which test runs.
    """

    def __init__(self, lines: Any, state: Any, running: Any) -> None:
        self.lines = lines
        self.worker: str | None = None
        self._state = state
        self._running = running
        self._told: dict[str, Any] = {}

    def tell(
        self,
        category: type[Any],
        message: str,
        path: str,
        line: int,
        depth: int | None = None,
        test: str | None = None,
        when: str | None = None,
    ) -> None:
        """Tell a warning, unless this process told it of this test already.

        Args:
            category: Its class.
            message: Its text.
            path: The file that it is about.
            line: The line of that file.
            depth: How many frames above this one the caller is; None where it did not come from one.
            test: The test it belongs to; the running one when None.
            when: The phase; the running one when None.
        """
        test = test or self._running()
        told = self._told.get(test)
        if told is None:
            # One test at a time: what was told of those before is needed no longer.
            self._told = {test: set()}
            told = self._told[test]
        key = (category, message, path, line)
        if key in told or len(told) >= _MOST:
            return
        told.add(key)
        place, short = upgrade_places.place(path)
        entry = {
            "warning": {
                "category": qualified(category),
                "message": message[:4000],
                "path": short,
                "place": place,
                "line": line,
                # The collector gives those of resources wherever it happens to run.
                "caller": None if depth is None or issubclass(category, ResourceWarning) else _caller(depth + 1),
            },
            "test": test,
            "when": when or self._state.when,
        }
        if self.worker:
            entry["worker"] = self.worker
        self.lines.add(entry)


def qualified(kind: type[Any]) -> str:
    """The name of a class with its module, unless it is a builtin."""
    module = getattr(kind, "__module__", None)
    name = getattr(kind, "__qualname__", str(kind))
    return name if module in (None, "builtins") else f"{module}.{name}"


def _caller(depth: int) -> dict[str, Any] | None:
    """The innermost frame of the tree, beginning with the one so many above this; None if there is none."""
    frame: Any = sys._getframe(depth)
    while frame is not None:
        path = frame.f_code.co_filename
        if upgrade_places.place(path)[0] == "tree":
            found: dict[str, Any] = upgrade_places.frame(path, frame.f_lineno, frame.f_code.co_name)
            return found
        frame = frame.f_back
    return None


def _internal(frame: Any) -> bool:
    """Whether a frame is the import machinery's, which warnings look past."""
    path = frame.f_code.co_filename
    return "importlib" in path and "_bootstrap" in path


def _next(frame: Any, prefixes: tuple[Any, ...]) -> Any:
    """The next frame outwards that a warning may be about."""
    frame = frame.f_back
    while frame is not None and (_internal(frame) or (prefixes and frame.f_code.co_filename.startswith(prefixes))):
        frame = frame.f_back
    return frame


def _about(caller: Any, stacklevel: int, prefixes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The file and the line that a warning is about, as `warnings.warn` finds them."""
    frame = caller
    for _ in range(stacklevel - 1):
        if frame is None:
            break
        frame = frame.f_back if _internal(caller) else _next(frame, prefixes)
    return ("sys", 1) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


#: Who tells warnings; None before `install`.
witness: Witness | None = None


def install(lines: Any, state: Any, running: Any) -> None:
    """See every warning of this process from now on; arguments as `Witness`."""
    global witness
    witness = seen = Witness(lines, state, running)
    given = warnings.warn
    given_explicit = warnings.warn_explicit

    def warn(message: Any, category: Any = None, stacklevel: int = 1, source: Any = None, **more: Any) -> None:
        __tracebackhide__ = True
        level = stacklevel
        try:
            caller = sys._getframe(1)
            prefixes = tuple(more.get("skip_file_prefixes") or ())
            level = max(stacklevel, 2 if prefixes else 1)
            kind = type(message) if isinstance(message, Warning) else category or UserWarning
            path, line = _about(caller, level, prefixes)
            seen.tell(kind, str(message), path, line, 1)
            # This function is one frame more, which is skipped with the caller's where the caller's is.
            if not (prefixes and caller.f_code.co_filename.startswith(prefixes)):
                level += 1
        except Exception:
            # Whatever was given is wrong, and the real one says so.
            level = stacklevel
        given(message, category, level, source, **more)

    def warn_explicit(message: Any, category: Any, filename: str, lineno: int, *rest: Any, **more: Any) -> None:
        __tracebackhide__ = True
        try:
            kind = type(message) if isinstance(message, Warning) else category
            seen.tell(kind, str(message), filename, lineno, 1)
        except Exception:
            pass
        given_explicit(message, category, filename, lineno, *rest, **more)

    for stand_in, real in ((warn, given), (warn_explicit, given_explicit)):
        stand_in.__doc__ = real.__doc__
        stand_in.__module__ = "warnings"
        stand_in.__qualname__ = real.__name__
    warnings.warn = warn
    warnings.warn_explicit = warn_explicit
