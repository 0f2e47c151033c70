"""Finding the interpreter of a Python by its minor version."""

import sys
from pathlib import Path

import pytest
from stage import MINOR

from repro.kit import interpreter


@pytest.fixture
def pythons(tmp_path, monkeypatch):
    """A path and a pyenv of nobody; `pythons(folder, version, says)` puts an interpreter into one of them."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}::/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    def put(folder, version, says):
        path = tmp_path / folder / f"python{version}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{says}\n")
        path.chmod(0o755)
        return str(path)

    return put


def test_this_python_is_at_hand():
    """The Python that runs the kit is found without looking, and is one whatever environment of it runs the kit."""
    assert interpreter.find(MINOR) == str(Path(sys.executable).resolve())


def test_python_on_the_path_is_found(pythons):
    """An interpreter on the path that answers with its version is found."""
    assert interpreter.find("3.99") == "3.99"
    assert interpreter.find("3.99") != (place := pythons("path", "3.99", "echo 3.99"))
    assert interpreter.find("3.99") == place


def test_shim_that_does_not_run_is_passed_over(pythons):
    """A shim on the path that stands for no chosen version is passed over for the version that pyenv has."""
    pythons("path", "3.99", "echo no such version is chosen >&2; exit 127")
    pythons("pyenv/versions/3.99.1/bin", "3.98", "echo 3.98")
    place = pythons("pyenv/versions/3.99.2/bin", "3.99", "echo 3.99")
    assert interpreter.find("3.99") == place
