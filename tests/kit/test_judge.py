"""The judge of a canary, on samples drawn by a seed: what it promotes, what it holds and as what."""

from dataclasses import replace

import numpy as np
import pytest
from samples import side

from repro.kit import ratio
from repro.kit.canary.judge import Breach, Limits, Side, judge


def test_too_little_data_is_never_promoted():
    """Below the floor nothing is promoted, however alike the sides are, and the verdict says what is missing."""
    random = np.random.default_rng(0)
    verdict = judge(*(side(random, Limits().floor - 1) for _ in range(3)))
    assert verdict.kind == "insufficient data"
    assert verdict.reason == "599 requests a side are fewer than the 600 that are judged at all"
    assert verdict.more >= 1


def test_stable_that_differs_from_itself_is_noisy():
    """Where stable differs from itself by more than a candidate may, the verdict names the measure and its figure."""
    random = np.random.default_rng(0)
    verdict = judge(side(random), side(random, slower=1.5), side(random))
    assert verdict.kind == "noisy stable"
    assert verdict.reason.startswith("stable beside itself: median of latency is 1.")


def test_nothing_measured_is_never_promoted():
    """Without a request there is nothing to judge, and every measure says so."""
    nothing = Side([], 0, 0, 0, 0)
    verdict = judge(nothing, nothing, nothing)
    assert (verdict.promote, verdict.kind) == (False, "insufficient data")
    assert {judgement.state for judgement in verdict.judgements} == {"undecided"}


def test_nothing_answered_is_never_promoted():
    """Where neither side answers, the errors are alike and the latencies are missing."""
    silent = Side([], 1000, 1000)
    verdict = judge(silent, silent, silent)
    assert verdict.kind == "insufficient data"
    assert verdict.reason.startswith("median of latency: of 0 answered requests this percentile has no upper bound")
    assert verdict.more == ratio.BOUNDED[99]


def test_difference_of_answers_holds_before_any_measure():
    """A breach of the contract is named first, with how many there are."""
    random = np.random.default_rng(0)
    sides = [side(random) for _ in range(3)]
    one = Breach("search", "status", "200", "404")
    assert judge(*sides, [one]).reason == "search: status is 404, and 200 at stable"
    verdict = judge(*sides, [one, one, one])
    assert (verdict.kind, verdict.breaches) == ("contract", [one, one, one])
    assert verdict.reason == "search: status is 404, and 200 at stable (and 2 other differences)"


def test_trouble_holds_before_everything():
    """What ended the measurement is the reason, whatever was measured until then."""
    random = np.random.default_rng(0)
    verdict = judge(*(side(random) for _ in range(3)), [Breach("a", "b", "c", "d")], trouble="it ended")
    assert (verdict.promote, verdict.kind, verdict.reason) == (False, "error", "it ended")


def test_regression_says_its_figures():
    """A regression has its value, its limit, its interval and the rule that decided."""
    random = np.random.default_rng(0)
    stable, again = side(random), side(random)
    verdict = judge(stable, again, side(random, slower=2))
    assert verdict.kind == "regression"
    (median,) = [each for each in verdict.judgements if each.name == "median of latency"]
    assert median.low < median.value < median.high
    assert 1.8 < median.value < 2.2
    assert (median.limit, median.n, median.more) == (1.15, 1000, None)
    assert median.p < 1e-6
    assert median.rule == "p is below 0.02, and its upper end is beyond the limit"
    tail = next(each for each in verdict.judgements if each.name == "p95 of latency")
    assert tail.rule == "the interval is above no change, and its upper end is beyond the limit"


def test_connections_that_come_back_hold():
    """A candidate that opens a connection for every request, where stable keeps one, is held for that."""
    random = np.random.default_rng(0)
    stable, again, candidate = (side(random) for _ in range(3))
    verdict = judge(replace(stable, connections=1), replace(again, connections=0), replace(candidate, connections=1000))
    assert verdict.kind == "regression"
    assert verdict.reason.startswith("connections a request is 1, limit 0.2")


def test_undecided_measure_says_how_much_more_would_do():
    """An interval narrows with the square root of what is measured, and so what is missing is computed."""
    random = np.random.default_rng(1)
    verdict = judge(*(side(random, 700, retries=0.1) for _ in range(3)))
    assert verdict.kind == "insufficient data"
    undecided = [each for each in verdict.judgements if each.state == "undecided"]
    assert [each.name for each in undecided] == ["retries a request"]
    (retries,) = undecided
    needed = (retries.high - retries.value) / (retries.limit - retries.value)
    assert verdict.more == retries.more == pytest.approx(700 * needed**2 - 700, abs=1)


def test_what_no_number_decides_says_none():
    """A value that lies at the limit is proven neither by more requests nor by fewer."""
    random = np.random.default_rng(0)
    same = [side(random) for _ in range(3)]
    verdict = judge(*same, limits=replace(Limits(), errors=0))
    assert verdict.kind == "insufficient data"
    assert verdict.more is None


def test_verdict_is_decided_by_its_seed():
    """The same samples and the same seed give the same figures."""
    random = np.random.default_rng(0)
    sides = [side(random) for _ in range(3)]
    assert judge(*sides, seed=7) == judge(*sides, seed=7)
    assert judge(*sides, seed=7) != judge(*sides, seed=8)
