"""Functions over the search space: for each hyperparameter, those whose mean over the space is 0.

Any effect of a hyperparameter by itself is a sum of its functions. The space's own distribution is
uniform, whatever points a sampler tried, so the squared coefficients of such a sum are variances.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from results.analysis.positions import evenly, has_order, places
from sweeps.space.dimensions import Choices, Dimension, Params, Range, Space, exists

Floats = NDArray[np.float64]

MOST_FUNCTIONS = 4  # of an ordered hyperparameter; further ones would be too fine for few trials
ROUGHNESS = 3.0  # the prior variance of the k-th function falls like k to the minus this


@dataclass(frozen=True, eq=False)
class Effects:
    """The functions of one hyperparameter at some points.

    Attributes
    ----------
    values
        The functions, `(n_points, n_functions)`. Over the space, each has the mean 0 and the
        variance 1, and no two are correlated. They are 0 where the hyperparameter does not exist.
    weights
        The prior variance of each coefficient, as a part of the effect's, `(n_functions,)`.
    """

    values: Floats
    weights: Floats


def effects_at(trials: pd.DataFrame, name: str, dimension: Dimension, active: float) -> Effects:
    """Return the functions of a hyperparameter at `trials`; it exists in the part `active` of all.

    They are cosines of the position on the axis, √2 cos(πkx), which are orthogonal on a continuum
    and on evenly spaced values alike.
    """
    count = 0 if (values := _number_of_values(dimension)) is None else values
    ordered = has_order(dimension)
    most = MOST_FUNCTIONS if ordered else count - 1
    k = np.arange(1, 1 + (min(most, count - 1) if count else most))
    weights = k**-ROUGHNESS if ordered else np.ones(len(k))
    at, given = np.zeros(len(trials)), trials[name].notna().to_numpy()
    at[given] = _middles(trials[name][given], dimension, count)
    waves = math.sqrt(2 / active) * np.cos(np.pi * k * at[:, np.newaxis])
    return Effects(waves * given[:, np.newaxis], weights / max(weights.sum(), 1.0))


def uniform_points(space: Space, count: int, seed: int) -> pd.DataFrame:
    """Return `count` points spread evenly over the space, a low-discrepancy sequence."""
    heights = qmc.Sobol(len(space), seed=seed).random(count)
    rows = [_point(space, row) for row in heights]
    return pd.DataFrame(rows, columns=list(space), dtype=object)


def _point(space: Space, heights: Floats) -> Params:
    params: Params = {}
    for (name, dimension), height in zip(space.items(), heights, strict=True):
        if exists(dimension, params):
            params[name] = _value(dimension, float(height))
    return params


def _value(dimension: Dimension, height: float) -> Any:
    """Return the value below which lies the part `height` of the dimension."""
    count = _number_of_values(dimension)
    if count is not None:
        return dimension.nth(min(int(height * count), count - 1))
    assert isinstance(dimension, Range)
    low, high = dimension.low, dimension.high
    value = low * (high / low) ** height if dimension.log else low + height * (high - low)
    return round(value) if dimension.whole else value


def _number_of_values(dimension: Dimension) -> int | None:
    """Return the number of equally likely values; None for a continuum and for a logarithmic axis.

    The whole numbers of a logarithmic axis are not equally likely.
    """
    return None if isinstance(dimension, Range) and dimension.log else dimension.count


def _middles(values: "pd.Series[Any]", dimension: Dimension, count: int) -> Floats:
    """Return the position of each value; each of `count` values lies in the middle of its part."""
    if isinstance(dimension, Choices) and has_order(dimension):
        order = sorted(dimension.choices)
        at = evenly(count)[[order.index(value) for value in values]]
    else:
        at = places(values, dimension)
    return (at * (count - 1) + 0.5) / count if count else at
