"""The sides of a canary that the kit stands up: real processes that serve, and end with it."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from services import FOUND, ask, up
from stage import children, eventually, processes

from repro.kit import environment
from repro.kit.canary import deployment
from repro.kit.canary.deployment import Deployment, Server
from repro.kit.workspace import ROOT
from repro.problem import Problem
from repro.release import Checkout


def serving(code, tmp_path, what="it"):
    """A server that is this code."""
    return Server(what, [sys.executable, "-c", textwrap.dedent(code)], dict(os.environ), tmp_path)


TALKING = """
    import sys
    print('{"port": 7}', flush=True)
    for line in sys.stdin:
        print('{"said": 1}\\n{"said": ', end="", flush=True)
        print('2}', flush=True)
"""


def test_profiles_are_data_with_a_reason():
    """Each profile says what upstream does; the calm one does nothing."""
    assert deployment.profiles()["calm"] == []
    assert all(fault["every"] > 1 for faults in deployment.profiles().values() for fault in faults)


def test_server_says_its_port_and_then_what_it_has_to_say(tmp_path):
    """Lines are read as they come, whole ones only, and none twice."""
    with serving(TALKING, tmp_path) as server:
        assert server.port == 7
        assert server.lines() == []
        server._process.stdin.write(b"go\n")
        server._process.stdin.flush()
        heard = []
        assert eventually(lambda: heard.extend(server.lines()) or len(heard) == 2)
        assert heard == [{"said": 1}, {"said": 2}]
        assert not server.ended()
    assert server.ended()


def test_server_that_ends_at_once_is_said(tmp_path):
    """A process that ends instead of serving is a problem that names it."""
    with pytest.raises(Problem, match=r"^stable ended") as caught, serving("pass", tmp_path, "stable"):
        raise AssertionError
    assert caught.value.code == 3


def test_server_that_says_nothing_is_said(tmp_path, monkeypatch):
    """A process that does not begin to serve is ended, and named."""
    monkeypatch.setattr(deployment, "START", 0.2)
    with pytest.raises(Problem, match=r"did not begin to serve within 0.2 s"), serving("input()", tmp_path):
        raise AssertionError
    assert processes(str(tmp_path)) == []


def test_deployment_knows_what_ended(tmp_path):
    """A deployment that is there is never in trouble that the kit knows of; one that was stood up may be."""
    assert Deployment("stable", "http://127.0.0.1:1/").trouble() is None
    with serving(TALKING, tmp_path, "stable (0.1)") as server:
        side = Deployment("stable", "http://127.0.0.1:1", (server,))
        assert side.trouble() is None
        os.killpg(server._process.pid, signal.SIGKILL)
        assert eventually(side.trouble) == "stable (0.1) ended in the middle"


def test_service_is_stood_up_with_a_stand_in_behind_it(here):
    """Each side serves and asks a stand-in of its own, which tells what it was asked; afterwards nothing runs."""
    with up() as sides:
        assert [ask(side) for side in sides.values()] == [(200, FOUND)] * 2
        for side in sides.values():
            (seen,) = side.upstream.lines()
            assert seen["request"] == "GET /3/search/tv?query=firefly&page=1"
            assert seen["connection"] == 1
            assert "x-api-key" in dict(seen["headers"])
        assert len(children("repro.cell.standin")) == 2
    assert children("repro.cell.s") == []


def test_checkout_is_stood_up_from_where_it_is(here):
    """The side of a checkout is told its source and no distribution."""
    with up({"stable": Checkout("/src/httpx")}) as sides:
        assert ask(sides["stable"]) == (200, FOUND)


def test_release_that_cannot_be_built_is_said(monkeypatch):
    """An environment that cannot be built is a problem with its reason."""

    def fail(*_, **__):
        raise environment.NotBuilt("no such wheel")

    monkeypatch.setattr(environment, "build", fail)
    with pytest.raises(Problem, match=r"httpx==0.28.1 cannot be built: no such wheel") as caught, up():
        raise AssertionError
    assert caught.value.code == 3


def test_nothing_outlives_a_canary_that_is_killed(tmp_path):
    """Where the canary is killed outright, what it stood up ends by itself."""
    code = f"""
        import os, sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        from repro.kit.canary.deployment import Server
        command = [sys.executable, "-m", "repro.cell.standin", "[]"]
        with Server("it", command, dict(os.environ, PYTHONPATH={str(ROOT)!r}), Path({str(tmp_path)!r})) as server:
            print(server.port, flush=True)
            input()
    """
    canary = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert json.loads(canary.stdout.readline()) > 0
    canary.kill()
    canary.communicate()
    assert eventually(lambda: processes(str(tmp_path)) == [])
