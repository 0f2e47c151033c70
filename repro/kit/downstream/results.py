"""Reads what a run of a project's tests left into a trial, as `repro/cell/inside/upgrade_inside.py` says it is written.

Nothing is believed beyond what was seen: a test that began and never ended hung or took the process with it, one that
was never reached is missing, and a command that is no pytest is one test, which is as its exit code is.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from repro.kit.downstream.trial import Failure, Frame, Test, Trial, Warned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from repro.kit.process import Ended
    from repro.release import Release

#: The one test that a command is which runs no pytest.
COMMAND = "the command"

#: The exit codes with which pytest ran what it was asked to: all passed, some did not, none was collected.
_RAN = (0, 1, 5)

#: How much of what a process printed last makes a reason, in lines.
_LAST_WORDS = 6


def read(release: Release, results: Path, log: Path, ended: Ended, command: str, *, own: bool = False) -> Trial:
    """The trial that a run of a project's tests was.

    Args:
        release: The release that it ran under.
        results: The lines that the run left of its tests.
        log: The lines that it left of what was refused.
        ended: How its process ended.
        command: The command that ran.
        own: Whether it is the project's own, which need not come to run pytest.
    """
    trial = Trial(release, "ran", command=command, refused=_refused(log))
    told = _Told(trial)
    for line in _lines(results):
        told.take(line)
    trial.warnings = list(dict.fromkeys(trial.warnings))
    if own and not told.session and told.broken is None:
        return _plain(trial, ended)
    for test in told.collected:
        trial.tests.setdefault(test, Test("missing"))
    state = "hung" if ended.overdue else "crashed"
    for test in told.running:
        trial.tests[test] = Test(state, Failure(state, _why(ended)))
    trial.outcome, trial.reason = _outcome(told, trial, ended)
    return trial


class _Told:
    """What the lines of a run tell, put into its trial.

    Attributes:
        session: Whether pytest came to have a session.
        collected: The tests that were to run.
        running: The tests that began and did not end.
        finished: Whether the session came to its end.
        broken: The exception that pytest itself ended on, if it did.
    """

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.session = False
        self.collected: list[str] = []
        self.running: list[str] = []
        self.finished = False
        self.broken: Failure | None = None

    def take(self, line: Mapping[str, Any]) -> None:
        """Take in a line."""
        trial = self._trial
        match line:
            case {"session": _}:
                self.session = True
            case {"collected": collected}:
                self.collected = collected
            case {"began": test}:
                self.running = [*(other for other in self.running if other != test), test]
            case {"ended": test}:
                self.running = [other for other in self.running if other != test]
                trial.tests[test] = _test(line)
            case {"collection": path, "failure": failure}:
                trial.uncollected[path] = _failure(failure)
            case {"warning": _}:
                trial.warnings.append(_warned(line))
            case {"crashed": failure}:
                self.broken = _failure(failure)
            case {"finished": _}:
                self.finished = True


def _outcome(told: _Told, trial: Trial, ended: Ended) -> tuple[str, str | None]:
    """How a run of pytest ended, and why that is not the end of every test."""
    if ended.overdue:
        return "timed-out", _why(ended)
    if ended.code < 0 or (told.running and not told.finished):
        return "crashed", _why(ended)
    if told.broken is not None:
        return "broken", told.broken.says
    # Where modules could not be collected pytest ends with 2, and what it says of each is known.
    if not told.session or (ended.code not in _RAN and not trial.uncollected):
        return "broken", _last_words(ended.output)
    return "ran", None


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file; one that the process died in the middle of is the last."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def _plain(trial: Trial, ended: Ended) -> Trial:
    """The trial of a command that no pytest ran in: as good as its exit code."""
    if ended.overdue:
        state, failure = "hung", Failure("hung", _why(ended))
    elif ended.code:
        state, failure = "failed", Failure(f"exit code {ended.code}", _last_words(ended.output))
    else:
        state, failure = "passed", None
    trial.tests[COMMAND] = Test(state, failure)
    return trial


def _test(line: Mapping[str, Any]) -> Test:
    """What a test did; of several failures the first is why, for the others follow from it."""
    failures = line.get("failures") or []
    return Test(line["outcome"], _failure(failures[0]) if failures else None)


def _failure(data: Mapping[str, Any]) -> Failure:
    """A failure; what it was raised from, where that says more, comes with its frames before it."""
    frames = tuple(_frame(frame) for frame in data.get("frames", ()))
    return Failure(data["type"], data["message"], frames)


def _frame(data: Mapping[str, Any]) -> Frame:
    return Frame(data["path"], data["line"], data["function"], data["code"], data["place"])


def _warned(line: Mapping[str, Any]) -> Warned:
    """A warning, at the line of the project that led to it where there is one."""
    given = line["warning"]
    caller = given.get("caller")
    at = caller if given["place"] != "tree" and caller else given
    return Warned(
        given["category"].removeprefix("builtins."), given["message"], at["path"], at["line"], line["test"], at["place"]
    )


def _refused(log: Path) -> dict[str, int]:
    """What was refused, as phrases, with how often."""
    phrases = {"network": "connecting to {}", "write": "writing to {}"}
    found = Counter(phrases.get(line["refused"], "more of the same").format(line.get("to")) for line in _lines(log))
    return dict(sorted(found.items()))


def _why(ended: Ended) -> str:
    """How a process ended that did not end by itself."""
    if ended.overdue:
        return "it was stopped when its time was over"
    how = f"on signal {-ended.code}" if ended.code < 0 else f"with exit code {ended.code}"
    return f"its process ended {how}"


def _last_words(output: str) -> str:
    """The last lines that a process printed."""
    return "\n".join([line for line in output.splitlines() if line.strip()][-_LAST_WORDS:])
