"""Percentiles, and how sure they are."""

import numpy as np
import pytest

from repro.kit import ratio


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 50), (95, 95), (99, 99), (100, 100)])
def test_percentile_is_a_value_that_was_measured(percent, value):
    """Of a hundred values in order, the percentile is the one at that place."""
    assert ratio.percentile(np.arange(1.0, 101), percent) == value


@pytest.mark.parametrize("percent", [50, 95])
def test_drawing_is_what_resampling_gives(percent):
    """The percentile of resamples has the same quantiles, whether it is drawn by its rank or resampled in full."""
    random = np.random.default_rng(0)
    ordered = np.sort(random.lognormal(0, 0.5, 300))
    quick = ratio.drawn(ordered, percent, random)
    full = [ratio.percentile(np.sort(random.choice(ordered, ordered.size)), percent) for _ in range(ratio.DRAWS)]
    quantiles = [0.025, 0.25, 0.5, 0.75, 0.975]
    assert np.quantile(quick, quantiles) == pytest.approx(np.quantile(full, quantiles), rel=0.02)


def test_interval_holds_the_true_ratio():
    """In at least 93 of 100 runs the interval of the ratio of two medians holds the true one."""
    held = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        one, other = (np.sort(random.lognormal(0, 0.5, 200) * scale) for scale in (1, 1.3))
        low, high = ratio.interval(ratio.drawn(other, 50, random) / ratio.drawn(one, 50, random))
        held += low <= 1.3 <= high
    assert held >= 93
