"""The jobs of CI, from their clones to what they leave: each command, in the order in which a runner runs them."""

import json
import re
import shutil

import pytest
import yaml
from forge_server import WRITER
from runner import Runner, clone, git, published
from stage import ANSWER, MINOR, ROOT, SMALL

from repro.epochs import dump

UPGRADED = ".github/workflows/reusable-upgrade.yml"


def document(path):
    """A file of CI, as it is read."""
    return yaml.safe_load((ROOT / path).read_text())


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
    parent = document(".ci/gitlab.yml")
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


def test_pull_request_is_answered_and_commented(tmp_path, github):
    """From a merged checkout to the comment: every command of both jobs, in order, with what a runner sets."""
    workflow, action = document(UPGRADED), document(".github/actions/upgrade/action.yml")
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


WATCH = ".github/workflows/watch.yml"


@pytest.fixture
def watched(tmp_path):
    """A repository with small release data that lacks httpx 0.2, and what clones it for a job."""
    origin = tmp_path / "origin.git"
    first = prepare(clone(tmp_path / "first"))
    data = first / "repro" / "releases.toml"
    data.write_text(SMALL.replace('"0.1", "0.2", "0.2.1", "0.3", "0.4", "1.0.dev1"', '"0.1"'))
    (first / "snapshots" / "httpx-0.1" / "area").mkdir(parents=True)
    (first / "snapshots" / "httpx-0.1" / "area" / "answer.json").write_text(dump(1))
    return published(first, origin)


def test_night_runs_what_is_new_and_proposes_it(tmp_path, watched, github):
    """From new release data to the pull request: every command of the three jobs, in order, with what a runner sets."""
    jobs = document(WATCH)["jobs"]
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


UPGRADE = ".github/workflows/upgrade.yml"


#: Of these, 0.3 cannot be imported.
ASKED = "httpx==0.1 httpx==0.3 httpx2==2.0"


LOCKS = ROOT / "tests" / "kit" / "locks"
