"""What an upgrade does to a project, put together from its trials: what regressed, since when, why, and what to do.

Computes, never prints; the trials are given by a function, so that what decides which to ask for is here alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro.kit.downstream import verdict
from repro.kit.downstream.search import Search
from repro.kit.downstream.trial import BAD, GOOD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from repro.kit.downstream.drift import Drift
    from repro.kit.downstream.trial import Failure, Trial
    from repro.kit.downstream.verdict import Verdict
    from repro.release import Release

    #: Runs the tests of a project under a release: all of them, or only those named.
    Try = Callable[[Release, Sequence[str] | None], Trial]

#: The ways to look between the two ends.
WAYS = ("ends", "bisect", "sweep")


@dataclass
class Upgrade:
    """What an upgrade does to a project.

    Attributes:
        releases: The releases from the one that the project has to the other, in line order.
        trials: What ran in full, by release.
        verdicts: What becomes of each test from the first release to the last.
        began: Of each regression, the last release known to be good and the first known to be bad.
        failures: Why each regression is bad, under the first release that is known to be.
        between: Under the releases between, where each was run, the tests that are bad there and good at the first.
        cells: How many releases were run.
        drifts: How the outputs that must not drift did, from the first release to the last.
        drifted: For each output that drifted, the first release that was captured and has it so.
    """

    releases: list[Release]
    trials: dict[Release, Trial] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    began: dict[str, tuple[Release, Release]] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    between: dict[Release, list[str]] = field(default_factory=dict)
    cells: int = 0
    drifts: list[Drift] = field(default_factory=list)
    drifted: dict[str, Release] = field(default_factory=dict)

    @property
    def before(self) -> Trial:
        """The trial under the release that the project has."""
        return self.trials[self.releases[0]]

    @property
    def after(self) -> Trial | None:
        """The trial under the release that it goes to; None where the first said nothing to compare it with."""
        return self.trials.get(self.releases[-1])

    def of(self, kind: str) -> list[Verdict]:
        """The tests of one verdict."""
        return [found for found in self.verdicts if found.verdict == kind]

    @property
    def gone(self) -> bool:
        """Whether no test that is good under the first release is there under the last: nothing was compared."""
        good = [each for each in self.verdicts if each.before.state in GOOD]
        return bool(good) and all(each.verdict == "absent" for each in good)

    @property
    def complete(self) -> bool:
        """Whether every release that was asked for said something."""
        return self.after is not None and all(trial.outcome == "ran" for trial in self.trials.values())

    @property
    def code(self) -> int:
        """The exit code: 3 where a release did not run to its end, 1 where something regressed, drifted or wobbles."""
        if not self.complete or self.gone:
            return 3
        drifted = any(drift.state != "same" for drift in self.drifts)
        return 1 if drifted or self.of("regressed") or self.of("unstable") else 0


def look(releases: Sequence[Release], trying: Try, way: str, *, bare: bool = False) -> Upgrade:
    """Run what has to run, and put it together.

    Args:
        releases: From the release that the project has to the other, in line order.
        trying: Runs the tests under a release.
        way: One of `WAYS`.
        bare: Whether a project is looked at of which no test ran.
    """
    found = Upgrade(list(releases))
    first, last = found.releases[0], found.releases[-1]
    before = found.trials[first] = trying(first, None)
    found.cells = 1
    if before.outcome != "ran" or not (before.tests or bare):
        return found
    after = found.trials[last] = trying(last, None)
    found.cells += 1
    if after.outcome != "not-installable":
        found.verdicts = _confirmed(before, after, trying)
    regressed = [each.test for each in found.of("regressed")]
    _explain(found, after, regressed)
    if way == "bisect":
        _bisect(found, regressed, trying)
    elif way == "sweep":
        _sweep(found, trying)
    elif found.releases == [first, last]:
        found.began = dict.fromkeys(regressed, (first, last))
    return found


def _confirmed(before: Trial, after: Trial, trying: Try) -> list[Verdict]:
    """The verdicts, each regression after it was seen again in a fresh process."""
    doubtful = verdict.doubtful(before, after)
    return verdict.compare(before, after, trying(after.release, doubtful) if doubtful else None)


def _bisect(found: Upgrade, regressed: Sequence[str], trying: Try) -> None:
    """Find the first bad release of every regression, all in one search."""
    search = Search(found.releases, regressed)
    while (release := search.next) is not None:
        asked = search.asked(release)
        trial = trying(release, asked)
        found.cells += 1
        if trial.outcome in {"not-installable", "timed-out"} and not trial.tests:
            search.tell(release, (), silent=asked)
            continue
        bad = [test for test in asked if trial.test(test).state in BAD]
        # What is bad as it was bad before was seen twice already. What is bad in another way has to be so twice as
        # well; it is asked again in the same environment, which is no further cell.
        other = [test for test in bad if test in trial.tests and not _alike(trial.test(test).failure, found, test)]
        again = trying(release, other) if other else trial
        shaky = {test for test in other if again.test(test).state not in BAD}
        believed = [test for test in bad if test not in shaky]
        search.tell(release, believed, silent=shaky)
        _explain(found, trial, believed)
    found.began = {test: search.first_bad(test) for test in regressed}


def _explain(found: Upgrade, trial: Trial, bad: Sequence[str]) -> None:
    """Keep why tests are bad under a release that is the first known so far."""
    for test in bad:
        if (failure := trial.test(test).failure) is not None:
            found.failures[test] = failure


def _alike(failure: Failure | None, found: Upgrade, test: str) -> bool:
    """Whether a test is bad as it was bad under the release that was the first known so far."""
    return failure is not None and test in found.failures and failure.kin == found.failures[test].kin


def _sweep(found: Upgrade, trying: Try) -> None:
    """Run every release between, and take the first that is bad where the one before it that ran is good."""
    last = found.releases[-1]
    for release in found.releases[1:-1]:
        trial = trying(release, None)
        found.trials[release] = trial
        found.cells += 1
        if trial.outcome != "not-installable":
            found.between[release] = [
                each.test for each in _confirmed(found.before, trial, trying) if each.verdict == "regressed"
            ]
    regressed = [each.test for each in found.of("regressed")]
    for test in {*regressed, *(test for tests in found.between.values() for test in tests)}:
        first_bad = next((r for r in found.releases if test in found.between.get(r, ())), last)
        before = found.releases[: found.releases.index(first_bad)]
        # Those that could not be asked are neither.
        found.began[test] = [r for r in before if r == found.releases[0] or r in found.between][-1], first_bad
        _explain(found, found.trials[first_bad], [test])
