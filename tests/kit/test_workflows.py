"""The files of CI: made from their templates, bounded in time and rights, with commands that are understood."""

import functools
import re
import shlex

import pytest
import yaml
from runner import evaluate
from stage import ROOT

from repro.kit import __main__ as main
from repro.kit.ci import workflows
from repro.problem import Problem
from repro.release import Releases


@functools.cache
def texts():
    """Every file of CI, as the templates make it."""
    return workflows.made(workflows.actions(), Releases.load().pythons)


@functools.cache
def documents():
    """Every workflow and action, by its path."""
    return {path: yaml.safe_load(text) for path, text in texts().items()}


def test_files_of_ci_are_what_their_templates_make():
    """Nobody edited a file that is made, and nobody forgot to make it: nox -s ci -- workflows."""
    assert workflows.stale(ROOT, texts()) == []


def test_what_is_stale_is_named_and_written(tmp_path):
    """A file that was edited, is missing or is made no more is named, and mended."""
    made = {".github/workflows/a.yml": "a\n", ".github/workflows/b.yml": "b\n", ".ci/gitlab.yml": "c\n"}
    assert workflows.write(tmp_path, made) == sorted(made)
    assert workflows.stale(tmp_path, made) == []
    (tmp_path / ".github/workflows/a.yml").write_text("edited")
    del made[".github/workflows/b.yml"]
    assert workflows.write(tmp_path, made) == [".github/workflows/a.yml", ".github/workflows/b.yml"]
    assert not (tmp_path / ".github/workflows/b.yml").exists()


def test_data_that_is_damaged_is_a_problem(tmp_path):
    """Pins and templates that cannot be read are said to be damaged, and an action without a pin is refused."""
    (tmp_path / "x.toml").write_text("[")
    for read in (workflows.actions, workflows.gitlab):
        with pytest.raises(Problem, match="is damaged"):
            read(tmp_path / "x.toml")
    with pytest.raises(Problem, match="which has no pin"):
        workflows.made({}, ["3.11"])


@pytest.mark.parametrize("path", [path for path in documents() if path.startswith(".github")])
def test_every_action_is_at_a_commit(path):
    """What somebody else can move is not what runs: an action is a commit, or of this repository."""
    used = re.findall(r"uses: (\S+)", texts()[path])
    assert used
    assert [name for name in used if not name.startswith("./") and not re.search(r"@[0-9a-f]{40}$", name)] == []


@pytest.mark.parametrize("path", [path for path in documents() if "/workflows/" in path])
def test_every_job_has_a_bound_and_no_more_rights_than_it_needs(path):
    """A workflow may read and no more, jobs that may write say so themselves, and each of them ends by itself."""
    workflow = documents()[path]
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 120


@pytest.mark.parametrize("path", [path for path in documents() if path.startswith(".github")])
def test_no_expression_is_part_of_a_command(path):
    """What an expression holds reaches a command through its environment: text of somebody else is no code."""
    document = documents()[path]
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    commands = [step["run"] for job in jobs for step in job.get("steps", ()) if "run" in step]
    assert not [command for command in commands if "${{" in command]


def test_required_waits_for_every_other_job():
    """The one check that a branch is protected by needs every other job of the project's own CI."""
    jobs = documents()[".github/workflows/ci.yml"]["jobs"]
    assert set(jobs["required"]["needs"]) == set(jobs) - {"required"}
    assert tuple(jobs["kit"]["strategy"]["matrix"]["python"]) == Releases.load().pythons


