"""Evidence in the trials for changing a search: each function is pure and answers one question.

An answer is given only if the trials are clear; `results.report.advice` turns it into sentences.
"""

from dataclasses import dataclass
from math import comb
from typing import Any

import pandas as pd

from results.analysis.importance import Importance
from results.analysis.positions import choice_indices, places
from results.analysis.trials import learned, top_trials, trained
from sweeps.space.dimensions import Choices, Dimension, Range, Space
from sweeps.trial import StopReason

FEWEST = 10  # trials that learned, below which nothing is clear
TOP_SHARE, FEWEST_TOP = 0.1, 5
EDGE = 0.1  # this much of an axis is "at its end"
UNLIKELY = 0.01  # how often chance alone may put so many of the best there
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

    An end is the outer tenth of the axis, at least its last value. Chance, all values being equally
    likely, must be expected to do that less than once in a hundred times.
    """
    best = best_few(trials)
    pressed = []
    for name, dimension in space.items():
        values = best[name].dropna()
        if not len(values) or not _is_ordered(dimension):
            continue
        at, edge = _ranks(values, dimension), max(EDGE, 1 / _value_count(dimension))
        for end, count in (("low", (at <= EDGE).sum()), ("high", (at >= 1 - EDGE).sum())):
            likely = _at_least(int(count), len(values), edge)
            if 2 * count >= len(values) and likely < UNLIKELY:
                pressed.append(Pressed(name, end, int(count), len(values)))
    return pressed


def _is_ordered(dimension: Dimension) -> bool:
    """Return whether it has ends: a range, or at least three choices that are numbers."""
    if isinstance(dimension, Range):
        return True
    numbers = all(type(choice) in (int, float) for choice in dimension.choices)
    return numbers and len(dimension.choices) >= 3


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
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))


def without_effect(importances: tuple[Importance, ...]) -> list[str]:
    """Return the hyperparameters that did not matter by any method, intervals included.

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
    best = int(known["number"].to_numpy()[known["value"].to_numpy().argmax()])
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
