"""Which hyperparameters told the best trials from the rest: PED-ANOVA, as Optuna computes it.

The trials go into a study in memory, so the answer depends on the frame alone.
"""

import warnings
from typing import TYPE_CHECKING, Any

import optuna
import pandas as pd
from optuna.trial import FrozenTrial, create_trial

from results.statistics import completed
from sweeps.distributions import distributions, quiet
from sweeps.space import Params, Space

if TYPE_CHECKING:
    from optuna.importance import PedAnovaImportanceEvaluator

FEWEST_TRIALS = 10  # below, "the best trials" are too few for a density
TOP_SHARE, FEWEST_TOP = 0.1, 5  # Optuna's default, and the number it recommends to have at least


def ped_anova(trials: pd.DataFrame, space: Space) -> "pd.Series[float]":
    """Return each hyperparameter's share in reaching the top trials, largest first, summing to 1.

    The series is empty where nothing can be said: fewer than ten complete trials, or a top that
    cannot be told from the rest. Source: Watanabe, Bansal & Hutter, PED-ANOVA, 2023.
    """
    top, count = compared_trials(trials, space)
    if count < FEWEST_TRIALS or top == count:
        return _shares({})
    ended = completed(trials).dropna(subset=list(space))
    # Half a trial less than wanted: the evaluator rounds up, and must land there exactly.
    evaluator = _evaluator((_wanted(count) - 0.5) / count)
    return _shares(evaluator.evaluate(_study(ended, space), params=list(space)))


def compared_trials(trials: pd.DataFrame, space: Space) -> tuple[int, int]:
    """Return how many top trials `ped_anova` compares, and with how many, themselves included.

    The top is the best tenth of the complete trials, never fewer than five, and all that equal
    the last of them.
    """
    values = completed(trials).dropna(subset=list(space))["value"]
    last = values.nlargest(_wanted(len(values))).min()
    return int((values >= last).sum()), len(values)


def _wanted(count: int) -> int:
    return max(FEWEST_TOP, round(TOP_SHARE * count))


def _shares(weights: dict[str, float]) -> "pd.Series[float]":
    series = pd.Series(weights, dtype="float64", name="share")
    if series.sum() <= 0:
        return series.iloc[:0]
    ranked = series.sort_index().sort_values(ascending=False, kind="stable")
    return ranked / ranked.sum()


def _evaluator(quantile: float) -> "PedAnovaImportanceEvaluator":
    from optuna.importance import PedAnovaImportanceEvaluator  # loads scikit-learn

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return PedAnovaImportanceEvaluator(target_quantile=quantile)


def _study(ended: pd.DataFrame, space: Space) -> optuna.Study:
    with quiet():
        study = optuna.create_study(direction="maximize")
    study.add_trials(_frozen_trials(ended, space))
    return study


def _frozen_trials(ended: pd.DataFrame, space: Space) -> list[FrozenTrial]:
    given = distributions(space)
    rows = ended[list(space)].astype(object).to_dict("records")
    return [
        create_trial(params=_named(row), distributions=given, value=value)
        for row, value in zip(rows, ended["value"], strict=True)
    ]


def _named(row: dict[Any, Any]) -> Params:
    return {str(name): value for name, value in row.items()}
