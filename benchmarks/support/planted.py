"""Made-up objectives whose importances are known, and sweeps of them that cost no training.

Each has a hyperparameter of every kind, half as important as the one before it in a random order.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.support.surfaces import searched
from results.analysis.positions import has_order, places
from sweeps.config import SweepConfig, parse_config
from sweeps.space.dimensions import Choices, Dimension, Params, Space
from sweeps.trial import StopReason, TrialState

Floats = NDArray[np.float64]
Heights = dict[str, Floats]
"""By hyperparameter, the part of its values below each point, from 0 to 1; NaN if it is not set."""

SPACE: dict[str, Any] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "momentum": {"low": 0.0, "high": 0.9},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
    "mini_batch_size": {"choices": [5, 10, 20, 50, 100]},
    "init": {"choices": ["large", "scaled"]},
    "activation": {"choices": ["sigmoid", "tanh", "relu"]},
    "schedule": {"choices": ["constant", "exponential"]},
    "schedule_decay": {"low": 0.7, "high": 0.99, "when": {"schedule": ["exponential"]}},
}
PARENT = ("schedule", 1)  # schedule_decay exists where the choice of schedule has this index
KINDS = ("additive", "skewed", "null")
"""A sum of effects; an error rate that is a product of them, with a long tail; noise alone."""

RATIO, PRODUCT, NOISE = 0.5, 0.1, 0.1
"""The variance of each effect relative to the one before; of the product of two effects, and of the
noise, relative to all effects."""

LEVEL, SPREAD = 0.9, 0.05  # of the additive values: the mean, and the standard deviation
LEAST, MEDIAN, WORST, STEEP = 0.02, 0.03, 0.88, 1.2
"""Of the skewed values: the least error; the median and largest of the rest; its log's scale."""

FINE = 1001  # points of a continuum at which an effect is standardized
TRUTH_POINTS, TRUTH_CELLS = 40_000, 20


@dataclass(frozen=True)
class Planted:
    """An objective: the variance and the function of each effect, and the two with a product."""

    kind: str
    shares: dict[str, float]
    effects: dict[str, Callable[[Floats], Floats]]
    pair: tuple[str, str]

    def signal(self, heights: Heights) -> Floats:
        """Return the sum of the effects and the product at these points."""
        each = {
            name: np.where(np.isnan(at), 0.0, self.effects[name](np.nan_to_num(at, nan=0.5)))
            for name, at in heights.items()
        }
        first, second = self.pair
        alone = sum(math.sqrt(self.shares[name]) * effect for name, effect in each.items())
        return np.asarray(alone + math.sqrt(PRODUCT) * each[first] * each[second])

    def value(self, heights: Heights, noise: Any = 0.0) -> Floats:
        """Return the values, with noise in units of the signal."""
        signal = self.signal(heights)
        if self.kind != "skewed":
            return np.asarray(LEVEL + SPREAD * ((self.kind == "additive") * signal + noise))
        error = np.minimum(MEDIAN * np.exp(-STEEP * signal), WORST)
        return np.asarray(1 - LEAST - np.minimum(error * np.exp(STEEP * noise), WORST))


def plant(kind: str, seed: int) -> Planted:
    """Return a random objective."""
    rng, space = np.random.default_rng((seed, 77)), planted_config("random", 1, 0).space
    names = list(space)
    order = [names[i] for i in rng.permutation(len(names))]
    variances = RATIO ** np.arange(len(names))
    shares = dict(zip(order, (variances / variances.sum()).tolist(), strict=True))
    effects = {name: _effect(rng, dimension) for name, dimension in space.items()}
    always = [name for name in names if not space[name].when]
    first, second = rng.choice(always, 2, replace=False)
    return Planted(kind, shares, effects, (str(first), str(second)))


def planted_config(sampler: str, trials: int, seed: int) -> SweepConfig:
    """Return the config of a sweep of a planted objective."""
    section = {"name": "planted", "sampler": sampler, "trials": trials, "seed": seed}
    return parse_config({"sweep": section, "space": SPACE})


