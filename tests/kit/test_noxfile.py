"""The menu: what nox lists, what it refuses, and the codes it exits with."""

import json
import os
import subprocess
import sys

import pytest
from stage import ROOT, release

from repro.release import Releases


def nox(*arguments, cwd=ROOT, **environ):
    """Run nox: its exit code, what it printed, and its errors."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_list_reads_as_the_manual():
    """What nox lists fits a screen, and says how to choose releases and what every session does."""
    code, out, _ = nox("-l")
    assert code == 0
    assert len(out.splitlines()) < 40
    sessions = ("accept", "advisory", "releases", "kit", "lint", "coverage", "throughput", "certificates")
    for word in ("RELEASES=", "nox -s SESSION", *sessions):
        assert word in out
    data = Releases.load()
    for name in data.boundary:
        assert f"cell({data.parse(name).slug})" in out


@pytest.mark.parametrize("asked", ["0.12.1 httpx2==2.16.2 0.29.0", "all"])
def test_every_cell_is_an_entry_of_the_json_list(asked):
    """CI finds one entry for each cell, whatever releases are asked for."""
    _, out, _ = nox("--list", "--json", "-s", "cell", RELEASES=asked)
    assert [entry["session"] for entry in json.loads(out)] == [
        f"cell({subject.slug})" for subject in Releases.load().select(asked)
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "nonsense",
            "error: 'nonsense' is not a release.\n  Write a version, DISTRIBUTION==VERSION, a path, or one of ",
        ),
        (
            "./nowhere",
            f"error: There is no checkout of httpx at {ROOT / 'nowhere'}.\n  Give RELEASES a path that exists.",
        ),
    ],
)
def test_misuse_exits_with_2_and_its_sentence(asked, said):
    """What cannot be read as releases is said before any session starts."""
    code, out, err = nox("-l", RELEASES=asked)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert "Traceback" not in err


def test_checkout_is_a_cell(tmp_path):
    """The path of a checkout is a cell like any other."""
    _, out, _ = nox("-l", RELEASES=f"{tmp_path}/")
    assert "cell(checkout-" in out


def test_run_exits_with_what_it_came_to(small_checkout):
    """A run exits with 1 while answers are not stored, 0 once they are accepted, and 3 when a cell cannot be built."""
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.2")
    assert code == 1, out + err
    assert "httpx==0.2: 1 behaviour changed after httpx==0.1" in out
    assert "CHANGED: 2 cells ran; 1 behaviour not as stored." in out
    code, out, err = nox("-s", "accept", cwd=small_checkout.root)
    assert code == 0, out + err
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.2")
    assert code == 0, out + err
    assert "AS STORED: 2 cells ran" in out
    assert small_checkout.releases.parse("0.1") == release("0.1")


def test_cell_that_cannot_be_built_does_not_stop_the_others(small_checkout):
    """Cells that cannot be installed or imported say so, the others finish, and the report comes before exit code 3."""
    code, out, err = nox(cwd=small_checkout.root, RELEASES="0.1 0.3 0.4 0.9")
    assert code == 3, out + err
    for told in ("  ran  ", "not-importable", "not-installable", "RuntimeError: this release cannot be imported"):
        assert told in out
    assert "NOT COMPLETE: 3 cells of 4 could not be built or did not finish" in out


def test_damaged_file_exits_with_2(small_checkout):
    """A damaged snapshot is said by the session that reads it, and the run exits with 2."""
    small_checkout.store("httpx-0.1", "area/answer", 1).write_text("{")
    code, out, err = nox("-s", "cell", cwd=small_checkout.root, RELEASES="0.1")
    assert code == 2, out + err
    assert "is damaged" in out + err
    assert "git checkout -- snapshots" in out + err


def test_run_leaves_no_folder_behind(tmp_path):
    """What the sessions of a run tell each other is gone when it ends."""
    nox("-l", TMPDIR=str(tmp_path))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("httpx-upgrade-")] == []
