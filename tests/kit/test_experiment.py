"""Real small projects, run under real releases of a small httpx: in copies, in bounds, and as often as it takes."""

import threading
from pathlib import Path

import pytest
from stage import SUITE, eventually, release, states, tree

from repro.cell.upstream import refusing_port
from repro.kit import environment
from repro.kit.downstream import experiment as experiments
from repro.kit.downstream.experiment import Experiment
from repro.kit.downstream.outputs import declared
from repro.kit.process import Ended
from repro.problem import Problem


def test_trial_is_a_run_of_every_test(experiment, tmp_path):
    """Under one release every test is good, under the next one is not; the project is only read."""
    tried = experiment({"tests/test_a.py": SUITE})
    before = tree(tmp_path / "mine")
    first, second = tried.trial(release("0.1")), tried.trial(release("0.2"))
    assert states(first) == {"test_answer": "passed", "test_always": "passed"}
    assert states(second) == {"test_answer": "failed", "test_always": "passed"}
    failure = second.tests["tests/test_a.py::test_answer"].failure
    assert failure.frames[-1].path == "tests/test_a.py"
    assert "assert 2 == 1" in failure.message
    assert (first.packages["httpx"], second.packages["httpx"]) == ("0.1", "0.2")
    assert first.command == "python -m pytest"
    assert tree(tmp_path / "mine") == before


def test_release_that_cannot_be_installed_says_why(experiment):
    """A release that cannot be installed with the project is no trial of its tests, however often it is asked for."""
    tried = experiment({"tests/test_a.py": SUITE})
    for _ in range(2):
        trial = tried.trial(release("0.9"))
        assert (trial.outcome, trial.tests) == ("not-installable", {})
        assert "httpx==0.9" in trial.reason


def test_import_error_is_told_of_its_module(experiment):
    """Where httpx itself cannot be imported, the module that needs it could not be collected."""
    trial = experiment({"tests/test_a.py": SUITE}).trial(release("0.3"))
    assert (trial.outcome, trial.tests) == ("ran", {})
    assert "this release cannot be imported" in trial.uncollected["tests/test_a.py"].message


def test_suite_that_ends_its_process_again_and_again_is_given_up(experiment, monkeypatch):
    """Where one test after the other takes its process with it, the rest is tried so often, and then is missing."""
    monkeypatch.setattr(experiments, "RESUMED", 1)
    text = "import os, pytest\n@pytest.mark.parametrize('n', range(3))\ndef test_dies(n):\n    os._exit(3)\n"
    trial = experiment({"tests/test_a.py": text}).trial(release("0.1"))
    assert trial.outcome == "crashed"
    assert sorted(states(trial).values()) == ["crashed", "crashed", "missing"]
    assert "crashed; what it printed: " in experiment.said[-1]


def test_last_test_that_ends_its_process_is_all_there_is_to_say(experiment):
    """Where nothing comes after a test that takes its process with it, every test has its answer."""
    text = "import os\ndef test_before():\n    pass\ndef test_dies():\n    os._exit(3)\n"
    trial = experiment({"tests/test_a.py": text}).trial(release("0.1"))
    assert (states(trial), trial.outcome) == ({"test_before": "passed", "test_dies": "crashed"}, "ran")


def test_own_command_is_as_good_as_its_exit_code(experiment):
    """A command of the project's own runs in its environment; one that runs no pytest is one test."""
    text = "import httpx, sys; sys.exit(httpx.ANSWER - 1)"
    tried = experiment({"check.py": text}, command=("python", "check.py"))
    assert states(tried.trial(release("0.1"))) == {"the command": "passed"}
    failed = tried.trial(release("0.2"))
    assert states(failed) == {"the command": "failed"}
    assert failed.command == "python check.py"


def test_fork_stands_in_for_httpx(experiment):
    """Under a fork, what imports httpx gets the fork."""
    tried = experiment({"tests/test_a.py": SUITE})
    assert tried.redirects(release("httpx2==2.0")) == {}
    trial = tried.trial(release("httpx2==2.0"))
    assert "assert 3 == 1" in trial.tests["tests/test_a.py::test_answer"].failure.message
    assert tried.redirects(release("httpx2==2.0")) == {"httpx": "httpx2"}
    assert tried.redirects(release("0.1")) == {}


