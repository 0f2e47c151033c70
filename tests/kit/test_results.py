"""What a run of a project's tests left, read into a trial."""

import json

import pytest

from repro.kit.downstream import results
from repro.kit.downstream.trial import Failure, Frame, Warned
from repro.kit.process import Ended
from repro.release import Release

RELEASE = Release("httpx", "0.28.1")
SESSION = {"session": {"pytest": "9"}}
ENDED = Ended(0, overdue=False, output="")


@pytest.fixture
def read(tmp_path):
    """Reads the trial that lines tell of."""

    def trial(*lines, ended=ENDED, log=(), tail="", own=False):
        for name, entries in (("results", lines), ("log", log)):
            (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in entries) + tail)
        return results.read(RELEASE, tmp_path / "results", tmp_path / "log", ended, "pytest", own=own)

    return trial


def failure(kind="ValueError", frames=()):
    """A failure as it is told."""
    return {"type": kind, "message": "no", "frames": list(frames), "cause": None, "group": []}


def states(trial):
    """The states of the tests."""
    return {name: test.state for name, test in trial.tests.items()}


def test_tests_are_read(read):
    """Every test has its last outcome, and the first of its failures."""
    frame = {"path": "a.py", "place": "tree", "line": 3, "function": "f", "code": "g()"}
    trial = read(
        SESSION,
        {"collected": ["one", "two"]},
        {"began": "one"},
        {"ended": "one", "outcome": "failed", "failures": [failure(frames=[frame]), failure("Later")]},
        {"began": "one"},
        {"ended": "one", "outcome": "passed", "failures": []},
        {"began": "two"},
        {"ended": "two", "outcome": "error", "failures": [failure(frames=[frame])]},
        {"collection": "b.py", "failure": failure("ImportError")},
        {"module skipped": "c.py", "reason": "no"},
        {"finished": 1},
        ended=Ended(1, overdue=False, output=""),
    )
    assert states(trial) == {"one": "passed", "two": "error"}
    assert trial.tests["two"].failure == Failure("ValueError", "no", (Frame("a.py", 3, "f", "g()"),))
    assert trial.uncollected == {"b.py": Failure("ImportError", "no")}
    assert (trial.outcome, trial.reason, trial.command) == ("ran", None, "pytest")


def test_test_that_ran_when_time_was_over_hung(read):
    """The test that ran when the process was stopped hung; those after it were never reached."""
    trial = read(
        SESSION,
        {"collected": ["one", "two"]},
        {"began": "one"},
        ended=Ended(-9, overdue=True, output=""),
        tail='{"ended": "on',
    )
    assert states(trial) == {"one": "hung", "two": "missing"}
    assert (trial.outcome, trial.reason) == ("timed-out", "it was stopped when its time was over")


@pytest.mark.parametrize(
    ("code", "why"), [(-11, "its process ended on signal 11"), (7, "its process ended with exit code 7")]
)
def test_test_that_ends_its_process_crashed(read, code, why):
    """The test in whose middle the process ended took it with it."""
    trial = read(SESSION, {"collected": ["one"]}, {"began": "one"}, ended=Ended(code, overdue=False, output=""))
    assert states(trial) == {"one": "crashed"}
    assert (trial.outcome, trial.reason) == ("crashed", why)


def test_pytest_that_ends_on_an_exception_is_broken(read):
    """Where pytest itself ends on an exception, nothing of the tests is known, and that is why."""
    trial = read({"crashed": failure("ModuleNotFoundError")}, ended=Ended(4, overdue=False, output="words"))
    assert (trial.outcome, trial.reason, trial.tests) == ("broken", "ModuleNotFoundError: no", {})


def test_pytest_that_refuses_is_broken(read):
    """Where pytest does not take its options, its last words say why."""
    trial = read(SESSION, ended=Ended(4, overdue=False, output="\nERROR: unrecognized arguments: --cov\n\n"))
    assert (trial.outcome, trial.reason) == ("broken", "ERROR: unrecognized arguments: --cov")


def test_pytest_that_never_began_is_broken(read):
    """Where pytest did not come so far as to tell of itself, the last words of its process say why."""
    trial = read(ended=Ended(1, overdue=False, output="No module named pytest"))
    assert (trial.outcome, trial.reason, trial.tests) == ("broken", "No module named pytest", {})


def test_module_that_cannot_be_collected_is_no_broken_pytest(read):
    """Where pytest stops because a module cannot be collected, what it says of that module is what is known."""
    trial = read(
        SESSION,
        {"collection": "b.py", "failure": failure("ImportError")},
        {"finished": 2},
        ended=Ended(2, overdue=False, output=""),
    )
    assert (trial.outcome, list(trial.uncollected)) == ("ran", ["b.py"])


@pytest.mark.parametrize(
    ("ended", "state", "says"),
    [
        (Ended(0, overdue=False, output=""), "passed", None),
        (Ended(3, overdue=False, output="all\nis\nlost\n"), "failed", "exit code 3: all"),
        (Ended(-9, overdue=True, output=""), "hung", "hung: it was stopped when its time was over"),
    ],
)
def test_command_without_pytest_is_one_test(read, ended, state, says):
    """A command that runs no pytest is as good as its exit code."""
    trial = read(ended=ended, own=True)
    test = trial.tests[results.COMMAND]
    assert (test.state, test.failure.says if test.failure else None) == (state, says)


def test_warnings_point_at_the_project(read):
    """A warning is told at the project's line that led to it, where there is one, and each once."""
    caller = {"path": "mine.py", "place": "tree", "line": 4, "function": "f", "code": "g()"}
    given = {"category": "builtins.DeprecationWarning", "message": "old", "path": "httpx/_client.py", "line": 9}
    lines = [
        {"warning": {**given, "place": "packages", "caller": caller}, "test": "one", "when": "call"},
        {"warning": {**given, "place": "packages", "caller": caller}, "test": "one", "when": "call"},
        {"warning": {**given, "place": "packages", "caller": None}, "test": None, "when": "collect"},
        {"warning": {**given, "path": "a.py", "place": "tree", "caller": caller}, "test": "two", "when": "call"},
    ]
    assert read(SESSION, *lines).warnings == [
        Warned("DeprecationWarning", "old", "mine.py", 4, "one", "tree"),
        Warned("DeprecationWarning", "old", "httpx/_client.py", 9, None, "packages"),
        Warned("DeprecationWarning", "old", "a.py", 9, "two", "tree"),
    ]


def test_what_was_refused_is_counted(read):
    """What tests tried and were not allowed is told with how often."""
    log = [
        {"refused": "network", "to": "example.org:443"},
        {"refused": "network", "to": "example.org:443"},
        {"refused": "write", "to": "/etc/x"},
        {"refused": "more", "pid": 3},
    ]
    assert read(SESSION, log=log).refused == {
        "connecting to example.org:443": 2,
        "more of the same": 1,
        "writing to /etc/x": 1,
    }
