"""Verdicts: whether our runs over several seeds reproduce a claim of the book.

The exact counts of the author's own runs are compared elsewhere, in `replays.replay`.
The book's number is one run, so it must lie in the 95% prediction interval of a single run of ours;
a claim that one setting is better must hold for the mean of the differences seed by seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from scipy import stats

from experiments.book.intervals import CONFIDENCE, mean_and_intervals
from experiments.book.units import (
    PERCENT,
    POINTS,
    bounds_text,
    digits,
    mean_text,
    with_unit,
)
from nncore.arrays.layout import Array

STATUSES = REPRODUCED, NOT_REPRODUCED, UNDECIDED = "reproduced", "not reproduced", "undecided"


@dataclass(frozen=True)
class ClaimVerdict:
    """The verdict on one claim: its `status`, a `sentence` for the reader, and the numbers.

    Parameters
    ----------
    claim
        What the book claims, in a few words; `sentence` begins with it.
    status
        One of `STATUSES`.
    sentence
        Claim, numbers and status, as the page prints them.
    book
        The book's number, None where it gives none.
    mean, low, high
        Our mean and its 95% confidence interval, NaN for one run. Fractions where the sentence has
        percentages, else in the unit that the sentence names.
    seeds
        Runs that the numbers rest on.
    """

    claim: str
    status: str
    sentence: str
    book: float | None
    mean: float
    low: float
    high: float
    seeds: int


def published_number(claim: str, book: float, values: Array, unit: str = PERCENT) -> ClaimVerdict:
    """Return whether the book's number could be a single run of ours.

    Parameters
    ----------
    claim
        What the number is.
    book
        The number that the book reports.
    values
        Ours, one per run, `(n,)`.
    unit
        `PERCENT` and `POINTS` are for fractions.

    Returns
    -------
    ClaimVerdict
        Reproduced if `book` lies in the 95% prediction interval. Undecided for a single seed, and
        where the prediction interval of a percentage passes 0 or 100%: then some of the runs
        failed, which Student's t does not describe, and nearly any number would lie in it.
    """
    mean, confidence, prediction = mean_and_intervals(values)
    if np.isnan(prediction):
        status, conclusion = UNDECIDED, f"{UNDECIDED}, one seed shows no spread"
    elif unit == PERCENT and not prediction <= mean <= 1 - prediction:
        status, conclusion = UNDECIDED, f"{UNDECIDED}, our runs are too far apart"
    elif abs(book - mean) <= prediction + 1e-12:
        conclusion = status = REPRODUCED
    else:
        status = NOT_REPRODUCED
        side = "above" if book > mean else "below"
        gap = with_unit(abs(book - mean), POINTS if unit == PERCENT else unit)
        conclusion = f"{status}, the book's number is {gap} {side} our mean"
    ours = mean_text(mean, confidence, unit, len(values))
    if not np.isnan(prediction):
        ours += f", 95% of single runs lie within ± {digits(prediction, unit)}"
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the book reports {with_unit(book, unit)}; ours is {ours}: "
        f"{conclusion}.",
        book=book,
        mean=mean,
        low=mean - confidence,
        high=mean + confidence,
        seeds=len(values),
    )


def difference_claim(
    claim: str, more: Array, less: Array, unit: str = POINTS, book: float | None = None
) -> ClaimVerdict:
    """Return whether `more` exceeds `less` in the mean of the differences, seed by seed.

    Parameters
    ----------
    claim
        Names both settings, and the one that is claimed to have more.
    more, less
        One number per seed, `(n,)`; a seed without a finite value in both is left out.
    unit
        Unit of the difference.
    book
        The difference that the book reports, for the sentence only.

    Returns
    -------
    ClaimVerdict
        Reproduced if the 95% confidence interval of the mean difference lies above 0, not
        reproduced if it lies below 0, else undecided.
    """
    pairs = np.subtract(more, less)
    differences = pairs[np.isfinite(pairs)]
    n = len(differences)
    mean, confidence, _ = mean_and_intervals(differences) if n else (nan, nan, nan)
    if np.isnan(confidence):
        status = UNDECIDED
    elif mean - confidence > 0:
        status = REPRODUCED
    else:
        status = NOT_REPRODUCED if mean + confidence < 0 else UNDECIDED
    reported = "" if book is None else f" (the book: {with_unit(book, unit)})"
    ours = mean_text(mean, confidence, unit, n)
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the difference is {ours}{reported}: {_order_conclusion(status)}.",
        book=book,
        mean=mean,
        low=mean - confidence,
        high=mean + confidence,
        seeds=n,
    )


def variance_ratio(claim: str, more: Array, less: Array) -> ClaimVerdict:
    """Return whether single runs of one setting vary more than those of another, by Fisher's F.

    Parameters
    ----------
    claim
        Names both settings, and the one that is claimed to vary more.
    more, less
        One number per run, `(n,)` and `(m,)`.

    Returns
    -------
    ClaimVerdict
        Reproduced if the 95% confidence interval of the ratio of variances lies above 1, not
        reproduced if it lies below 1, else undecided. The numbers are those of the ratio of
        standard deviations.
    """
    n, m = len(more), len(less)
    ratio = low = high = nan
    status, ours = UNDECIDED, "one seed shows no spread"
    if min(n, m) > 1 and np.ptp(less) > 0:
        squared = float(np.var(more, ddof=1) / np.var(less, ddof=1))
        tail = (1 - CONFIDENCE) / 2
        low = sqrt(squared / stats.f.ppf(1 - tail, n - 1, m - 1))
        high = sqrt(squared / stats.f.ppf(tail, n - 1, m - 1))
        ratio = sqrt(squared)
        status = REPRODUCED if low > 1 else NOT_REPRODUCED if high < 1 else UNDECIDED
        ours = f"the ratio of standard deviations is {ratio:.2f}"
        ours += f" (95% confidence interval {low:.2f} to {high:.2f})"
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {ours}: {_order_conclusion(status)}.",
        book=None,
        mean=ratio,
        low=low,
        high=high,
        seeds=n,
    )


def interval_in_range(
    claim: str, values: Array, low: float = -inf, high: float = inf, unit: str = ""
) -> ClaimVerdict:
    """Return whether the 95% prediction interval of a single run lies between two bounds.

    Parameters
    ----------
    claim
        What the numbers are.
    values
        One number per run, `(n,)`; a lone run must lie between the bounds itself.
    low, high
        The bounds. Where a natural limit such as 100% is one of them, give only the other.
    unit
        Unit of values and bounds.

    Returns
    -------
    ClaimVerdict
        Not reproduced if the mean lies outside; undecided if only part of the interval does.
    """
    mean, confidence, prediction = mean_and_intervals(values)
    prediction = 0.0 if np.isnan(prediction) else prediction
    inside = low <= mean - prediction and mean + prediction <= high
    outside = mean < low or mean > high
    status = REPRODUCED if inside else NOT_REPRODUCED if outside else UNDECIDED
    ours = mean_text(mean, confidence, unit, len(values))
    return ClaimVerdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {ours}, expected {bounds_text(low, high, unit)}: {status}.",
        book=None,
        mean=mean,
        low=mean - confidence,
        high=mean + confidence,
        seeds=len(values),
    )


def study_status(verdicts: Sequence[ClaimVerdict]) -> str:
    """Return the verdict on a study.

    Parameters
    ----------
    verdicts
        Those on its claims.

    Returns
    -------
    str
        "reproduced" if every claim is, else how many are and how many are not.
    """
    counts = {status: sum(v.status == status for v in verdicts) for status in STATUSES}
    if counts[REPRODUCED] == len(verdicts):
        return REPRODUCED
    others = [f"{counts[s]} {s}" for s in (NOT_REPRODUCED, UNDECIDED) if counts[s]]
    return f"{counts[REPRODUCED]} of {len(verdicts)} claims reproduced, {', '.join(others)}"


def _order_conclusion(status: str) -> str:
    if status == UNDECIDED:
        return f"{status}, our runs do not separate the two"
    return status if status == REPRODUCED else f"{status}, the order is reversed"
