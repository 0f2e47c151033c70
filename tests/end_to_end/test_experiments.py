"""Suites that hang, that are run again and that are run by a command of their own, in environments of their own."""

import contextlib
import sys

import pytest
from stage import MINOR, release

from repro.kit.downstream import dependencies, project
from repro.kit.downstream.experiment import Conditions, Experiment
from repro.kit.downstream.installation import Held

TESTS = """
import httpx

def test_answer():
    assert httpx.ANSWER == 1

class TestMore:
    def test_always(self):
        assert httpx.Client is None
"""


@pytest.fixture
def experiment(tmp_path, releases):
    """Makes the experiment with a project of these files."""

    def made(files, **conditions):
        folder = tmp_path / "mine"
        for name, text in {"requirements.txt": "httpx==0.1\n", **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = project.find(str(folder), tmp_path / "scratch")
        needs = dependencies.declared(folder)
        conditions = Conditions(sys.executable, MINOR, **{"timeout": 60.0, **conditions})
        held = Held(needs, needs.pins, releases.cutoff, replaced=True)
        # One at a time is at a project.
        stack.close()
        return stack.enter_context(Experiment(found, held, conditions, releases, tmp_path / "made", said.append))

    said = made.said = []
    with contextlib.ExitStack() as stack:
        yield made


def states(trial):
    """The states of the tests, by the last part of their names."""
    return {name.rpartition("::")[2]: test.state for name, test in trial.tests.items()}


def test_tests_after_one_that_hangs_still_run(experiment):
    """A test that hangs is stopped and told of, and the tests after it run in a fresh process."""
    text = "import time\ndef test_hangs():\n    time.sleep(600)\ndef test_after():\n    pass\n"
    trial = experiment({"tests/test_a.py": text}, timeout=3.0).trial(release("0.1"))
    assert states(trial) == {"test_hangs": "hung", "test_after": "passed"}
    assert (trial.outcome, trial.reason) == ("ran", None)


def test_finished_environment_is_found_by_the_next_experiment(experiment):
    """Who runs the same project again installs nothing anew."""
    experiment({"tests/test_a.py": TESTS}).trial(release("0.1"))
    again = experiment({"tests/test_a.py": TESTS})
    built = again.interpreter(release("0.1")).stat().st_mtime_ns
    assert states(again.trial(release("0.1")))["test_answer"] == "passed"
    assert again.interpreter(release("0.1")).stat().st_mtime_ns == built


def test_own_command_may_run_pytest(experiment):
    """A command that comes to run pytest has its tests told of; one that is no program of the environment is found."""
    tried = experiment({"tests/test_a.py": TESTS}, command=("sh", "-c", "python -m pytest tests"))
    assert set(states(tried.trial(release("0.1")))) == {"test_answer", "test_always"}
