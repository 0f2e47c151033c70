"""The menu: what nox lists, what it refuses, and the codes it exits with."""

import json

import pytest
from runner import nox
from stage import ROOT

from repro.release import Releases


def test_list_reads_as_the_manual():
    """What nox lists fits a screen, and says how to choose releases and what every session does."""
    code, out, _ = nox("-l")
    assert code == 0
    assert len(out.splitlines()) < 40
    sessions = ("accept", "advisory", "releases", "kit", "end_to_end", "lint", "coverage", "throughput", "certificates")
    for word in ("RELEASES=", "nox -s SESSION", *sessions):
        assert word in out
    data = Releases.load()
    for name in data.boundary:
        assert f"cell({data.parse(name).slug})" in out
    # As a workflow gives an input that nobody filled in.
    assert nox("-l", RELEASES="")[1] == out


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


def test_run_leaves_no_folder_behind(tmp_path):
    """What the sessions of a run tell each other is gone when it ends."""
    nox("-l", TMPDIR=str(tmp_path))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("httpx-upgrade-")] == []
