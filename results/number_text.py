"""Numbers, durations and hyperparameters as text, the same in commands, figures, reports and files.

Every sentence and every table formats its values here; figures escape the text for matplotlib. The
axes of figures show percentages as plain numbers, with "(%)" in their labels.
"""

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # its module loads NumPy, which the help of a command does not need
    from nncore.components.metrics import Metric


DIVERGED = "diverged"
LONGEST = 18  # letters of a user's text that still fit beside an axis


def format_number(value: float) -> str:
    """Return a number in three digits, whole ones below a million in full: 0.462, 1024, 1e+06."""
    whole = value == round(value) and abs(value) < 1e6
    return f"{value:.0f}" if whole else f"{value:.3g}"


def percent(fraction: float) -> str:
    """Return a measured fraction as a percentage with two decimals: 0.9796 is "97.96%"."""
    return f"{fraction:.2%}"


def value_text(metric: "Metric", value: float) -> str:
    """Return a value of a metric as text: "97.96%" for accuracy, "0.9796" for ROC AUC.

    Only a network that diverged in its first epoch has a value that is infinite or NaN.
    """
    if not math.isfinite(value):
        return DIVERGED
    if metric.in_units:
        return in_four_digits(value)
    return percent(value) if metric.percent else f"{value:.4f}"


def in_four_digits(value: float) -> str:
    """Return a number in four digits, whole ones below a million in full: 0.05327, 12.35, 17891."""
    power = power_of_ten(value) if math.isfinite(value) else 0
    return f"{value:z.{max(0, 3 - power)}f}" if -5 < power < 6 else f"{value:.3e}"


def power_of_ten(value: float) -> int:
    """Return the exponent of a finite number that is rounded to four digits: 9.9996 is 10, so 1."""
    return int(f"{abs(value):.3e}".partition("e")[2])


def in_two_digits(value: float) -> str:
    """Return a number rounded to two digits, without an exponent below 1e15: 48000, 0.31."""
    return f"{float(f'{value:.2g}'):.15g}"


def score_text(metric: "Metric", score: float) -> str:
    """Return the value that has this score as text."""
    return value_text(metric, metric.score(score))


def worse_text(metric: "Metric", score: float) -> str:
    """Return which values are worse than a score: "below 93.10%", or "above 0.5310" for a loss."""
    return f"{'below' if metric.greater_is_better else 'above'} {score_text(metric, score)}"


def with_article(metric: "Metric") -> str:
    """Return the name of a metric after its article: "a log loss", "an RMSE"."""
    # The names of the metrics of numbers are spelled: an R-M-S-E, an M-A-E, an R².
    vowel = metric.regression or metric.title[0] in "aeiou"
    return f"{'an' if vowel else 'a'} {metric.title}"


def difference_text(metric: "Metric", difference: float) -> str:
    """Return a difference of two values, signed: "+0.15 points" for accuracy, else "+0.0015"."""
    if not math.isfinite(difference):
        return DIVERGED
    return f"{signed(metric, difference)} points" if metric.percent else signed(metric, difference)


def signed(metric: "Metric", difference: float) -> str:
    """Return a difference of two values, signed, without its unit."""
    if not math.isfinite(difference):
        return DIVERGED
    if metric.in_units:
        return f"{'+' if difference >= 0 else ''}{in_four_digits(difference)}"
    return signed_points(difference) if metric.percent else f"{difference:+z.4f}"


def signed_points(difference: float) -> str:
    """Return a difference of fractions in percentage points: 0.0015 is "+0.15".

    What rounds to zero has no minus sign: "+0.00".
    """
    return f"{100 * difference:+z.2f}"


def spread_text(metric: "Metric", deviation: float) -> str:
    """Return a spread of values: "0.12 points" for accuracy, else "0.0012"."""
    if metric.in_units:
        return in_four_digits(deviation)
    factor, digits, what = (100, 2, " points") if metric.percent else (1, 4, "")
    text, least = f"{factor * deviation:.{digits}f}", 10**-digits
    return f"less than {least:g}{what}" if deviation > 0 and float(text) == 0 else f"{text}{what}"


def listed(words: Sequence[str]) -> str:
    """Return one word or more as prose lists them: "a", "a and b", "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def p_text(p_value: float) -> str:
    """Return a p-value as text: "p = 0.03", small ones "p < 0.001"."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def whole_percent(share: float) -> str:
    """Return a rough share as a whole percentage: 0.36 is "36%"; small shares are "<1%"."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def count_of_trials(count: int) -> str:
    """Return a number of trials with its noun: "1 trial", "1,200 trials"."""
    return "1 trial" if count == 1 else f"{count:,} trials"


def parameter_text(value: object) -> str:
    """Return a hyperparameter's value as text: numbers in three digits, long texts shortened."""
    if isinstance(value, Real) and not isinstance(value, bool):  # NumPy's numbers are `Real` too
        return format_number(float(value))
    return shorten(str(value))


def shorten(text: str) -> str:
    """Return `text`, cut with an ellipsis if it is longer than 18 letters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def duration(seconds: float) -> str:
    """Return a duration in a unit that keeps it short: 0.02 s, 45 s, 3.2 min, 5 h, 2.5 days."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{_in_tenths(seconds / size)} {unit}"
    return f"{_in_seconds(seconds)} s"


def _in_seconds(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds:.1g}"
    return _in_tenths(seconds) if seconds < 10 else f"{seconds:.0f}"


def _in_tenths(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
