"""The ticks of a hyperparameter's axis: which of its values are named, and where they lie.

A place runs from 0 at the low end of the hyperparameter to 1 at its high end.
"""

import math
from collections.abc import Callable

import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator

from results.analysis.positions import evenly, places
from results.drawing.style import parameter_label
from results.number_text import format_number
from sweeps.space.dimensions import Dimension, Range

MOST_TICKS = 12  # of a dimension with more choices, only some are named
MOST_INNER = 6  # ticks between the ends of a range
NEAR = 0.08  # on an axis as long as a figure, ticks closer to an end would run into its label
PARTS = (4, 5, 6, 3, 7, 2)  # into how many a linear range is divided, the best first
ROUND = (1, 2, 2.5, 3, 4, 5, 6, 8)  # what the parts may measure, times a power of ten
FAR = 0.75  # of the distance between ticks: an end this far from them is named too


def ticks(
    dimension: Dimension, choice_text: Callable[[object], str] = parameter_label
) -> list[tuple[float, str]]:
    """Return place and label of each tick: those of `tick_values`, or the choices.

    `choice_text` writes a choice: for matplotlib, unless another function is given.
    """
    if isinstance(dimension, Range):
        values = tick_values(dimension)
        at = places(pd.Series(values), dimension).tolist()
        return list(zip(at, map(format_number, values), strict=True))
    choices = dimension.choices
    every = math.ceil(len(choices) / MOST_TICKS)
    named = zip(evenly(len(choices)).tolist(), map(choice_text, choices), strict=True)
    return list(named)[::every]


def tick_values(dimension: Range, near: float = NEAR) -> list[float]:
    """Return values to name on a range: round ones and, unless that looks uneven, both ends.

    Where the range has a step, the values are on its grid. A logarithmic range has none whose place
    is as `near` to that of an end.
    """
    return _log_ticks(dimension, near) if dimension.log else _even_ticks(dimension)


def _log_ticks(dimension: Range, near: float) -> list[float]:
    low, high = float(dimension.low), float(dimension.high)
    decades = LogLocator(numticks=MOST_INNER).tick_values(low, high)
    inner = pd.Series([value for value in decades if low < value < high])
    at = places(inner, dimension)
    return [low, *inner[(at > near) & (at < 1 - near)], high]


def _even_ticks(dimension: Range) -> list[float]:
    """Return the ends and what divides the range evenly, else round values and the ends far off."""
    low, high = float(dimension.low), float(dimension.high)
    step = dimension.step or (1 if dimension.whole else None)
    for parts in PARTS:
        gap = (high - low) / parts
        if (_is_round(gap) or gap == dimension.step) and (not step or _is_multiple(gap, step)):
            return [low + k * gap for k in range(parts)] + [high]
    inner = _inner_values(dimension)
    gap = FAR * (inner[1] - inner[0])
    first = [low] if inner[0] - low >= gap else []
    last = [high] if high - inner[-1] >= gap else []
    return [*first, *inner, *last]


def _is_round(gap: float) -> bool:
    mantissa = float(f"{gap:.9e}".partition("e")[0])
    return mantissa in ROUND


def _is_multiple(gap: float, step: float) -> bool:
    return abs(gap / step - round(gap / step)) < 1e-9


def _inner_values(dimension: Range) -> list[float]:
    low, high, step = dimension.low, dimension.high, dimension.step
    if step:
        grid = [low + k * step for k in range(round((high - low) / step) + 1)]
        return grid[:: math.ceil(len(grid) / MOST_INNER)]
    round_values = MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=dimension.whole)
    return [value for value in round_values.tick_values(low, high) if low <= value <= high]
