"""Judges what was measured of a stable deployment and a candidate. Computes, never prints.

Every measure is judged alike. Its value compares the candidate with stable (a ratio of percentiles, or an excess of
events a request), and its interval holds the true value in 95 of 100 runs. It passes on proof: the upper end of the
interval is within the limit. It is a regression where it does not pass and the difference is significant. Anything
else is undecided: too little data to prove either, and how many more requests would do is computed from how the
interval narrows. What is drawn at random is decided by a seed.

Sources. The rank test for the body and percentile ratios with bootstrap intervals for the tail: simulated on lognormal
latencies, the rule "upper 95 % bound of the p95 ratio below 1.25 and of the p99 ratio below 1.5" promotes an identical
candidate in 99 % of runs at 1000 requests a side and one that is 50 % slower in none. Intervals of a difference of
rates join those of its two sides by square-and-add (R. Newcombe, Statistics in Medicine 17, 1998, method 10; G. Zou and
A. Donner, Statistics in Medicine 27, 2008): Wilson's for shares, Garwood's exact ones for counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from repro.kit import ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from repro.kit.ratio import Values as Latencies

Kind = Literal["regression", "insufficient data", "noisy stable", "contract", "error"]
State = Literal["passes", "regression", "undecided", "noisy"]

#: Below this a difference of latencies or of counts is significant.
SIGNIFICANT = 0.02


@dataclass(frozen=True)
class Limits:
    """What a candidate may be worse by, and how much has to be measured.

    Attributes:
        median: The ratio of the medians of latency.
        p95: The ratio of the 95th percentiles.
        p99: The ratio of the 99th percentiles.
        errors: The excess of failed requests, as a share of all: 0.01 is one more in a hundred.
        retries: The excess of retries a request.
        connections: The excess of connections opened a request.
        floor: The fewest requests a side that are judged at all.
    """

    median: float = 1.15
    p95: float = 1.25
    p99: float = 1.5
    errors: float = 0.01
    retries: float = 0.02
    connections: float = 0.2
    floor: int = 600


@dataclass(frozen=True)
class Side:
    """What was measured of one side.

    Attributes:
        seconds: How long each answered request took.
        sent: How many requests were sent.
        errors: How many of them failed: no answer, or one that says the server failed.
        retries: How many further attempts they made upstream; None where nothing counts them.
        connections: How many connections they opened upstream; None where nothing counts them.
    """

    seconds: Sequence[float]
    sent: int
    errors: int = 0
    retries: int | None = None
    connections: int | None = None

    def with_(self, other: Side) -> Side:
        """Both sides as one."""
        return Side(
            [*self.seconds, *other.seconds],
            self.sent + other.sent,
            self.errors + other.errors,
            _sum(self.retries, other.retries),
            _sum(self.connections, other.connections),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True)
class Breach:
    """A difference of what is answered.

    Attributes:
        request: The name of the request.
        facet: What differs, as `status` or `json /results/*/id, its type`.
        stable: What stable answers.
        candidate: What the candidate answers.
    """

    request: str
    facet: str
    stable: str
    candidate: str


@dataclass(frozen=True)
class Judgement:
    """One measure, and what it comes to.

    Attributes:
        name: The measure, as `p95 of latency`.
        state: What it comes to.
        value: The candidate beside stable: a ratio, or an excess a request; None where nothing was measured.
        limit: What the upper end of the interval may not exceed.
        low: The lower end of the interval.
        high: The upper end of the interval.
        n: How many requests of the candidate it is computed from.
        p: The probability of such a difference between equals; None where the interval decides.
        rule: The rule that decided, as one sentence.
        more: How many more requests a side would decide it; None where it is decided or where no number would.
        same: What the value is between equals: 1 for a ratio, 0 for an excess.
    """

    name: str
    state: State
    value: float | None
    limit: float
    low: float | None
    high: float | None
    n: int
    p: float | None
    rule: str
    more: int | None = None
    same: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """Promote, or hold and why.

    Attributes:
        promote: Whether the candidate may take the place of stable.
        kind: Why it is held; None where it is promoted.
        reason: The most important reason, as one sentence.
        judgements: Every measure.
        breaches: Every difference of what is answered.
        more: How many more requests a side would decide; None where it is decided or where no number would.
    """

    promote: bool
    kind: Kind | None
    reason: str
    judgements: list[Judgement]
    breaches: list[Breach] = field(default_factory=list)
    more: int | None = None


def judge(
    stable: Side,
    again: Side,
    candidate: Side,
    breaches: Sequence[Breach] = (),
    *,
    limits: Limits | None = None,
    trouble: str | None = None,
    seed: int = 0,
) -> Verdict:
    """Judge a candidate.

    Args:
        stable: What was measured of stable.
        again: The same once more, from requests between the others: how much stable differs from itself.
        candidate: What was measured of the candidate.
        breaches: Every difference of what is answered.
        limits: What is allowed.
        trouble: What ended the measurement before its time; None if nothing did.
        seed: Decides what is drawn at random.
    """
    limits = limits or Limits()
    noise = [_noisy(judgement) for judgement in _measures(stable, again, limits, seed, tested=False)]
    judgements = _measures(stable.with_(again), candidate, limits, seed)
    enough = min(stable.sent, again.sent, candidate.sent) >= limits.floor
    every = [*judgements, *(each for each in noise if each.state == "noisy")]
    found = list(breaches)
    if trouble is not None:
        return Verdict(False, "error", trouble, every, found)
    if found:
        reason = f"{found[0].request}: {found[0].facet} is {found[0].candidate}, and {found[0].stable} at stable"
        return Verdict(False, "contract", _others(reason, len(found), "difference"), every, found)
    if noisy := [each for each in noise if each.state == "noisy"]:
        return Verdict(False, "noisy stable", _others(_said(noisy[0]), len(noisy), "measure"), every)
    if not enough:
        fewest = min(stable.sent, again.sent, candidate.sent)
        missing = limits.floor - fewest
        return Verdict(
            False,
            "insufficient data",
            f"{fewest} requests a side are fewer than the {limits.floor} that are judged at all",
            every,
            more=max([missing, *(each.more for each in judgements if each.more)]),
        )
    for state, kind in (("regression", "regression"), ("undecided", "insufficient data")):
        if failing := [each for each in judgements if each.state == state]:
            more = [each.more for each in failing]
            return Verdict(
                False,
                kind,  # type: ignore[arg-type]  # one of Kind, by the line above
                _others(_said(failing[0]), len(failing), "measure"),
                every,
                more=max(number for number in more if number) if state == "undecided" and all(more) else None,
            )
    return Verdict(True, None, "every measure is proven to be within its limit, and the contract holds", every)


def _others(reason: str, count: int, what: str) -> str:
    """A reason, and how many more there are like it."""
    others = count - 1
    return reason if not others else f"{reason} (and {others} other {what}{'s' if others > 1 else ''})"


def _said(judgement: Judgement) -> str:
    """A judgement as a clause."""
    if judgement.value is None:
        return f"{judgement.name}: {judgement.rule}"
    return f"{judgement.name} is {judgement.value:.3g}, limit {judgement.limit:g}: {judgement.rule}"


def _measures(before: Side, after: Side, limits: Limits, seed: int, *, tested: bool = True) -> list[Judgement]:
    """Every measure of `after` beside `before`; only where it is `tested` has it its p."""
    random = np.random.default_rng(seed)
    one, other = (np.sort(np.asarray(side.seconds, dtype=float)) for side in (before, after))
    found = [
        _share("failed requests", before.errors, before.sent, after.errors, after.sent, limits.errors),
        _ratio("median of latency", 50, one, other, limits.median, random, _ranks(one, other) if tested else None),
        _tail(95, one, other, limits.p95, random),
        _tail(99, one, other, limits.p99, random),
    ]
    for name, limit in (("retries", limits.retries), ("connections", limits.connections)):
        counts = getattr(before, name), getattr(after, name)
        if None not in counts:
            found.append(
                _count(f"{name} a request", counts[0], before.sent, counts[1], after.sent, limit, tested=tested)
            )
    return found


def _noisy(judgement: Judgement) -> Judgement:
    """What a measure of stable beside itself comes to: noisy where it differs by more than a candidate may."""
    name, state, rule = f"stable beside itself: {judgement.name}", judgement.state, judgement.rule
    value, low, high, limit, same = judgement.value, judgement.low, judgement.high, judgement.limit, judgement.same
    if value is not None and low is not None and high is not None:
        least = 1 / limit if same else -limit
        if (low > same and value > limit) or (high < same and value < least):
            state = "noisy"
            rule = "stable differs from itself by more than the candidate may, so nothing can be learned beside it"
    return replace(judgement, name=name, state=state, rule=rule)


def _ranks(before: Latencies, after: Latencies) -> float | None:
    """The probability of such a difference of ranks between equals; None where one side has no answer."""
    return float(stats.mannwhitneyu(before, after).pvalue) if before.size and after.size else None


def _tail(percent: int, before: Latencies, after: Latencies, limit: float, random: np.random.Generator) -> Judgement:
    """The tail of latency: the ratio of a high percentile."""
    return _ratio(f"p{percent} of latency", percent, before, after, limit, random, None)


def _ratio(
    name: str,
    percent: int,
    before: Latencies,
    after: Latencies,
    limit: float,
    random: np.random.Generator,
    p: float | None,
) -> Judgement:
    """The ratio of a percentile, with its interval; `p` decides what is significant where it is given."""
    n = int(after.size)
    fewest = min(n, int(before.size))
    if fewest < ratio.BOUNDED[percent]:
        rule = f"of {fewest} answered requests this percentile has no upper bound; it takes {ratio.BOUNDED[percent]}"
        return Judgement(name, "undecided", None, limit, None, None, n, p, rule, ratio.BOUNDED[percent] - fewest, 1.0)
    value = ratio.percentile(after, percent) / ratio.percentile(before, percent)
    draws = ratio.drawn(after, percent, random) / ratio.drawn(before, percent, random)
    low, high = ratio.interval(draws)
    worse = low > 1 if p is None else value > 1 and p < SIGNIFICANT
    more = _more(n, math.log(value), math.log(high), math.log(limit))
    return replace(_judged(name, value, limit, low, high, n, p, worse=worse, more=more), same=1.0)


def _share(name: str, before: int, sent_before: int, after: int, sent_after: int, limit: float) -> Judgement:
    """The excess of a share."""
    if not sent_before or not sent_after:
        return Judgement(name, "undecided", None, limit, None, None, sent_after, None, "nothing was sent")
    intervals = [
        stats.binomtest(events, sent).proportion_ci(ratio.CONFIDENCE, "wilson")
        for events, sent in ((before, sent_before), (after, sent_after))
    ]
    one, other = ((float(interval.low), float(interval.high)) for interval in intervals)
    return _excess(name, before / sent_before, one, after / sent_after, other, sent_after, limit, None)


def _count(
    name: str, before: int, sent_before: int, after: int, sent_after: int, limit: float, *, tested: bool
) -> Judgement:
    """The excess of a count a request."""
    if not sent_before or not sent_after:
        return Judgement(name, "undecided", None, limit, None, None, sent_after, None, "nothing was sent")
    one, other = _garwood(before, sent_before), _garwood(after, sent_after)
    p = None
    if tested:
        p = float(stats.poisson_means_test(after, sent_after, before, sent_before).pvalue) if before or after else 1.0
    return _excess(name, before / sent_before, one, after / sent_after, other, sent_after, limit, p)


def _garwood(events: int, sent: int) -> tuple[float, float]:
    """The exact interval of a rate of events (F. Garwood, Biometrika 28, 1936)."""
    tail = (1 - ratio.CONFIDENCE) / 2
    low = float(stats.chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(stats.chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return low / sent, high / sent


def _excess(
    name: str,
    before: float,
    one: tuple[float, float],
    after: float,
    other: tuple[float, float],
    n: int,
    limit: float,
    p: float | None,
) -> Judgement:
    """The excess of a rate over another, from the intervals of both, joined by square-and-add."""
    value = after - before
    low = value - math.hypot(after - other[0], one[1] - before)
    high = value + math.hypot(other[1] - after, before - one[0])
    worse = low > 0 if p is None else value > 0 and p < SIGNIFICANT
    return _judged(name, value, limit, low, high, n, p, worse=worse, more=_more(n, value, high, limit))


def _judged(
    name: str,
    value: float,
    limit: float,
    low: float,
    high: float,
    n: int,
    p: float | None,
    *,
    worse: bool,
    more: int | None,
) -> Judgement:
    """A measure by the one rule that all are judged by."""
    if high <= limit:
        rule = "the upper end of the interval is within the limit"
        return Judgement(name, "passes", value, limit, low, high, n, p, rule)
    if worse:
        sure = "the interval is above no change" if p is None else f"p is below {SIGNIFICANT:g}"
        rule = f"{sure}, and its upper end is beyond the limit"
        return Judgement(name, "regression", value, limit, low, high, n, p, rule)
    rule = "the upper end of the interval is beyond the limit, and the difference is not significant"
    return Judgement(name, "undecided", value, limit, low, high, n, p, rule, more)


def _more(n: int, value: float, high: float, limit: float) -> int | None:
    """How many more requests bring the upper end of an interval to the limit; None where no number does.

    An interval narrows with the square root of how much is measured, and the value stays where it is, at best.
    """
    if value >= limit or high <= limit:
        return None
    return max(1, math.ceil(n * ((high - value) / (limit - value)) ** 2) - n)
