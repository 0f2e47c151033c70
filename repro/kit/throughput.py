"""Measures what a cell costs: `nox -s throughput`. Runs the cells as a person does, through nox, and counts.

Absolute figures differ from machine to machine; the shares do not much. CPU seconds are those of every process of the
run, as the system counts them for finished children, so nothing is left out: nox, its workers, uv, the supervisor and
the cells.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro.kit.report.terminal import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from repro.kit.workspace import Workspace
    from repro.release import Subject


@dataclass(frozen=True)
class Cost:
    """What a run of several cells cost.

    Attributes:
        cells: How many cells ran.
        wall: Seconds from beginning to end.
        cpu: CPU seconds of every process.
        building: CPU seconds of building environments.
        starting: CPU seconds of starting cells: interpreter, imports, pytest, and the writing of the record.
        behaviours: CPU seconds in behaviours.
        areas: Those of each area of the behaviours, of the cells' own process, and of that with the optional packages.
    """

    cells: int
    wall: float
    cpu: float
    building: float
    starting: float
    behaviours: float
    areas: Mapping[str, float] = field(default_factory=dict)

    @property
    def around(self) -> float:
        """CPU seconds of everything else: nox, its workers and the supervisors."""
        return self.cpu - self.building - self.starting - self.behaviours


def measure(subjects: Sequence[Subject], workspace: Workspace, *, warm: bool) -> Cost:
    """Run the cells of `subjects` through nox, and count.

    Args:
        subjects: What to run.
        workspace: Where things are.
        warm: Keep the environments that are built; otherwise they are built anew, from uv's cache.
    """
    if not warm:
        shutil.rmtree(workspace.environments, ignore_errors=True)
    shutil.rmtree(workspace.made / "costs", ignore_errors=True)
    before, begun = _cpu(), time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "nox", "-s", "cell"],
        cwd=workspace.root,
        env={**os.environ, "RELEASES": " ".join(str(subject) for subject in subjects)},
        check=False,
    )
    wall, cpu = time.monotonic() - begun, _cpu() - before
    costs = [json.loads(path.read_text(encoding="utf-8")) for path in (workspace.made / "costs").glob("*.json")]
    areas: defaultdict[str, float] = defaultdict(float)
    for cost in costs:
        for area, seconds in cost["areas"].items():
            areas[area] += seconds
    building, starting, behaviours = (
        sum(cost[name] for cost in costs) for name in ("building", "starting", "behaviours")
    )
    return Cost(len(costs), wall, cpu, building, starting, behaviours, areas)


def lines(cost: Cost) -> list[str]:
    """A cost as lines: of each area of the behaviours, the dearest first, and then of each part of a cell."""
    if not cost.cells:
        return ["No cell ran."]
    areas = sorted(cost.areas.items(), key=lambda area: -area[1])
    parts = [
        ("building environments", cost.building),
        ("starting up", cost.starting),
        ("behaviours", cost.behaviours),
        ("nox and supervision", cost.around),
        ("all", cost.cpu),
    ]
    rows = [("behaviours of", "CPU s a cell", "share"), *_rows(areas, cost)] if areas else []
    rows += [("", "CPU s a cell", "share"), *_rows(parts, cost)]
    return [
        *table(rows, indent=""),
        (
            f"{cost.cells} cells in {cost.wall:.0f} s: {cost.cells / cost.wall * 60:.0f} cells a minute "
            f"on {os.cpu_count()} cores"
        ),
    ]


def _rows(costs: Iterable[tuple[str, float]], cost: Cost) -> list[tuple[str, str, str]]:
    return [(name, f"{seconds / cost.cells:.2f}", f"{seconds / cost.cpu:.0%}") for name, seconds in costs]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
