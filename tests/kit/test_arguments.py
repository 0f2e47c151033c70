"""What verbs take from the command line: a Python, how often, one release, two sides."""

import argparse

import pytest
from stage import release

from repro.kit import arguments
from repro.problem import Problem
from repro.release import Checkout


def test_minor_python_is_two_numbers():
    """A Python is named by its minor version, and nothing else is one."""
    assert arguments.minor("3.12") == "3.12"
    assert arguments.minor(arguments.THIS_PYTHON) == arguments.THIS_PYTHON
    for text in ("3", "3.12.1", "python3", ""):
        with pytest.raises(argparse.ArgumentTypeError, match=r"is not a minor Python; write it as 3\.12"):
            arguments.minor(text)


def test_times_are_at_least_one():
    """Something is measured once or more often."""
    assert arguments.times("12") == 12
    for text in ("0", "-1", "1.5", "often"):
        with pytest.raises(argparse.ArgumentTypeError, match="write 1 or more"):
            arguments.times(text)


def test_side_is_one_release_or_checkout(releases, tmp_path):
    """A side may be a checkout; several releases are none, and what to do is said."""
    (tmp_path / "pyproject.toml").write_text("")
    checkout = Checkout(str(tmp_path))
    assert arguments.sides(["0.1", str(tmp_path)], releases) == [release("0.1"), checkout]
    with pytest.raises(Problem, match=r"'minors' is more than one release.*\n.*as in: nox -s compare"):
        arguments.sides(["0.1", "minors"], releases)
    with pytest.raises(Problem, match=r"'all' is more than one release.*\n.*Name one"):
        arguments.subject("all", releases, "Name one.")


def test_release_is_no_checkout(releases, tmp_path):
    """Where something has to be stored or on the index, a checkout is refused as several releases are."""
    (tmp_path / "pyproject.toml").write_text("")
    assert arguments.release("0.2", releases, "Name one.") == release("0.2")
    for text in ("all", str(tmp_path)):
        with pytest.raises(Problem, match=r"is not one release.*\n.*Name one"):
            arguments.release(text, releases, "Name one.")
