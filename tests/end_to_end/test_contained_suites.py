"""What is told of a project's tests by what runs inside of its environment: each outcome, failure and warning."""

import pytest
from contained import ended, environment_of_a_module, project_within  # noqa: F401 - fixtures

from repro.kit.downstream import inside
from repro.kit.environment import packages

#: Before the number of processes that pytest distributes tests to: nothing loads what does so by itself.
DISTRIBUTED = ("-p", "xdist.plugin", "-n")


EVERY = """
import unittest
import pytest

def helper(text):
    raise ValueError("no " + text)

def test_passed(): pass

def test_failed():
    try:
        helper("luck")
    except ValueError as error:
        raise RuntimeError("outer") from error

@pytest.mark.xfail(reason="known")
def test_xfailed(): assert 0

@pytest.mark.xfail
def test_xpassed(): pass

@pytest.mark.xfail(strict=True)
def test_strict(): pass

@pytest.mark.skip(reason="not now")
def test_skipped(): assert 0

@pytest.fixture
def bad(): raise KeyError("setup")

def test_error(bad): pass

@pytest.fixture
def late():
    yield
    raise KeyError("teardown")

def test_late(late): pass

def test_both(late): assert 0

class TestCase(unittest.TestCase):
    def test_case(self): self.assertEqual(1, 2)

    def test_parts(self):
        for number in range(3):
            with self.subTest(number=number):
                self.assertNotEqual(number, 1)

def test_group():
    raise ExceptionGroup("two", [ValueError("a"), TypeError("b")])
"""


OUTCOMES = {
    "passed": "passed",
    "failed": "failed",
    "xfailed": "xfailed",
    "xpassed": "xpassed",
    "strict": "failed",
    "skipped": "skipped",
    "error": "error",
    "late": "error",
    "both": "failed",
    "TestCase::test_case": "failed",
    "TestCase::test_parts": "failed",
    "group": "failed",
}


def only(told, kind):
    """The one line of this kind."""
    (found,) = (entry for entry in told if kind in entry)
    return found


def of(told, test):
    """The line that ends a test."""
    (found,) = (entry for entry in told if entry.get("ended") == f"test_it.py::{test}")
    return found


@pytest.mark.parametrize(
    "arguments", [[], [*DISTRIBUTED, "2"], ["-p", "no:terminal"], ["-p", "no:warnings", "-x", "-x"]]
)
def test_every_outcome_is_told(project, arguments):
    """Each kind of outcome is told as what it is, whatever else pytest is told, and by whichever process."""
    told = project.tests(EVERY, *arguments, "--maxfail", "99")
    seen = {name.partition("::")[2].removeprefix("test_"): outcome for name, outcome in ended(told).items()}
    assert seen == OUTCOMES
    assert {entry["began"] for entry in told if "began" in entry} == set(ended(told))
    assert only(told, "session")["session"]["pytest"] == pytest.__version__
    assert len(only(told, "collected")["collected"]) == len(OUTCOMES)
    assert only(told, "finished") == {"finished": 1}
    assert "upgrade" not in project.output


def test_failure_is_told_in_its_parts(project):
    """A failure has its type, its message, the frames of the project and what it was raised from."""
    told = project.tests(EVERY)
    (failure,) = of(told, "test_failed")["failures"]
    assert (failure["type"], failure["message"], failure["when"]) == ("RuntimeError", "outer", "call")
    (frame,) = failure["frames"]
    assert frame == {
        "path": "test_it.py",
        "place": "tree",
        "line": 14,
        "function": "test_failed",
        "code": 'raise RuntimeError("outer") from error',
    }
    cause = failure["cause"]
    assert (cause["type"], cause["message"], cause["cause"]) == ("ValueError", "no luck", None)
    assert [frame["function"] for frame in cause["frames"]] == ["test_failed", "helper"]
    assert [member["type"] for member in of(told, "test_group")["failures"][0]["group"]] == ["ValueError", "TypeError"]
    assert [failure["when"] for failure in of(told, "test_both")["failures"]] == ["call", "teardown"]
    assert of(told, "test_strict")["failures"][0]["message"].startswith("[XPASS(strict)]")
    assert (of(told, "test_skipped")["reason"], of(told, "test_xfailed")["reason"]) == ("not now", "known")


