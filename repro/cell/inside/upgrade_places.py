"""Where a file is, told so that it reads the same on every machine and under every release."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: This folder: its own frames are never told.
HERE = os.path.dirname(os.path.abspath(__file__))

_tree: str | None = None
_known: dict[str, Any] = {}
_roots: list[Any] = []


def know(tree: str | None) -> None:
    """Say where the project is.

    Args:
        tree: Its folder; None for none.
    """
    global _tree
    _tree = os.path.realpath(tree) if tree else None
    _known.clear()


def place(path: str) -> tuple[Any, ...]:
    """What a file belongs to (tree, packages, stdlib, elsewhere), and its path relative to that."""
    found = _known.get(path)
    if found is None:
        try:
            found = _place(path)
        except (OSError, ValueError, TypeError):
            found = ("elsewhere", str(path))
        _known[path] = found
    return found


def _place(path: str) -> tuple[Any, ...]:
    """As `place`, worked out."""
    if path.startswith("<"):
        return "elsewhere", path
    real = os.path.realpath(path)
    head, packages, tail = real.replace(os.sep, "/").rpartition("/site-packages/")
    # An environment may be inside the tree, and a tree inside an environment's src folder.
    if _tree and (real == _tree or real.startswith(_tree + os.sep)) and not (packages and head.startswith(_tree)):
        return "tree", os.path.relpath(real, _tree).replace(os.sep, "/")
    if packages:
        return "packages", tail
    if not _roots:
        # Not before it is needed: every start of an interpreter pays for what is imported.
        import sysconfig

        paths = sysconfig.get_paths()
        found = (("packages", ("purelib", "platlib")), ("stdlib", ("stdlib", "platstdlib")))
        _roots.extend((name, os.path.realpath(paths[key])) for name, keys in found for key in keys)
    for name, root in _roots:
        if real.startswith(root + os.sep):
            return name, os.path.relpath(real, root).replace(os.sep, "/")
    return "elsewhere", path


def own(path: str) -> bool:
    """Whether a file is one of this folder."""
    return path.startswith(HERE + os.sep)


def frame(path: str, line: int, function: str) -> dict[str, Any]:
    """A frame as the protocol has it."""
    import linecache

    where, told = place(path)
    try:
        code = linecache.getline(path, line).strip()[:500]
    except Exception:
        # A test may have put a fake in the place of what reads files.
        code = ""
    return {"path": told, "place": where, "line": line, "function": function, "code": code}
