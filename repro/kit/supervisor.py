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
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro import files
from repro import record as records
from repro.epochs import Epochs
from repro.kit import environment, process
from repro.kit.changes import differing
from repro.record import Behaviour, Record
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from repro.kit.workspace import Workspace
    from repro.release import Releases, Subject

#: How long a cell may take, in seconds; it takes about 3.
TIMEOUT = 180.0
#: How long a cell has beyond its time to say where it hangs, in seconds.
GRACE = 10.0

#: What a cell calls its record, in a folder of its own.
RECORD = "record.json"

# What the time limit of a cell prints when it ends it; nothing else that ends a cell prints this.
_OVERDUE = re.compile(r"Timeout \(\d+:\d\d:\d\d[.\d]*\)!$", re.MULTILINE)

# The lines that pytest ends with when it could not begin; the one before them says why.
_EMPTY_WORDS = re.compile(r"!{3,}|\d+ errors? in ")

# What a cell's process sees of its surroundings before its own walls go up.
_SEEN = ("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")


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
    with _anew(workspace.record(subject, minor)) as path:
        before, begun = _children_cpu(), time.monotonic()
        wanted = environment.plan(subject, python, minor, releases)
        try:
            interpreter = environment.build(wanted, workspace.environments, say=say)
        except environment.NotBuilt as error:
            record = Record(_released(subject, releases), minor, "not-installable", error.reason)
            record.write(path)
            return record
        built = _children_cpu()
        # What a cell writes goes to a folder of its own, so that two runs at once never read each other's.
        with tempfile.TemporaryDirectory(dir=workspace.made, prefix="cell-") as scratch:
            record = observe(interpreter, subject, minor, releases, workspace, Path(scratch), timeout=timeout)
            costs = built - before, _children_cpu() - built, time.monotonic() - begun
            _keep_cost(workspace.cost(subject, minor), Path(scratch), *costs)
        return record


@contextlib.contextmanager
def _anew(path: Path) -> Iterator[Path]:
    """Let no older record speak for a cell that runs now; one that is interrupted leaves that which was there."""
    before = path.read_text(encoding="utf-8") if path.is_file() else None
    path.unlink(missing_ok=True)
    try:
        yield path
    except KeyboardInterrupt:
        if before is not None:
            files.write(path, before)
        raise


def observe(
    interpreter: Path,
    subject: Subject,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    scratch: Path,
    *,
    timeout: float = TIMEOUT,
) -> Record:
    """Run the behaviours with an interpreter that has the release, confirm what differs, and write the record.

    Args:
        interpreter: The interpreter.
        subject: The release or checkout.
        minor: The Python of the interpreter, as `3.12`.
        releases: The release data.
        workspace: Where things are.
        scratch: An empty folder for what the cell writes on its way.
        timeout: How long the behaviours may take, in seconds.

    Returns:
        The record, as it was written.
    """
    path = scratch / RECORD
    ended = pytest(interpreter, subject, path, workspace, timeout)
    files.write(workspace.log(subject, minor), ended.output)
    if not path.is_file():
        record = _unfinished(ended, interpreter, subject, minor, path, releases, timeout)
    elif wrong := trouble(ended, timeout):
        record = replace(records.read(path), outcome=wrong[0], reason=f"{wrong[1]}, after its last behaviour")
    else:
        record = records.read(path)
        # Where the session ended with 0, it has found each answer in the same store that is looked into here.
        if ended.code and (doubtful := differing(record, Epochs(workspace.snapshots, releases))):
            record = _confirmed(record, doubtful, interpreter, subject, scratch, workspace, timeout)
    record.write(workspace.record(subject, minor))
    return record


def _confirmed(
    record: Record,
    doubtful: list[str],
    interpreter: Path,
    subject: Subject,
    scratch: Path,
    workspace: Workspace,
    timeout: float,
) -> Record:
    """The record after the doubtful behaviours ran again in a fresh process: what did not repeat is unstable."""
    again = scratch / "again.json"
    tests = [record.behaviours[name].test for name in doubtful]
    ended = pytest(interpreter, subject, again, workspace, timeout, tests)
    second = records.read(again).behaviours if again.is_file() else {}
    behaviours = dict(record.behaviours)
    for name in doubtful:
        first, repeat = behaviours[name], second.get(name)
        if repeat is None or (repeat.state, repeat.value) != (first.state, first.value):
            answers = [first.value, f"ended with {ended.code}" if repeat is None else repeat.value]
            behaviours[name] = replace(first, state="unstable", value=answers)
    return replace(record, behaviours=behaviours)


