"""The mean of some runs with two 95% intervals: of the mean itself, and of a single further run.

Verdicts, figures and tables all take their intervals from here.
"""

from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from scipy import stats

from nncore.arrays.layout import Array

CONFIDENCE = 0.95


class MeanAndIntervals(NamedTuple):
    """A mean, half of its confidence interval, and half of a single run's prediction interval."""

    mean: float
    confidence: float
    prediction: float


def percent_interval(values: Array, unit: str = "%") -> str:
    """Return the mean of some fractions with its interval, times 100: "97.13% ± 0.07".

    Parameters
    ----------
    values
        Fractions, one per run, `(n,)`; a lone run has no interval.
    unit
        What follows the mean.
    """
    mean, confidence, _ = mean_and_intervals(values)
    half = "" if np.isnan(confidence) else f" ± {100 * confidence:.2f}"
    return f"{100 * mean:.2f}{unit}{half}"


def mean_and_intervals(values: Array) -> MeanAndIntervals:
    """Return the mean of some runs with its 95% intervals, by Student's t.

    Parameters
    ----------
    values
        One number per run, `(n,)`.

    Returns
    -------
    MeanAndIntervals
        The halves are t·s/√n for the mean and t·s·√(1 + 1/n) for a single further run; both are NaN
        for one run, or if a value is not finite.
    """
    n = len(values)
    mean = float(np.mean(values))
    if n < 2 or not np.isfinite(values).all():
        return MeanAndIntervals(mean, nan, nan)
    width = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1))
    return MeanAndIntervals(mean, width / sqrt(n), width * sqrt(1 + 1 / n))
