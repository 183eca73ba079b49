"""PED-ANOVA of many samples at once beside Optuna's evaluator, one sample at a time."""

import warnings

import numpy as np
import optuna
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.importance import PedAnovaImportanceEvaluator

from results.analysis.ped_anova import ped_anova
from sweeps.space.dimensions import Choices, Dimension, Range
from sweeps.space.distributions import distributions

SPACE = {
    "rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "units": Range(low=10, high=100, step=10),
    "batch": Range(low=1, high=200),
    "width": Range(low=4, high=700, log=True),
    "dropout": Range(low=0.0, high=0.5, step=0.125),
    "cost": Choices(choices=["quadratic", "cross-entropy", "log-likelihood"]),
    "epochs": Choices(choices=[3]),
}


def _value(dimension: Dimension, at: float) -> object:
    """Return the value at the place `at`, from 0 to 1."""
    if isinstance(dimension, Choices):
        return dimension.choices[int(at * len(dimension.choices))]
    low, high = dimension.low, dimension.high
    if dimension.step:
        return low + dimension.step * round(at * (high - low) / dimension.step)
    value = low * (high / low) ** at if dimension.log else low + at * (high - low)
    return round(value) if dimension.whole else value


def _trials(seed: int, count: int, levels: int) -> pd.DataFrame:
    """Return random trials with `levels` different scores; some lack a hyperparameter."""
    rng = np.random.default_rng(seed)
    places = {name: rng.beta(*rng.uniform(0.4, 3, 2), count) for name in SPACE}
    frame = pd.DataFrame(
        {name: [_value(SPACE[name], at) for at in places[name]] for name in SPACE},
        dtype=object,
    )
    frame.loc[rng.uniform(size=count) < 0.4, "momentum"] = None
    frame.loc[rng.uniform(size=count) < 0.8, "cost"] = None
    noisy = places["rate"] + places["units"] + rng.uniform(0, 0.5, count)
    return frame.assign(score=np.floor(noisy * levels) / levels)


def _by_optuna(trials: pd.DataFrame, top: int) -> list[float]:
    study, known = optuna.create_study(direction="maximize"), distributions(SPACE)
    for row in trials.to_dict("records"):
        params = {name: row[name] for name in SPACE if row[name] is not None}
        shared = {name: known[name] for name in params}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=shared, value=row["score"])
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental; few trials have a hyperparameter
        evaluator = PedAnovaImportanceEvaluator(target_quantile=(top - 0.5) / len(trials))
        tried = [name for name in SPACE if trials[name].notna().any()]
        weights = evaluator.evaluate(study, tried)
    return [weights.get(name, 0.0) / sum(weights.values()) for name in SPACE]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(12, 60), st.sampled_from([8, 1000]))
def test_each_sample_has_the_shares_that_optuna_gives_it(seed, count, levels):
    trials, top = _trials(seed, count, levels), 5
    samples = np.stack([np.arange(count), np.random.default_rng(seed).integers(count, size=count)])
    found = ped_anova(trials, SPACE, samples, top)
    assert found.shape == (2, len(SPACE))
    for rows, shares in zip(samples, found, strict=True):
        sample = trials.iloc[rows]
        equal = sample["score"] >= sample["score"].nlargest(top).min()
        if equal.all():
            assert np.isnan(shares).all()
        else:
            assert shares == pytest.approx(_by_optuna(sample, top), rel=1e-9, abs=1e-12)


def test_two_choices_by_hand():
    """Of six trials, the best two have the first of two choices, and one other trial has it too."""
    space = {"cost": Choices(choices=["a", "b"]), "init": Choices(choices=["a", "b"])}
    trials = pd.DataFrame(
        {"cost": list("aaabbb"), "init": list("ababab"), "score": range(6, 0, -1)}
    )
    # A trial spreads 1 / (choices seen + 1) over each choice; one trial more is spread evenly.
    p_cost = (2 * (3 / 2) / 2 + 1 / 2) / 3, (2 * (1 / 2) / 2 + 1 / 2) / 3
    p_init = [(1 * (4 / 3) / (5 / 3) + 1 * (1 / 3) / (5 / 3) + 1 / 2) / 3] * 2
    q = [(3 * (4 / 3) / (5 / 3) + 3 * (1 / 3) / (5 / 3) + 1 / 2) / 7] * 2
    of_cost, of_init = (
        sum(b * (a / b - 1) ** 2 for a, b in zip(p, q, strict=True)) for p in (p_cost, p_init)
    )
    (shares,) = ped_anova(trials, space, np.arange(6)[np.newaxis], 2)
    assert shares == pytest.approx([of_cost / (of_cost + of_init), 0], abs=1e-9)
