"""What the environment of a project consists of under one release."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from repro.kit.downstream import installation
from repro.kit.downstream.dependencies import Needs
from repro.kit.downstream.installation import Held
from repro.kit.downstream.project import Project
from repro.release import Releases

RELEASES = Releases.load()
TREE = Path("tree")


def plans(release, needs, pins=(), **held):
    """The environments to try under a release."""
    project = Project("mine", "mine", Path("nowhere"), version="1.0")
    return installation.plans(
        project,
        Held(needs, dict(pins), "2024-01-01", **held),
        RELEASES.parse(release),
        "3.12",
        "3.12",
        RELEASES,
        TREE,
    )


@pytest.fixture
def needs():
    """A package with an extra whose tests need respx, and httpx with HTTP/2."""
    wanted = {name: Requirement(text) for name, text in {"respx": "respx>=0.20", "httpx": "httpx[http2]"}.items()}
    return Needs(package=True, extras=["full"], requirements=wanted)


def test_project_is_installed_with_one_release(needs):
    """The project is installed as it stands, with its extras; of httpx, the release and the extras asked for."""
    plan, _ = plans("0.27.2", needs)
    assert plan.requirements == ("--no-sources", "--editable", "tree[full]", "httpx[http2]==0.27.2", "respx>=0.20")
    assert plan.name == "mine-with-httpx-0.27.2-py3.12"
    assert plan.overrides == ()
    assert dict(plan.variables)["SETUPTOOLS_SCM_PRETEND_VERSION"] == "1.0"


def test_application_is_not_installed(needs):
    """What is not built has only what it needs installed."""
    needs.package = False
    plan, _ = plans("0.27.2", needs)
    assert "--editable" not in plan.requirements


def test_package_without_extras_is_asked_for_plainly(needs):
    """A package whose tests need no extra is installed by its path alone."""
    needs.extras = []
    plan, _ = plans("0.27.2", needs)
    assert plan.requirements[1:3] == ("--editable", "tree")


def test_everything_but_httpx_is_held(needs):
    """The project's pins hold all but httpx and what speaks HTTP for it; at last what httpx needs is free too."""
    pins = {"httpx": "0.25.0", "httpcore": "1.0.0", "anyio": "4.0.0", "respx": "0.20.2"}
    first, last = plans("0.28.1", needs, pins)
    assert first.constraints == ("anyio==4.0.0", "respx==0.20.2")
    assert last.constraints == ("respx==0.20.2",)
    assert f"httpcore={RELEASES.cutoff}" in first.exempt
    assert f"anyio={RELEASES.cutoff}" in last.exempt
    assert f"rfc3986={RELEASES.cutoff}" in first.exempt
    assert f"rfc3986={RELEASES.cutoff}" not in plans("0.28.1", needs, {"rfc3986": "1.4"})[0].exempt
    assert {"httpx", "httpx2", "httpcore2"} <= set(first.exempt)
    assert first.cutoff == "2024-01-01"


def test_fork_stands_beside_the_release_it_forked_from(needs):
    """Under a fork the release it forked from is installed as well, for what requires httpx by its name."""
    plan, _ = plans("httpx2==2.16.2", needs)
    assert plan.requirements[3:5] == ("httpx2[http2]==2.16.2", "httpx[http2]==0.28.1")


def test_replaced_requirement_is_overridden(needs):
    """Where the project's own requirement of httpx is what moves, it cannot be in the way."""
    plan, _ = plans("0.28.1", needs, replaced=True)
    assert plan.overrides == ("httpx[http2]==0.28.1",)


def test_range_of_httpx_is_asked_for(needs):
    """A range that an application gives for httpx is kept beside the release; a list for developers is not."""
    needs.requirements["httpx"] = Requirement("httpx<0.28")
    assert "httpx<0.28" not in plans("0.28.1", needs)[0].requirements
    needs.package = False
    assert "httpx<0.28" in plans("0.28.1", needs)[0].requirements


def test_what_was_uploaded_again_is_seen_before_that(needs):
    """A cut-off before the day on which something was uploaded again does not hide it."""
    plan = installation.plans(
        Project("mine", "mine", Path("nowhere")),
        Held(needs, {}, "2021-01-01"),
        RELEASES.parse("0.19.0"),
        "3.12",
        "3.12",
        RELEASES,
        TREE,
    )[0]
    assert "atomicwrites=2022-07-09" in plan.exempt
    assert not any("atomicwrites" in entry for entry in plans("0.28.1", needs)[0].exempt)


def test_unmoved_project_is_resolved_as_it_stands(needs):
    """What a project has where nothing is moved is resolved with all that it and its tests need, at its own day."""
    held = Held(needs, {"anyio": "4.0.0"}, "2021-01-01")
    plan = installation.unmoved(Project("mine", "mine", Path("nowhere")), held, "httpx>=0.20", "3.12", TREE)
    assert plan.requirements == ("-e tree[full]", "httpx>=0.20", "httpx[http2]", "respx>=0.20")
    assert (plan.constraints, plan.cutoff) == (("anyio==4.0.0",), "2021-01-01")
    assert "setuptools=2022-09-01" in plan.exempt
    needs.package = False
    plan = installation.unmoved(Project("mine", "mine", Path("nowhere")), held, "httpx", "3.12", TREE)
    assert plan.requirements[0] == "httpx"