def test_file_that_cannot_be_collected_is_told_with_what_was_raised(project):
    """An import that fails while collecting is told as that import, once, and what could be collected runs."""
    project.file("test_import.py", "from httpx import Nowhere\n")
    project.file("test_syntax.py", "def broken(:\n")
    project.file("test_skips.py", "import pytest\npytest.skip('not here', allow_module_level=True)\n")
    project.file("below/conftest.py", "import nowhere\n")
    project.file("below/test_below.py", "def test_below(): pass\n")
    told = project.tests("def test_fine(): pass\n", "--continue-on-collection-errors", "--doctest-modules")
    failures = {entry["collection"]: entry["failure"] for entry in told if "collection" in entry}
    assert failures["test_import.py"]["type"] == "ImportError"
    assert "cannot import name 'Nowhere' from 'httpx'" in failures["test_import.py"]["message"]
    assert failures["test_import.py"]["frames"][-1]["code"] == "from httpx import Nowhere"
    assert failures["test_syntax.py"]["type"] == "SyntaxError"
    assert "ModuleNotFoundError" in {failure["type"] for failure in failures.values()}
    assert only(told, "module skipped") == {"module skipped": "test_skips.py", "reason": "not here"}
    assert ended(told) == {"test_it.py::test_fine": "passed"}


def test_first_conftest_that_cannot_be_imported_is_told(project):
    """Pytest ends on it before there is a session, and what it ended on is told."""
    project.file("conftest.py", "import nowhere\n")
    told = project.tests("def test_fine(): pass\n")
    entry = only(told, "collection")
    assert entry["collection"] == "conftest.py"
    assert (entry["failure"]["type"], entry["failure"]["message"]) == (
        "ModuleNotFoundError",
        "No module named 'nowhere'",
    )


def test_plugin_that_cannot_be_imported_is_told(project):
    """What pytest itself ends on is told, however early that is."""
    project.file("plugin.py", "import nowhere\n")
    told = project.tests("def test_fine(): pass\n", "-p", "plugin", PYTHONPATH=str(project.tree))
    crash = only(told, "crashed")["crashed"]
    assert "nowhere" in crash["message"]
    project.file("conftest.py", "def pytest_collection_finish(session): raise OSError('in a hook')\n")
    told = project.tests("def test_fine(): pass\n")
    assert only(told, "crashed")["crashed"]["message"] == "in a hook"
    assert only(told, "finished") == {"finished": 3}


def test_test_that_ends_the_process_has_begun(project):
    """After a crash, the test that ran has begun and not ended, and the session has not finished."""
    told = project.tests("import os\ndef test_fine(): pass\ndef test_crash(): os._exit(7)\n")
    assert told[-1] == {"began": "test_it.py::test_crash"}
    told = project.tests("import os\ndef test_fine(): pass\ndef test_crash(): os._exit(7)\n", *DISTRIBUTED, "1")
    assert of(told, "test_crash")["failures"][0]["type"] == "crashed"
    assert only(told, "finished") == {"finished": 1}


def test_only_what_is_asked_for_runs(project):
    """Test ids limit what runs after collection; those that are no longer there are told."""
    text = "import pytest\n@pytest.mark.parametrize('v', ['a b', 'c'])\ndef test_it(v): pass\ndef test_other(): pass\n"
    asked = ("test_it.py::test_it[a b]", "test_it.py::test_gone")
    told = project.tests(text, settings={"only": asked})
    assert ended(told) == {"test_it.py::test_it[a b]": "passed"}
    assert only(told, "missing") == {"missing": ["test_it.py::test_gone"]}
    assert only(told, "collected") == {"collected": ["test_it.py::test_it[a b]"]}


def test_doctest_is_told_with_its_line(project):
    """A doctest that fails says what was wanted, and one that raises has what it raised as its cause."""
    project.file(
        "sums.py", 'def one():\n    """\n    >>> 1 + 1\n    3\n    """\ndef two():\n    """\n    >>> [][1]\n    """\n'
    )
    told = project.tests("", "--doctest-modules")
    failures = {entry["ended"]: entry["failures"][0] for entry in told if "ended" in entry}
    assert failures["sums.py::sums.one"]["message"] == "1 + 1 gave\n2\nand was to give\n3\n"
    assert failures["sums.py::sums.one"]["frames"][-1]["line"] == 3
    assert failures["sums.py::sums.two"]["cause"]["type"] == "IndexError"


