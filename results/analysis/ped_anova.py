"""PED-ANOVA: how much the best trials differ from all trials in each hyperparameter.

The shares are those of Optuna's evaluator, which takes one sample of the trials at a time and loads
scikit-learn; here, all resamples of a bootstrap are computed at once.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.analysis.positions import choice_indices
from sweeps.space.dimensions import Choices, Dimension, Range, Space

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

MOST_STEPS = 50  # of the grid on which a range is compared
PRIOR = 1.0  # the weight of the uniform density, in trials
FEWEST_ACTIVE = 2  # trials that have a hyperparameter, below which it is not judged
NARROWEST = 0.5 / 1.64  # grid steps: 90% of a kernel lie in one step
TINY = 1e-12  # added to densities, which are divided by


def ped_anova(trials: pd.DataFrame, space: Space, samples: Integers, top: int) -> Floats:
    """Return each hyperparameter's share of the importance in each sample, `(n_samples, n)`.

    The `top` best trials of a sample, and those equal to the last of them, are compared with the
    whole sample: with p and q their densities, the importance is the mean of (p/q − 1)² over the
    sample. A sample of equally good trials, or of trials that do not differ, has NaN.
    Source: Watanabe, Bansal & Hutter, PED-ANOVA, 2023; for conditional hyperparameters, which the
    trials that have them judge, Optuna's `PedAnovaImportanceEvaluator`.

    Parameters
    ----------
    trials
        The trials, with a column `score` and one per hyperparameter.
    space
        The search space.
    samples
        Row numbers of `trials`, a row per sample, `(n_samples, n_trials)`.
    top
        How many trials are the best ones, >= 1.
    """
    scores = trials["score"].to_numpy(dtype="float64")[samples]
    last = np.sort(scores, axis=1)[:, -min(top, scores.shape[1])]
    best = scores >= last[:, np.newaxis]
    weights = [_importance(trials[name], space[name], samples, best) for name in space]
    importance = np.stack(weights, axis=1)
    importance[best.all(axis=1)] = 0.0
    total = importance.sum(axis=1, keepdims=True)
    shares: Floats = importance / np.where(total > 0, total, np.nan)
    return shares


def _importance(
    values: "pd.Series[Any]", dimension: Dimension, samples: Integers, best: NDArray[np.bool_]
) -> Floats:
    """Return the importance of one hyperparameter in each sample, up to a common factor."""
    given = values.notna().to_numpy()
    size = _grid_size(dimension)
    if size < 2 or not given.any():
        return np.zeros(len(samples))
    cell = np.zeros(len(values), dtype=np.intp)
    cell[given] = _cells(values[given], dimension, size)
    active = given[samples]
    of_all = _counts(cell[samples], active, size)
    of_best = _counts(cell[samples], active & best, size)
    density = _choice_density if isinstance(dimension, Choices) else _range_density
    known = (of_all.sum(axis=1) >= FEWEST_ACTIVE) & (of_best.sum(axis=1) >= 1)
    found = np.zeros(len(samples))
    p, q = density(of_best[known]) + TINY, density(of_all[known]) + TINY
    # How many of the best trials, and of all, have this hyperparameter.
    best_active = (active & best).sum(axis=1) / best.sum(axis=1)
    factor = best_active**2 / active.mean(axis=1).clip(min=TINY)
    found[known] = factor[known] * (q * (p / q - 1) ** 2).sum(axis=1)
    return found


def _grid_size(dimension: Dimension) -> int:
    """Return the number of cells in which the values of a hyperparameter are counted."""
    if isinstance(dimension, Choices):
        return len(dimension.choices)
    width, whole = dimension.high - dimension.low, dimension.whole
    if dimension.log and whole:
        return min(math.ceil(math.log(width + 1) / math.log(2)) + 1, MOST_STEPS)
    step = None if dimension.log else dimension.step or (1 if whole else None)
    return min(round(width / step) + 1, MOST_STEPS) if step else MOST_STEPS


def _cells(values: "pd.Series[Any]", dimension: Dimension, size: int) -> Integers:
    """Return the cell of each value; one halfway between two belongs to the lower."""
    if isinstance(dimension, Choices):
        return np.asarray(choice_indices(values, dimension), dtype=np.intp)
    place = values.to_numpy(dtype="float64")
    low, high = _ends(dimension)
    at = ((np.log(place) if dimension.log else place) - low) / ((high - low) / (size - 1))
    return np.clip(np.ceil(at - 0.5), 0, size - 1).astype(np.intp)


def _ends(dimension: Range) -> tuple[float, float]:
    low, high = float(dimension.low), float(dimension.high)
    return (math.log(low), math.log(high)) if dimension.log else (low, high)


def _counts(cells: Integers, counted: NDArray[np.bool_], size: int) -> Floats:
    """Return how many of the `counted` entries of each row lie in each cell, `(rows, size)`."""
    row = np.arange(len(cells))[:, np.newaxis] * size
    flat = np.bincount((cells + row)[counted], minlength=len(cells) * size)
    return np.asarray(flat.reshape(len(cells), size), dtype="float64")


def _choice_density(counts: Floats) -> Floats:
    """Return a density over choices: each trial spreads a little of its weight over all."""
    size, total = counts.shape[1], counts.sum(axis=1, keepdims=True)
    spread = PRIOR / ((counts > 0).sum(axis=1, keepdims=True) + 1)
    given = (counts + total * spread) / (1 + size * spread)
    return np.asarray((given + PRIOR / size) / (total + PRIOR), dtype="float64")


def _range_density(counts: Floats) -> Floats:
    """Return a density over cells: a normal kernel at each trial, and a wide one in the middle."""
    from scipy.special import ndtr  # the normal distribution

    size, total = counts.shape[1], counts.sum(axis=1, keepdims=True)
    width = _kernel_width(counts)[:, np.newaxis]
    # The kernel at a distance of d cells, and its part inside the grid, by the cell of its trial.
    below = ndtr((np.arange(2 * size) - size + 0.5) / width)
    kernel = np.diff(below, axis=1)
    inside = below[:, : size - 1 : -1] - below[:, size - 1 :: -1]
    cells = np.arange(size)
    at_distance = kernel[:, cells - cells[:, np.newaxis] + size - 1]
    summed = np.einsum("rt,rtc->rc", counts / inside, at_distance)
    edges = ndtr((np.arange(size + 1) - size / 2) / size)
    middle = np.diff(edges) / (edges[-1] - edges[0])
    return np.asarray((summed + PRIOR * middle) / (total + PRIOR), dtype="float64")


def _kernel_width(counts: Floats) -> Floats:
    """Return the standard deviation of the kernels by Scott's rule, in cells."""
    cells, total = np.arange(counts.shape[1]), counts.sum(axis=1)
    mean = counts @ cells / total
    squares = (counts * (cells - mean[:, np.newaxis]) ** 2).sum(axis=1)
    deviation = np.sqrt(squares / np.maximum(total - 1, 1))
    reached = counts.cumsum(axis=1)
    first = (reached >= np.maximum(total // 4, 1)[:, np.newaxis]).argmax(axis=1)
    third = (reached > (3 * total // 4)[:, np.newaxis]).argmax(axis=1)
    narrow = np.minimum((third - first) / 1.34, deviation)
    return np.asarray(np.maximum(1.059 * narrow * total**-0.2, NARROWEST), dtype="float64")
