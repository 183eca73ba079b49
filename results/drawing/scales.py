"""Where a hyperparameter's values lie on their axis: linear, logarithmic, or one place per choice.

Pure computations on a dimension of the space, from 0 at its low end to 1 at its high end.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from results.drawing.style import number, parameter_text
from sweeps.space.dimensions import Choices, Dimension, Range

MOST_TICKS = 12  # of a dimension with more choices, only some are named
MOST_INNER = 6  # ticks between the ends of a range
NEAR = 0.08  # ticks closer than this to an end of a logarithmic range would run into its label
PARTS = (4, 5, 6, 3, 7, 2)  # into how many a linear range is divided, the best first
ROUND = (1, 2, 2.5, 3, 4, 5, 6, 8)  # what the parts may measure, times a power of ten
FAR = 0.75  # of the distance between ticks: an end this far from them is named too


def places(values: "pd.Series[Any]", dimension: Dimension) -> NDArray[np.float64]:
    """Return the place of each value between 0, the low end, and 1, the high end.

    Choices lie evenly spaced in their order, a single one at 0.5.
    """
    if isinstance(dimension, Choices):
        return evenly(len(dimension.choices))[choice_indices(values, dimension)]
    low, high = dimension.low, dimension.high
    numbers = values.to_numpy(dtype="float64")
    if dimension.log:
        return np.asarray(np.log(numbers / low) / math.log(high / low), dtype="float64")
    return np.asarray((numbers - low) / (high - low), dtype="float64")


def choice_indices(values: "pd.Series[Any]", dimension: Choices) -> NDArray[np.int64]:
    """Return the index of each value among the dimension's choices."""
    return np.array([dimension.choices.index(value) for value in values], dtype="int64")


def evenly(count: int) -> NDArray[np.float64]:
    """Return `count` places from 0 to 1, evenly spaced; a single one lies in the middle."""
    return np.linspace(0.0, 1.0, count) if count > 1 else np.full(count, 0.5)


def ticks(dimension: Dimension) -> list[tuple[float, str]]:
    """Return place and label of each tick: those of `tick_values`, or the choices."""
    if isinstance(dimension, Range):
        values = tick_values(dimension)
        at = places(pd.Series(values), dimension).tolist()
        return list(zip(at, map(number, values), strict=True))
    choices = dimension.choices
    every = math.ceil(len(choices) / MOST_TICKS)
    named = zip(evenly(len(choices)).tolist(), map(parameter_text, choices), strict=True)
    return list(named)[::every]


def tick_values(dimension: Range) -> list[float]:
    """Return values to name on a range: round ones and, unless that looks uneven, both ends.

    Where the range has a step, the values are on its grid.
    """
    return _log_ticks(dimension) if dimension.log else _even_ticks(dimension)


def _log_ticks(dimension: Range) -> list[float]:
    low, high = float(dimension.low), float(dimension.high)
    decades = LogLocator(numticks=MOST_INNER).tick_values(low, high)
    inner = pd.Series([value for value in decades if low < value < high])
    at = places(inner, dimension)
    return [low, *inner[(at > NEAR) & (at < 1 - NEAR)], high]


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
