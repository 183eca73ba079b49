"""Evidence in the trials for changing a search: each function is pure and answers one question.

An answer is given only if the trials are clear; `results.report.advice` turns it into sentences.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtrc, stdtr

from results.analysis.importance import Importance
from results.analysis.positions import choice_indices, has_order, places
from results.analysis.trials import completed, learned, top_trials, trained
from sweeps.space.dimensions import Choices, Dimension, Space
from sweeps.trial import StopReason

FEWEST = 10  # trials that learned, below which nothing is clear
TOP_SHARE, FEWEST_TOP = 0.1, 5
EDGE = 0.1  # this much of an axis is "at its end"
OUTER, LAST = 0.3, 0.07  # the part of an axis that is fitted, and its last stretch
FEWEST_FREE = 4  # degrees of freedom, below which a fit says nothing
TINY = 1e-9
UNLIKELY = 0.01  # how often chance alone may put so many of the best there
LEVEL = 0.01  # of the test that the value rises up to the end
NO_MATTER = 0.25  # of an equal share of the importance
LATE, LONG_AGO = 0.8, 0.5  # when, of all trials, the best came
OFTEN_DIVERGED = 0.15


@dataclass(frozen=True)
class Pressed:
    """A hyperparameter of which `count` of the best `of` trials lie at its `end`, low or high."""

    name: str
    end: str
    count: int
    of: int


def best_few(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the best tenth of the trials that learned, at least five; none of fewer than ten."""
    ended = learned(trials)
    if len(ended) < FEWEST:
        return ended.iloc[:0]
    return top_trials(ended, max(FEWEST_TOP, round(TOP_SHARE * len(ended))))


def pressed_bounds(trials: pd.DataFrame, space: Space) -> list[Pressed]:
    """Return where half of the best trials or more lie at an end of a range, or of ordered choices.

    An end is the outer tenth of the axis, at least its last value. If all values were equally
    likely, chance would put so many there less than once in a hundred times. That alone is no
    evidence, because an adaptive sampler tries many points near a best value inside the range, so
    the value must also rise up to the end. `benchmarks/advice.py` measures the errors.
    """
    best = best_few(trials)
    pressed = []
    for name, dimension in space.items():
        values = best[name].dropna()
        if not len(values) or not has_order(dimension):
            continue
        at, edge = _ranks(values, dimension), max(EDGE, 1 / _value_count(dimension))
        for end, count in (("low", (at <= EDGE).sum()), ("high", (at >= 1 - EDGE).sum())):
            likely = _at_least(int(count), len(values), edge)
            often = 2 * count >= len(values) and likely < UNLIKELY
            if often and _rises_to(end, name, trials, space):
                pressed.append(Pressed(name, end, int(count), len(values)))
    return pressed


