"""Runs one cell from beginning to end, whatever happens in it, and leaves its record.

The cell is a process of its own with walls around it; what it does to itself (hang, crash, exit, be killed) becomes
an outcome with a reason. Answers that differ from what is stored are asked for again in a fresh process first.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from repro import files
from repro import record as records
from repro.epochs import Epochs
from repro.kit import environment
from repro.kit.changes import differing
from repro.record import Behaviour, Record
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from repro.kit.workspace import Workspace
    from repro.release import Releases, Subject

#: How long a cell may take, in seconds; it takes about 3.
TIMEOUT = 180.0
#: How long a cell has beyond its time to say where it hangs, in seconds.
GRACE = 10.0

# What a cell's process sees of its surroundings before its own walls go up.
_SEEN = ("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Ended:
    """How a process of a cell ended.

    Attributes:
        code: Its exit code; negative for a signal.
        overdue: Whether it had to be stopped, or stopped itself, for taking too long.
        output: What it printed.
    """

    code: int
    overdue: bool
    output: str


def run(
    subject: Subject,
    python: str,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    *,
    timeout: float = TIMEOUT,
    say: Callable[[str], None] = lambda _: None,
) -> Record:
    """Run a cell and write its record.

    Args:
        subject: The release or checkout.
        python: The Python, as uv finds it: `3.12`, or the path of an interpreter.
        minor: The same Python as `3.12`.
        releases: The release data.
        workspace: Where things are.
        timeout: How long the behaviours may take, in seconds.
        say: Told what takes time.

    Returns:
        The record, as it was written.
    """
    path = workspace.record(subject, minor)
    path.unlink(missing_ok=True)
    before, begun = _children_cpu(), time.monotonic()
    wanted = environment.plan(subject, python, minor, releases)
    try:
        interpreter = environment.build(wanted, workspace.environments, say=say)
    except environment.NotBuilt as error:
        record = Record(_released(subject, releases), minor, "not-installable", error.reason)
        record.write(path)
        return record
    built = _children_cpu()
    record = observe(interpreter, subject, minor, releases, workspace, timeout=timeout)
    _keep_cost(workspace, subject, minor, built - before, _children_cpu() - built, time.monotonic() - begun)
    return record


def observe(
    interpreter: Path,
    subject: Subject,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    *,
    timeout: float = TIMEOUT,
) -> Record:
    """Run the behaviours with an interpreter that has the release, confirm what differs, and write the record."""
    path = workspace.record(subject, minor)
    ended = _pytest(interpreter, subject, path, workspace, timeout)
    files.write(workspace.log(subject, minor), ended.output)
    if path.is_file():
        record = records.read(path)
    else:
        record = _unfinished(ended, interpreter, subject, minor, path, releases, timeout)
    if record.outcome == "ran" and (doubtful := differing(record, Epochs(workspace.snapshots, releases))):
        record = _confirmed(record, doubtful, interpreter, subject, path, workspace, timeout)
    record.write(path)
    path.with_name(path.name + ".partial").unlink(missing_ok=True)
    return record


def _confirmed(
    record: Record,
    doubtful: list[str],
    interpreter: Path,
    subject: Subject,
    path: Path,
    workspace: Workspace,
    timeout: float,
) -> Record:
    """The record after the doubtful behaviours ran again in a fresh process: what did not repeat is unstable."""
    again = path.with_name(path.stem + ".again.json")
    tests = [record.behaviours[name].test for name in doubtful]
    ended = _pytest(interpreter, subject, again, workspace, timeout, tests)
    second = records.read(again).behaviours if again.is_file() else {}
    for beside in (again, *(again.with_name(again.name + end) for end in (".partial", ".cost"))):
        beside.unlink(missing_ok=True)
    behaviours = dict(record.behaviours)
    for name in doubtful:
        first, repeat = behaviours[name], second.get(name)
        if repeat is None or (repeat.state, repeat.value) != (first.state, first.value):
            answers = [first.value, f"ended with {ended.code}" if repeat is None else repeat.value]
            behaviours[name] = replace(first, state="unstable", value=answers)
    return replace(record, behaviours=behaviours)


def _pytest(
    interpreter: Path,
    subject: Subject,
    path: Path,
    workspace: Workspace,
    timeout: float,
    tests: list[str] | None = None,
) -> Ended:
    """Run pytest in the cell; ends with it, and with everything it started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(interpreter),
        "-m",
        "pytest",
        *(tests or [str(workspace.tests)]),
        "-q",
        "-p",
        "syrupy",
        "-p",
        "no:faulthandler",
    ]
    command += ["--record", str(path), "--snapshots", str(workspace.snapshots), "--areas", str(workspace.tests)]
    command += ["--cell-timeout", str(timeout), "--color", "no", "--tb", "short", "-W", "default"]
    seen = {name: os.environ[name] for name in _SEEN if name in os.environ}
    if isinstance(subject, Release):
        seen["REPRO_DISTRIBUTION"] = subject.distribution
    else:
        seen["REPRO_SOURCE"] = subject.source
    # Its own process group, so that nothing it starts outlives it.
    process = subprocess.Popen(
        command,
        cwd=workspace.root,
        env={**seen, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONNOUSERSITE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, overdue = process.communicate(timeout=timeout + GRACE)[0], False
    except subprocess.TimeoutExpired:
        _end(process)
        output, overdue = process.communicate()[0], True
    finally:
        _end(process)
    return Ended(process.returncode, overdue or "Timeout (" in output, output)


def _end(process: subprocess.Popen[str]) -> None:
    """Kill a process and everything in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _unfinished(
    ended: Ended, interpreter: Path, subject: Subject, minor: str, path: Path, releases: Releases, timeout: float
) -> Record:
    """The record of a cell that wrote none: how far it came, and why no further."""
    behaviours, running = _partial(path)
    release = _released(subject, releases)
    if ended.overdue:
        outcome, why = "timed-out", f"it was stopped after {timeout:g} s"
    elif not behaviours and running is None and (trouble := _import_trouble(interpreter, release, releases)):
        return Record(release, minor, "not-importable", trouble)
    elif ended.code < 0:
        outcome, why = "crashed", f"it ended on {signal.Signals(-ended.code).name}"
    else:
        outcome, why = "crashed", f"it ended with exit code {ended.code} and wrote no record"
        if not behaviours and running is None:
            why += f" ({_last_words(ended.output)})"
    if running:
        why += f", while it ran {running}"
    return Record(release, minor, outcome, why, behaviours=behaviours)


def _partial(path: Path) -> tuple[dict[str, Behaviour], str | None]:
    """What a cell did before it ended: the behaviours that are done, and the one that was running."""
    behaviours: dict[str, Behaviour] = {}
    running: str | None = None
    partial = path.with_name(path.name + ".partial")
    for line in partial.read_text(encoding="utf-8").splitlines() if partial.is_file() else ():
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            # The process died in the middle of this line, so it is the last.
            break
        if "began" in entry:
            running = entry["began"]
        else:
            behaviours[entry.pop("ended")] = Behaviour(**entry)
            running = None
    return behaviours, running


def _import_trouble(interpreter: Path, release: Release, releases: Releases) -> str | None:
    """What goes wrong when the release is imported on its own; None if nothing does."""
    module = releases.line(release.distribution).module
    done = subprocess.run(
        [str(interpreter), "-I", "-c", f"import {module}"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return _last_words(done.stderr) if done.returncode else None


def _last_words(output: str) -> str:
    """The last line of an output that is not empty, without paths of this machine."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return re.sub(r"/(?:[^\s/:'\"]+/)+", "", lines[-1])[:300] if lines else "it said nothing"


def _released(subject: Subject, releases: Releases) -> Release:
    """The release that a cell is recorded under when it could not say itself."""
    if isinstance(subject, Release):
        return subject
    return Release(next(iter(releases.lines)), "0", subject.source)


def _children_cpu() -> float:
    """The CPU seconds that finished child processes took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _keep_cost(
    workspace: Workspace, subject: Subject, minor: str, building: float, running: float, wall: float
) -> None:
    """Keep what a cell cost, in seconds, beside its record and apart from it: a cost differs from run to run."""
    told = workspace.record(subject, minor)
    told = told.with_name(told.name + ".cost")
    behaviours = json.loads(told.read_text(encoding="utf-8"))["behaviours"] if told.is_file() else 0.0
    told.unlink(missing_ok=True)
    cost = {"building": building, "starting": running - behaviours, "behaviours": behaviours, "wall": wall}
    files.write(workspace.cost(subject, minor), json.dumps(cost) + "\n")