def planted_sweep(planted: Planted, sampler: str, trials: int, seed: int) -> pd.DataFrame:
    """Return the trials of a sweep of the objective, as a report reads them."""
    config, noise = planted_config(sampler, trials, seed), np.random.default_rng((seed, 1))

    def value(params: Params) -> float:
        at = {name: _height(params.get(name), d) for name, d in config.space.items()}
        drawn = noise.normal(scale=math.sqrt(NOISE))
        return float(planted.value(at, drawn)[0])

    rows = [{**p, "value": v, "score": v} for p, v in searched(config, value)]
    frame = pd.DataFrame(rows, columns=[*config.space, "value", "score"])
    ended = {"state": TrialState.COMPLETE.value, "stop_reason": StopReason.MAX_EPOCHS.value}
    return frame.assign(number=range(trials), best_epoch=10, **ended)


def true_importance(planted: Planted, seed: int, *, better_half: bool) -> dict[str, float]:
    """Return each hyperparameter's share in the variance of the value over the space.

    It is the variance of the means in small cells of its axis, less what chance adds to it.
    """
    space = planted_config("random", 1, 0).space
    heights = _random_heights(space, np.random.default_rng((seed, 5)))
    values = planted.value(heights)
    if better_half:
        values = np.maximum(values, np.median(values))
    found = {name: _between(heights[name], values, d) for name, d in space.items()}
    total = sum(found.values())
    return {name: variance / total for name, variance in found.items()}


def _between(heights: Floats, values: Floats, dimension: Dimension) -> float:
    """Return the variance of the values between the cells of an axis."""
    given = ~np.isnan(heights)
    count = dimension.count or TRUTH_CELLS
    cells, values = _cells(heights[given], count), values[given]
    sizes = np.bincount(cells, minlength=count)
    means = np.bincount(cells, values, minlength=count) / sizes
    within = ((values - means[cells]) ** 2).sum() / (len(values) - count)
    between = (sizes * (means - values.mean()) ** 2).sum() - (count - 1) * within
    return float(max(between, 0.0) / len(heights))


def _effect(rng: np.random.Generator, dimension: Dimension) -> Callable[[Floats], Floats]:
    """Return a random effect with mean 0 and variance 1 over the space."""
    count = dimension.count
    active = 0.5 if dimension.when else 1.0
    if isinstance(dimension, Choices):
        levels = rng.normal(size=count)
        if has_order(dimension):
            levels = _shape(rng)(_middles(len(levels)))
        levels = (levels - levels.mean()) / levels.std() / math.sqrt(active)
        return lambda at: levels[_cells(at, len(levels))]
    shape = _shape(rng)
    over = shape(_middles(count or FINE))
    return lambda at: (shape(at) - over.mean()) / over.std() / math.sqrt(active)


def _shape(rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """Return a slope, a bowl, or a gentle slope that ends at a cliff."""
    kind, center = rng.integers(3), rng.uniform(0.1, 0.9)
    if kind == 0:
        sign, power = rng.choice([-1, 1]), rng.uniform(0.5, 2)
        return lambda at: np.asarray(sign * at**power)
    if kind == 1:
        return lambda at: -((at - center) ** 2)
    edge, flipped = rng.uniform(0.4, 0.8), rng.integers(2)

    def cliff(at: Floats) -> Floats:
        along = 1 - at if flipped else at
        return np.where(along < edge, 0.15 * along, 0.15 * edge - 2 * (along - edge))

    return cliff


def _random_heights(space: Space, rng: np.random.Generator) -> Heights:
    heights: Heights = {}
    for name, dimension in space.items():
        at, count = rng.uniform(size=TRUTH_POINTS), dimension.count
        if count:
            at = (np.floor(at * count) + 0.5) / count
        if dimension.when:
            parent, index = PARENT
            chosen = _cells(heights[parent], len(SPACE[parent]["choices"]))
            at = np.where(chosen == index, at, np.nan)
        heights[name] = at
    return heights


def _height(value: Any, dimension: Dimension) -> Floats:
    if value is None:
        return np.array([np.nan])
    at, count = places(pd.Series([value]), dimension), dimension.count
    return np.asarray((at * (count - 1) + 0.5) / count if count else at)


def _middles(count: int) -> Floats:
    return (np.arange(count) + 0.5) / count


def _cells(heights: Floats, count: int) -> NDArray[np.int64]:
    return np.minimum((heights * count).astype(np.int64), count - 1, dtype=np.int64)
