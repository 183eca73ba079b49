"""The uncertainty of a difference: bootstrap intervals, a signed-rank test, Holm's correction.

The functions take and return plain numbers. Every draw comes from a seeded generator, so the same
run always gives the same report.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL, RESAMPLES, EXAMPLE_RESAMPLES = 0.95, 10_000, 2_000
SIGNIFICANT = 0.05
DIGITS = 12  # rounding errors of equal differences lie beyond these

Values = Sequence[float] | NDArray[np.float64]
Interval = tuple[float, float]
NO_INTERVAL: Interval = (math.nan, math.nan)
Rows = NDArray[np.intp]
ExampleScore = Callable[[Rows], float]
"""A metric of the examples with these row numbers; numbers may occur more than once."""


def bootstrap_rng() -> np.random.Generator:
    """Return the generator of the reports; the same values always give the same intervals."""
    return np.random.default_rng(0)


def bootstrap_interval(values: Values, rng: np.random.Generator) -> Interval:
    """Return the 95% percentile bootstrap interval of the mean of `values`.

    For paired samples, `values` are the differences. Fewer than two values give (NaN, NaN). For
    ten values or fewer the interval is somewhat narrow: about 90% of such intervals contain the
    mean.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13.
    """
    given = np.asarray(values, dtype="float64")
    if len(given) < 2:
        return NO_INTERVAL
    means = given[rng.integers(len(given), size=(RESAMPLES, len(given)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def wilcoxon_p(differences: Values) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test that differences center on 0.

    The test is exact for up to 50 differences without ties and zeros, and for up to 13 with them;
    for more it uses the normal approximation. If all differences are 0, the p-value is 1; without
    differences it is NaN. Five pairs or fewer never give a p-value below 0.05. Source: Wilcoxon,
    1945.
    """
    rounded = np.round(np.asarray(differences, dtype="float64"), DIGITS)
    if len(rounded) == 0:
        return math.nan
    if not rounded.any():
        return 1.0
    from scipy.stats import wilcoxon  # a second of imports

    return float(wilcoxon(rounded).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values corrected for their number, in their order; NaN does not count as a test.

    The smallest of m is multiplied by m, the next by m − 1, and so on; each is then raised to the
    largest before it and limited to 1. Source: Holm, 1979.
    """
    tested = [i for i, p in enumerate(p_values) if not math.isnan(p)]
    corrected, largest = list(p_values), 0.0
    for rank, place in enumerate(sorted(tested, key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(tested) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def paired_difference(one: Values, other: Values, rng: np.random.Generator) -> dict[str, Any]:
    """Return `pairs`, `mean`, `ci` and `p_value` of one − other, paired by position.

    Raises `ValueError` if `one` and `other` differ in length.
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
    """Return whether the interval of a paired difference excludes 0 and its p-value is below 5%."""
    low, high = difference["ci"]
    return bool((low > 0 or high < 0) and difference["p_value"] < SIGNIFICANT)


def selection_bias(estimate: float, values: Values, rng: np.random.Generator) -> dict[str, Any]:
    """Return the selection bias of a search: its `estimate` minus the mean on fresh seeds.

    The search keeps the largest of many noisy values, so its best value is too high on average.
    `ci` comes from the interval of the fresh `values`; the estimate is treated as exact.
    """
    low, high = bootstrap_interval(values, rng)
    mean = float(np.mean(values)) if len(values) else math.nan
    return {
        "in_search_estimate": estimate,
        "mean": estimate - mean,
        "ci": (estimate - high, estimate - low),
    }


def wilson_interval(correct: int, m: int) -> Interval:
    """Return the 95% Wilson interval of an accuracy: `correct` of `m` examples, as fractions.

    It is about the examples: other examples of the same kind would give another accuracy. It has a
    width even if all or none are correct; without examples it is (NaN, NaN).
    Source: Wilson, 1927.
    """
    if m == 0:
        return NO_INTERVAL
    from scipy.stats import binomtest  # a second of imports

    ends = binomtest(correct, m).proportion_ci(LEVEL, method="wilson")
    return float(ends.low), float(ends.high)


def example_interval(
    score: ExampleScore,
    m: int,
    rng: np.random.Generator,
    *,
    strata: NDArray[np.generic] | None = None,
) -> Interval:
    """Return the 95% percentile bootstrap interval of a metric over its examples.

    Parameters
    ----------
    score
        The metric of the examples with the given row numbers, in its own units. It is called
        2,000 times. To describe the mean of several networks, let it return their mean.
    m
        The number of examples.
    rng
        The generator of the draws.
    strata
        The class of each example, shape `(m,)`, to draw from each class as many examples as it
        has. A metric that needs every class, such as the area under the curve, is then always
        defined. Without it, classes vary in size as they would in new examples.

    Returns
    -------
    Interval
        (NaN, NaN) if all resamples give the same value, since the examples then show no spread
        from which an interval could be made. Resamples whose metric is NaN are left out.

    Notes
    -----
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13.
    """
    scores = np.array([score(rows) for rows in _resamples(m, rng, strata)])
    scores = scores[~np.isnan(scores)]
    if len(scores) == 0 or np.ptp(scores) < 10.0**-DIGITS:
        return NO_INTERVAL
    low, high = np.quantile(scores, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def paired_example_interval(
    score_one: ExampleScore,
    score_other: ExampleScore,
    m: int,
    rng: np.random.Generator,
    *,
    strata: NDArray[np.generic] | None = None,
) -> Interval:
    """Return the `example_interval` of one − other, both scored on the same resampled examples."""
    return example_interval(lambda rows: score_one(rows) - score_other(rows), m, rng, strata=strata)


def _resamples(
    m: int, rng: np.random.Generator, strata: NDArray[np.generic] | None
) -> Iterator[Rows]:
    """Yield row numbers of `m` examples drawn with replacement, from each stratum its share."""
    groups = [np.arange(m)] if strata is None else _groups(strata)
    for _ in range(EXAMPLE_RESAMPLES if m else 0):
        yield np.concatenate([rng.choice(group, len(group)) for group in groups])


def _groups(strata: NDArray[np.generic]) -> list[Rows]:
    return [np.flatnonzero(strata == value) for value in np.unique(strata)]
