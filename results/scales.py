"""Where a hyperparameter's values lie on their axis: linear, logarithmic, or one place per choice.

Pure computations on a dimension of the space, from 0 at its low end to 1 at its high end.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, MaxNLocator
from numpy.typing import NDArray

from results.drawing import number, parameter_text
from sweeps.space import Choices, Dimension, Range

MOST_TICKS = 12  # of a dimension with more choices, only some are named
MOST_INNER = 6  # ticks between the ends of a range
NEAR = 0.08  # ticks closer than this to an end would run into its label


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
    """Return place and label of each tick: both ends and round values between; or the choices."""
    if isinstance(dimension, Range):
        values = tick_values(dimension)
        at = places(pd.Series(values), dimension).tolist()
        return list(zip(at, map(number, values), strict=True))
    choices = dimension.choices
    every = math.ceil(len(choices) / MOST_TICKS)
    named = zip(evenly(len(choices)).tolist(), map(parameter_text, choices), strict=True)
    return list(named)[::every]


def tick_values(dimension: Range) -> list[float]:
    """Return both ends of a range and round values that are not too near to them.

    Where the range has a step, the values between the ends are on its grid.
    """
    low, high = float(dimension.low), float(dimension.high)
    inner = pd.Series([value for value in _inner_values(dimension) if low < value < high])
    at = places(inner, dimension)
    return [low, *inner[(at > NEAR) & (at < 1 - NEAR)], high]


def _inner_values(dimension: Range) -> list[float]:
    low, high, step = dimension.low, dimension.high, dimension.step
    if step:
        grid = [low + k * step for k in range(int((high - low) / step) + 1)]
        return grid[:: math.ceil(len(grid) / MOST_INNER)]
    if dimension.log:
        return list(LogLocator(numticks=MOST_INNER).tick_values(low, high))
    round_values = MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=dimension.whole)
    return list(round_values.tick_values(low, high))
