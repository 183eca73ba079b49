"""Numbers with their units, intervals and bounds, for the sentences of verdicts.

Accuracies are fractions in the code and percentages in sentences.
"""

from math import isinf, isnan

PERCENT, POINTS = "%", "percentage points"
"""Units of fractions; a difference of percentages has percentage points."""


def mean_text(mean: float, confidence: float, unit: str, seeds: int) -> str:
    """Return a mean over `seeds` runs with half of its confidence interval, NaN for one run."""
    if isnan(confidence):
        return f"{with_unit(mean, unit)} ({seeds} {'seed' if seeds == 1 else 'seeds'})"
    interval = f"± {digits(confidence, unit)}"
    ours = f"{digits(mean, unit)} {interval} {unit}".strip()
    if unit == PERCENT:
        ours = f"{with_unit(mean, unit)} {interval}"
    return f"{ours} (mean of {seeds} seeds, 95% confidence interval)"


def bounds_text(low: float, high: float, unit: str) -> str:
    """Return the range from `low` to `high`, where an infinite bound is left out."""
    if isinf(low):
        return f"at most {with_unit(high, unit)}"
    if isinf(high):
        return f"at least {with_unit(low, unit)}"
    first = digits(low, unit) if unit != PERCENT else with_unit(low, unit)
    return f"from {first} to {with_unit(high, unit)}"


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit: "97.96%", "0.73 percentage points", "12 epochs"."""
    space = "" if unit in ("", PERCENT) else " "
    return f"{digits(value, unit)}{space}{unit}"


def digits(value: float, unit: str) -> str:
    """Return a number without its unit, a fraction times 100."""
    return f"{100 * value:.2f}" if unit in (PERCENT, POINTS) else f"{value:.3g}"
