"""The files of CI: made from their templates, and their commands run in the order in which a runner runs them."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from forge_server import WRITER
from runner import Runner, clone, evaluate
from stage import ANSWER, MINOR, ROOT, SMALL

from repro.epochs import dump
from repro.kit import __main__ as main
from repro.kit.ci import workflows
from repro.problem import Problem
from repro.release import Releases

UPGRADE = ".github/workflows/upgrade.yml"
#: Of these, 0.3 cannot be imported.
ASKED = "httpx==0.1 httpx==0.3 httpx2==2.0"


def texts():
    """Every file of CI, as the templates make it."""
    return workflows.made(workflows.actions(), Releases.load().pythons)


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


def inputs(asked):
    """The inputs of the fan-out."""
    return {"inputs.releases": asked, "inputs.pythons": MINOR, "inputs.groups": "3"}


def prepare(root):
    """Give a clone small release data and one behaviour, which every release answers otherwise."""
    (root / "repro" / "releases.toml").write_text(SMALL)
    (root / "tests" / "cell" / "area").mkdir(parents=True)
    (root / "tests" / "cell" / "conftest.py").write_bytes((ROOT / "tests" / "cell" / "conftest.py").read_bytes())
    (root / "tests" / "cell" / "area" / "test_behaviours.py").write_text(ANSWER)
    (root / "snapshots").mkdir()
    return root


@pytest.fixture(scope="module")
def fan_out(surroundings, tmp_path_factory):
    """The workflow of the fan-out, run job by job from clean clones: its runner, and its matrix."""
    runner = Runner(tmp_path_factory.mktemp("fan-out"), UPGRADE, prepare, **inputs(ASKED))
    listed = runner.job("matrix")
    assert listed.code == 0, listed.said
    matrix = json.loads(listed.outputs["matrix"])["include"]
    for entry in matrix:
        done = runner.job("cells", **{f"matrix.{key}": value for key, value in entry.items()})
        assert done.code in {1, 3}, done.said
    return runner, matrix


def test_fan_out_gives_the_report_of_a_run_in_one_piece(tmp_path, fan_out):
    """From clean clones: matrix, three groups, merge and report give byte for byte what one machine gives."""
    runner, matrix = fan_out
    assert len(matrix) == 3
    assert sorted(" ".join(entry["releases"] for entry in matrix).split()) == sorted(ASKED.split())
    report = runner.job("report")
    whole = Runner(tmp_path, UPGRADE, prepare, **inputs(ASKED))
    steps = whole.workflow["jobs"]["report"]["steps"]
    (reporting,) = [step for step in steps if "kit report" in step.get("run", "")]
    whole.workflow["jobs"]["report"]["steps"] = [{"run": 'nox -s cell -P "$PYTHONS"'}, reporting | {"if": "always()"}]
    alone = whole.job("report")
    assert report.code == alone.code == 3
    assert report.said[-1] == alone.said[-1]
    assert report.summary == alone.summary
    assert "NOT COMPLETE: 1 cell of 3" in report.summary
    assert "httpx2==2.0: 1 behaviour changed after httpx==0.1" in report.summary
    page = ".matrix/report/index.html"
    assert (report.root / page).read_bytes() == (alone.root / page).read_bytes()
    assert (runner.artifacts / "report" / "index.html").is_file()


def test_group_that_dies_leaves_its_cells_as_not_run(tmp_path, fan_out):
    """The cells of a group whose machine went away are told as not run, and the exit code is 3."""
    runner, matrix = fan_out
    left = Runner(tmp_path, UPGRADE, prepare, **inputs(ASKED))
    shutil.copytree(runner.artifacts, left.artifacts, ignore=shutil.ignore_patterns("records-1", "report"))
    report = left.job("report")
    assert report.code == 3
    for name in matrix[0]["releases"].split():
        assert re.search(rf"{re.escape(name)} +{re.escape(MINOR)} +no record", report.said[-1])
        assert f"::error title={name} on Python {MINOR}%3A not run" in report.said[-1]
    assert "NOT COMPLETE: 2 cells of 3" in report.summary
    assert (left.artifacts / "report" / "index.html").is_file()


def test_child_pipeline_of_gitlab_gives_the_same_report(tmp_path, fan_out):
    """The scripts of GitLab's jobs list the same groups, and report what those of GitHub do."""
    runner, matrix = fan_out
    parent = documents()[".ci/gitlab.yml"]
    left = Runner(tmp_path, UPGRADE, prepare, **inputs(ASKED))
    root = prepare(clone(tmp_path / "clone"))
    variables = parent["variables"] | {"RELEASES": ASKED, "PYTHONS": MINOR, "MOST": "3"}
    assert gitlab(left, root, parent["matrix"]["script"], variables).code == 0
    assert parent["matrix"]["artifacts"]["paths"] == ["cells.yml"]
    assert parent["cells"]["trigger"]["include"] == [{"artifact": "cells.yml", "job": "matrix"}]
    child = yaml.safe_load((root / "cells.yml").read_text())
    groups = [job["variables"]["RELEASES"] for name, job in child.items() if name.startswith("group ")]
    assert groups == [entry["releases"] for entry in matrix]
    for records in runner.artifacts.glob("records-*"):
        shutil.copytree(records, root / ".matrix" / "records", dirs_exist_ok=True)
    done = gitlab(left, root, child["report"]["script"], child["report"]["variables"])
    assert done.code == 3
    assert "NOT COMPLETE: 1 cell of 3" in done.said[-1]
    assert "no record" not in done.said[-1]


