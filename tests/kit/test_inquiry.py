"""One inquiry into a project, from its path to the document that answers, with real projects and real releases."""

import json
import shlex

import pytest
from stage import CHECK, SUITE, accept, record

from repro.problem import Problem


def test_package_that_cannot_be_built_says_so(ask):
    """A project whose build backend raises is installed with no release, in its words; and no build is held."""
    built = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {"pyproject.toml": built, "backend.py": "raise RuntimeError('no wheel today')\n"}
    body = ask(files, before="0.1", command=CHECK)
    assert [cell["outcome"] for cell in body["cells"]] == ["not-installable"]
    assert "no wheel today" in body["cells"][0]["reason"]
    assert any(line.startswith("what builds it ") for line in body["project"]["held"])


def test_lock_of_requirements_says_what_a_project_has(ask):
    """A lock that is written as requirements says what the project has, too."""
    body = ask({"requirements-dev.lock": "httpx==0.2\n"}, after="0.2.1", command=CHECK)
    assert body["from"] == "httpx==0.2"


def test_range_is_what_an_install_would_bring(ask):
    """A project that gives a range has what an install of that range brings."""
    body = ask({"requirements.txt": "httpx<0.2\n"}, command=CHECK)
    assert body["from"] == "httpx==0.1"
    assert "what an install with httpx<0.2 brought at 2026-01-01" in body["project"]["held"][0]


def test_range_that_nothing_meets_is_said(ask):
    """Where nothing says what the project has, and nothing can be found, the person is asked to say it."""
    with pytest.raises(Problem, match="none can be found") as caught:
        ask({"requirements.txt": "httpx>7\n", "tests/test_a.py": SUITE})
    assert "--from" in caught.value.mend


def test_exact_pin_of_the_project_itself_is_what_moves(ask):
    """A project that requires one release exactly is tried with another all the same: its pin is what is to move."""
    pinned = '[project]\nname = "mine"\nversion = "1"\ndependencies = ["httpx==0.1"]\n'
    body = ask({"pyproject.toml": pinned}, command=CHECK)
    assert body["verdict"]["says"].startswith("BREAKS: 1 test regressed from httpx==0.1 to httpx==0.2")
    assert "it says nothing of being built, so its files are run where they are" in body["project"]["held"]


def test_what_tests_give_away_is_told(ask):
    """What was added without being declared is told; here nothing has it, and that is the conflict."""
    body = ask({"requirements.txt": "httpx==0.1\n", "tests/test_a.py": SUITE + "def test_x(mocker): ...\n"})
    assert "added, as its tests give away: pytest-mock" in body["project"]["held"]
    assert "pytest-mock" in body["cells"][0]["reason"]
    assert body["verdict"]["says"].startswith("NOTHING TO COMPARE: under httpx==0.1, which the project has, it is not-")


def test_fork_is_said_to_stand_in(ask):
    """Where a fork is among the releases, it is said that imports of httpx lead to it."""
    body = ask({"requirements.txt": "httpx==0.2.1\n"}, after="httpx2", way="bisect", command=CHECK)
    assert body["project"]["redirected"] == "imports of httpx to httpx2, under releases of the fork"


def test_project_without_tests_is_told_what_to_do(ask):
    """Where tests are looked for and none are, the person is told how to name them."""
    with pytest.raises(Problem, match="has no tests where tests are looked for") as caught:
        ask({"requirements.txt": "httpx==0.1\n"})
    assert "--command" in caught.value.mend


def test_tests_that_are_none_are_said(ask):
    """Where files look like tests and pytest finds none in them, nothing is compared."""
    body = ask({"requirements.txt": "httpx==0.1\n", "tests/test_a.py": ""})
    assert body["verdict"] == {
        "code": 3,
        "says": "NOTHING TO COMPARE: no test ran under httpx==0.1; name the tests' command with --command.",
    }


def test_date_that_is_none_is_said(ask):
    """A cut-off that is no date is named."""
    with pytest.raises(Problem, match="'soon' is no date"):
        ask({"requirements.txt": "httpx==0.1\n", "tests/test_a.py": SUITE}, cutoff="soon")


