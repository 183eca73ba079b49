"""Reproduced, or not: rules that compare the book's words with our own spread over seeds.

The book's number is one run, so it must lie where 95 % of our single runs lie; a claim that one
setting is better must hold for the mean of the differences between runs of the same seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isinf, nan, sqrt

import numpy as np
from scipy import stats

from nncore.arrays.layout import Array

CONFIDENCE = 0.95
STATUSES = REPRODUCED, NOT_REPRODUCED, UNDECIDED = "reproduced", "not reproduced", "undecided"


@dataclass(frozen=True)
class Verdict:
    """What became of one claim: `status`, the finished `sentence`, and the numbers it rests on.

    `book` is the book's number, None where it gives none; `mean` is ours over `seeds` runs, `low`
    and `high` its 95 % interval, NaN for one run. All are in the unit that the sentence names.
    """

    claim: str
    status: str
    sentence: str
    book: float | None
    mean: float
    low: float
    high: float
    seeds: int


def spread(values: Array) -> tuple[float, float, float]:
    """Return mean, half of the mean's 95 % interval, and half of the range of 95 % of single runs.

    Student's t; both halves are NaN for a single value. A next run falls into the second range,
    t·s·√(1 + 1/n), with 95 %.
    """
    n = len(values)
    mean = float(np.mean(values))
    if n < 2 or not np.isfinite(values).all():
        return mean, nan, nan
    width = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * np.std(values, ddof=1))
    return mean, width / sqrt(n), width * sqrt(1 + 1 / n)


def number(claim: str, book: float, values: Array, unit: str = "%") -> Verdict:
    """Return whether the book's number `book` could be one of our runs `values`.

    Undecided where the range of single runs goes beyond 0 or 100 %: some of them failed then, which
    Student's t does not describe, and nearly any number would lie in it.
    """
    mean, interval, reach = spread(values)
    if np.isnan(reach):
        status, outcome = UNDECIDED, "undecided, one seed has no spread"
    elif unit == "%" and not reach <= mean <= 1 - reach:
        status, outcome = UNDECIDED, "undecided, our runs lie too far apart to tell"
    elif abs(book - mean) <= reach + 1e-12:
        outcome = status = REPRODUCED
    else:
        status = NOT_REPRODUCED
        side = "above" if book > mean else "below"
        outcome = f"{status}, the book lies {_plain(abs(book - mean), unit)} {side} our mean"
    ours = _with_interval(mean, interval, unit, len(values))
    single = "" if np.isnan(reach) else f", 95 % of single runs ± {_plain(reach, unit)}"
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the book has {_shown(book, unit)}, ours is {ours}{single}: {outcome}.",
        book=book,
        mean=mean,
        low=mean - interval,
        high=mean + interval,
        seeds=len(values),
    )


def higher(
    claim: str, more: Array, less: Array, unit: str = "%", book: float | None = None
) -> Verdict:
    """Return whether `more` is above `less` in the mean of the differences, seed by seed.

    A seed where neither or one of the two has a value counts for nothing.
    """
    pairs = np.subtract(more, less)
    differences = pairs[np.isfinite(pairs)]
    n = len(differences)
    mean, interval, _ = spread(differences) if n else (nan, nan, nan)
    if np.isnan(interval):
        status = UNDECIDED
    elif mean - interval > 0:
        status = REPRODUCED
    else:
        status = NOT_REPRODUCED if mean + interval < 0 else UNDECIDED
    said = "" if book is None else f" (the book: {_shown(book, unit)})"
    ours = _with_interval(mean, interval, unit, n)
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the difference is {ours}{said}: {_ordered(status)}.",
        book=book,
        mean=mean,
        low=mean - interval,
        high=mean + interval,
        seeds=n,
    )


def wider(claim: str, more: Array, less: Array) -> Verdict:
    """Return whether single runs `more` scatter wider than `less`, by the ratio of variances.

    The interval of the ratio is Fisher's. The numbers of the verdict are standard deviations'
    ratio and its interval.
    """
    n, m = len(more), len(less)
    ratio = low = high = nan
    status = UNDECIDED
    if min(n, m) > 1 and np.ptp(less) > 0:
        squared = float(np.var(more, ddof=1) / np.var(less, ddof=1))
        tail = (1 - CONFIDENCE) / 2
        low = sqrt(squared / stats.f.ppf(1 - tail, n - 1, m - 1))
        high = sqrt(squared / stats.f.ppf(tail, n - 1, m - 1))
        ratio = sqrt(squared)
        status = REPRODUCED if low > 1 else NOT_REPRODUCED if high < 1 else UNDECIDED
    interval = "" if np.isnan(ratio) else f", 95 % interval {low:.2f} to {high:.2f}"
    ours = "one seed has no spread" if np.isnan(ratio) else f"{ratio:.2f} times as wide{interval}"
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {ours}: {_ordered(status)}.",
        book=None,
        mean=ratio,
        low=low,
        high=high,
        seeds=n,
    )


def holds(
    claim: str, values: Array, low: float = -inf, high: float = inf, unit: str = ""
) -> Verdict:
    """Return whether 95 % of single runs lie from `low` to `high`; a lone run must do so itself.

    Where nature sets the other bound, as 100 % does, only one is named.
    """
    mean, interval, reach = spread(values)
    reach = 0.0 if np.isnan(reach) else reach
    inside = low <= mean - reach and mean + reach <= high
    outside = mean < low or mean > high
    status = REPRODUCED if inside else NOT_REPRODUCED if outside else UNDECIDED
    ours = _with_interval(mean, interval, unit, len(values))
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {ours}, expected {_range(low, high, unit)}: {status}.",
        book=None,
        mean=mean,
        low=mean - interval,
        high=mean + interval,
        seeds=len(values),
    )


def same(claim: str, book: float, value: float, unit: str = "%") -> Verdict:
    """Return whether a number without randomness is the book's, to the digits that it prints."""
    status = REPRODUCED if abs(book - value) < 1e-9 else NOT_REPRODUCED
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: the book has {_shown(book, unit)}, ours is {_shown(value, unit)}: "
        f"{status}.",
        book=book,
        mean=value,
        low=value,
        high=value,
        seeds=1,
    )


