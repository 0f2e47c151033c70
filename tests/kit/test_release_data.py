"""The release data itself: complete, in order, and each rule with its reason."""

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from repro.kit import environment
from repro.release import Releases

DATA = Releases.load()


@pytest.mark.parametrize("rule", DATA.rules, ids=lambda rule: rule.releases)
def test_rule_has_a_reason_and_covers_a_release(rule):
    """Every rule says why, in a sentence, and is about at least one release under at least one Python."""
    assert rule.reason.endswith(".")
    assert any(rule.covers(release, python) for release in DATA.all for python in DATA.pythons)
    assert rule.outcome in {None, "not-installable", "not-importable"}
    for requirement in (*rule.install, *rule.optional, *rule.override):
        Requirement(requirement)
    assert set(rule.without) <= {Requirement(requirement).name for requirement in DATA.harness}


@pytest.mark.parametrize("line", DATA.lines.values(), ids=lambda line: line.distribution)
def test_versions_are_sorted_and_each_once(line):
    """A line lists its versions in order, each once."""
    parsed = [Version(version) for version in line.versions]
    assert parsed == sorted(set(parsed))


def test_file_lists_versions_as_they_are_read():
    """The order of the versions in the file is the order of the line, so that a new one is seen where it belongs."""
    import tomllib

    from repro.release import DATA as PLACE

    for entry in tomllib.loads(PLACE.read_text())["line"]:
        assert tuple(entry["versions"]) == DATA.lines[entry["distribution"]].versions


def test_boundary_releases_exist():
    """Every release that runs by default is in the data."""
    assert {DATA.parse(name) for name in DATA.boundary} <= set(DATA.all)


def test_forks_continue_a_known_release():
    """What a line forked from is in the data."""
    assert [
        line.forked_from for line in DATA.lines.values() if line.forked_from and line.forked_from not in DATA.all
    ] == []


@pytest.mark.parametrize("python", DATA.pythons)
def test_every_release_has_a_plan_of_its_own(python):
    """Each release of the data yields an environment of its own under each Python, with nothing required twice."""
    plans = [environment.plan(release, python, python, DATA) for release in DATA.all]
    assert len({plan.folder for plan in plans}) == len(DATA.all)
    for plan in plans:
        names = [Requirement(requirement).name for requirement in plan.requirements]
        assert len(names) == len(set(names)), plan.name
        assert plan.cutoff == DATA.cutoff


@pytest.mark.parametrize("version", ["0.13.dev0", "0.13.0.dev1", "0.13.0.dev2"])
def test_prereleases_of_013_have_their_httpcore(version):
    """The pre-releases of 0.13 are repaired by the pin that is meant for them."""
    plan = environment.plan(DATA.parse(version), "3.11", "3.11", DATA)
    assert "httpcore==0.8.4" in plan.requirements


def test_every_release_says_what_respx_it_has():
    """For every release there is a respx, or the reason why there is none."""
    silent = [
        str(release)
        for release in DATA.all
        if not any(
            "respx" in rule.reason or any("respx" in entry for entry in rule.install)
            for rule in DATA.rules_for(release, "3.11")
        )
        and not any(rule.outcome for rule in DATA.rules_for(release, "3.11"))
    ]
    assert silent == []


def test_everything_that_is_pinned_is_pinned_exactly():
    """What every cell has, and what a rule adds, is one version and never a range."""
    for requirement in (*DATA.harness, *(entry for rule in DATA.rules for entry in (*rule.install, *rule.optional))):
        assert [specifier.operator for specifier in Requirement(requirement).specifier] == ["=="]
