"""What an upgrade costs or saves: releases measured in one interleaved run, as ratios to the first. Prints nothing.

Each round runs one process for each release, in random order, so that whatever else the machine does falls on all
alike. A figure of one machine says nothing about another, and a ratio taken in one run does. Its interval comes from
the bootstrap over rounds (B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8: what is alike
within a group is drawn by groups).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.kit import environment, process, ratio
from repro.kit.canary.deployment import Server, built, environ
from repro.kit.report.bench import PROTOCOLS
from repro.problem import Problem
from repro.release import Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from repro.kit.ratio import Values
    from repro.kit.workspace import Workspace
    from repro.release import Releases, Subject

#: How many rounds are measured.
ROUNDS = 15
#: How many requests a process sends over a kept connection, and by a client each.
KEPT, FRESH = 60, 20
#: How often rounds are drawn for an interval.
_DRAWS = 1000
#: How long one process may take, in seconds.
PATIENCE = 120.0

#: What is compared: its name, what of a process it is, and the percentile; None for what a process measures once.
MEASURES: tuple[tuple[str, str, int | None], ...] = (
    ("import time", "import", None),
    ("time to make a client", "client", None),
    ("memory of a client", "made", None),
    ("memory of a client with a connection", "open", None),
    ("requests a second, kept connection", "kept", 0),
    ("p50, kept connection", "kept", 50),
    ("p95, kept connection", "kept", 95),
    ("p99, kept connection", "kept", 99),
    ("requests a second, client per request", "fresh", 0),
    ("p50, client per request", "fresh", 50),
    ("p95, client per request", "fresh", 95),
    ("p99, client per request", "fresh", 99),
    ("p50, HTTP/1.1 over TLS", "tls", 50),
    ("p50, HTTP/2 over TLS", "http2", 50),
)


@dataclass(frozen=True)
class Ratio:
    """What a release costs, beside what the first costs.

    Attributes:
        measure: What is measured.
        release: The release.
        value: The ratio; None where one of the two has nothing to measure.
        low: The lower end of its interval.
        high: The upper end of its interval.
        n: How many values of the release it is computed from.
    """

    measure: str
    release: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


def measure(
    subjects: Sequence[Subject],
    python: str,
    minor: str,
    releases: Releases,
    workspace: Workspace,
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> dict[str, list[dict[str, Any]]]:
    """Measure releases in one interleaved run: what each process of each found, by release.

    Args:
        subjects: The releases or checkouts.
        python: The Python, as uv finds it.
        minor: The same Python as `3.12`.
        releases: The release data.
        workspace: Where things are.
        rounds: How many processes each release gets.
        seed: Decides the order.
        say: Told what takes time.
        progress: Told how many rounds are done, and of how many.

    Raises:
        Problem: An environment cannot be built, or a process ended without an answer.
    """
    interpreters = {}
    for subject in subjects:
        say(f"building {subject}")
        plan = environment.plan(subject, python, minor, releases)
        interpreters[subject] = str(built(plan, str(subject), workspace, say))
    found: dict[str, list[dict[str, Any]]] = {str(subject): [] for subject in subjects}
    order = random.Random(seed)  # noqa: S311 - an order, not a secret
    command = [interpreters[subjects[0]], "-m", "repro.cell.costs"]
    with Server("the server", [*command, "serve"], environ(subjects[0], workspace), workspace.root) as server:
        urls = [f"http://127.0.0.1:{server.port}", f"https://localhost:{server.said['tls']}"]
        for number in range(rounds):
            for subject in order.sample(list(subjects), len(subjects)):
                module = releases.line(_distribution(subject, releases)).module
                ended = process.run(
                    [interpreters[subject], *command[1:], "measure", module, *urls, str(KEPT), str(FRESH)],
                    env=environ(subject, workspace),
                    cwd=workspace.root,
                    timeout=PATIENCE,
                )
                if ended.code != 0:
                    last = (ended.output.strip().splitlines() or ["it said nothing"])[-1]
                    raise Problem(
                        f"{subject} could not be measured: {last}", "Leave it out, or run its cell first.", code=3
                    )
                found[str(subject)].append(json.loads(ended.output.splitlines()[-1]))
            progress(number + 1, rounds)
    return found


def _distribution(subject: Subject, releases: Releases) -> str:
    """The distribution of a release; that of a checkout is the first that there is."""
    return subject.distribution if isinstance(subject, Release) else next(iter(releases.lines))


def ratios(found: Mapping[str, Sequence[Mapping[str, Any]]], *, seed: int = 0) -> list[Ratio]:
    """What each release costs beside the first, measure by measure.

    Args:
        found: What each process of each release measured, round by round; the first release is what the others are
            compared with.
        seed: Decides what is drawn.
    """
    draw = np.random.default_rng(seed)
    first, *others = found
    compared = [
        _ratio(name, other, _values(found[first], what, percent), _values(found[other], what, percent), percent, draw)
        for name, what, percent in MEASURES
        for other in others
    ]
    itself = [
        _ratio(PROTOCOLS, each, _values(found[each], "tls", 50), _values(found[each], "http2", 50), 50, draw)
        for each in found
    ]
    return [*compared, *itself]


def _values(processes: Sequence[Mapping[str, Any]], what: str, percent: int | None) -> Values:
    """What is measured, a row for each round: one value, or every request; no column where the release lacks it."""
    every = [each[what] for each in processes]
    if any(each is None for each in every):
        return np.empty((len(every), 0))
    if percent is None:
        rows = [[each] for each in every]
    else:
        rows = [[len(seconds) / sum(seconds)] if percent == 0 else seconds for seconds in every]
    return np.asarray(rows, dtype=float)


def _ratio(
    name: str, release: str, before: Values, after: Values, percent: int | None, draw: np.random.Generator
) -> Ratio:
    """The ratio of two percentiles; of medians where no percentile is asked for.

    What is drawn for its interval is rounds, and the same for both: requests of one process are alike, and what fell on
    a round fell on both.
    """
    at = percent or 50
    n = int(after.size)
    # Rounds are what is drawn, so it takes as many of them as a median does to have an interval at all.
    if min(before.size, n) < ratio.BOUNDED[at] or len(after) < ratio.BOUNDED[50]:
        return Ratio(name, release, n=n)
    value = _percentile(after, at) / _percentile(before, at)
    rounds = draw.integers(0, len(after), (_DRAWS, len(after)))
    drawn = np.asarray([_percentile(after[chosen], at) / _percentile(before[chosen], at) for chosen in rounds])
    low, high = ratio.interval(drawn)
    return Ratio(name, release, value, low, high, n)


def _percentile(rows: Values, percent: int) -> float:
    """A percentile of everything in some rounds."""
    return ratio.percentile(np.sort(rows, axis=None), percent)
