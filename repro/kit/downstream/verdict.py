"""Compares two trials, test by test: what an upgrade breaks and what it mends. Computes, never prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro.kit.downstream.trial import BAD, GOOD

if TYPE_CHECKING:
    from repro.kit.downstream.trial import Test, Trial

#: What can be said of a test, what hurts first.
VERDICTS = ("regressed", "unstable", "absent", "fixed", "same")


@dataclass(frozen=True)
class Verdict:
    """What an upgrade does to one test.

    Attributes:
        test: Its node id.
        verdict: One of `VERDICTS`.
        before: What it did under the release that the project has.
        after: What it did under the other.
    """

    test: str
    verdict: str
    before: Test
    after: Test


def compare(before: Trial, after: Trial, again: Trial | None = None) -> list[Verdict]:
    """What moving from one release to another does to each test, in the order of their names.

    Args:
        before: The trial under the release that the project has.
        after: The trial under the other.
        again: The tests that differed, run again under the other in a fresh process; None where none did.
    """
    names = sorted({*before.tests, *after.tests})
    return [_verdict(name, before.test(name), after.test(name), again) for name in names]


def doubtful(before: Trial, after: Trial) -> list[str]:
    """The tests that would be called regressed, and so have to run again first."""
    return [
        found.test for found in compare(before, after) if found.verdict == "regressed" and found.test in after.tests
    ]


def _verdict(name: str, before: Test, after: Test, again: Trial | None) -> Verdict:
    repeated = again.test(name) if again is not None else None
    if before.state in GOOD and after.state in BAD:
        # What could not even be collected has nothing to repeat.
        shaky = again is not None and name in again.tests and repeated is not None and repeated.state not in BAD
        return Verdict(name, "unstable" if shaky else "regressed", before, after)
    if before.state in BAD and after.state in GOOD:
        return Verdict(name, "fixed", before, after)
    if before.state in GOOD | BAD and after.state in GOOD | BAD:
        return Verdict(name, "same", before, after)
    # Skipped, gone or new on one side: nothing to compare, and never counted as fine.
    return Verdict(name, "same" if before.state == after.state == "skipped" else "absent", before, after)
