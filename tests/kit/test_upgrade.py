"""What an upgrade does to a project, put together from trials under one release after another."""

import pytest

from repro.kit.downstream import upgrade
from repro.kit.downstream.trial import Failure, Test, Trial
from repro.release import Release

WAY = [Release("httpx", version) for version in ("0.24.0", "0.25.0", "0.26.0", "0.27.0", "0.28.0", "0.28.1")]


def trial(release, outcome="ran", uncollected=(), **states):
    """What tests did under a release: their states by name."""
    return Trial(
        release,
        outcome,
        None if outcome == "ran" else "a reason",
        {f"tests/test_a.py::{name}": Test(state) for name, state in states.items()},
        {path: Failure("ImportError", "no") for path in uncollected},
    )


class Project:
    """A project whose tests do what is said here, release by release; it remembers what was run."""

    def __init__(self, answers):
        self.answers = answers
        self.run = []

    def __call__(self, release, only):
        """Run under a release."""
        self.run.append((release.version, only))
        found = self.answers(release, only)
        if only is not None:
            found.tests = {name: test for name, test in found.tests.items() if name in only}
        return found


def after(version):
    """Tests of which one is bad from a version on, and one is bad until then."""
    bad = Release("httpx", version)

    def answers(release, only):
        late = release.parsed >= bad.parsed
        return trial(release, one="failed" if late else "passed", two="passed" if late else "failed", three="passed")

    return answers


def test_ends_alone_say_what_regressed():
    """The two ends say what regressed, what is fixed and what is the same; a regression is run again first."""
    project = Project(after("0.27.0"))
    found = upgrade.look(WAY, project, "ends")
    assert [(each.test[-3:], each.verdict) for each in found.verdicts] == [
        ("one", "regressed"),
        ("ree", "same"),
        ("two", "fixed"),
    ]
    assert project.run == [("0.24.0", None), ("0.28.1", None), ("0.28.1", ["tests/test_a.py::one"])]
    assert found.began == {}
    assert (found.cells, found.code) == (2, 1)


def test_neighbours_need_no_search():
    """Between two releases with none between them, a regression began at the second."""
    found = upgrade.look(WAY[3:5], Project(after("0.28.0")), "ends")
    assert found.began == {"tests/test_a.py::one": (WAY[3], WAY[4])}


@pytest.mark.parametrize("way", ["bisect", "sweep"])
@pytest.mark.parametrize("version", ["0.25.0", "0.26.0", "0.27.0", "0.28.0", "0.28.1"])
def test_first_bad_release_is_found(way, version):
    """A search and a sweep agree on the first bad release, and the search runs fewer."""
    found = upgrade.look(WAY, Project(after(version)), way)
    good, bad = found.began["tests/test_a.py::one"]
    assert bad.version == version
    assert WAY.index(bad) == WAY.index(good) + 1
    assert found.cells <= (5 if way == "bisect" else 6)


def test_what_does_not_repeat_is_unstable():
    """A test that is bad once and good again in a fresh process has not regressed, and is not fine."""

    def answers(release, only):
        return trial(release, one="passed" if release == WAY[0] or only else "failed")

    found = upgrade.look(WAY, Project(answers), "bisect")
    assert [each.verdict for each in found.verdicts] == ["unstable"]
    assert (found.cells, found.code) == (2, 1)


def test_search_passes_over_what_says_nothing():
    """A release between that cannot be installed, and a test that wobbles there, leave a gap and no guess."""

    def answers(release, only):
        if release.version == "0.26.0":
            return trial(release, "not-installable")
        if release.version == "0.27.0":
            count = sum(1 for version, _ in project.run if version == "0.27.0")
            return trial(release, one="failed" if count % 2 else "passed")
        return trial(release, one="passed" if release.parsed < WAY[4].parsed else "failed")

    project = Project(answers)
    found = upgrade.look(WAY, project, "bisect")
    assert found.began == {"tests/test_a.py::one": (WAY[1], WAY[4])}
    steady = {"0.27.0": trial(WAY[3], one="passed")}
    swept = upgrade.look(
        WAY, Project(lambda release, only: steady.get(release.version) or answers(release, only)), "sweep"
    )
    assert swept.began == {"tests/test_a.py::one": (WAY[3], WAY[4])}
    assert swept.code == 3


def test_module_that_cannot_be_collected_breaks_its_tests():
    """An import error at the new release is a regression of every test of the module, with nothing to repeat."""

    def answers(release, only):
        if release == WAY[0]:
            return trial(release, one="passed", two="skipped")
        return trial(release, uncollected=["tests/test_a.py"])

    project = Project(answers)
    found = upgrade.look(WAY[:2], project, "ends")
    assert [(each.verdict, each.after.failure.says) for each in found.verdicts] == [
        ("regressed", "ImportError: no"),
        ("absent", "ImportError: no"),
    ]
    assert len(project.run) == 2


def test_sweep_sees_what_was_bad_only_for_a_while():
    """A regression that a later release mends is found by a sweep, at the release that began it."""

    def answers(release, only):
        return trial(release, one="failed" if release.version in {"0.26.0", "0.27.0"} else "passed")

    found = upgrade.look(WAY, Project(answers), "sweep")
    assert found.of("regressed") == []
    assert found.began == {"tests/test_a.py::one": (WAY[1], WAY[2])}


@pytest.mark.parametrize("outcome", ["not-installable", "broken", "timed-out"])
def test_nothing_is_compared_with_nothing(outcome):
    """Where the project does not run under its own release, nothing else is run, and nothing is called fine."""
    project = Project(lambda release, only: trial(release, outcome))
    found = upgrade.look(WAY, project, "bisect")
    assert (found.after, found.verdicts, found.code, len(project.run)) == (None, [], 3, 1)


def test_project_without_tests_says_nothing():
    """Where no test ran, nothing is compared."""
    found = upgrade.look(WAY, Project(lambda release, only: trial(release)), "ends")
    assert (found.after, found.code) == (None, 3)


def test_release_that_cannot_be_installed_is_not_a_regression():
    """Where the other release cannot be installed, that is what is said, and no test is blamed."""
    answers = {WAY[0]: trial(WAY[0], one="passed"), WAY[-1]: trial(WAY[-1], "not-installable")}
    found = upgrade.look(WAY, Project(lambda release, only: answers[release]), "bisect")
    assert (found.verdicts, found.began, found.code) == ([], {}, 3)


def test_suite_that_cannot_begin_is_bad_as_a_whole():
    """Where pytest itself does not come to run under the other release, every test is bad there."""

    def answers(release, only):
        return trial(release, one="passed") if release == WAY[0] else trial(release, "broken")

    found = upgrade.look(WAY, Project(answers), "ends")
    assert [(each.verdict, each.after.failure.message) for each in found.verdicts] == [("regressed", "a reason")]


def test_tests_that_are_all_gone_are_no_success():
    """Where none of the tests that are good at first is there in the end, nothing was compared, and that is said."""

    def answers(release, only):
        return trial(release, **{"one" if release == WAY[0] else "two": "passed"})

    found = upgrade.look(WAY, Project(answers), "ends")
    assert (found.gone, found.code) == (True, 3)
