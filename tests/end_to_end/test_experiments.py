"""Suites that hang, that are run again and that are run by a command of their own, in environments of their own."""

from pathlib import Path

from stage import SUITE, release, states


def test_tests_after_one_that_hangs_still_run(experiment):
    """A test that hangs is stopped and told of, and the tests after it run in a fresh process."""
    text = "import time\ndef test_hangs():\n    time.sleep(600)\ndef test_after():\n    pass\n"
    trial = experiment({"tests/test_a.py": text}, timeout=3.0).trial(release("0.1"))
    assert states(trial) == {"test_hangs": "hung", "test_after": "passed"}
    assert (trial.outcome, trial.reason) == ("ran", None)


def test_finished_environment_is_found_by_the_next_experiment(experiment):
    """Who runs the same project again installs nothing anew."""
    experiment({"tests/test_a.py": SUITE}).trial(release("0.1"))
    again = experiment({"tests/test_a.py": SUITE})
    built = again.interpreter(release("0.1")).stat().st_mtime_ns
    assert states(again.trial(release("0.1")))["test_answer"] == "passed"
    assert again.interpreter(release("0.1")).stat().st_mtime_ns == built


def test_own_command_may_run_pytest(experiment):
    """A command that comes to run pytest has its tests told of; one that is no program of the environment is found."""
    tried = experiment({"tests/test_a.py": SUITE}, command=("sh", "-c", "python -m pytest tests"))
    assert set(states(tried.trial(release("0.1")))) == {"test_answer", "test_always"}


def test_test_that_hangs_last_is_all_there_is_to_say(experiment):
    """Where nothing comes after a test that hangs, every test has its answer, and the trial is whole."""
    text = "import time\ndef test_before():\n    pass\ndef test_hangs():\n    time.sleep(600)\n"
    trial = experiment({"tests/test_a.py": text}, timeout=3.0).trial(release("0.1"))
    assert (states(trial), trial.outcome) == ({"test_before": "passed", "test_hangs": "hung"}, "ran")


def test_suite_that_never_comes_to_an_end_is_given_up(experiment):
    """Where one test after the other takes its process with it, what was not reached is missing, and that is said."""
    text = "import os, pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_dies(n):\n    os._exit(3)\n"
    trial = experiment({"tests/test_a.py": text}).trial(release("0.1"))
    assert trial.outcome == "crashed"
    printed = experiment.said[-1].removeprefix("httpx==0.1: crashed; what it printed: ")
    assert Path(printed).is_file()
    assert sorted(states(trial).values()) == ["crashed"] * 4 + ["missing"] * 5


def test_environment_serves_again(experiment):
    """What was installed once is not installed again, and a run begins with the project as it was built."""
    tried = experiment({"tests/test_a.py": SUITE + "\ndef test_trace():\n    open('trace', 'x').close()\n"})
    assert states(tried.trial(release("0.1")))["test_trace"] == "passed"
    again = tried.trial(release("0.1"), ["tests/test_a.py::test_trace"])
    assert states(again) == {"test_trace": "passed"}
    assert experiment.said.count("httpx==0.1: installing mine") == 1
    assert experiment.said[-1] == "httpx==0.1: running 1 test"


def test_tests_after_one_that_ends_its_process_still_run(experiment):
    """A test that takes its process with it is told of, and the tests after it run in a fresh process."""
    text = "import os\ndef test_dies():\n    os._exit(3)\ndef test_after():\n    pass\n"
    trial = experiment({"tests/test_a.py": text}).trial(release("0.1"))
    assert states(trial) == {"test_dies": "crashed", "test_after": "passed"}
    assert trial.outcome == "ran"
