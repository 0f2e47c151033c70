"""The optional packages of a cell: what finds them, what does not, and what becomes of the process that does."""

import sys

import pytest
from stage import MINOR, SMALL, Checkout, eventually, processes, release

from repro.kit import supervisor

#: Release data in which one release has an optional package, and another has none.
DATA = (
    SMALL
    + """
[[rule]]
releases = "httpx==0.1"
optional = ["extra==1"]
reason = "Asked about on its own."
"""
)


@pytest.fixture
def cell(tmp_path):
    """A function that runs behaviours under a release, and answers its record."""
    checkout = Checkout(tmp_path / "checkout", DATA)

    def run(behaviours, name="0.1"):
        checkout.behaviours(f"from repro.cell.optional import companion\n\n{behaviours}")
        return supervisor.run(release(name), sys.executable, MINOR, checkout.releases, checkout.workspace)

    return run


ASKING = '''
import importlib.metadata
import importlib.util
import os
import pytest


@pytest.mark.needs("optional packages")
def test_found(observe):
    """Where is the optional package found?"""
    there = companion.ask(importlib.metadata.version, "extra")
    observe({"here": importlib.util.find_spec("extra") is not None, "there": there})


@pytest.mark.needs("optional packages")
def test_raising(observe):
    """What is said of a question that raises, and of an answer that is no plain value?"""
    said = []
    for question, argument in ((importlib.metadata.version, "nothing"), (importlib.import_module, "os")):
        try:
            companion.ask(question, argument)
        except RuntimeError as error:
            said.append(str(error).partition(":")[0])
    observe(said + [companion.ask(os.path.basename, "a/b")])
'''


def test_only_the_companion_finds_them(cell):
    """A cell does not find its optional packages, the process that it asks does, and the record names them."""
    found = cell(ASKING)
    assert found.behaviours["area/found"].value == {"here": False, "there": "1"}
    assert found.packages["extra"] == "1"
    assert "extra" not in found.harness


def test_question_that_fails_is_said(cell):
    """What a question raises is raised here, and the next question is answered."""
    said = "the process with the optional packages"
    assert cell(ASKING).behaviours["area/raising"].value == [said, said, "b"]


def test_behaviours_are_absent_without_them(cell):
    """Where there are no optional packages, what asks for them is absent."""
    found = cell(ASKING, "0.2")
    assert {entry.state for entry in found.behaviours.values()} == {"absent"}
    assert "extra" not in found.packages


def test_companion_that_does_not_answer_is_ended(cell, tmp_path):
    """A question that is never answered fails its behaviour in time, and leaves no process."""
    found = cell(
        '''
import time
from repro.cell import optional


def test_silent(monkeypatch):
    """Asks what is never answered."""
    monkeypatch.setattr(optional, "PATIENCE", 0.05)
    companion.ask(time.sleep, 100)
'''
    )
    entry = found.behaviours["area/silent"]
    assert (entry.state, entry.value) == (
        "failed",
        "RuntimeError: the process with the optional packages did not answer",
    )
    assert eventually(lambda: not processes(str(tmp_path)))


def test_companion_ends_with_its_cell(cell, tmp_path):
    """However a cell ends, the process that it asks ends as well."""
    found = cell(
        '''
import os
import signal


def test_killed():
    """Is killed while it asks."""
    companion.ask(os.getpid)
    os.kill(os.getpid(), signal.SIGKILL)
'''
    )
    assert found.outcome == "crashed"
    assert eventually(lambda: not processes(str(tmp_path)))
