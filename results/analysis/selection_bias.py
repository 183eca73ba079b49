"""Selection bias: by how much the best of several values is too high, because it was chosen.

The search chooses the best of its trials, and a confirmation the best of its candidates; both
choices favor lucky values.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from results.analysis.uncertainty import (
    ANY,
    Interval,
    Values,
    mean_interval,
    paired_difference,
    standard_error,
    vary,
)


def selection_bias(
    estimate: float, values: Values, possible: Interval = ANY, *, overlap: float = 0.0
) -> dict[str, Any]:
    """Return the selection bias of a search: its `estimate` minus the mean on fresh seeds.

    The search keeps the largest of many noisy values, so its best value is too high on average.
    `ci` comes from the `mean_interval` of the fresh `values`; the estimate is treated as exact.
    """
    low, high = mean_interval(values, possible, overlap=overlap)
    mean = float(np.mean(values)) if len(values) else math.nan
    return {
        "in_search_estimate": estimate,
        "mean": estimate - mean,
        "ci": (estimate - high, estimate - low),
    }


def winner_estimate(
    winner: Values,
    others: Sequence[Values],
    possible: Interval = ANY,
    *,
    overlap: float = 0.0,
) -> dict[str, Any]:
    """Return the mean score of the best of several candidates, corrected for the choice among them.

    The best of K means is too high on average, even on fresh seeds. Shrinking all means toward
    their common mean corrects this: (K means' spread by chance) / (their spread) is the share of
    the winner's lead over the common mean that is taken off, at most all of it.

    Parameters
    ----------
    winner
        The scores of the candidate with the best mean, shape `(n,)`; greater is better.
    others
        The scores of the other candidates on the same seeds in the same order.
    possible
        The smallest and the largest possible mean.
    overlap
        As in `mean_interval`.

    Returns
    -------
    dict
        `optimism`, by how much the winner's mean is estimated to be too high, >= 0; `mean`, the
        mean without it; `ci`, the `mean_interval` of the winner, whose low end is lower by the
        optimism. The high end stays, because the choice makes no mean too low.

    Notes
    -----
    With n seeds, the spread of the means by chance is the mean square of candidate × seed divided
    by n, and the spread of the means their variance, both from the two-way table of scores. The
    optimism is at most what choosing the best of K equal candidates gives, each with the median
    standard error of those that vary (the lower one of two): a candidate with a collapsed network
    must not count.
    Source: Efron & Morris, Stein's estimation rule and its competitors, 1973.
    """
    optimism = _optimism(np.array([winner, *others], dtype="float64"), overlap)
    low, high = mean_interval(winner, possible, overlap=overlap)
    lowest = max(low - optimism, possible[0]) if not math.isnan(low) else math.nan
    return {"optimism": optimism, "mean": float(np.mean(winner)) - optimism, "ci": (lowest, high)}


def lead_over(
    winner: Values, runner_up: Values, rest: Sequence[Values], *, overlap: float = 0.0
) -> dict[str, Any]:
    """Return the `paired_difference` of the two candidates with the best means, by their scores.

    The runner-up is chosen too, from all but the winner, so its mean may be too high and the lead
    too small. The high end of `ci` is therefore higher by the optimism of this choice. `rest` are
    the scores of the other candidates. Greater is better.
    """
    lead = paired_difference(winner, runner_up, overlap=overlap)
    low, high = lead["ci"]
    optimism = _optimism(np.array([runner_up, *rest], dtype="float64"), overlap)
    return lead | {"ci": (low, high + optimism)}


def _optimism(scores: NDArray[np.float64], overlap: float) -> float:
    """Return the share of the first row's lead over the common mean that chance explains."""
    k, n = scores.shape
    means = scores.mean(axis=1)
    if n < 2 or not vary(means):
        return 0.0
    # What candidate and seed do not explain: noise that the candidates do not share.
    rest = scores - means[:, np.newaxis] - scores.mean(axis=0) + means.mean()
    by_chance = np.square(rest).sum() / ((k - 1) * (n - 1)) * (1 / n + overlap)
    shrunk = min(1.0, by_chance / means.var(ddof=1)) * (means[0] - means.mean())
    # A few candidates that vary much must not make the winner seem luckier than chance allows. Its
    # own error would not do: the best of skewed candidates is often one whose sample shows no tail.
    errors = sorted(standard_error(row, overlap) for row in scores if vary(row))
    most = _largest_of(k) * errors[(len(errors) - 1) // 2] if errors else 0.0
    return float(min(shrunk, most))


def _largest_of(k: int) -> float:
    """Return the mean of the largest of k standard normal values; Blom, 1958."""
    from scipy.special import ndtri  # the quantile of the normal distribution

    return float(ndtri((k - 0.375) / (k + 0.25)))