def _rises_to(end: str, name: str, trials: pd.DataFrame, space: Space) -> bool:
    """Return whether the value rises on the last stretch of an axis, up to its low or high end.

    The complete trials on the outer part of the axis are fitted by least squares: a line along the
    axis with a bend before the last stretch, and a parabola along each other axis. The slope of the
    last stretch must be positive in a one-sided t test. The better half of the trials is used,
    where parabolas fit well, unless it has a single value there.
    """
    dimension = space[name]
    stretch = max(LAST, _last_step(dimension, end))
    ended = learned(completed(trials)).dropna(subset=[name])
    for count in (len(ended) // 2, len(ended)):
        used = top_trials(ended, count)
        along = _ranks(used[name], dimension)
        along = along if end == "high" else 1 - along
        near = along >= 1 - max(OUTER, stretch) - TINY
        if along[near].round(9).nunique() > 1:
            others = {o: d for o, d in space.items() if o != name and not d.when}
            place = np.array(along[near], dtype="float64")
            return _slope_p_value(used[near.to_numpy()], place, stretch, others) < LEVEL
    return False


def _slope_p_value(
    trials: pd.DataFrame, along: NDArray[np.float64], stretch: float, others: Space
) -> float:
    """Return the p value of a positive slope of the values over the last `stretch` of an axis.

    It is 1 if the trials do not determine the slope: if they are too few for the other axes, or if
    another axis cannot be told from this one.
    """
    values = trials["score"].to_numpy(dtype="float64")
    straight, bend = np.stack([np.ones(len(along)), along]), np.maximum(along - (1 - stretch), 0)
    bent = np.linalg.matrix_rank(np.vstack([straight, bend])) == 3  # not with two places only
    axis = [along, bend] if bent else [along]
    lines = [line for name, d in others.items() for line in _lines(trials[name], d)]
    parabolas = [line**2 for line in lines if len(np.unique(line)) > 2]
    for squares in (parabolas, []):
        columns = np.stack([*axis, np.ones(len(along)), *lines, *squares], axis=1)
        free = len(values) - np.linalg.matrix_rank(columns)
        if free >= FEWEST_FREE:
            break
    else:
        return 1.0
    inverse = np.linalg.pinv(columns.T @ columns)
    coefficients = inverse @ columns.T @ values
    variance = np.sum((values - columns @ coefficients) ** 2) / free
    end = np.arange(columns.shape[1]) < len(axis)  # the slope there is the sum of these
    if not np.allclose(end @ inverse @ (columns.T @ columns), end, atol=1e-6):
        return 1.0
    error = np.sqrt(max(variance * (end @ inverse @ end), TINY**2))
    return float(stdtr(free, -(end @ coefficients) / error))  # Student's t above the slope


def _last_step(dimension: Dimension, end: str) -> float:
    """Return the distance of the last two values of an axis, as a part of it; 0 for a continuum."""
    if isinstance(dimension, Choices):
        return 1 / (len(dimension.choices) - 1)
    if not dimension.whole and dimension.step is None:
        return 0.0
    step = dimension.step or 1
    last, next_to_last = (
        (dimension.high, dimension.high - step)
        if end == "high"
        else (dimension.low, dimension.low + step)
    )
    at, before = places(pd.Series([last, next_to_last]), dimension)
    return abs(float(at - before))


def _lines(values: "pd.Series[Any]", dimension: Dimension) -> list[NDArray[np.float64]]:
    """Return the positions on an ordered axis; else, for each choice but the first, where it is."""
    if isinstance(dimension, Choices) and not has_order(dimension):
        chosen, size = choice_indices(values, dimension), len(dimension.choices)
        return [np.array(chosen == index, dtype="float64") for index in range(1, size)]
    return [np.array(_ranks(values, dimension), dtype="float64")]


def _ranks(values: "pd.Series[Any]", dimension: Dimension) -> "pd.Series[float]":
    """Return where the values lie from 0 to 1; choices by their order as numbers."""
    if isinstance(dimension, Choices):
        order = sorted(dimension.choices)
        ranks = [order.index(dimension.choices[i]) for i in choice_indices(values, dimension)]
        return pd.Series(ranks, dtype="float64") / (len(order) - 1)
    return pd.Series(places(values, dimension))


def _value_count(dimension: Dimension) -> float:
    if isinstance(dimension, Choices):
        return len(dimension.choices)
    step = dimension.step or (1 if dimension.whole and not dimension.log else None)
    return (dimension.high - dimension.low) / step + 1 if step else float("inf")


def _at_least(count: int, of: int, share: float) -> float:
    """Return how likely `count` or more of `of` independent draws hit what has this `share`."""
    return float(bdtrc(count - 1, of, share))


def without_effect(importances: tuple[Importance, ...]) -> list[str]:
    """Return the hyperparameters that mattered over no part of the space, intervals included.

    With k of them, that is a share below a quarter of 1/k.
    """
    tables = [one.shares for one in importances if len(one.shares)]
    if not tables:
        return []
    limit = NO_MATTER / len(tables[0])
    small = [set(table.index[table[["share", "high"]].max(axis=1) < limit]) for table in tables]
    return [str(name) for name in tables[0].index if all(name in names for names in small)]


def when_best_came(incumbent: pd.DataFrame, ended: int) -> tuple[str, int]:
    """Return `late`, `long ago` or nothing, and how many of the `ended` trials came after the best.

    `incumbent` is what `best_so_far` returns.
    """
    known = incumbent.dropna(subset=["best"])
    if ended < FEWEST or known.empty:
        return "", 0
    best = int(known["number"].to_numpy()[known["score"].to_numpy().argmax()])
    since = max(ended - 1 - best, 0)
    if best >= LATE * ended:
        return "late", since
    return ("long ago" if since >= LONG_AGO * ended else ""), since


def still_learning(trials: pd.DataFrame, epochs: int) -> tuple[int, int]:
    """Return how many of the best few trials had their best epoch in the last tenth of `epochs`."""
    best = best_few(trials)
    late = (best["best_epoch"] > 0.9 * epochs) & (best["stop_reason"] == StopReason.MAX_EPOCHS)
    return int(late.sum()), len(best)


def diverged_above(trials: pd.DataFrame) -> float | None:
    """Return a learning rate above which trials diverge and none of the best few lies, or None.

    It speaks where 15% of the trials or more diverged, and nine in ten of them lie above it. Equal
    trials count once.
    """
    diverged = trials[trials["stop_reason"] == StopReason.DIVERGED]
    best = best_few(trials)
    if best.empty or "learning_rate" not in trials:
        return None
    if len(diverged) < max(3, OFTEN_DIVERGED * len(trained(trials))):
        return None
    limit = float(diverged["learning_rate"].quantile(0.1, interpolation="lower"))
    return limit if best["learning_rate"].max() < limit else None