def test_lines_that_the_readme_shows_call_what_there_is():
    """The lines that a team adds call the workflow with inputs that it has, and grant what its jobs want."""
    readme = (ROOT / "README.md").read_text()
    (shown,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    assert len(shown.splitlines()) <= 10
    caller = yaml.safe_load(shown)
    (job,) = caller["jobs"].values()
    path = re.fullmatch(r"OWNER/httpx-upgrade-kit/(\S+)@COMMIT", job["uses"])[1]
    called = documents()[path]
    assert job["with"].keys() <= called[True]["workflow_call"]["inputs"].keys()
    wanted = [inner["permissions"] for inner in called["jobs"].values()]
    assert all(job["permissions"].get(name) == right for rights in wanted for name, right in rights.items())
    paths = caller[True]["pull_request"]["paths"]
    files = ["uv.lock", "a/b/poetry.lock", "Pipfile.lock", "pylock.dev.toml", "a/pyproject.toml", "setup.cfg"]
    files += ["requirements.txt", "dev-requirements.txt", "a/requirements-dev.in", "requirements/base.txt"]
    assert [name for name in files if not any(matches(pattern, name) for pattern in paths)] == []
    assert not any(matches(pattern, "src/httpx_client.py") for pattern in paths)


def matches(pattern, path):
    """Whether a path filter of GitHub takes a file: a star stops at a slash, and two do not."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.fullmatch(re.sub(r"\*\*/|\*\*|\*|\.", lambda found: parts.get(found[0], r"\."), pattern), path)


UPGRADED = ".github/workflows/reusable-upgrade.yml"


@pytest.mark.parametrize(
    ("login", "title", "body", "starts"),
    [
        ("somebody", "Anything", "", True),
        ("", "", "", True),
        ("dependabot[bot]", "Bump httpx from 0.27.2 to 0.28.1", "", True),
        ("dependabot[bot]", "Bump HTTPX2 from 2.0.0 to 2.1.0", "", True),
        ("dependabot[bot]", "Bump the python group with 2 updates", "Updates `httpcore` from 1.0.5 to 1.0.9", True),
        ("renovate[bot]", "chore(deps): lock file maintenance", "", True),
        ("renovate[bot]", "Update dependency flask to v3.1.3", "| flask |", False),
        ("dependabot[bot]", "Bump flask from 3.1.0 to 3.1.3", "", False),
    ],
)
def test_pull_request_of_a_bot_that_moves_something_else_starts_no_job(login, title, body, starts):
    """The condition of the first job is true for people, and for bots that name httpx, httpx2 or httpcore."""
    jobs = documents()[UPGRADED]["jobs"]
    pull = "github.event.pull_request"
    known = {f"{pull}.user.login": login, f"{pull}.title": title, f"{pull}.body": body}
    assert bool(evaluate(jobs["answer"]["if"], known)) is starts


@pytest.mark.parametrize(
    ("moved", "head", "starts"),
    [("true", "owner/name", True), ("false", "owner/name", False), ("true", "fork/name", False)],
)
def test_comment_is_made_where_something_moves_and_may_be_said(moved, head, starts):
    """The job that may write starts only where httpx moves, and not for a fork; it runs nothing of the pull request."""
    job = documents()[UPGRADED]["jobs"]["comment"]
    known = {"needs.answer.outputs.moved": moved, "github.event.pull_request.head.repo.full_name": head}
    assert bool(evaluate(job["if"], known | {"github.repository": "owner/name"})) is starts
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    checkouts = [step["with"] for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [checkout["repository"] for checkout in checkouts] == ["${{ job.workflow_repository }}"]
    assert not [step for step in job["steps"] if "cache" in step.get("uses", "") or "prepare" in step.get("uses", "")]


@pytest.mark.parametrize("name", ["answer", "usage", "tests"])
def test_what_meets_a_pull_request_may_write_nothing(name):
    """The jobs that read a pull request and run it may read and no more, and keep no credentials."""
    job = documents()[UPGRADED]["jobs"][name]
    assert job["permissions"] == {"contents": "read"}
    checkouts = [step["with"] for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [checkout["persist-credentials"] for checkout in checkouts] == [False, False]


def test_tests_of_the_project_are_a_command_that_is_understood():
    """The job that runs the tests of a project is asked for, starts where httpx moves, and leaves what they showed."""
    job = documents()[UPGRADED]["jobs"]["tests"]
    moved = {"needs.answer.outputs.from": "httpx==0.27.0", "needs.answer.outputs.to": "httpx2==2.0.0"}
    assert evaluate(job["if"].removeprefix("${{").removesuffix("}}"), moved | {"inputs.tests": True})
    assert not evaluate(job["if"].removeprefix("${{").removesuffix("}}"), moved | {"inputs.tests": False})
    (step,) = [step for step in job["steps"] if "nox -s downstream" in step.get("run", "")]
    values = {"FROM": "httpx==0.27.0", "TO": "httpx2==2.0.0", "PROJECT": "service"}
    words = shlex.split(re.sub(r"\$(\w+)", lambda named: values.get(named[1], "/workspace"), step["run"]))
    chosen = main.read(["downstream", *words[4:]])
    assert (chosen.project, chosen.before, chosen.after) == ("/workspace/project/service", *list(values.values())[:2])
    (keeping,) = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (keeping["if"], keeping["with"]["path"]) == ("always()", chosen.output.name)


def test_lines_of_the_project_are_looked_for_by_a_command_that_is_understood():
    """The job that reads a project's code starts where the release moves, fails nothing, and leaves what it found."""
    job = documents()[UPGRADED]["jobs"]["usage"]
    condition = job["if"].removeprefix("${{").removesuffix("}}")
    known = {"needs.answer.outputs.from": "httpx==0.27.0", "needs.answer.outputs.to": "httpx2==2.0.0"}
    assert evaluate(condition, known | {"inputs.usage": True})
    assert not evaluate(condition, known | {"inputs.usage": False})
    assert not evaluate(condition, {"inputs.usage": True})
    (step,) = [step for step in job["steps"] if "nox -s usage" in step.get("run", "")]
    values = {"FROM": "httpx==0.27.0", "TO": "httpx2==2.0.0", "PROJECT": "service"}
    words = shlex.split(re.sub(r"\$(\w+)", lambda named: values.get(named[1], "/workspace"), step["run"]))
    chosen = main.read(["usage", *words[4:]])
    assert (str(chosen.project), chosen.before, chosen.after) == (
        "/workspace/project/service",
        "httpx==0.27.0",
        "httpx2==2.0.0",
    )
    assert step["continue-on-error"]
    (keeping,) = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert keeping["with"]["path"] == chosen.output.name


def test_canary_is_a_command_that_is_understood():
    """The job between deploying and promoting runs a canary, ends before its bound, and keeps the page."""
    job = documents()[".github/workflows/reusable-canary.yml"]["jobs"]["verify"]
    (step,) = [step for step in job["steps"] if "nox -s canary" in step.get("run", "")]
    values = {"STABLE": "http://a", "CANDIDATE": "http://b", "CONTRACT": "c.toml", "REQUESTS": "9", "TIMEOUT": "900"}
    words = shlex.split(re.sub(r"\$(\w+)", lambda named: values.get(named[1], "/workspace"), step["run"]))
    assert words[:4] == ["nox", "-s", "canary", "--"]
    chosen = main.read(["canary", *words[4:]])
    assert (chosen.stable, chosen.candidate, str(chosen.contract)) == (
        "http://a",
        "http://b",
        "/workspace/service/c.toml",
    )
    assert chosen.timeout < job["timeout-minutes"] * 60
    (keeping,) = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (keeping["if"], keeping["with"]["path"]) == ("always()", chosen.output.name)
