"""Where things are."""

import os

import pytest
from stage import ROOT, record, release

from repro.kit.workspace import Workspace
from repro.problem import Problem
from repro.release import Checkout


def test_workspace_is_the_checkout():
    """Unless told otherwise, the behaviours and the snapshots are those of the checkout."""
    workspace = Workspace()
    assert (workspace.root, workspace.tests, workspace.snapshots) == (ROOT, ROOT / "tests/cell", ROOT / "snapshots")


def test_everything_made_is_below_one_ignored_folder(tmp_path):
    """Whatever running makes is below the one folder that git ignores."""
    workspace = Workspace(root=tmp_path)
    subject = release("0.1")
    made = [
        workspace.environments,
        workspace.lock,
        workspace.record(subject, "3.12"),
        workspace.log(subject, "3.12"),
        workspace.cost(subject, "3.12"),
    ]
    assert all(path.is_relative_to(tmp_path / ".matrix") for path in made)
    assert ".matrix/" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_cell_has_its_own_files(tmp_path):
    """Two releases, two Pythons or a release and a checkout never share a file."""
    workspace = Workspace(root=tmp_path)
    subjects = [release("0.1"), release("httpx2==0.1"), Checkout("./httpx-0.1")]
    assert len({workspace.record(subject, minor) for subject in subjects for minor in ("3.1", "3.11")}) == 6


def test_newest_records_are_read(tmp_path):
    """Every record there is, is read in the order in which they were written, whatever their names."""
    workspace = Workspace(root=tmp_path)
    assert workspace.newest() == []
    for moment, name in enumerate(("0.2", "0.1", "0.3")):
        path = workspace.record(release(name), "3.11")
        record(name, {"area/a": 1}).write(path)
        os.utime(path, ns=(moment, moment))
    assert [str(found.release) for found in workspace.newest()] == ["httpx==0.2", "httpx==0.1", "httpx==0.3"]


def test_damaged_record_is_not_passed_over(tmp_path):
    """One damaged record is said, and is not taken for a cell that never ran."""
    workspace = Workspace(root=tmp_path)
    workspace.records.mkdir(parents=True)
    (workspace.records / "httpx-0.1-py3.11.json").write_text("{")
    with pytest.raises(Problem, match="is damaged"):
        workspace.newest()
