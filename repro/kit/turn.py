"""Lets two runs that would be in each other's way come one after the other, and says so to who waits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextlib.contextmanager
def taken(path: Path, says: str, say: Callable[[str], None]) -> Iterator[None]:
    """Be the only one that holds a lock; it ends with the process that holds it, however that ends.

    Args:
        path: The file that is locked; it is made where it is not there.
        says: What another run is at.
        say: Told that it is waited for, where it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        say(f"another run {says}; waiting for it to end")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
