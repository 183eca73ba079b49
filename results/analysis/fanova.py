"""fANOVA: how much of the variance of the value each hyperparameter explains over the whole space.

Optuna's evaluator computes it with a random forest of scikit-learn's.
"""

from collections.abc import Container
from typing import Any

import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from sweeps.space.dimensions import Space
from sweeps.space.distributions import distributions, quiet


def fanova(trials: pd.DataFrame, space: Space, seed: int) -> "pd.Series[float]":
    """Return how much of the variance each hyperparameter explains, up to a common factor.

    `trials` have a column `score` and one per hyperparameter, all of which they have.
    Source: Hutter, Hoos & Leyton-Brown, An Efficient Approach for Assessing Hyperparameter
    Importance, 2014.
    """
    evaluator = FanovaImportanceEvaluator(seed=seed)
    study = _Given(_frozen_trials(trials, space))
    return pd.Series(evaluator.evaluate(study, list(space)), dtype="float64")


class _Given(optuna.Study):
    """A study of trials in memory; storing ten thousand would take longer than the evaluation."""

    def __init__(self, trials: list[FrozenTrial]) -> None:
        storage = optuna.storages.InMemoryStorage()
        with quiet():
            optuna.create_study(storage=storage, study_name="given", direction="maximize")
        super().__init__("given", storage)
        self._trials = trials

    def get_trials(
        self, deepcopy: bool = True, states: Container[OptunaState] | None = None
    ) -> list[FrozenTrial]:
        return self._trials


def _frozen_trials(ended: pd.DataFrame, space: Space) -> list[FrozenTrial]:
    given = distributions(space)
    rows = ended[list(space)].astype(object).to_dict("records")
    return [
        _frozen(number, score, {str(k): v for k, v in row.items() if not pd.isna(v)}, given)
        for number, (row, score) in enumerate(zip(rows, ended["score"], strict=True))
    ]


def _frozen(number: int, score: float, params: dict[str, Any], given: Any) -> FrozenTrial:
    return FrozenTrial(
        number=number,
        trial_id=number,
        state=OptunaState.COMPLETE,
        value=float(score),
        params=params,
        distributions={name: given[name] for name in params},
        datetime_start=None,
        datetime_complete=None,
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )
