"""The clock that a client asks how long a connection was idle, moved on without waiting.

Every release asks `time.monotonic()`, itself or through its event loop, and asks it by that name at the moment it
wants to know. So moving what that name answers is true evidence: connection, server and client are real, and
only the hands of the clock were moved. What waits in this process is not disturbed: sockets, selectors, locks and
events wait by the system's clock.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def later(seconds: float) -> Iterator[None]:
    """Make it that many seconds later within the block; blocks within one another add up.

    Enter it only while nothing is under way: a timeout that is already running would be over at once.
    """
    before = time.monotonic

    def moved() -> float:
        return before() + seconds

    time.monotonic = moved
    try:
        yield
    finally:
        time.monotonic = before
