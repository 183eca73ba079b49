"""Where trials lie in the search space: positions along one axis, cells of two axes, choices.

A position runs from 0 at the low end of a hyperparameter to 1 at its high end, on its own scale.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.analysis.trials import settled, valued
from sweeps.space.dimensions import Choices, Dimension, Range, Space

FEWEST_FOR_MEDIAN = 3
PARTS = 6  # a range is cut into six cells; choices and fewer values have one cell each


def places(values: "pd.Series[Any]", dimension: Dimension) -> NDArray[np.float64]:
    """Return the position of each value between 0, the low end, and 1, the high end.

    Choices lie evenly spaced in their order, a single one at 0.5.
    """
    if isinstance(dimension, Choices):
        return evenly(len(dimension.choices))[choice_indices(values, dimension)]
    low, high = dimension.low, dimension.high
    numbers = values.to_numpy(dtype="float64")
    if dimension.log:
        return np.asarray(np.log(numbers / low) / math.log(high / low), dtype="float64")
    return np.asarray((numbers - low) / (high - low), dtype="float64")


def has_order(dimension: Dimension) -> bool:
    """Return whether it has ends: a range, or at least three choices that are numbers."""
    if isinstance(dimension, Range):
        return True
    numbers = all(type(choice) in (int, float) for choice in dimension.choices)
    return numbers and len(dimension.choices) >= 3


def choice_indices(values: "pd.Series[Any]", dimension: Choices) -> NDArray[np.int64]:
    """Return the index of each value among the dimension's choices."""
    return np.array([dimension.choices.index(value) for value in values], dtype="int64")


def choice_medians(
    trials: pd.DataFrame, name: str, dimension: Choices, pruner: str = "none"
) -> "pd.Series[float]":
    """Return the median score of the trials with each choice, by the index of the choice.

    Trials that the run's `pruner` cut short do not count. A choice with fewer than three trials
    that count has no median.
    """
    final = settled(trials, pruner).dropna(subset=[name])
    groups = final["score"].astype("float64").groupby(choice_indices(final[name], dimension))
    return groups.median()[groups.count() >= FEWEST_FOR_MEDIAN]


def evenly(count: int) -> NDArray[np.float64]:
    """Return `count` evenly spaced positions from 0 to 1; a single one lies in the middle."""
    return np.linspace(0.0, 1.0, count) if count > 1 else np.full(count, 0.5)


def bin_trials(trials: pd.DataFrame, space: Space, across: str, up: str) -> pd.DataFrame:
    """Return `column, row, median, count` of the cells that hold trials with a value.

    `column` and `row` count from 0 at the low ends of the hyperparameters `across` and `up`;
    `median` is the median score of the cell's trials. Trials that lack one of the two
    hyperparameters are left out.
    """
    ended = valued(trials).dropna(subset=[across, up])
    cells = {
        "column": _cell_indices(ended[across], space[across]),
        "row": _cell_indices(ended[up], space[up]),
    }
    scores = ended[["score"]].assign(**cells).groupby(["column", "row"])["score"]
    return scores.agg(["median", "count"]).reset_index()


def cell_count(dimension: Dimension) -> int:
    """Return the number of cells along an axis."""
    return (dimension.count or PARTS) if has_cell_each(dimension) else PARTS


def has_cell_each(dimension: Dimension) -> bool:
    """Return whether each value has a cell of the same width: choices, or a few even steps."""
    if isinstance(dimension, Choices):
        return True
    return not dimension.log and dimension.count is not None and dimension.count <= PARTS


def _cell_indices(values: "pd.Series[Any]", dimension: Dimension) -> NDArray[np.int64]:
    last = cell_count(dimension) - 1
    position = places(values, dimension)
    scaled = position * last + 0.5 if has_cell_each(dimension) else position * PARTS
    return np.clip(np.floor(scaled), 0, last).astype("int64")
