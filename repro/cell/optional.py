"""The optional packages of the release, asked about in a process of their own.

Their presence alone changes what the release does: brotli makes it accept more codings, and Click gives it a command
line. So the cell itself does not find them. It forks before it imports the release; that process finds them as well,
imports the release anew once it is asked something, and answers every question of the session. A question is a function
of a module of this package, and its answer is plain values.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import pickle
import select
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import files
from repro.cell.upstream import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable


#: What both processes import whatever packages they find: before they part, they import it once.
_SHARED = (
    "asyncio",
    "concurrent.futures",
    "email.message",
    "http.cookiejar",
    "importlib.metadata",
    "mimetypes",
    "repro.release",
    "urllib.request",
)


def packages() -> str | None:
    """The folder of the optional packages of this environment; None in one that was made by hand."""
    named = Path(sys.prefix) / files.OPTIONAL
    return (named.read_text(encoding="utf-8").strip() or None) if named.is_file() else None


class Companion:
    """The process that finds the optional packages.

    Args:
        folder: The folder of the optional packages; None where there are none, and then there is no process.

    Attributes:
        folder: The same.
    """

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self._process: int | None = None
        self._socket: Any = None
        self._stream: Any = None

    @property
    def here(self) -> bool:
        """Whether there is such a process to ask."""
        return self._process is not None

    def begin(self) -> None:
        """Make the process; to be called before the release is imported."""
        if self.folder is None:
            return
        for name in _SHARED:
            importlib.import_module(name)
        ours, theirs = socket.socketpair()
        self._process = os.fork()
        if self._process:
            theirs.close()
            self._socket, self._stream = ours, ours.makefile("rwb")
            atexit.register(self.end)
            return
        try:
            ours.close()
            _serve(theirs.makefile("rwb"), self.folder)
        finally:
            os._exit(0)

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function answers where the optional packages are found.

        Args:
            function: One that is imported by its name.
            arguments: Its arguments, plain values.

        Raises:
            RuntimeError: It raised something, or did not answer within `PATIENCE` seconds.
        """
        pickle.dump((function.__module__, function.__qualname__, arguments), self._stream)
        self._stream.flush()
        if not select.select([self._socket], [], [], PATIENCE)[0]:
            self.end(patience=0.0)
            raise RuntimeError("the process with the optional packages did not answer")
        well, answer = pickle.load(self._stream)  # noqa: S301 - from the process that this one forked
        if not well:
            raise RuntimeError(f"the process with the optional packages: {answer}")
        return answer

    def end(self, patience: float = PATIENCE) -> None:
        """End the process, and wait for that: what it cost is the session's.

        It ends by itself when there is nothing left to ask, so that a measure of coverage keeps what it counted there;
        it is killed where it does not.

        Args:
            patience: How long it may take to end by itself, in seconds.
        """
        if self._process is not None:
            self._socket.shutdown(socket.SHUT_WR)
            select.select([self._socket], [], [], patience)
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self._stream.close()
            self._socket.close()
            self._process = None


def _serve(stream: Any, folder: str) -> None:
    """Answer questions until the session ends; the first one imports the release."""
    # An interrupt ends the session, and that ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It does not live for long enough to make much of what has to be collected.
    gc.disable()
    warnings.simplefilter("ignore")
    sys.path.append(folder)
    # Importing it costs as much as the release, which does so where it can; no question is about that event loop.
    sys.modules["trio"] = None  # type: ignore[assignment]  # which is how Python says that there is none
    with contextlib.suppress(EOFError, OSError):
        while True:
            module, name, arguments = pickle.load(stream)  # noqa: S301 - from the process that forked this one
            try:
                answer = pickle.dumps((True, getattr(importlib.import_module(module), name)(*arguments)))
            except BaseException as error:  # noqa: BLE001 - whatever it is, the session is told
                answer = pickle.dumps((False, f"{type(error).__name__}: {error}"))
            stream.write(answer)
            stream.flush()


#: The process of this session.
companion = Companion(packages())
