"""The verb `ci`: its steps, as a workflow runs them."""

import io
import json

import pytest
from forge_server import WRITER
from runner import git
from stage import MINOR, ROOT, SMALL, record

from repro.kit import __main__ as main
from repro.kit.ci import documentation, groups
from repro.kit.workspace import Workspace
from repro.release import DATA


@pytest.fixture
def verb(tmp_path, monkeypatch, capsys):
    """Runs a verb in a workspace of its own: its exit code, and what it printed."""
    workspace = Workspace(tmp_path, tmp_path / "tests", tmp_path / "snapshots")
    monkeypatch.setattr(main, "Workspace", lambda: workspace)

    def run(*arguments, said="", **environ):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        code = main.main(["ci", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


LISTED = json.dumps([{"name": "cell", "python": MINOR, "call_spec": {"subject": f"httpx==0.2{n}.0"}} for n in range(4)])


def test_groups_are_handed_to_the_jobs(verb, tmp_path):
    """The matrix is appended to the outputs of the step, and the child pipeline is a file."""
    output, pipeline = tmp_path / "output", tmp_path / "cells.yml"
    output.write_text("before=1\n")
    code, said = verb("groups", "--most", "2", "--output", output, "--gitlab", pipeline, said=LISTED)
    assert code == 0, said
    assert said.startswith("group 1: ")
    before, matrix = output.read_text().splitlines()
    assert before == "before=1"
    assert len(json.loads(matrix.removeprefix("matrix="))["include"]) == 2
    assert {"group 1", "group 2", "report"} < json.loads(pipeline.read_text()).keys()
    (tmp_path / "cells.json").write_text(LISTED)
    assert verb("groups", "--cells", tmp_path / "cells.json")[0] == 0
    assert verb("groups", said="")[0] == 2


def test_records_are_merged_into_the_workspace(verb, tmp_path):
    """What jobs left becomes what the report reads."""
    (tmp_path / "job").mkdir()
    assert verb("merge", tmp_path / "job") == (0, "No job left a record.\n")
    record("0.1", {"area/answer": 1}).write(tmp_path / "job" / f"httpx-0.1-py{MINOR}.json")
    assert verb("merge", tmp_path / "job") == (0, f"Records of 1 cells: httpx-0.1-py{MINOR}\n")
    assert (tmp_path / ".matrix" / "records" / f"httpx-0.1-py{MINOR}.json").is_file()


def test_passed_says_which_job_did_not(verb):
    """The required check passes where every job did, and else names those that did not."""
    assert verb("passed", NEEDS='{"a": {"result": "success"}}') == (0, "Every job that is required passed.\n")
    assert verb("passed", NEEDS='{"a": {"result": "skipped"}}') == (1, "a: skipped\n")
    assert verb("passed", NEEDS="")[0] == 2


def test_files_of_ci_are_checked_and_made(verb, tmp_path):
    """A check names what is stale and fails; making it mends that."""
    (tmp_path / "repro").mkdir()
    (tmp_path / "repro" / DATA.name).write_bytes(DATA.read_bytes())
    code, said = verb("workflows", "--check")
    assert (code, said.count("stale: ")) == (1, len(said.splitlines()))
    code, said = verb("workflows")
    assert (code, said.count("wrote: ")) == (0, len(said.splitlines()))
    (tmp_path / ".github" / "workflows" / "old.yml").write_text("")
    assert verb("workflows") == (0, "removed: .github/workflows/old.yml\n")
    assert verb("workflows", "--check") == (0, "Every file of CI is what its template makes.\n")


def test_costs_are_kept(verb, tmp_path, monkeypatch):
    """What cells that ran here cost replaces what is known of them, and the rest stays."""
    data = tmp_path / "costs.toml"
    data.write_text(groups.text({"httpx==0.1": 1.0, "httpx==0.2": 2.0}))
    monkeypatch.setattr(groups, "DATA", data)
    monkeypatch.setattr(groups.costs, "__defaults__", (data,))
    costs = tmp_path / ".matrix" / "costs"
    costs.mkdir(parents=True)
    (costs / "httpx-0.2-py3.11.json").write_text(json.dumps({"starting": 1, "behaviours": 4}))
    assert verb("costs") == (0, "Kept what 1 releases cost.\n")
    assert groups.costs(data) == {"httpx==0.1": 1.0, "httpx==0.2": 5.0}


LOCKS = ROOT / "tests" / "kit" / "locks"


@pytest.fixture
def stored(monkeypatch):
    """The verbs answer from what the kit has stored."""
    monkeypatch.setattr(main, "Workspace", Workspace)


def test_answer_is_left_for_the_comment(verb, stored, tmp_path):
    """The answer is a folder, outputs, a summary, annotations and an exit code."""
    output, folder = tmp_path / "output", tmp_path / "answer"
    base, head = LOCKS / "pip-base", LOCKS / "pip-head"
    arguments = ["answer", head, "--base", base, "--folder", folder, "--output", output, "--summary", tmp_path / "said"]
    code, said = verb(*arguments)
    assert code == 1
    assert said.startswith("::error title=httpx==0.26.0 to httpx==0.28.1::CHANGED")
    assert output.read_text() == "moved=true\nfrom=httpx==0.26.0\nto=httpx==0.28.1\n"
    assert (folder / "said.md").read_text() == "From `requirements.txt:20` to `requirements.txt:20`.\n"
    assert (tmp_path / "said").read_text().endswith((folder / "said.md").read_text())
    assert (folder / "moved").read_text() == "true\n"
    assert json.loads((folder / "comparison.json").read_text())["from"] == "httpx==0.26.0"


def test_answer_of_what_does_not_move(verb, stored, tmp_path):
    """Where nothing moves that is the answer, and a bot that moves something else is left at once."""
    base, folder = LOCKS / "pip-base", tmp_path / "answer"
    code, said = verb("answer", base, "--base", base, "--folder", folder)
    assert (code, said) == (0, "httpx does not move here, and nothing beneath it.\n")
    assert (folder / "moved").read_text() == "false\n"
    event = tmp_path / "event.json"
    pull = {"user": {"login": "dependabot[bot]"}, "title": "Bump flask from 3.1.0 to 3.1.3", "body": ""}
    event.write_text(json.dumps({"pull_request": pull}))
    code, said = verb("answer", "nowhere", "--event", event, "--output", tmp_path / "output")
    assert (code, said) == (0, "dependabot moves flask here, which is not httpx.\n")
    assert (tmp_path / "output").read_text() == "moved=false\n"
    event.write_text(json.dumps({"pull_request": pull | {"title": "Bump httpx from 0.27.0 to 0.28.1"}}))
    assert verb("answer", base, "--base", base, "--folder", folder, "--event", event)[0] == 0
    assert verb("answer", base, "--fail-on", "nonsense")[0] == 2


def test_answer_becomes_one_comment(verb, github, tmp_path):
    """The answer is put on the pull request once, and only edited where nothing moves any more."""
    (tmp_path / "said.md").write_text("What changes.")
    (tmp_path / "moved").write_text("false\n")
    environ = {"GITHUB_API_URL": github.api, "GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": WRITER}
    arguments = ["comment", tmp_path, "--number", 7]
    assert verb(*arguments, **environ) == (0, "There was nothing to say.\n")
    (tmp_path / "moved").write_text("true\n")
    assert verb(*arguments, **environ) == (0, "Commented on #7.\n")
    (tmp_path / "tests.md").write_text("What breaks.\n")
    (tmp_path / "usage.md").write_text("Where.\n")
    assert verb(*arguments, **environ) == (0, "Edited on #7.\n")
    assert [entry["body"].splitlines()[1:] for entry in github.entries["issues/7/comments"]] == [
        ["What breaks.", "", "Where.", "", "What changes."]
    ]
    (tmp_path / "comparison.json").write_text("{")
    assert verb(*arguments, **environ)[0] == 3
    assert verb("comment", tmp_path / "nowhere", "--number", 7, **environ)[0] == 3


def test_new_releases_become_a_pull_request(verb, github, tmp_path):
    """From new release data to the branch and its pull request: each step of the watch, in order."""
    path, snapshot = tmp_path / "repro" / "releases.toml", tmp_path / "snapshots" / "httpx-0.1" / "area" / "answer.json"
    path.parent.mkdir()
    path.write_text(SMALL)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "repro")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    git(tmp_path.parent, "init", "--quiet", "--bare", f"{tmp_path.name}.git")
    git(tmp_path, "remote", "add", "origin", f"../{tmp_path.name}.git")
    assert verb("news") == (0, "Nothing is new.\n")
    path.write_text(SMALL.replace('"2.0"]', '"2.0", "2.1"]'))
    assert verb("news", "--output", tmp_path / "output") == (0, "httpx2==2.1\n")
    assert (tmp_path / "output").read_text() == "new=httpx2==2.1\n"
    snapshot.parent.mkdir(parents=True)
    snapshot.write_text("1\n")
    folder = tmp_path / "proposal"
    code, said = verb("proposal", folder)
    assert (code, said.splitlines()[2]) == (0, "- `httpx2==2.1`: not run")
    assert (folder / "title.txt").read_text() == "Watch: httpx2==2.1\n"
    git(tmp_path, "reset", "--quiet", "--hard")
    environ = {"GITHUB_API_URL": github.api, "GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": WRITER}
    assert verb("propose", folder, **environ) == (0, "watch/releases: pushed. Its pull request: opened.\n")
    assert github.entries["pulls"][0]["title"] == "Watch: httpx2==2.1"
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "notes")
    git(tmp_path, "push", "--quiet", "origin", "HEAD:watch/releases")
    git(tmp_path, "checkout", "--quiet", "main")
    assert verb("propose", folder) == (0, "Somebody works on watch/releases, so it is left as it is.\n")


