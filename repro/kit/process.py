"""Runs a process so that nothing it starts outlives it, however it or this one ends."""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: The variable that marks what belongs to a bounded run.
MARK = "HTTPX_UPGRADE_RUN"

#: Starts a keeper: in any folder, and with nothing of that folder on the path.
_KEEPER = "import sys; sys.path.insert(0, sys.argv[1]); from repro.kit import keeper; keeper.main()"

#: What is so where a keeper was killed before it could tell anything.
_UNTOLD = {"code": -signal.SIGKILL, "strays": 0, "alone": False, "walled": False, "unable": None}

#: Seconds that a keeper has to kill everything, before it is killed itself.
_GRACE = 20.0


@dataclass(frozen=True)
class Bounds:
    """What a program that is not trusted is held to, beside its time.

    Not held: how many processes it has at once, how much it writes in many files, what it reads (the environment of
    the kit among it, from /proc). A child outlives it where it left the session and the system is not Linux, or where
    it cleared its environment after it killed the keeper.

    Attributes:
        network: Whether it keeps the network; without, it has loopback only, where the system lets a user have that.
        writable: The only folders it may write to, if the system lets a user have that (Linux from 5.12 on); they have
            to be there. None for all. Python keeps bytecode beside modules, so the environment is better one of them.
        output: How many bytes of its output are kept, half of them from its end.
        file: The most bytes that one file may have.
        memory: The most bytes of address space for each process; None for no limit.
    """

    network: bool = True
    writable: tuple[Path, ...] | None = None
    output: int = 4 << 20
    file: int = 1 << 30
    memory: int | None = None


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code; negative for a signal.
        overdue: Whether it was killed for taking too long.
        output: What it printed, to either stream.
        dropped: How many bytes of the middle of its output were not kept.
        strays: How many processes it left behind, which were killed.
        alone: Whether it had a network of its own, with loopback only.
        walled: Whether all but its writable folders was read-only to it.
    """

    code: int
    overdue: bool
    output: str
    dropped: int = 0
    strays: int = 0
    alone: bool = False
    walled: bool = False

    @property
    def containment(self) -> str:
        """What held the network of a program that was to be without: its words in a report."""
        return "network namespace" if self.alone else "Python only"


class _Unable(Exception):
    """Something is not to be had on this system: the program was not started.

    Args:
        what: What it is, by the name that it has where a program ended.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    timeout: float | None = None,
    bounds: Bounds | None = None,
) -> Ended:
    """Run a process to its end, and kill whatever it leaves behind.

    Args:
        command: The program and its arguments.
        env: Its environment variables.
        cwd: Its working directory; this process's own when None.
        timeout: Seconds after which it is killed; None to wait as long as it takes.
        bounds: What else it is held to; None for a program that is trusted to stay in its session.
    """
    if bounds is not None:
        while True:
            try:
                return _bounded(command, env, cwd, timeout, bounds)
            except _Unable as unable:
                bounds = replace(bounds, network=True) if unable.what == "alone" else replace(bounds, writable=None)
    # To a file and not through a pipe, which a child that is left behind would hold open.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        overdue = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            overdue = True
        finally:
            # Its session is its own, so this reaches its children and nobody else's.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        return Ended(process.returncode, overdue, output.read())