def gitlab(runner, root, script, variables):
    """Run the script of a job of GitLab, but for what installs."""
    runner.clones += 1
    steps = [{"run": line, "shell": "bash"} for line in script if not line.startswith("pip install")]
    return runner.steps({"env": variables}, steps, root)


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
LOCKS = ROOT / "tests" / "kit" / "locks"


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


def git(folder, *arguments):
    """Run git in a folder."""
    name = ["-c", "user.name=t", "-c", "user.email=t@example"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


def test_pull_request_is_answered_and_commented(tmp_path, github):
    """From a merged checkout to the comment: every command of both jobs, in order, with what a runner sets."""
    workflow, action = documents()[UPGRADED], documents()[".github/actions/upgrade/action.yml"]
    runner = Runner(tmp_path, UPGRADED, None, **{"github.api_url": github.api})
    pull = {"number": 7, "title": "Bump httpx from 0.26.0 to 0.28.1", "user": {"login": "dependabot[bot]"}}
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": pull}))
    root = clone(tmp_path / "workspace" / "kit").parent
    (root / "kit" / "snapshots").symlink_to(ROOT / "snapshots")
    project = root / "project" / "service"
    project.parent.mkdir()
    git(project.parent, "init", "--quiet")
    for side in ("base", "head"):
        shutil.copytree(LOCKS / f"poetry-{side}", project, dirs_exist_ok=True)
        git(project.parent, "add", ".")
        git(project.parent, "commit", "--quiet", "--message", side)

    inputs = {"inputs.path": "service", "github.event_name": "pull_request", "github.workspace": str(root)}
    job = workflow["jobs"]["answer"]
    (using,) = [step for step in job["steps"] if "upgrade" in step.get("uses", "")]
    given = {f"inputs.{name}": runner._value(value, inputs) for name, value in using["with"].items()}
    assert (given["inputs.path"], given["inputs.base"]) == ("project/service", "base/service")
    commands = [step for step in job["steps"] if "run" in step]
    (answering,) = [
        step | {"working-directory": "kit"} for step in action["runs"]["steps"] if "ci answer" in step.get("run", "")
    ]
    answered = runner.steps(job, [*commands, answering], root, **(inputs | given))
    assert answered.code == 1, answered.said
    assert answered.summary.startswith("## `httpx==0.26.0` → `httpx==0.28.1`")
    runner._artifact(next(step for step in job["steps"] if "upload" in step.get("uses", "")), root, inputs)

    job = workflow["jobs"]["comment"]
    commenting = [
        step for step in job["steps"] if "artifact" in step.get("uses", "") or "ci comment" in step.get("run", "")
    ]
    runner.clones += 1
    known = {"github.token": WRITER, "github.event.pull_request.number": 7, "inputs.path": "service"}
    for said in ("Commented on #7.\n", "There was nothing to say.\n"):
        runner.clones += 1
        done = runner.steps(job, commenting, root / "kit", **known)
        assert (done.code, done.said) == (0, [said])
    (only,) = github.entries["issues/7/comments"]
    assert only["body"].splitlines()[0] == "<!-- httpx-upgrade-kit: service -->"
    assert "From `poetry.lock: httpx` to `poetry.lock: httpx`." in only["body"]


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


WATCH = ".github/workflows/watch.yml"


@pytest.fixture
def watched(tmp_path):
    """A repository with small release data that lacks httpx 0.2, and what clones it for a job."""
    origin = tmp_path / "origin.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    first = prepare(clone(tmp_path / "first"))
    data = first / "repro" / "releases.toml"
    data.write_text(SMALL.replace('"0.1", "0.2", "0.2.1", "0.3", "0.4", "1.0.dev1"', '"0.1"'))
    (first / "snapshots" / "httpx-0.1" / "area").mkdir(parents=True)
    (first / "snapshots" / "httpx-0.1" / "area" / "answer.json").write_text(dump(1))
    git(first, "init", "--quiet", "--initial-branch=main")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "--message", "first")
    git(first, "push", "--quiet", str(origin), "main")

    def job(name):
        git(tmp_path, "clone", "--quiet", str(origin), name)
        return tmp_path / name

    return job