def test_project_is_kept_in_bounds(experiment, tmp_path):
    """What tests write elsewhere or reach for beyond loopback is refused and told of, and so is what they leave."""
    text = f"""
import socket, subprocess, sys

def test_writes():
    open({str(tmp_path / "out")!r}, "w")

def test_connects():
    socket.create_connection(("192.0.2.1", 80), timeout=1)

def test_leaves():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
"""
    trial = experiment({"tests/test_a.py": text}).trial(release("0.1"))
    assert states(trial) == {"test_writes": "failed", "test_connects": "failed", "test_leaves": "passed"}
    assert not (tmp_path / "out").exists()
    assert set(trial.refused) == {"connecting to 192.0.2.1:80", f"writing to {tmp_path / 'out'}"}
    assert "processes that it left behind were killed" in trial.held


def test_network_is_kept_where_that_is_asked(experiment):
    """Where the project may leave loopback, that is said beside its trial."""
    trial = experiment({"tests/test_a.py": SUITE}, network=True).trial(release("0.1"))
    assert trial.held.startswith("it may leave loopback, as asked")


def test_outputs_are_captured_under_a_release(experiment, tmp_path):
    """An output that must not drift is captured in the environment of a release."""
    command = '["python", "-c", "import httpx; print(httpx.ANSWER)"]'
    tried = experiment({"pyproject.toml": f'[[tool.httpx-upgrade.output]]\nname = "answer"\ncommand = {command}\n'})
    found = tried.captured(release("0.2"), declared(tmp_path / "mine"))
    assert found["answer"].absent is None
    assert "2" in str(found["answer"].parts)


def test_unreachable_index_ends_the_experiment(experiment, monkeypatch):
    """An index that cannot be reached is no verdict on a release."""
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.delenv("UV_FIND_LINKS")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{refusing_port()}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setattr(environment, "BACK_OFF", ())
    with pytest.raises(Problem, match="could not be reached") as caught:
        experiment({"tests/test_a.py": SUITE}).trial(release("0.1"))
    assert caught.value.code == 3


@pytest.mark.parametrize(
    ("ended", "network", "says"),
    [
        (Ended(0, overdue=False, output=""), False, "its Pythons were kept on loopback, and other programs were not"),
        (Ended(0, overdue=False, output="", alone=True), False, "it had a network of its own, with loopback only"),
        (Ended(0, overdue=False, output="", dropped=9), True, "9 bytes of what it printed were dropped"),
        (Ended(0, overdue=False, output="", walled=True), False, "; its tests could write in its copy alone"),
        (Ended(0, overdue=False, output=""), False, "and other programs anywhere: this system gives no such wall"),
    ],
)
def test_how_little_a_run_was_held_is_said(ended, network, says):
    """What this system could not hold a run to is said, and never passed over."""
    assert says in experiments.held(ended, network=network)


def test_settings_of_the_kit_do_not_reach_a_project(experiment, tmp_path):
    """A project without settings for pytest has none, whatever stands above the folder that it is run in."""
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = ["--no-such-option"]\n')
    trial = experiment({"tests/test_a.py": SUITE}).trial(release("0.1"))
    assert set(trial.tests) == {"tests/test_a.py::test_answer", "tests/test_a.py::TestMore::test_always"}


def test_temporary_folders_are_short_and_removed(experiment):
    """A test may bind a Unix socket in its temporary folder, and nothing is left of that folder in the end."""
    text = """
import socket

def test_binds(tmp_path):
    socket.socket(socket.AF_UNIX).bind(str(tmp_path / "a-socket-of-a-server"))
    raise ValueError(tmp_path)
"""
    failure = experiment({"tests/test_a.py": text}).trial(release("0.1")).tests["tests/test_a.py::test_binds"].failure
    assert failure.type == "ValueError"
    assert Path(failure.message).exists()
    experiment({})
    assert not Path(failure.message).exists()


def test_second_run_waits_for_the_first(experiment):
    """Two runs at the same project come one after the other, and the second says that it waits."""
    first = experiment({"tests/test_a.py": SUITE})
    second = Experiment(
        first.project, first.held, first.conditions, first.releases, first.root.parent, experiment.said.append
    )
    waiting = threading.Thread(target=lambda: second.__enter__().__exit__())
    waiting.start()
    assert eventually(lambda: "another run is at mine; waiting for it to end" in experiment.said)
    assert waiting.is_alive()
    first.__exit__()
    waiting.join(timeout=20)
    assert not waiting.is_alive()