def lies(claim: str, value: float, low: float, high: float, unit: str = "") -> Verdict:
    """Return whether a number without randomness lies from `low` to `high`."""
    status = REPRODUCED if low <= value <= high else NOT_REPRODUCED
    return Verdict(
        claim=claim,
        status=status,
        sentence=f"{claim}: {_shown(value, unit)}, expected {_range(low, high, unit)}: {status}.",
        book=None,
        mean=value,
        low=value,
        high=value,
        seeds=1,
    )


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return what became of a study: reproduced if each of its claims is, else how many are."""
    counts = {status: sum(v.status == status for v in verdicts) for status in STATUSES}
    if counts[REPRODUCED] == len(verdicts):
        return REPRODUCED
    others = [f"{counts[s]} {s}" for s in (NOT_REPRODUCED, UNDECIDED) if counts[s]]
    return f"{counts[REPRODUCED]} of {len(verdicts)} claims reproduced, {', '.join(others)}"


def _ordered(status: str) -> str:
    if status == UNDECIDED:
        return "undecided, our runs do not tell the two apart"
    return status if status == REPRODUCED else "not reproduced, it is the other way round"


def _with_interval(mean: float, interval: float, unit: str, seeds: int) -> str:
    if np.isnan(interval):
        return f"{_shown(mean, unit)} ({seeds} {'seed' if seeds == 1 else 'seeds'})"
    return f"{_plain(mean, unit)} ± {_shown(interval, unit)} (mean of {seeds} seeds, 95 % interval)"


def _range(low: float, high: float, unit: str) -> str:
    if isinf(low):
        return f"at most {_shown(high, unit)}"
    if isinf(high):
        return f"at least {_shown(low, unit)}"
    return f"from {_shown(low, unit)} to {_shown(high, unit)}"


def _shown(value: float, unit: str) -> str:
    return f"{_plain(value, unit)} {unit}".strip()


def _plain(value: float, unit: str) -> str:
    return f"{100 * value:.2f}" if unit == "%" else f"{value:.3g}"
