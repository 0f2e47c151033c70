"""What the tests of a project did under one release, as it is kept."""

import pytest

from repro.kit.downstream.trial import Failure, Frame, Trial
from repro.release import Release

RELEASE = Release("httpx", "0.24.0")


@pytest.mark.parametrize(
    ("path", "state"), [("conftest.py", "error"), ("tests/conftest.py", "error"), ("other/conftest.py", "missing")]
)
def test_conftest_takes_its_folder_with_it(path, state):
    """A conftest that cannot be imported is why every test below its folder is bad, and no other."""
    assert (
        Trial(RELEASE, "ran", uncollected={path: Failure("ImportError", "no")}).test("tests/test_a.py::one").state
        == state
    )


def test_failure_is_told_on_one_line():
    """A failure says its class and the first line of its words that says something."""
    assert Failure("httpx.ReadTimeout", "\nno\nanswer").says == "ReadTimeout: no"
    assert Failure("hung", "").says == "hung"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Request(b'GET', 'https://a.b/c') not mocked", "Request(b'POST', 'https://d.e/f') not mocked", True),
        ("took 3 s at 0xff", "took 4 s at 0xfe", True),
        ("no argument 'proxies'", "no argument 'app'", False),
        ("cannot open 'a b'", "cannot open 'c d'", True),
    ],
)
def test_failures_are_kin_where_only_values_differ(one, other, same):
    """Failures with the same words are kin, whatever addresses, numbers and texts they quote; names count."""
    assert (Failure("a.Error", one).kin == Failure("a.Error", other).kin) is same


def test_comparisons_are_kin_where_they_stand():
    """Two failed comparisons are kin where they failed at the same line of the project."""
    frames = (Frame("a.py", 3, "f", "assert x"), Frame("lib.py", 9, "g", "assert y", "packages"))
    assert Failure("AssertionError", "1 == 2", frames).kin == Failure("AssertionError", "3", frames[:1]).kin
    assert Failure("AssertionError", "1 == 2", frames).kin != Failure("AssertionError", "1 == 2").kin
    assert Failure("AssertionError", "1 == 2").kin == "AssertionError"
