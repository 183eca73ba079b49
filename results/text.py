"""Numbers and hyperparameters as text, written the same way on the page, in figures and in files.

Every sentence of `results` formats its values here; figures escape the text for matplotlib.
"""

import numpy as np

LONGEST = 18  # letters of a user's text that still fit beside an axis


def format_number(value: float) -> str:
    """Return a number in three digits, whole ones below a million in full: 0.462, 1024, 1e+06."""
    whole = value == round(value) and abs(value) < 1e6
    return f"{value:.0f}" if whole else f"{value:.3g}"


def percent(fraction: float) -> str:
    """Return an accuracy as a percentage with two decimals: 0.9796 is "97.96%"."""
    return f"{fraction:.2%}"


def whole_percent(share: float) -> str:
    """Return a share as a whole percentage; small shares are "<1%"."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def count_of_trials(count: int) -> str:
    """Return a number of trials with its noun: "1 trial", "1,200 trials"."""
    return "1 trial" if count == 1 else f"{count:,} trials"


def parameter_text(value: object) -> str:
    """Return a hyperparameter's value as text: numbers in three digits, long texts shortened."""
    if isinstance(value, str | bool | np.bool_):
        return shorten(str(value))
    return format_number(float(value)) if isinstance(value, int | float | np.number) else str(value)


def shorten(text: str) -> str:
    """Return `text`, cut with an ellipsis if it is longer than 18 letters."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
