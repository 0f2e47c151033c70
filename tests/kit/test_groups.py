"""Groups of cells, balanced by what each was measured to cost."""

import json

import pytest

from repro.kit.ci import groups, workflows
from repro.problem import Problem
from repro.release import Releases


@pytest.mark.parametrize("most", [1, 2, 3, 4, 6, 7, 12, 20])
@pytest.mark.parametrize("asked", ["boundary", "minors", "all", "0.12.1 0.13.0 httpx2 httpxyz", "0.8.0 0.11.1 0.28.1"])
def test_slowest_group_takes_at_most_a_third_more_than_the_mean(asked, most):
    """From measured costs, whatever releases and however many groups: the slowest takes at most 1.3 times the mean."""
    cells = [(str(subject), "3.12") for subject in Releases.load().select(asked)]
    found = groups.grouped(cells, most, groups.costs())
    assert 1 <= len(found) <= most
    mean = sum(group.seconds for group in found) / len(found)
    assert max(group.seconds for group in found) <= 1.3 * mean
    assert sorted(subject for group in found for subject in group.subjects) == sorted(name for name, _ in cells)


def test_every_python_has_groups_of_its_own():
    """A job has one Python, so the cells of another are in other groups."""
    cells = [(f"httpx==0.{minor}.0", python) for python in ("3.11", "3.12") for minor in (20, 21, 22, 23)]
    found = groups.grouped(cells, 2, groups.costs())
    assert [group.python for group in found] == ["3.11", "3.11", "3.12", "3.12"]


def test_cost_that_was_never_measured_is_that_of_the_release_before():
    """A new release costs what the one before it does, and what is of no line what most cells do."""
    known = {"httpx==0.9": 2.0, "httpx==0.10": 4.0, "httpx2==2.0": 9.0}
    assert groups.cost("httpx==0.10", known) == 4.0
    assert groups.cost("httpx==0.11.dev1", known) == 4.0
    assert groups.cost("httpx==0.1", known) == 4.0
    assert groups.cost("../httpx", known) == 4.0


def test_every_release_that_runs_was_measured():
    """The data has a cost of every release but those that cannot be installed."""
    known = groups.costs()
    assert {str(release) for release in Releases.load().all} - known.keys() <= {"httpx==0.7.0"}


def test_costs_are_kept_as_cells_left_them(tmp_path):
    """What cells cost is read from what they left, the dearest Python of a release; text and data say the same."""
    for name, seconds in {
        "httpx-0.9-py3.11": 1.0,
        "httpx-0.9-py3.12": 2.5,
        "httpx-0.10-py3.11": 3,
        "checkout-py3.11": 4,
    }.items():
        cost = {"building": 9, "starting": 0.25, "behaviours": seconds, "wall": 9}
        (tmp_path / f"{name}.json").write_text(json.dumps(cost))
    found = groups.measured(tmp_path)
    assert found == {"httpx==0.9": 2.8, "httpx==0.10": 3.2}
    (tmp_path / "costs.toml").write_text(groups.text(found))
    assert groups.costs(tmp_path / "costs.toml") == found
    with pytest.raises(Problem, match="No cell left what it cost"):
        groups.measured(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [("format = 1", "damaged"), ("format = 9", "too new"), ("[", "damaged"), ("format = 1\nseconds = 1", "damaged")],
)
def test_damaged_costs_are_a_problem(tmp_path, text, said):
    """Costs that cannot be read are said to be damaged or too new."""
    (tmp_path / "costs.toml").write_text(text)
    with pytest.raises(Problem, match=said):
        groups.costs(tmp_path / "costs.toml")


def test_list_of_nox_is_read():
    """The cells are those that nox lists, whatever else it lists."""
    entries = [
        {"name": "cell", "python": "3.12", "call_spec": {"subject": "httpx==0.12.1"}},
        {"name": "cell", "python": None, "call_spec": {"subject": "httpx==0.13.0"}},
        {"name": "lint", "python": None, "call_spec": {}},
    ]
    assert groups.listed(json.dumps(entries)) == [("httpx==0.12.1", "3.12"), ("httpx==0.13.0", "")]


@pytest.mark.parametrize("said", ["", "{}", "[]", '[{"name": "cell"}]', "[1]"])
def test_what_is_no_list_of_cells_is_a_problem(said):
    """Anything else than a list with a cell is refused."""
    with pytest.raises(Problem, match="nox"):
        groups.listed(said)


def test_matrix_and_child_pipeline_say_the_same():
    """GitHub's matrix and GitLab's child pipeline have the same groups, and the report waits for all of them."""
    found = [groups.Group("3.12", ["httpx==0.12.1", "httpx2==2.0"], 2), groups.Group("3.13", ["httpx==0.12.1"], 1)]
    assert groups.github(found) == {
        "include": [
            {"group": 1, "python": "3.12", "releases": "httpx==0.12.1 httpx2==2.0"},
            {"group": 2, "python": "3.13", "releases": "httpx==0.12.1"},
        ]
    }
    pipeline = groups.gitlab(found, workflows.gitlab())
    assert pipeline["group 1"]["variables"] == {"RELEASES": "httpx==0.12.1 httpx2==2.0", "PYTHON": "3.12"}
    assert [need["job"] for need in pipeline["report"]["needs"]] == ["group 1", "group 2"]
    assert pipeline["report"]["variables"] == {"RELEASES": "httpx==0.12.1 httpx2==2.0", "PYTHONS": "3.12 3.13"}
    assert pipeline["report"]["when"] == pipeline["group 2"]["artifacts"]["when"] == "always"
    assert set(pipeline["stages"]) == {pipeline["group 1"]["stage"], pipeline["report"]["stage"]}
