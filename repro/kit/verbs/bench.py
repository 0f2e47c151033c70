"""The verb `bench`: measures what releases cost beside the first."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from repro.kit import arguments, console, interpreter
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("releases", nargs="+", metavar="RELEASE", help="what to measure, beside the first")
    parser.add_argument(
        "--rounds", type=arguments.times, default=15, metavar="N", help="processes for each (default: 15)"
    )
    parser.add_argument("--seed", type=int, default=0, help="decides the order (default: 0)")
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="the form of the answer")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    parser.add_argument("--python", type=arguments.minor, help="the Python to measure under (default: this one)")
    parser.set_defaults(verb=_bench)


def _bench(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Measure what releases cost beside the first, and print or write it in the form asked for."""
    from repro.kit import costs  # numpy is there in the session that needs it
    from repro.kit.report import bench

    releases = workspace.releases()
    subjects = [subject for text in chosen.releases for subject in releases.select(text)]
    if len(set(subjects)) != len(subjects):
        raise Problem("A release is named twice.", "Name each once; the first is what the others are compared with.")
    minor = chosen.python or arguments.THIS_PYTHON
    asked = {"rounds": chosen.rounds, "seed": chosen.seed, "say": console.complain}
    asked["progress"] = partial(console.progress, what="rounds")
    found = costs.measure(subjects, interpreter.find(minor), minor, releases, workspace, **asked)
    body = bench.document(costs.ratios(found, seed=chosen.seed), list(found), rounds=chosen.rounds, seed=chosen.seed)
    output = chosen.output
    forms = {
        "json": lambda: json.dumps(body, indent=1, ensure_ascii=False) + "\n",
        "html": lambda: bench.page(body),
        "text": lambda: bench.text(body, paint=console.paint(output), last=output is None),
    }
    console.tell(forms[chosen.format](), output, bench.says(body))
    return 0
