"""The verb that runs the tests of a project under releases, as a person runs it."""

import json
import sys
from dataclasses import replace

import pytest
from stage import MINOR, release

from repro.kit.downstream import inquiry
from repro.kit.workspace import Workspace

TESTS = """
import httpx

def test_answer():
    assert httpx.ANSWER == 1

def test_always():
    pass
"""


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_verb_answers_in_every_form(small_checkout, tmp_path, form):
    """The verb prints the answer in the form asked for, and ends with its code."""
    (tmp_path / "mine" / "tests").mkdir(parents=True)
    (tmp_path / "mine" / "requirements.txt").write_text("httpx==0.1\n")
    (tmp_path / "mine" / "tests" / "test_a.py").write_text(TESTS)
    small_checkout.snapshots.mkdir(exist_ok=True)
    code, output = small_checkout.run(
        "downstream",
        str(tmp_path / "mine"),
        "--to",
        "0.2.1",
        "--bisect",
        "--format",
        form,
        "--command",
        "python -m pytest tests",
    )
    assert code == 1, output
    assert "BREAKS: 1 test regressed from httpx==0.1 to httpx==0.2.1, first at httpx==0.2." in output
    assert "httpx==0.1: installing mine" in output
    assert release("0.2").slug in {path.name for path in (small_checkout.root / ".matrix" / "downstream").glob("*/*")}


#: Tests that are no pytest's, which starts no sooner than all else is done.
CHECK = ("python", "-c", "import httpx, sys; sys.exit(httpx.ANSWER - 1)")


@pytest.fixture
def ask(tmp_path, releases):
    """Asks about a project of these files; the document that answers."""

    def asked(files, after="0.2", **wanted):
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "snapshots").mkdir(exist_ok=True)
        workspace = Workspace(tmp_path, tmp_path / "tests", tmp_path / "snapshots")
        question = inquiry.Asked(str(folder), None, after, "ends", sys.executable, MINOR, timeout=60.0)
        return inquiry.run(replace(question, **wanted), releases, workspace, said.append)

    said = asked.said = []
    return asked


def test_secrets_of_the_project_are_not_repeated(ask, monkeypatch):
    """What a test prints of a secret is nowhere in the answer."""
    monkeypatch.setenv("SERVICE_TOKEN", "planted-4711-token")
    text = "import httpx\ndef test_a():\n    assert httpx.ANSWER == 1, 'planted-4711-token and planted-4712-key'\n"
    body = ask(
        {"requirements.txt": "httpx==0.1\n", ".env": "KEY=planted-4712-key\n", "tests/test_a.py": text},
    )
    assert body["regressions"]
    assert "planted" not in json.dumps(body)


def test_requirement_that_excludes_a_release_is_a_conflict(ask):
    """A release that the project's own range excludes cannot be installed, and that is told; or it can, anyway."""
    files = {"requirements.txt": "httpx<0.2\n"}
    body = ask(files, before="0.1", command=CHECK)
    assert (body["verdict"]["code"], body["cells"][1]["outcome"]) == (3, "not-installable")
    assert "httpx<0.2" in body["cells"][1]["reason"]
    assert body["verdict"]["says"].startswith("NOT INSTALLABLE: the project cannot be installed with httpx==0.2; ")
    assert ask(files, before="0.1", anyway=True, command=CHECK)["verdict"]["says"].startswith("BREAKS")
