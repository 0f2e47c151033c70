"""Percentiles of what was measured, and how sure their ratios are. Computes, never prints.

The bootstrap of a percentile is exact and needs no resampling: the rank of the r-th smallest of n draws with
replacement is that of a Beta(r, n - r + 1) variable (B. Efron, The Annals of Statistics 7, 1979, section 3, for the
median).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

#: How sure an interval is.
CONFIDENCE = 0.95
#: From how many values on a percentile has an upper bound at all: the largest of n is above it in 95 % of runs.
BOUNDED = {50: 5, 95: 59, 99: 299}
#: How often a percentile is drawn for its interval.
DRAWS = 4000


def percentile(ordered: Values, percent: int) -> float:
    """A percentile of what is in order: the value that at least `percent` of a hundred do not exceed."""
    return float(ordered[_rank(ordered.size, percent) - 1])


def drawn(ordered: Values, percent: int, random: np.random.Generator) -> Values:
    """A percentile as it would come out of further samples, `DRAWS` times."""
    n = ordered.size
    rank = _rank(n, percent)
    places = np.ceil(n * random.beta(rank, n - rank + 1, DRAWS)).astype(int)
    found: Values = ordered[np.clip(places, 1, n) - 1]
    return found


def interval(draws: Values) -> tuple[float, float]:
    """What holds the true value in 95 of 100 runs."""
    low, high = np.quantile(draws, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _rank(n: int, percent: int) -> int:
    """The rank of a percentile among n, from 1."""
    return max(1, math.ceil(n * percent / 100))