def test_failing_night_becomes_an_issue(verb, github):
    """What failed opens the issue; what was skipped had nothing to do."""
    needs = {"run": {"result": "success"}, "propose": {"result": "skipped"}}
    environ = {"GITHUB_API_URL": github.api, "GITHUB_REPOSITORY": "owner/name", "GITHUB_TOKEN": WRITER}
    assert verb("night", NEEDS=json.dumps(needs), **environ) == (0, "The issue of the watch: nothing.\n")
    needs["run"]["result"] = "failure"
    assert verb("night", "--url", "https://run", NEEDS=json.dumps(needs)) == (0, "The issue of the watch: opened.\n")
    assert "- run: failure" in github.entries["issues"][0]["body"]


def test_readme_is_held_to_its_commands(verb, tmp_path, monkeypatch):
    """Each command that is shown is run, those that are not are named with the reason, and what differs fails."""
    data = tmp_path / "documentation.toml"
    known = {"nox --version": 'run = "echo one"', "nox -l": 'skip = "It takes long."', "nox -s x": 'run = "exit 2"'}
    entries = [f"[[command]]\ncommand = '{command}'\n{rest}\n" for command, rest in known.items()]
    data.write_text("format = 1\n" + "".join(entries))
    monkeypatch.setattr(documentation.checks, "__defaults__", (data,))
    (tmp_path / "README.md").write_text("    nox --version\n\n```text\none\n```\n\n    nox -l\n    nox -s x\n")
    code, said = verb("documentation")
    assert code == 1
    assert said.splitlines() == [
        "as shown  nox --version",
        "skipped  nox -l: It takes long.",
        "differs  nox -s x",
        "README.md: 'nox -s x' exits with 2, and 0 is expected:",
        "",
    ]
    code, said = verb("documentation", "--only", "version")
    assert (code, said) == (0, "as shown  nox --version\nThe README is as its commands are.\n")
