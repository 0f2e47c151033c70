"""The syrupy extension, through a real pytest under a real release: what it reads, what it writes, what it leaves."""

import os
import subprocess

import pytest
from stage import Checkout

from repro import record as records
from repro.epochs import dump

BEHAVIOURS = '''
import pytest

from repro.cell.library import httpx


@pytest.mark.parametrize("name", {names})
def test_answer(observe, name):
    """What is the answer?"""
    observe({answers}[name])
'''


class Session:
    """A checkout whose behaviours answer what a test says, under httpx 0.28.1."""

    def __init__(self, root, interpreter):
        self.checkout = Checkout(root)
        self.interpreter = interpreter

    def run(self, answers, *arguments):
        """Run pytest by hand: its exit code, and what it printed."""
        self.checkout.behaviours(BEHAVIOURS.format(names=sorted(answers), answers=answers))
        done = subprocess.run(
            [
                self.interpreter,
                "-m",
                "pytest",
                "tests/cell",
                "-q",
                "-p",
                "syrupy",
                "--snapshots",
                "snapshots",
                "--areas",
                "tests/cell",
                *arguments,
            ],
            cwd=self.checkout.root,
            # The environment of these tests has other plugins, which want a whole httpx.
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def store(self, stored):
        """Store answers: `{"httpx-0.20.0": {"name": 1}}`."""
        for release, answers in stored.items():
            for name, answer in answers.items():
                self.checkout.store(release, f"area/answer-{name}", answer)


@pytest.fixture
def session(tmp_path, light):
    """A checkout to run pytest in by hand."""
    return Session(tmp_path / "checkout", light)


def test_reading_falls_back_along_the_line(session):
    """An answer is held against the newest epoch at or before the running release, and against no other."""
    session.store(
        {
            "httpx-0.7.1": {"old": 1, "changed": 1, "own": 1, "later": 1},
            "httpx-0.20.0": {"changed": 2},
            "httpx-0.28.1": {"own": 3},
            "httpx-1.0.dev1": {"later": 4},
            "httpx2-2.0.0": {"later": 5},
        }
    )
    before = session.checkout.files()
    assert session.run({"old": 1, "changed": 2, "own": 3, "later": 1})[0] == 0
    code, output = session.run({"old": 9, "changed": 2, "own": 3, "later": 1})
    assert code == 1
    assert "area/answer-old differs from what is stored" in output
    assert "--- stored since httpx==0.7.1" in output
    assert "+++ now, under httpx==0.28.1" in output
    assert '-  "observed": 1' in output
    assert '+  "observed": 9' in output
    assert session.checkout.files() == before


def test_writing_begins_an_epoch_or_drops_one(session):
    """Updating writes what is new at the release, drops what repeats the one before, and touches nothing else."""
    session.store(
        {
            "httpx-0.7.1": {"same": 1, "new": 1, "back": 1, "sibling": 1},
            "httpx-0.28.1": {"back": 2, "sibling": 2, "kept": 7},
            "httpx2-2.0.0": {"back": 5},
        }
    )
    before = session.checkout.files()
    session.run({"same": 1, "new": {"b": "é", "a": [1]}, "back": 1, "first": None}, "--snapshot-update")
    expected = dict(before)
    del expected["httpx-0.28.1/area/answer-back.json"]
    expected["httpx-0.28.1/area/answer-new.json"] = dump({"b": "é", "a": [1]})
    expected["httpx-0.28.1/area/answer-first.json"] = dump(None)
    assert session.checkout.files() == expected
    assert session.run({"same": 1, "new": {"b": "é", "a": [1]}, "back": 1, "first": None})[0] == 0


def test_writing_ends_an_epoch_that_says_the_same_later(session):
    """What a later release has, also of a fork, is no epoch where an earlier one says the same; a damaged one stays."""
    session.store(
        {
            "httpx-0.7.1": {"a": 0, "b": 0, "c": 0},
            "httpx-1.0.dev1": {"a": 1, "b": 2, "c": 1},
            "httpx2-2.0.0": {"a": 1, "b": 1, "c": 3},
            "httpx2-2.1.0": {"a": 1, "b": 1},
        }
    )
    session.checkout.store("httpx-1.0.dev1", "area/answer-c", 1).write_text("{")
    session.run({"a": 1, "b": 1, "c": 1}, "--snapshot-update")
    kept = {name for name in session.checkout.files() if "0.7.1" not in name}
    assert kept == {
        "httpx-0.28.1/area/answer-a.json",
        "httpx-0.28.1/area/answer-b.json",
        "httpx-0.28.1/area/answer-c.json",
        "httpx-1.0.dev1/area/answer-b.json",
        "httpx-1.0.dev1/area/answer-c.json",
        "httpx2-2.0.0/area/answer-c.json",
        "httpx2-2.1.0/area/answer-a.json",
        "httpx2-2.1.0/area/answer-b.json",
    }


def test_siblings_are_never_deleted(session):
    """Running or updating one behaviour, or none, deletes no snapshot of another."""
    session.store({"httpx-0.28.1": {"a": 1, "b": 2}, "httpx-0.7.1": {"c": 3}})
    before = session.checkout.files()
    session.run({"a": 1}, "--snapshot-update")
    session.run({"a": 1, "b": 2}, "--snapshot-update", "-k", "a")
    assert session.checkout.files() == before


def test_damaged_snapshot_is_said(session):
    """A damaged snapshot fails its behaviour with the sentence and the next command."""
    session.checkout.store("httpx-0.7.1", "area/answer-a", 1).write_text("{")
    code, output = session.run({"a": 1})
    assert code == 1
    assert "snapshots/httpx-0.7.1/area/answer-a.json is damaged: " in output
    assert "Restore it with: git checkout -- snapshots" in output


def test_behaviour_answers_once(session):
    """A behaviour that observes twice fails, and neither answer is taken."""
    session.checkout.behaviours(
        'def test_a(observe):\n    """What?"""\n    observe(1)\n    observe(2)\n', name="test_twice.py"
    )
    _, output = session.run({"a": 1}, "--record", "record.json", "--snapshot-update")
    assert "a behaviour is one question with one answer: observe once" in output
    assert '"failed"' in (session.checkout.root / "record.json").read_text()


def test_no_record_is_written_unless_it_is_asked_for(session):
    """By hand, pytest leaves nothing behind but what Python leaves."""
    session.run({"a": 1})
    kept = {path.name for path in session.checkout.root.iterdir()}
    assert kept == {"repro", "tests", "noxfile.py", "pyproject.toml"}


def test_behaviour_is_skipped_only_for_a_capability(session):
    """A behaviour that is skipped for any other reason failed: what is not asked is never taken for what holds."""
    session.checkout.behaviours(
        "import pytest\n\n\n@pytest.mark.skip\ndef test_marked():\n"
        '    """Marked."""\n\n\ndef test_skipping():\n    """Skipping."""\n    pytest.skip()\n\n\n'
        '@pytest.mark.xfail\ndef test_expected():\n    """Expected."""\n    assert 0\n',
        name="test_skips.py",
    )
    session.run({"a": 1}, "--record", "record.json")
    found = records.read(session.checkout.root / "record.json").in_state("failed")
    assert found == dict.fromkeys(
        ("area/marked", "area/skipping", "area/expected"), "skipped, and not for a missing capability"
    )