def test_cutoff_of_ones_own_counts(ask):
    """A cut-off that the person gives counts, and is told."""
    body = ask({"requirements.txt": "httpx==0.1\n"}, cutoff="2025-03-04", command=CHECK)
    assert "nothing uploaded after 2025-03-04" in body["project"]["held"][1]


@pytest.mark.parametrize(("before", "after"), [("0.1", "0.4"), ("0.4", "0.1")])
def test_outputs_are_not_captured_where_nothing_is_installed(ask, before, after):
    """Outputs under a release that cannot be installed are not there to be compared."""
    output = '[[tool.httpx-upgrade.output]]\nname = "always"\ncommand = ["python", "-c", "print(3)"]\n'
    body = ask({"requirements.txt": "", "pyproject.toml": output}, before=before, after=after)
    assert (body["outputs"], body["verdict"]["code"]) == ([], 3)


def test_warning_is_joined_to_what_is_stored(ask, tmp_path, releases):
    """A warning that a stored behaviour knows is told with the release that ends it and its note."""
    old = {"ends": 200, "warns": ["DeprecationWarning: old"]}
    gone = {"ends": "raises TypeError", "warns": []}
    note = '["area/old"]\nchanged = "`old` is gone."\nkind = "removal"\ncause = "none"\ndo = "Do `new`."\n'
    records = [record("0.1", {"area/old": old}), record("0.2", {"area/old": gone})]
    accept(tmp_path, releases, *records, notes={"httpx-0.2": note})
    text = """
import warnings
import httpx

def test_old():
    warnings.warn("old", DeprecationWarning)
    if httpx.ANSWER == 2:
        raise TypeError("'old' is gone")

def test_other():
    assert httpx.ANSWER == 1

warnings.warn("of no test", DeprecationWarning)
"""
    body = ask({"requirements.txt": "httpx==0.1\n", "tests/test_a.py": text})
    (notice,) = body["warnings"]
    assert (notice["places"], notice["until"], notice["do"]) == (["tests/test_a.py:6"], "httpx==0.2", "Do `new`.")
    joined = [group for group in body["regressions"] if group["changes"]]
    assert [group["changes"][0]["behaviour"] for group in joined] == ["area/old"]


def test_verb_tells_the_answer_in_every_form(kit, small_checkout, tmp_path):
    """The verb prints the answer in the form asked for, says what takes time beside it, and ends with its code."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "requirements.txt").write_text("httpx==0.1\n")
    small_checkout.snapshots.mkdir(exist_ok=True)
    says = "BREAKS: 1 test regressed from httpx==0.1 to httpx==0.2"
    for form, told in (
        ("text", lambda out: out.splitlines()[-1]),
        ("json", lambda out: json.loads(out)["verdict"]["says"]),
        ("markdown", lambda out: out.splitlines()[0].removeprefix("## ")),
    ):
        asked = (str(tmp_path / "mine"), "--to", "0.2", "--command", shlex.join(CHECK), "--format", form)
        code, out, err = kit("downstream", *asked)
        assert code == 1, err
        assert told(out).startswith(says)
        assert "httpx==0.1: installing mine\n" in err


def test_outputs_are_compared_where_there_are_no_tests(ask):
    """Outputs that must not drift are captured under every release that ran, and compared with the first."""
    output = '[[tool.httpx-upgrade.output]]\nname = "{}"\ncommand = ["python", "-c", "import httpx; print({})"]\n'
    files = {
        "requirements.txt": "httpx==0.1\n",
        "pyproject.toml": output.format("answer", "httpx.ANSWER") + output.format("always", 3),
    }
    body = ask(files)
    states = {drift["name"]: (drift["state"], drift["since"]) for drift in body["outputs"]}
    assert states == {"answer": ("changed", "httpx==0.2"), "always": ("same", None)}
    assert body["verdict"] == {"code": 1, "says": "BREAKS: 1 output drifted."}