def pytest(
    interpreter: Path,
    subject: Subject,
    path: Path,
    workspace: Workspace,
    timeout: float,
    tests: Sequence[str] = (),
    *,
    through: Sequence[str] = (),
    beside: Path | None = None,
) -> process.Ended:
    """Run pytest in the cell; ends with it, and with everything it started.

    Args:
        interpreter: The interpreter.
        subject: The release or checkout.
        path: Where the cell writes its record.
        workspace: Where things are.
        timeout: How long the behaviours may take, in seconds.
        tests: The tests to run; every behaviour where none is named.
        through: The module, with its arguments, that runs pytest; none where Python does.
        beside: A folder of packages that is found before those of the environment.
    """
    command = [str(interpreter), *through, "-m", "pytest", *(tests or [str(workspace.tests)])]
    command += ["-q", "-p", "syrupy", "-p", "no:faulthandler", "--color", "no", "--tb", "short", "-W", "default"]
    command += ["-p", "repro.cell.protocol"]
    # Its handler has a release format every line that it would log at DEBUG: a tenth of a cell's CPU, for nobody.
    command += ["-p", "no:logging"]
    # The first has the collector run five times over the whole heap at the end, for warnings that no record keeps; and
    # nobody runs a cell again from a cache.
    command += ["-p", "no:unraisableexception", "-p", "no:cacheprovider"]
    command += ["--record", str(path), "--snapshots", str(workspace.snapshots), "--areas", str(workspace.tests)]
    command += ["--cell-timeout", str(timeout)]
    seen = _seen()
    if isinstance(subject, Release):
        seen["REPRO_DISTRIBUTION"] = subject.distribution
    else:
        seen["REPRO_SOURCE"] = subject.source
    if beside:
        seen["PYTHONPATH"] = str(beside)
    env = {**seen, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONNOUSERSITE": "1"}
    ended = process.run(command, cwd=workspace.root, env=env, timeout=timeout + GRACE)
    return replace(ended, overdue=ended.overdue or _OVERDUE.search(ended.output) is not None)


def _seen() -> dict[str, str]:
    """The environment variables that a cell begins with."""
    return {name: os.environ[name] for name in _SEEN if name in os.environ}


def trouble(ended: process.Ended, timeout: float) -> tuple[str, str] | None:
    """The outcome of a process that did not end as pytest ends, and why; None if it did."""
    if ended.overdue:
        return "timed-out", f"it was stopped after {timeout:g} s"
    if ended.code < 0:
        names = {number.value: number.name for number in signal.Signals}
        return "crashed", f"it ended on {names.get(-ended.code, f'signal {-ended.code}')}"
    # 0 and 1 are pytest's: every behaviour ran, and all of them passed or some did not.
    return ("crashed", f"it ended with exit code {ended.code}") if ended.code > 1 else None


def _unfinished(
    ended: process.Ended,
    interpreter: Path,
    subject: Subject,
    minor: str,
    path: Path,
    releases: Releases,
    timeout: float,
) -> Record:
    """The record of a cell that wrote none: how far it came, and why no further."""
    behaviours, running = _partial(path)
    release = _released(subject, releases)
    begun = bool(behaviours) or running is not None
    if not begun and not ended.overdue and (words := _import_trouble(interpreter, release, releases, timeout)):
        return Record(release, minor, "not-importable", words)
    outcome, why = trouble(ended, timeout) or ("crashed", f"it ended with exit code {ended.code} and wrote no record")
    if running:
        why += f", while it ran {running}"
    elif not begun and not ended.overdue:
        why += f" ({_last_words(ended.output)})"
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
            name = entry.pop("ended")
            behaviours[name] = Behaviour(**entry)
            running = None
    return behaviours, running


def _import_trouble(interpreter: Path, release: Release, releases: Releases, timeout: float) -> str | None:
    """What goes wrong when the release is imported on its own; None if nothing does."""
    module = releases.line(release.distribution).module
    done = process.run([str(interpreter), "-I", "-c", f"import {module}"], env=_seen(), timeout=timeout)
    return _last_words(done.output) if done.code else None


def _last_words(output: str) -> str:
    """The last line of an output that says something, without times and without paths of this machine."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and not _EMPTY_WORDS.match(line)]
    # Where pytest shows an error, its last line begins with an E, and what follows only counts it.
    said = [line[1:].strip() for line in lines if line.startswith("E ")] or lines
    if not said:
        return "it said nothing"
    return re.sub(r"(?<![\w.])/(?:[^\s/:'\"]+/)+", "", re.sub(r" in [\d.]+s$", "", said[-1]))[:300]


def _released(subject: Subject, releases: Releases) -> Release:
    """The release that a cell is recorded under when it could not say itself."""
    if isinstance(subject, Release):
        return subject
    return Release(next(iter(releases.lines)), "0+unknown", subject.source)


def _children_cpu() -> float:
    """The CPU seconds that finished child processes took so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _keep_cost(path: Path, scratch: Path, building: float, running: float, wall: float) -> None:
    """Keep what a cell cost, in seconds, apart from its record: a cost differs from run to run."""
    told = scratch / f"{RECORD}.cost"
    within: dict[str, Any] = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {}
    behaviours = within.get("behaviours", 0.0)
    cost = {
        "building": building,
        "starting": running - behaviours,
        "behaviours": behaviours,
        "areas": within.get("areas", {}),
        "wall": wall,
    }
    files.write(path, json.dumps(cost) + "\n")