def _bounded(
    command: Sequence[str], env: Mapping[str, str], cwd: Path | None, timeout: float | None, bounds: Bounds
) -> Ended:
    """As `run`, behind a keeper."""
    mark = f"{os.getpid()}-{os.urandom(8).hex()}"
    hear, tell = os.pipe()
    wanted = {
        "command": list(command),
        "env": {**env, MARK: mark},
        "cwd": str(cwd) if cwd else None,
        "limits": _limits(bounds, timeout),
        "network": bounds.network,
        "writable": None if bounds.writable is None else [str(path) for path in bounds.writable],
        "told": tell,
    }
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-c", _KEEPER, str(Path(__file__).parents[2])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[tell],
    )
    os.close(tell)
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    overdue = False
    with os.fdopen(hear, encoding="utf-8") as channel, keeper.stdout as printed, Heard(printed, bounds.output) as heard:
        try:
            with keeper.stdin as asked:
                asked.write(json.dumps(wanted).encode())
            keeper.wait(timeout)
        except subprocess.TimeoutExpired:
            overdue = True
        finally:
            strays = _end(keeper, mark)
        heard.finish()
        # The last line counts.
        told: dict[str, Any] = json.loads(["{}", *channel.read().splitlines()][-1]) or _UNTOLD
    if keeper.returncode > 0:
        raise RuntimeError(f"the keeper of {command[0]} ended with {keeper.returncode}: {heard.text()}")
    if told["unable"]:
        raise _Unable(told["unable"])
    return Ended(
        told["code"],
        overdue,
        heard.text(),
        heard.dropped,
        told["strays"] + strays,
        told["alone"],
        told["walled"],
    )


def _limits(bounds: Bounds, timeout: float | None) -> list[tuple[str, int]]:
    """The limits of the operating system that hold these bounds, by name."""
    limits = [("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", bounds.file)]
    if bounds.memory is not None:
        limits.append(("RLIMIT_AS", bounds.memory))
    if timeout is not None:
        # No process can use more within its time; it holds even if nobody is left to watch the clock.
        limits.append(("RLIMIT_CPU", math.ceil(timeout * (os.cpu_count() or 1)) + 1))
    return limits


def _end(keeper: subprocess.Popen[bytes], mark: str) -> int:
    """End a keeper with everything below it, and what is left of its run beside that; how many processes that were."""
    if keeper.poll() is None:
        keeper.terminate()
        try:
            keeper.wait(_GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(keeper.pid, signal.SIGKILL)
            keeper.wait()
    killed: set[int] = set()
    # A program may have killed its keeper.
    while found := _marked(mark):
        killed.update(found)
        for number in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
    return len(killed)


def _marked(mark: str) -> list[int]:
    """The ids of the running processes that began with this mark in their environment; none where there is no /proc."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # What is dead already has no environment.
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


class Heard:
    """What a program prints, of which the beginning and the end are kept.

    Args:
        printed: What it is read from.
        kept: How many bytes are kept.
    """

    def __init__(self, printed: IO[bytes], kept: int) -> None:
        self._printed = printed.fileno()
        self._half = kept // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tailed = 0
        self.dropped = 0
        self._told, self._tell = os.pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()
        os.close(self._told)

    def finish(self) -> None:
        """Take in what is printed already, and no more: something may live that holds the other end."""
        if self._tell >= 0:
            os.close(self._tell)
            self._tell = -1
            self._thread.join()

    def _listen(self) -> None:
        """Read until the end, or until it is to finish and nothing is there."""
        os.set_blocking(self._printed, False)
        with selectors.DefaultSelector() as ready:
            ready.register(self._printed, selectors.EVENT_READ)
            ready.register(self._told, selectors.EVENT_READ)
            while self._printed in [key.fd for key, _ in ready.select()] and (data := os.read(self._printed, 1 << 16)):
                self._take(data)

    def _take(self, data: bytes) -> None:
        """Keep what belongs to the beginning or, so far, to the end."""
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail.append(data)
            self._tailed += len(data)
        while self._tail and self._tailed - len(self._tail[0]) >= self._half:
            self._tailed -= len(self._tail[0])
            self.dropped += len(self._tail.popleft())

    def text(self) -> str:
        """What was kept, and how much was not."""
        tail = b"".join(self._tail)
        if not self.dropped:
            return (bytes(self._head) + tail).decode("utf-8", "replace")
        gap = f"\n[{self.dropped} bytes of the output are left out here]\n"
        return self._head.decode("utf-8", "replace") + gap + tail.decode("utf-8", "replace")
