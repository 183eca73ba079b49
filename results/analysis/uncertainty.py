"""The uncertainty of a mean, of a difference and of a test result, and Holm's correction.

The functions take and return plain numbers and do not know whether larger or smaller is better.
`benchmarks.coverage` measures how often the intervals hold the truth.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL, EXAMPLE_RESAMPLES, ERROR_RESAMPLES, JACKKNIFE_GROUPS = 0.95, 2_000, 200, 200
SIGNIFICANT = 0.05
SKEWED_LEVEL, FARTHEST = 0.965, 2.5  # with these, 95% intervals of few skewed values hold 93%
DIGITS = 12  # rounding errors of equal differences lie beyond these

Values = Sequence[float] | NDArray[np.float64]
Interval = tuple[float, float]
NO_INTERVAL: Interval = (math.nan, math.nan)
ANY: Interval = (-math.inf, math.inf)
Rows = NDArray[np.intp]
ExampleScore = Callable[[Rows], float]
"""A metric of the examples with these row numbers; numbers may occur more than once."""


def bootstrap_rng() -> np.random.Generator:
    """Return the generator of bootstraps; the same examples always give the same interval."""
    return np.random.default_rng(0)


def mean_interval(values: Values, possible: Interval = ANY, *, overlap: float = 0.0) -> Interval:
    """Return the 95% interval of the mean of a few values that may be skewed, such as accuracies.

    Parameters
    ----------
    values
        Values, for example one per seed, shape `(n,)`.
    possible
        The smallest and the largest possible mean. The interval is cut there, which loses no
        coverage.
    overlap
        0 for independent values. For values on splits of the same rows, which share most of their
        training rows: the number of validation rows divided by that of training rows.

    Returns
    -------
    Interval
        (NaN, NaN) for fewer than two values, or if all are equal: without any spread, the values
        do not show how uncertain their mean is. Also if a value is not finite.

    Notes
    -----
    Each end is the farther one of Student's t and of Hall's t corrected for skewness (skewness by
    the formula G1), both at 96.5%, and at most 2.5 times as far from the mean as Student's. This
    holds the mean in at least 93% of samples of 5 or more values, also of very skewed ones.
    Source: Hall, On the removal of skewness by transformation, 1992; for the overlap see
    `standard_error`.
    """
    given = np.asarray(values, dtype="float64")
    n = len(given)
    if not vary(given):
        return NO_INTERVAL
    from scipy.special import stdtrit  # Student's quantile, without the second of scipy.stats

    quantile = float(stdtrit(n - 1, (1 + SKEWED_LEVEL) / 2))
    skewness = _skewness(given)
    ends = [_hall(-quantile, skewness, n), _hall(quantile, skewness, n)]
    up, down = np.clip([-ends[0], ends[1]], quantile, FARTHEST * quantile)
    mean, error = given.mean(), standard_error(given, overlap)
    low, high = np.clip([mean - down * error, mean + up * error], *possible)
    return float(low), float(high)


def standard_error(values: NDArray[np.float64], overlap: float = 0.0) -> float:
    """Return the standard error of the mean of n values, s √(1/n + overlap).

    Splits of the same rows are not independent, so that more of them cannot make the mean as
    certain as they like. Source: Nadeau & Bengio, Inference for the generalization error, 2003.
    """
    return float(values.std(ddof=1) * math.sqrt(1 / len(values) + overlap))


def _skewness(values: NDArray[np.float64]) -> float:
    """Return G1, the skewness corrected for the number of values; 0 for fewer than three."""
    n = len(values)
    if n < 3:
        return 0.0
    cubes = ((values - values.mean()) / values.std(ddof=1)) ** 3
    return float(cubes.sum() * n / ((n - 1) * (n - 2)))


def _hall(quantile: float, skewness: float, n: int) -> float:
    """Return the value of t that Hall's transformation g maps to a quantile.

    g(t) = t + a t² + a² t³ / 3 + a / 2, with a = skewness / (3 √n).
    """
    a = skewness / (3 * math.sqrt(n))
    if abs(a) < 1e-6:
        return quantile
    return float(np.cbrt(1 + 3 * a * (quantile - a / 2)) - 1) / a


def known(interval: Interval) -> Interval | None:
    """Return an interval, or None in place of (NaN, NaN)."""
    return None if math.isnan(interval[0]) else interval


def vary(values: NDArray[np.float64]) -> bool:
    """Return whether there are two values that differ by more than rounding errors.

    Values of which one is not finite, because a network diverged, have no spread.
    """
    finite = len(values) > 1 and bool(np.isfinite(values).all())
    return finite and bool(np.ptp(values) > 10.0**-DIGITS * max(1.0, np.abs(values).max()))


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


def paired_difference(one: Values, other: Values, *, overlap: float = 0.0) -> dict[str, Any]:
    """Return `pairs`, `mean`, `ci` and `p_value` of one − other, paired by position.

    Interval and p-value are those of Student's t test: in a difference of two similar values most
    of the skewness cancels. The interval excludes 0 if and only if the p-value is below 5%. If all
    differences are equal, t is not defined: the interval is (NaN, NaN), and the p-value that of
    the sign test. Fewer than two pairs have no p-value (NaN). If a value is not finite, because a
    network diverged, mean, interval and p-value are NaN. `overlap` is as in `mean_interval`;
    with it, equal differences have the p-value 1, because the sign test needs independent pairs.
    Raises `ValueError` if `one` and `other` differ in length.
    Source: Student, 1908.
    """
    if len(one) != len(other):
        raise ValueError(f"pairs must be complete, got {len(one)} and {len(other)} values")
    with np.errstate(invalid="ignore"):  # inf − inf
        differences = np.subtract(one, other, dtype="float64")
    if not np.isfinite(differences).all():
        return {"pairs": len(differences), "mean": math.nan, "ci": NO_INTERVAL, "p_value": math.nan}
    ci, p_value = _t_test(differences, overlap)
    mean = float(differences.mean()) if len(differences) else math.nan
    return {"pairs": len(differences), "mean": mean, "ci": ci, "p_value": p_value}


def _t_test(differences: NDArray[np.float64], overlap: float) -> tuple[Interval, float]:
    pairs = len(differences)
    if pairs < 2:
        return NO_INTERVAL, math.nan
    if not vary(differences):
        same = overlap > 0 or abs(differences[0]) < 10.0**-DIGITS
        return NO_INTERVAL, 1.0 if same else 2.0 ** (1 - pairs)
    from scipy.special import stdtr, stdtrit  # Student's t, without the second of scipy.stats

    mean, error = float(differences.mean()), standard_error(differences, overlap)
    half = float(stdtrit(pairs - 1, (1 + LEVEL) / 2)) * error
    return (mean - half, mean + half), float(2 * stdtr(pairs - 1, -abs(mean / error)))


def distinguishable(difference: dict[str, Any]) -> bool:
    """Return whether the p-value of a paired difference is below 5%."""
    return bool(difference["p_value"] < SIGNIFICANT)


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
    resamples: int = EXAMPLE_RESAMPLES,
) -> Interval:
    """Return the 95% BCa bootstrap interval of a metric over its examples.

    Parameters
    ----------
    score
        The metric of the examples with the given row numbers, in its own units. It is called for
        each resample, and up to 200 times more. To describe the mean of several networks, let it
        return their mean.
    m
        The number of examples.
    rng
        The generator of the draws.
    strata
        The class of each example, shape `(m,)`, to draw from each class as many examples as it
        has. A metric that needs every class, such as the area under the curve, is then always
        defined. Without it, classes vary in size as they would in new examples.
    resamples
        How many resamples to draw; fewer for a metric that is slow to compute.

    Returns
    -------
    Interval
        (NaN, NaN) if all resamples give the same value, since the examples then show no spread
        from which an interval could be made, or if the metric is NaN. Resamples whose metric is
        NaN are left out.

    Notes
    -----
    BCa corrects the percentiles of the resamples for bias and skewness; the skewness comes from a
    jackknife that leaves out one of at most 200 groups of examples.
    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 14.
    """
    order = np.arange(m) if strata is None else np.argsort(strata, kind="stable")
    scores = _defined(score, _resamples(order, rng, strata, resamples))
    observed = score(order)
    if not vary(scores) or math.isnan(observed):
        return NO_INTERVAL
    without = _defined(score, _leaving_out(order))
    parts = without.mean() - without if len(without) else np.zeros(1)
    spread = np.square(parts).sum() ** 1.5
    acceleration = float((parts**3).sum() / (6 * spread)) if spread else 0.0
    below = (np.mean(scores < observed) + np.mean(scores <= observed)) / 2
    low, high = np.quantile(scores, _bca_shares(float(below), acceleration, resamples))
    return float(low), float(high)


def _bca_shares(below: float, acceleration: float, resamples: int) -> Interval:
    """Return the shares of the resamples that lie below each end of a BCa interval.

    `below` is the share of the resamples that lie below the observed metric.
    """
    from scipy.special import ndtr, ndtri  # the normal distribution and its quantile

    least = 1 / (resamples + 1)
    bias = ndtri(min(max(below, least), 1 - least))
    ends = bias + ndtri([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    low, high = ndtr(bias + ends / (1 - acceleration * ends))
    return float(low), float(high)


def _defined(score: ExampleScore, samples: Iterator[Rows]) -> NDArray[np.float64]:
    """Return the metric of each sample in which it is defined."""
    scores: NDArray[np.float64] = np.array([score(rows) for rows in samples], dtype="float64")
    return scores[~np.isnan(scores)]


def paired_example_interval(
    score_one: ExampleScore,
    score_other: ExampleScore,
    m: int,
    rng: np.random.Generator,
    *,
    strata: NDArray[np.generic] | None = None,
    resamples: int = EXAMPLE_RESAMPLES,
) -> Interval:
    """Return the `example_interval` of one − other, both scored on the same resampled examples."""

    def lead(rows: Rows) -> float:
        return score_one(rows) - score_other(rows)

    return example_interval(lead, m, rng, strata=strata, resamples=resamples)


def _resamples(
    order: Rows, rng: np.random.Generator, strata: NDArray[np.generic] | None, count: int
) -> Iterator[Rows]:
    """Yield row numbers drawn with replacement, from each stratum as many as it has."""
    sizes = [len(order)] if strata is None else np.unique(strata, return_counts=True)[1]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    for _ in range(count if len(order) else 0):
        yield order[starts + rng.integers(np.repeat(sizes, sizes))]


def example_error(
    score: ExampleScore,
    m: int,
    rng: np.random.Generator,
    *,
    strata: NDArray[np.generic] | None = None,
) -> float:
    """Return the standard error of a metric over its examples, by a bootstrap; NaN if undefined.

    `score`, `m` and `strata` are as in `example_interval`. A standard error needs fewer resamples
    than the ends of an interval. Source: Efron & Tibshirani, 1993, ch. 6.
    """
    order = np.arange(m) if strata is None else np.argsort(strata, kind="stable")
    scores = _defined(score, _resamples(order, rng, strata, ERROR_RESAMPLES))
    return float(scores.std(ddof=1)) if len(scores) > 1 else math.nan


def _leaving_out(order: Rows) -> Iterator[Rows]:
    """Yield all row numbers but one group's, with a share of each stratum in each group."""
    groups = min(len(order), JACKKNIFE_GROUPS)
    group = np.arange(len(order)) % groups
    for left_out in range(groups):
        yield order[group != left_out]
