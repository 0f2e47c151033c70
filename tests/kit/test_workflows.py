"""The files of CI: made from their templates, and their commands run in the order in which a runner runs them."""

import json
import re
import shutil

import pytest
import yaml
from runner import Runner
from stage import ANSWER, MINOR, ROOT, SMALL

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
    shutil.rmtree(root / "tests" / "cell")
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
