"""The verb `downstream`: runs a project's tests under releases, and says what breaks."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from repro.kit import arguments, console, interpreter
from repro.kit.downstream import inquiry
from repro.kit.report import downstream as told

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("project", metavar="PATH", help="a directory, a source distribution, or NAME==VERSION")
    parser.add_argument("--from", dest="before", metavar="A", help="where it is (default: what it pins or locks)")
    parser.add_argument("--to", dest="after", metavar="B", default="latest", help="where it goes (default: latest)")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--bisect", dest="way", action="store_const", const="bisect", help="find when each began")
    way.add_argument("--sweep", dest="way", action="store_const", const="sweep", help="run every release between")
    parser.add_argument("--command", metavar="COMMAND", help="what runs its tests (default: pytest)")
    parser.add_argument(
        "--with", dest="given", action="append", default=[], metavar="REQUIREMENT", help="install this with it, too"
    )
    parser.add_argument("--cutoff", metavar="DATE", help="see nothing uploaded later (default: see the report)")
    parser.add_argument("--anyway", action="store_true", help="install releases that its requirements exclude")
    parser.add_argument("--allow-network", action="store_true", help="let its tests leave loopback")
    parser.add_argument("--timeout", type=float, default=900.0, metavar="SECONDS", help="for its tests, each time")
    parser.add_argument("--python", type=arguments.minor, help="the Python to run under, as 3.12 (default: this one)")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    parser.set_defaults(verb=_downstream, way="ends")


def _downstream(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Run the tests of a project under releases, and say what breaks, since when, and what to do."""
    minor = chosen.python or arguments.THIS_PYTHON
    releases = workspace.releases()
    asked = inquiry.Asked(
        project=chosen.project,
        before=chosen.before,
        after=chosen.after,
        way=chosen.way,
        python=interpreter.find(minor),
        minor=minor,
        command=tuple(shlex.split(chosen.command or "")),
        given=tuple(chosen.given),
        cutoff=chosen.cutoff,
        anyway=chosen.anyway,
        network=chosen.allow_network,
        timeout=chosen.timeout,
    )
    body = inquiry.run(asked, releases, workspace, console.complain)
    forms = {
        "json": lambda: json.dumps(body, indent=1) + "\n",
        "markdown": lambda: told.markdown(body),
        "text": lambda: told.text(body, paint=console.paint(chosen.output), width=console.width()),
    }
    console.tell(forms[chosen.format](), chosen.output, body["verdict"]["says"])
    code: int = body["verdict"]["code"]
    return code
