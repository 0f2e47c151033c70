"""The answer to a pull request: from and to, the comment and the exit code."""

from pathlib import Path

import pytest
from stage import ROOT, accept, record

from repro.kit.ci import answer
from repro.kit.ci.answer import Question
from repro.problem import Problem
from repro.release import Releases

STORED = Path(__file__).parent / "locks"
BASE, HEAD = STORED / "uv-base", STORED / "uv-head"


#: What each release answers, of those that are asked about.
ANSWERED = {"0.25.0": 1, "0.26.0": 1, "0.27.0": 2, "0.28.0": 2, "0.28.1": 3, "httpx2==2.0.0": 4}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Asks a question of one behaviour, which the releases of the kit's data answer otherwise."""
    releases, folder = Releases.load(), tmp_path_factory.mktemp("stored")
    accept(folder, releases, *(record(name, {"area/a": value}) for name, value in ANSWERED.items()))

    def ask(*arguments, **fields):
        return answer.answer(Question(*arguments, **fields), folder / "snapshots", releases)

    return ask


def test_locks_say_from_and_to(asked):
    """A pull request whose lock moves httpx is answered with the comparison, and where both are said."""
    found = asked(HEAD, BASE)
    assert (str(found.before), str(found.after), found.code) == ("httpx==0.26.0", "httpx==0.28.1", 1)
    assert found.moved
    assert found.said == "From `uv.lock: httpx` to `uv.lock: httpx`.\n"
    assert found.body["verdict"]["code"] == 1


def test_nothing_moves(asked):
    """A pull request that leaves httpx where it is is answered with that, and passes."""
    found = asked(BASE, BASE)
    assert (found.moved, found.code, found.body) == (False, 0, None)
    assert found.said == "httpx does not move here, and nothing beneath it.\n"


def test_project_that_begins_moves_nothing(asked, tmp_path):
    """A pull request that adds the project has nothing to come from."""
    assert not asked(HEAD, tmp_path / "nowhere").moved


def test_locks_that_disagree_are_told(asked, tmp_path):
    """Where another file of the project holds another version, the answer says which one counts."""
    (tmp_path / "uv.lock").write_text((HEAD / "uv.lock").read_text())
    (tmp_path / "requirements.txt").write_text("httpx==0.27.0")
    said = "httpx is 0.28.1 in uv.lock: httpx, which counts, and 0.27.0 in requirements.txt:1."
    assert f"- `{said}`\n" in asked(tmp_path, BASE).said


def test_what_is_beneath_moves(asked, tmp_path):
    """Where httpcore moves alone, the answer names it, and does not claim to know what it changes."""
    (tmp_path / "uv.lock").write_text((BASE / "uv.lock").read_text().replace("1.0.9", "1.0.5"))
    found = asked(tmp_path, BASE)
    assert (str(found.before), found.before, found.code) == ("httpx==0.26.0", found.after, 0)
    assert "- `httpcore`: `1.0.9` → `1.0.5`\n" in found.said
    assert "is not known here" in found.said


@pytest.mark.parametrize(
    ("fields", "ends"),
    [
        ({"before": "0.27.0", "after": "httpx2==2.0.0"}, ("httpx==0.27.0", "httpx2==2.0.0")),
        ({"base": BASE, "after": "0.27.0"}, ("httpx==0.26.0", "httpx==0.27.0")),
        ({"base": BASE, "before": "0.25.0"}, ("httpx==0.25.0", "httpx==0.28.1")),
        ({"before": "0.25.0"}, ("httpx==0.25.0", "httpx==0.28.1")),
        ({"after": "0.27.0"}, ("httpx==0.28.1", "httpx==0.27.0")),
        ({"after": "0.28.1"}, None),
        ({}, None),
    ],
)
def test_what_is_given_wins(asked, fields, ends):
    """From and to are as given, and what is not given is what the base or the project is at, or the newest release."""
    found = asked(HEAD, **fields)
    assert ((str(found.before), str(found.after)) if found.moved else None) == ends


def test_accepted_changes_do_not_fail(asked, tmp_path):
    """The accepted changes of the project, and the kinds that fail, decide the exit code."""
    (tmp_path / "accepted.toml").write_text("format = 1\n")
    assert asked(tmp_path, before="0.28.0", after="0.28.1", accepted="accepted.toml").code == 1
    assert asked(tmp_path, before="0.28.0", after="0.28.1", fail_on=["removal"]).code == 0


def test_names_of_the_project_are_no_markup(asked, tmp_path):
    """What a project calls its files is in code style, whatever is in it."""
    for side, version in (("base", "0.27.0"), ("head", "0.28.0")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "`@all`-requirements.txt").write_text(f"httpx=={version}")
    assert asked(tmp_path / "head", tmp_path / "base").said == (
        "From `'@all'-requirements.txt:1` to `'@all'-requirements.txt:1`.\n"
    )


def test_project_without_httpx_is_a_problem(asked, tmp_path):
    """Where no release is given and the project has no httpx, that is said with what to do."""
    with pytest.raises(Problem, match="has no httpx in its locks"):
        asked(tmp_path)


def test_comment_is_what_was_found_then_what_changes_then_where_it_was_read():
    """A comment holds what was found in the project and what changes, keeps its limit, and says what it leaves out."""
    found = answer.answer(Question(HEAD, BASE), ROOT / "snapshots", Releases.load())
    said = answer.comment(found.said, found.body, ["## Tests\n\nTwo break.\n", "## Lines\n"])
    assert said.startswith("## Tests\n\nTwo break.\n\n## Lines\n\n## `httpx==0.26.0` → `httpx==0.28.1`\n")
    assert said.endswith("\nFrom `uv.lock: httpx` to `uv.lock: httpx`.\n")
    cut = answer.comment(found.said, found.body, ["line\n" * 5000, "short\n"], limit=10_000)
    assert 6_000 < len(cut) <= 10_000
    assert "line\nline\n\nThe rest is in the summary of its job.\n\nshort\n\n## `httpx" in cut
    assert "Everything: `nox -s compare -- httpx==0.26.0 httpx==0.28.1`" in cut
    assert answer.comment("Nothing moves.\n", None) == "Nothing moves.\n"
