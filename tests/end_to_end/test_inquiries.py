"""The verb that runs the tests of a project under releases, as a person runs it."""

import json

import pytest
from stage import CHECK, SUITE, release


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_verb_answers_in_every_form(small_checkout, tmp_path, form):
    """The verb prints the answer in the form asked for, and ends with its code."""
    (tmp_path / "mine" / "tests").mkdir(parents=True)
    (tmp_path / "mine" / "requirements.txt").write_text("httpx==0.1\n")
    (tmp_path / "mine" / "tests" / "test_a.py").write_text(SUITE)
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


#: A build backend that installs a project by a path to where it is.
BACKEND = """
import os, pathlib, zipfile

def build_editable(folder, settings=None, metadata=None):
    name, info = "mine-1-py3-none-any.whl", "mine-1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as archive:
        archive.writestr("mine.pth", os.getcwd())
        told = ["Metadata-Version: 2.1", "Name: mine", "Version: 1", "Requires-Dist: httpx<0.2.1", ""]
        archive.writestr(info + "METADATA", "\\n".join(told))
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(info + "RECORD", "")
    return name
"""


BUILT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def test_package_is_installed_as_it_builds_itself(ask):
    """A project that says how it is built is installed so; what it requires of httpx holds, and is a conflict."""
    files = {"pyproject.toml": BUILT, "backend.py": BACKEND, "mine.py": "import httpx, sys\n"}
    # In the folder of the project, and not looking there.
    command = ("python", "-I", "-c", "import mine; mine.sys.exit(mine.httpx.ANSWER - 1)")
    body = ask(files, before="0.1", command=command)
    assert body["verdict"]["says"].startswith("BREAKS: 1 test regressed")
    assert (
        "what builds it (its setup.py or build backend) was held to nothing: only its tests are"
        in body["project"]["held"]
    )
    conflict = ask(files, before="0.1", after="0.2.1", command=command)
    assert conflict["verdict"]["says"].startswith("NOT INSTALLABLE")
    assert "mine==1 depends on httpx<0.2.1" in conflict["cells"][1]["reason"]


def test_project_is_asked_from_what_it_pins(ask):
    """Without more said, a project is taken from the release that it pins to the one asked for."""
    body = ask({"requirements.txt": "httpx==0.1\n", "tests/test_a.py": SUITE})
    assert (body["from"], body["to"], body["verdict"]["code"]) == ("httpx==0.1", "httpx==0.2", 1)
    (group,) = body["regressions"]
    assert group["tests"] == ["tests/test_a.py::test_answer"]
    assert group["bad"] == "httpx==0.2"
    assert body["tests"]["tests/test_a.py::TestMore::test_always"]["verdict"] == "same"
    assert "it has httpx==0.1: requirements.txt" in body["project"]["held"][0]
    json.dumps(body)
