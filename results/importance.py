"""Which hyperparameters told the best trials from the rest: PED-ANOVA, as Optuna computes it.

The trials go into a study in memory, so the answer depends on the frame alone.
"""

import warnings
from decimal import Decimal
from typing import Any

import optuna
import pandas as pd
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.trial import FrozenTrial

from results.frames import Dimension, is_whole
from results.statistics import completed

FEWEST_TRIALS = 10  # below, "the best trials" are too few for a density
TOP_SHARE, FEWEST_TOP = 0.1, 5  # Optuna's default, and the number it recommends to have at least


def ped_anova(trials: pd.DataFrame, space: dict[str, Dimension]) -> "pd.Series[float]":
    """Return each hyperparameter's share in reaching the top trials, largest first, summing to 1.

    The top is the best tenth of the complete trials, and never fewer than five. The series is
    empty where nothing can be said: fewer than ten complete trials, or a top that cannot be told
    from the rest. Source: Watanabe, Bansal & Hutter, PED-ANOVA, 2023.
    """
    ended = completed(trials).dropna(subset=list(space))
    top = max(FEWEST_TOP, round(TOP_SHARE * len(ended)))
    values = ended["value"]
    if len(ended) < FEWEST_TRIALS or values.nlargest(top).min() == values.min():
        return _shares({})
    # Half a trial less than `top`: the evaluator rounds up, and must land on `top` exactly.
    evaluator = _evaluator((top - 0.5) / len(ended))
    return _shares(evaluator.evaluate(_study(ended, space), params=list(space)))


def _shares(weights: dict[str, float]) -> "pd.Series[float]":
    series = pd.Series(weights, dtype="float64", name="share")
    if series.sum() <= 0:
        return series.iloc[:0]
    ranked = series.sort_index().sort_values(ascending=False, kind="stable")
    return ranked / ranked.sum()


def _evaluator(quantile: float) -> PedAnovaImportanceEvaluator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return PedAnovaImportanceEvaluator(target_quantile=quantile)


def _study(ended: pd.DataFrame, space: dict[str, Dimension]) -> optuna.Study:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # a new study is announced on stderr
    try:
        study = optuna.create_study(direction="maximize")
        study.add_trials(_frozen_trials(ended, space))
    finally:
        optuna.logging.set_verbosity(verbosity)
    return study


def _frozen_trials(ended: pd.DataFrame, space: dict[str, Dimension]) -> list[FrozenTrial]:
    distributions = {name: distribution(dimension) for name, dimension in space.items()}
    rows = ended[list(space)].astype(object).to_dict("records")
    return [
        optuna.trial.create_trial(params=_named(row), distributions=distributions, value=value)
        for row, value in zip(rows, ended["value"], strict=True)
    ]


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return Optuna's distribution for one dimension of the space."""
    if "choices" in dimension:
        return CategoricalDistribution(dimension["choices"])
    low, high, log = dimension["low"], dimension["high"], dimension.get("log", False)
    step = dimension.get("step")
    last = high if step is None else _last_step(low, high, step)
    if is_whole(dimension):
        return IntDistribution(low, int(last), log=log, step=step or 1)
    return FloatDistribution(low, last, log=log, step=step)


def _last_step(low: float, high: float, step: float) -> float:
    """Return the last value on the grid; in decimals, because 0.1 has no binary form."""
    start, width = Decimal(str(low)), Decimal(str(step))
    return float(start + (Decimal(str(high)) - start) // width * width)