def test_hostile_test_is_told_all_the_same(project):
    """A test that breaks files, JSON and its own exception's message cannot keep its outcome back."""
    told = project.tests(
        "import builtins, json, os\n"
        "class Mute(Exception):\n"
        "    def __str__(self): raise ValueError\n"
        "def test_mute(monkeypatch):\n"
        "    for name in ('open', 'write', 'close', 'fsdecode'): monkeypatch.setattr(os, name, None)\n"
        "    for name in ('dumps', 'JSONEncoder'): monkeypatch.setattr(json, name, None)\n"
        "    monkeypatch.setattr(builtins, 'open', None)\n"
        "    raise Mute\n"
        "def test_after(): pass\n",
        "-s",
    )
    (failure,) = of(told, "test_mute")["failures"]
    assert (failure["type"], failure["message"]) == ("test_it.Mute", "(its message cannot be had: ValueError)")
    assert of(told, "test_after")["outcome"] == "passed"


RERUNS = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for turn in range(2):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            if turn == 0 and report.failed:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
"""


def test_flaky_test_that_is_run_again_ends_once(project):
    """What a plugin takes for flaky and runs again has the outcome of its last run."""
    project.file("conftest.py", RERUNS)
    told = project.tests("runs = []\ndef test_flaky():\n    runs.append(1)\n    assert len(runs) > 1\n")
    assert [entry["outcome"] for entry in told if "ended" in entry] == ["passed"]
    assert len([entry for entry in told if "began" in entry]) == 2


@pytest.mark.parametrize(
    ("outer", "inner"), [([], [*DISTRIBUTED, "1"]), ([*DISTRIBUTED, "1"], [])], ids=["workers", "worker"]
)
def test_pytest_that_a_test_starts_is_no_part_of_the_run(project, outer, inner):
    """What a test runs in a pytest of its own is that test's affair."""
    project.file("inner/test_inner.py", "def test_inner(): assert 0\n")
    told = project.tests(
        "import subprocess, sys\n"
        "def test_outer():\n"
        f"    command = [sys.executable, '-m', 'pytest', '-p', '{inside.PLUGIN}', 'inner', *{inner}]\n"
        "    assert subprocess.run(command).returncode == 1\n",
        "test_it.py",
        *outer,
    )
    assert ended(told) == {"test_it.py::test_outer": "passed"}
    assert len([entry for entry in told if "session" in entry]) == 1


def warned(told):
    """Each warning: its category, message, path, line and test, and the line of the project that led to it."""
    return [
        (
            entry["warning"]["category"],
            entry["warning"]["message"],
            entry["warning"]["path"],
            entry["warning"]["line"],
            entry["test"],
            entry["when"],
            entry["warning"]["caller"] and entry["warning"]["caller"]["code"],
        )
        for entry in told
        if "warning" in entry
    ]


LIBRARY = """
import warnings

def old(stacklevel=2):
    warnings.warn("old is going", DeprecationWarning, stacklevel=stacklevel)
"""


@pytest.mark.parametrize("filters", ["ignore", "error", "default", "off"])
def test_warnings_are_seen_whatever_the_filters_are(project, environment, filters):
    """A deprecation is told once with the project's line, hidden, turned into an error or shown; outcomes stay."""
    (packages(environment.python) / "library.py").write_text(LIBRARY)
    arguments = ["-p", "no:warnings", "-W", "ignore"] if filters == "off" else ["-W", filters]
    told = project.tests(
        "import library\ndef test_uses():\n    library.old()\n    library.old(stacklevel=1)\n", *arguments
    )
    assert ended(told) == {"test_it.py::test_uses": "failed" if filters == "error" else "passed"}
    test = "test_it.py::test_uses"
    first = ("DeprecationWarning", "old is going", "test_it.py", 3, test, "call", "library.old()")
    second = ("DeprecationWarning", "old is going", "library.py", 5, test, "call", "library.old(stacklevel=1)")
    assert warned(told) == ([first] if filters == "error" else [first, second])
    if filters == "error":
        (failure,) = of(told, "test_uses")["failures"]
        assert [frame["path"] for frame in failure["frames"]] == ["test_it.py", "library.py"]


def test_warning_that_only_pytest_sees_is_told(project):
    """A warning that the interpreter gives in C is told as pytest sees it."""
    told = project.tests("def test_c():\n    eval('1 is 1')\n", "-W", "default")
    (entry,) = (found for found in warned(told) if found[0] == "SyntaxWarning")
    assert entry[4:6] == ("test_it.py::test_c", "call")
