"""The command line: `python -m repro.kit VERB ...`. What nox runs, with the same arguments; the only part that prints.

Exit codes: 0 nothing changed that is not accepted; 1 something changed; 2 misuse or a damaged file; 3 a cell could not
be built or did not finish.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro.kit import transaction
from repro.kit.run import Run
from repro.kit.workspace import Workspace
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The verbs, each in the module of its name in `verbs/`, and what `--help` says of it.
VERBS = {
    "cell": "run the behaviours under one release",
    "report": "report what the cells of a run found",
    "compare": "what changes between two releases, from what is stored",
    "accept": "fold the newest records into snapshots/",
    "releases": "add new releases from the index to the release data",
    "advisory": "say which claims of the published advisory hold, and what follows",
    "changelog": "hold the changelogs to what was seen",
    "coverage": "measure what of a release the behaviours reach",
    "ci": "what workflows run: groups of cells, merging, comments, watching",
    "canary": "verify a candidate beside stable: promote, or hold and why",
    "bench": "measure what releases cost beside the first",
    "downstream": "run your project's tests under releases, and say what breaks",
    "usage": "which changes between two releases touch a project's code, without running it",
    "certificates": "make the certificates of the loopback servers anew",
    "throughput": "measure what a cell costs",
    "latency": "measure how long the answers from stored snapshots take",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    chosen = read(sys.argv[1:] if arguments is None else arguments)
    workspace = Workspace()
    run = Run(Path(os.environ["REPRO_RUN"]) if "REPRO_RUN" in os.environ else None)
    try:
        if recovered := transaction.recover(workspace.snapshots, workspace.lock):
            print(f"note: {recovered}", file=sys.stderr)
        code: int = chosen.verb(chosen, workspace, run)
        sys.stdout.flush()
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        code = problem.code
    except BrokenPipeError:
        # Whoever reads has seen enough, as `head` has; what is left to be flushed at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 128 + signal.SIGPIPE
    except OSError as error:
        print(
            f"error: {error.strerror}: {error.filename or 'a file of the kit'}\n"
            "  Nothing stored was changed. Mend this, and run it again.",
            file=sys.stderr,
        )
        code = 3
    run.end(chosen.name, code)
    return code


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """What a command line asks for; exits where it cannot be read, or where all it asks for is help.

    Args:
        arguments: The verb and its arguments.

    Returns:
        The options by their names, and the function to call as `verb`.
    """
    parser = argparse.ArgumentParser(prog="python -m repro.kit", description=(__doc__ or "").partition("\n")[0])
    verbs = parser.add_subparsers(required=True, dest="name", metavar="VERB")
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, says in VERBS.items():
        verb = verbs.add_parser(name, help=says)
        if name == asked:
            # Of all verbs only this one is imported: a cell starts once for each release.
            importlib.import_module(f"repro.kit.verbs.{name}").options(verb)
    return parser.parse_args(arguments)


def _stop(_number: int, _frame: Any) -> None:
    """End as an interrupt ends, so that what a verb started is ended with it."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = main()
    except KeyboardInterrupt:
        print("interrupted; nothing stored was changed", file=sys.stderr)
        code = 130
    sys.exit(code)
