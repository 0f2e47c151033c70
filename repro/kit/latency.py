"""Measures how long the answers from stored snapshots take: `nox -s latency`. Each runs in a process of its own.

Absolute figures differ from machine to machine; so each is also given as a multiple of starting Python and importing
nothing, taken in the same run, the commands in turn.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.kit.report.terminal import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: What is measured against: an interpreter that starts and does nothing.
BARE = "starting Python"


@dataclass(frozen=True)
class Latency:
    """How long a command takes.

    Attributes:
        name: What a person calls it.
        seconds: The wall-clock seconds of each time it ran.
    """

    name: str
    seconds: list[float]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)


def commands(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """The commands that are measured: a comparison for each pair, and the report with its page."""
    kit = [sys.executable, "-m", "repro.kit"]
    found = {BARE: [sys.executable, "-c", ""]}
    found |= {f"compare {a} {b}": [*kit, "compare", a, b] for a, b in pairs}
    return found | {"report and its page": [*kit, "report"]}


def measure(wanted: Mapping[str, Sequence[str]], root: Path, times: int) -> list[Latency]:
    """Run each command so many times, all in turn, and take the time.

    Args:
        wanted: The commands, by name.
        root: Where they run.
        times: How often each runs.
    """
    seconds: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(times):
        for name, command in wanted.items():
            begun = time.perf_counter()
            subprocess.run(list(command), cwd=root, stdout=subprocess.DEVNULL, check=False)
            seconds[name].append(time.perf_counter() - begun)
    return [Latency(name, taken) for name, taken in seconds.items()]


def lines(found: Sequence[Latency]) -> list[str]:
    """Latencies as lines; the first is what the others are compared with."""
    bare = found[0].median
    rows = [("", "median s", "slowest s", f"times {found[0].name}")]
    rows += [(one.name, f"{one.median:.2f}", f"{max(one.seconds):.2f}", f"{one.median / bare:.0f}") for one in found]
    return table(rows, indent="")
