"""Samples for the judge of a canary, drawn by a seed."""

import numpy as np

from repro.kit.canary.judge import Side, judge

# The bound is 95 of 100: with 40 runs, 38 of them.
RUNS = 40
SURE = 38


def side(random, n=1000, slower=1.0, tail=0.0, errors=0.0, retries=0.01):
    """A side with lognormal latencies around 40 ms, a share of which is five times slower, and rates of events."""
    seconds = random.lognormal(np.log(0.04 * slower), 0.5, n)
    seconds[random.random(n) < tail] *= 5
    return Side(seconds.tolist(), n, int(random.binomial(n, errors)), int(random.poisson(retries * n)))


def verdicts(n=1000, again=None, **candidate):
    """How often each verdict comes out of many runs: `promote`, or the kind of the hold."""
    found = []
    for seed in range(RUNS):
        random = np.random.default_rng(seed)
        one, other, three = side(random, n), side(random, n, **(again or {})), side(random, n, **candidate)
        verdict = judge(one, other, three, seed=seed)
        assert verdict.promote == (verdict.kind is None)
        found.append(verdict.kind or "promote")
    return {kind: found.count(kind) for kind in found}
