"""How sure a difference is: bootstrap intervals, a signed-rank test, and Holm's correction.

Plain numbers in and out. Every draw comes from a seeded generator, so a report says the same twice.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL, RESAMPLES = 0.95, 10_000
SIGNIFICANT = 0.05
DIGITS = 12  # differences of accuracies that are equal on paper differ beyond these

Values = Sequence[float] | NDArray[np.float64]
Interval = tuple[float, float]
NO_INTERVAL: Interval = (math.nan, math.nan)


def bootstrap_rng() -> np.random.Generator:
    """Return the generator that reports draw from: the same values give the same intervals."""
    return np.random.default_rng(0)


def bootstrap_interval(values: Values, rng: np.random.Generator) -> Interval:
    """Return the 95 % percentile bootstrap interval of the mean of `values`.

    For paired samples, `values` are the differences. It is (NaN, NaN) for fewer than two values.
    Of ten values or fewer it is somewhat narrow: about 90 % of such intervals hold the mean.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13.
    """
    given = np.asarray(values, dtype="float64")
    if len(given) < 2:
        return NO_INTERVAL
    means = given[rng.integers(len(given), size=(RESAMPLES, len(given)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def wilcoxon_p(differences: Values) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test that differences centre on 0.

    It is exact for up to 50 differences without ties and zeros, and up to 13 with; for more it uses
    the normal approximation. Zeros alone give 1, no differences NaN. Five pairs or fewer cannot
    come below 0.05. Source: Wilcoxon, 1945.
    """
    rounded = np.round(np.asarray(differences, dtype="float64"), DIGITS)
    if len(rounded) == 0:
        return math.nan
    if not rounded.any():
        return 1.0
    from scipy.stats import wilcoxon  # a second of imports

    return float(wilcoxon(rounded).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected for their number, in their order; NaN stays and is no test.

    The smallest of m is multiplied by m, the next by m − 1, and so on; none comes out smaller than
    one before it, or above 1. Source: Holm, 1979.
    """
    tested = [i for i, p in enumerate(p_values) if not math.isnan(p)]
    corrected, largest = list(p_values), 0.0
    for rank, place in enumerate(sorted(tested, key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(tested) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def paired_difference(one: Values, other: Values, rng: np.random.Generator) -> dict[str, Any]:
    """Return `mean`, `ci` and `p_value` of one − other, paired by place, and their count `pairs`.

    Raises `ValueError` if there are not as many of the one as of the other.
    """
    differences = np.subtract(one, other, dtype="float64")
    if len(one) != len(other):
        raise ValueError(f"pairs must be complete, got {len(one)} and {len(other)} values")
    mean = float(differences.mean()) if len(differences) else math.nan
    return {
        "pairs": len(differences),
        "mean": mean,
        "ci": bootstrap_interval(differences, rng),
        "p_value": wilcoxon_p(differences),
    }


def distinguishable(difference: dict[str, Any]) -> bool:
    """Return whether a paired difference has both an interval without 0 and a p-value below 5 %."""
    low, high = difference["ci"]
    return bool((low > 0 or high < 0) and difference["p_value"] < SIGNIFICANT)


def selection_bias(estimate: float, values: Values, rng: np.random.Generator) -> dict[str, Any]:
    """Return by how much a search overestimated: its `estimate` minus the mean on fresh seeds.

    The search keeps the largest of many noisy values, so its best is too high on average. `ci` is
    the interval that the fresh `values` give; the estimate is taken as exact.
    """
    low, high = bootstrap_interval(values, rng)
    mean = float(np.mean(values)) if len(values) else math.nan
    return {
        "in_search_estimate": estimate,
        "mean": estimate - mean,
        "ci": (estimate - high, estimate - low),
    }
