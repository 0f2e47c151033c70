"""The verb `latency`: measures how long the answers from stored snapshots take."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from repro.kit import arguments, latency

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("--times", type=arguments.times, default=5, help="how often each is measured (default: 5)")
    parser.set_defaults(verb=_latency)


def _latency(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure how long the answers from stored snapshots take, and print it."""
    releases = workspace.releases()
    ends = [str(release) for release in (releases.all[1], *releases.select("boundary"), *releases.minors[-1:])]
    pairs = list(itertools.pairwise([*ends, ends[0]]))
    print("\n".join(latency.lines(latency.measure(latency.commands(pairs), workspace.root, chosen.times))))
    return 0
