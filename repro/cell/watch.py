"""The watch: one thread that waits for what arrives at any server of this process, and sees to it in turn.

A thread for each server and each connection costs more than what a behaviour asks: to start it, to wake it for every
step, to wait for its end. What may wait for somebody still has one of its own; see `repro/cell/upstream.py`.
"""

from __future__ import annotations

import contextlib
import selectors
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class Watch:
    """The thread, from the first socket on; it ends with the process."""

    def __init__(self) -> None:
        self._selector: selectors.BaseSelector | None = None
        self._starting = threading.Lock()

    def begin(self, sock: socket.socket, see: Callable[[], None]) -> None:
        """Call this whenever something has arrived at a socket, or its end; it must not wait, and ends if it raises."""
        with self._starting:
            if self._selector is None:
                self._selector = selectors.DefaultSelector()
                threading.Thread(target=self._run, args=(self._selector,), name="watch", daemon=True).start()
        # Under epoll and kqueue a selector that waits takes in what is registered meanwhile.
        self._selector.register(sock, selectors.EVENT_READ, see)

    def end(self, sock: socket.socket) -> None:
        """Watch a socket no more; to be called before it is closed, once. What was seen before may still be called."""
        assert self._selector is not None
        self._selector.unregister(sock)

    @staticmethod
    def _run(selector: selectors.BaseSelector) -> None:
        while True:
            for key, _ in selector.select():
                try:
                    key.data()
                except Exception:  # noqa: BLE001 - one socket's trouble is told, and is not that of all others
                    with contextlib.suppress(KeyError, ValueError):
                        selector.unregister(key.fileobj)
                    threading.excepthook(threading.ExceptHookArgs([*sys.exc_info(), threading.current_thread()]))


#: The one of this process.
watch = Watch()
