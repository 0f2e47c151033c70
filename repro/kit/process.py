"""Runs a process so that nothing it starts outlives it, however it or this one ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: Its exit code; negative for a signal.
        overdue: Whether it was killed for taking too long.
        output: What it printed, to either stream.
    """

    code: int
    overdue: bool
    output: str


def run(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, timeout: float | None = None
) -> Ended:
    """Run a process to its end, and kill whatever it leaves behind.

    Args:
        command: The program and its arguments.
        env: Its environment variables.
        cwd: Its working directory; this process's own when None.
        timeout: Seconds after which it is killed; None to wait as long as it takes.
    """
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