def test_night_runs_what_is_new_and_proposes_it(tmp_path, watched, github):
    """From new release data to the pull request: every command of the three jobs, in order, with what a runner sets."""
    jobs = documents()[WATCH]["jobs"]
    runner = Runner(tmp_path / "runner", WATCH, None, **{"github.api_url": github.api, "github.token": WRITER})
    runner.folder.mkdir()

    def done(name, **context):
        runner.clones += 1
        steps = [step for step in jobs[name]["steps"] if not step.get("run", "").startswith(("pip", "nox -s releases"))]
        return runner.steps(jobs[name], steps, roots[name], **context)

    roots = {name: watched(name) for name in jobs}
    # What `nox -s releases` would add, had it an index here.
    data = roots["run"] / "repro" / "releases.toml"
    data.write_text(data.read_text().replace('versions = ["0.1"]', 'versions = ["0.1", "0.2", "0.3"]'))
    found = done("run")
    assert (found.code, found.outputs) == (0, {"new": "httpx==0.2 httpx==0.3"}), found.said
    assert "- [ ] `area/answer` at `httpx==0.2`" in found.said[-1]
    proposed = done("propose", **{"github.event.repository.default_branch": "main"})
    assert (proposed.code, proposed.said) == (0, ["watch/releases: pushed. Its pull request: opened.\n"])
    (pull,) = github.entries["pulls"]
    assert (pull["title"], pull["base"]) == ("Watch: httpx==0.2, httpx==0.3", "main")
    assert "- `httpx==0.3`: not-importable: " in pull["body"]
    told = done("tell", needs={"run": {"result": "success"}, "propose": {"result": "success"}})
    assert (told.code, told.said) == (0, ["The issue of the watch: nothing.\n"])
    told = done("tell", needs={"run": {"result": "failure"}, "propose": {"result": "skipped"}})
    assert (told.code, told.said) == (0, ["The issue of the watch: opened.\n"])
