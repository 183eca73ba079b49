"""Both methods on spaces where the answer is known beforehand, and beside Optuna itself."""

import warnings

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from results.analysis import importance
from results.analysis.importance import (
    FEWEST_TRIALS,
    compared_trials,
    fanova_importance,
    ped_anova_importance,
)
from results.analysis.trials import settled
from sweeps.space.dimensions import Choices, Range
from sweeps.space.distributions import distributions

SPACE = {
    "learning_rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "hidden_units": Range(low=10, high=100, step=10),
    "cost": Choices(choices=["quadratic", "cross-entropy"]),
    "batch": Choices(choices=[5, 10, 20]),
}


def _trials(decides: str, count: int = 120) -> pd.DataFrame:
    """Return random trials whose value depends on the one parameter alone."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "number": range(count),
            "state": "complete",
            "best_epoch": 1,
            "stop_reason": "max_epochs",
            "learning_rate": 10.0 ** rng.uniform(-2, 1, count),
            "momentum": rng.uniform(0, 0.9, count),
            "hidden_units": rng.integers(1, 11, count) * 10,
            "cost": rng.choice(["quadratic", "cross-entropy"], count),
            "batch": rng.choice([5, 10, 20], count),
        }
    )
    values = {
        "learning_rate": -((np.log10(frame["learning_rate"]) + 0.5) ** 2),
        "momentum": frame["momentum"],
        "hidden_units": frame["hidden_units"] + rng.uniform(0, 1, count),
        "cost": (frame["cost"] == "quadratic") + 0.1 * rng.uniform(0, 1, count),
        "batch": (frame["batch"] == 20) + 0.1 * rng.uniform(0, 1, count),
    }
    return frame.assign(value=values[decides], score=values[decides])


METHODS = {"PED-ANOVA": ped_anova_importance, "fANOVA": fanova_importance}


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Take ten resamples: what is tested here needs no more, and a hundred take their time."""
    monkeypatch.setattr(importance, "RESAMPLES", 10)


@pytest.fixture(params=METHODS)
def method(request):
    """Each of the two methods by its name."""
    return request.param


@pytest.mark.parametrize("decides", list(SPACE))
def test_the_parameter_that_decides_comes_first(method, decides):
    found = METHODS[method](_trials(decides, 200 if method == "PED-ANOVA" else 60), SPACE)
    assert found.method == method
    shares = found.shares["share"]
    assert shares.index[0] == decides
    assert set(shares.index) == set(SPACE)
    assert shares.sum() == pytest.approx(1.0)
    assert shares.is_monotonic_decreasing
    assert (shares >= 0).all()


def _study(trials: pd.DataFrame) -> optuna.Study:
    study = optuna.create_study(direction="maximize")
    given = {"momentum": FloatDistribution(0.0, 0.9)}
    given["cost"] = CategoricalDistribution(["quadratic", "cross-entropy"])
    for row in trials.itertuples():
        params = {"momentum": row.momentum, "cost": row.cost}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=given, value=row.value)
        )
    return study


TWO = {name: SPACE[name] for name in ("cost", "momentum")}


def test_ped_anova_is_what_optuna_answers():
    trials = _trials("momentum", 100)
    expected = optuna.importance.get_param_importances(_study(trials))
    found = ped_anova_importance(trials, TWO)
    assert found.shares["share"].to_dict() == pytest.approx(expected, rel=1e-12)
    assert found.basis.startswith("best 10 of 100 trials vs. all")


def test_fanova_is_what_optuna_answers():
    trials = _trials("momentum", 100)
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    expected = optuna.importance.get_param_importances(_study(trials), evaluator=evaluator)
    found = fanova_importance(trials, TWO)
    assert found.shares["share"].to_dict() == pytest.approx(expected, rel=1e-12)
    assert found.basis == "the variance over 100 trials"


def test_the_same_frame_gives_the_same_shares(method):
    trials = _trials("cost", 40)
    one, other = (METHODS[method](trials, SPACE) for _ in range(2))
    pd.testing.assert_frame_equal(one.shares, other.shares)
    assert one.basis == other.basis


def test_the_spread_is_that_of_the_resamples_alone(monkeypatch):
    shares = np.array([0.9, *np.linspace(0, 0.5, 41)])  # the share, then 0 to 0.5 in 41 steps
    given = np.stack([1 - shares, shares], axis=1)
    monkeypatch.setattr(importance, "ped_anova", lambda trials, space, samples, top: given)
    found = ped_anova_importance(_trials("momentum"), TWO).shares
    # 2.5% of 40 steps is one step from either end, wherever the share itself lies
    assert found.loc["momentum"].tolist() == pytest.approx([0.9, 0.0125, 0.4875])
    assert found.loc["cost"].tolist() == pytest.approx([0.1, 0.5125, 0.9875])


def test_all_trials_are_judged_first_and_then_each_resample(monkeypatch):
    taken = []

    def given(trials, space, samples, top):
        taken.append((samples.tolist(), top))
        return np.full((len(samples), len(space)), 1 / len(space))

    monkeypatch.setattr(importance, "ped_anova", given)
    ped_anova_importance(_trials("momentum", 60), TWO)
    (((own, *resamples), top),) = taken
    assert (own, top) == (list(range(60)), 6)
    rng = np.random.default_rng(importance.SEED)
    assert resamples == [rng.integers(60, size=60).tolist() for _ in range(10)]


def test_what_a_spread_is_not_is_said():
    basis = ped_anova_importance(_trials("momentum"), SPACE).basis
    assert basis.endswith("lines: bootstrap spread; small shares are overstated")


def test_the_spread_narrows_with_more_trials():
    few, many = (ped_anova_importance(_trials("momentum", n), SPACE).shares for n in (40, 640))
    for shares in (few, many):
        assert (shares["low"] >= 0).all()
        assert (shares["high"] <= 1).all()
    width = {
        n: frame.loc["momentum", "high"] - frame.loc["momentum", "low"]
        for n, frame in (("few", few), ("many", many))
    }
    assert width["many"] < width["few"]


def test_the_spread_tells_what_decides_from_what_does_not():
    shares = ped_anova_importance(_trials("momentum", 400), SPACE).shares
    assert shares["low"].iloc[0] > shares["high"].iloc[1:].max()


def test_fanova_gives_no_intervals():
    shares = fanova_importance(_trials("momentum", 40), SPACE).shares
    assert shares[["low", "high"]].isna().all(axis=None)


def test_of_many_trials_a_sample_is_taken_and_named():
    trials = _trials("momentum", 1200)
    assert "best 100 of 1000 sampled from 1200 trials" in ped_anova_importance(trials, SPACE).basis
    found = fanova_importance(trials, SPACE)
    assert found.basis == "the variance over 300 sampled from 1200 trials"
    assert found.shares.index[0] == "momentum"


def test_a_single_choice_has_no_share(method):
    space = {**SPACE, "epochs": Choices(choices=[3])}
    shares = METHODS[method](_trials("momentum").assign(epochs=3), space).shares["share"]
    assert shares["epochs"] == 0.0


def test_a_parameter_that_never_varied_stays_behind_the_one_that_decides(method):
    space = {**SPACE, "epochs": Range(low=1, high=9)}
    shares = METHODS[method](_trials("momentum").assign(epochs=3), space).shares["share"]
    assert shares.index[0] == "momentum"
    assert set(shares.index) == set(space)
    assert shares.sum() == pytest.approx(1.0)


def test_a_conditional_parameter_counts_where_it_is_active():
    trials = _trials("momentum", 300)
    active = trials["cost"] == "quadratic"
    trials["score"] = np.where(active, trials["momentum"], 0.2)  # momentum decides there alone
    trials.loc[~active, "momentum"] = np.nan
    shares = ped_anova_importance(trials, SPACE).shares["share"]
    assert shares.index[0] == "momentum"
    found = fanova_importance(trials, SPACE)
    assert found.basis == "the variance over 300 trials, without the conditional momentum"
    assert set(found.shares.index) == set(SPACE) - {"momentum"}
    assert found.shares.index[0] == "cost"


def test_a_parameter_that_was_never_active_has_no_share():
    trials = _trials("learning_rate").assign(momentum=np.nan)
    shares = ped_anova_importance(trials, SPACE).shares["share"]
    assert shares["momentum"] == 0.0


@pytest.mark.parametrize("count", [0, 1, FEWEST_TRIALS - 1])
def test_too_few_trials_are_a_reason_and_no_numbers(method, count):
    found = METHODS[method](_trials("momentum", count), SPACE)
    assert found.shares.empty
    assert found.shares.columns.tolist() == ["share", "low", "high"]
    assert found.basis == f"needs 10 complete trials, got {count}"


def test_failed_trials_and_those_without_a_value_do_not_count(method):
    trials = _trials("momentum", FEWEST_TRIALS)
    assert not METHODS[method](trials, SPACE).shares.empty
    for change in (
        {"state": ["complete"] * 9 + ["failed"]},
        {"value": [*trials["value"][:-1], np.nan]},
    ):
        assert METHODS[method](trials.assign(**change), SPACE).basis.endswith("got 9")


@pytest.mark.parametrize(("pruner", "part"), [("none", "20 trials, 16 of"), ("median", "got 4")])
def test_trials_that_patience_ended_count_and_those_that_a_pruner_ended_do_not(
    method, pruner, part
):
    trials = _trials("momentum", 20).assign(state=["complete"] * 4 + ["pruned"] * 16)
    found = METHODS[method](settled(trials, pruner), SPACE)
    assert found.shares.empty is (pruner == "median")
    assert part in found.basis
    as_complete = METHODS[method](trials.assign(state="complete"), SPACE)
    if pruner == "none":
        pd.testing.assert_frame_equal(found.shares, as_complete.shares)
        assert "16 of them stopped by patience" in found.basis


def test_equal_values_are_a_reason(method):
    found = METHODS[method](_trials("momentum").assign(score=0.0), SPACE)
    assert found.shares.empty
    assert found.basis == "needs trials that differ in value, but all are equal"


def test_a_top_that_is_everything_is_a_reason():
    trials = _trials("momentum")
    mostly_diverged = trials["number"].map(lambda number: 0.9 if number < 3 else 0.0)
    found = ped_anova_importance(trials.assign(score=mostly_diverged), SPACE)
    assert found.shares.empty
    assert found.basis == "needs a clear best tenth, but 120 trials are equally good"


@pytest.mark.parametrize(
    "space", [{}, {"momentum": SPACE["momentum"]}, {"cost": Choices(choices=["quadratic"])}]
)
def test_parameters_that_never_varied_are_a_reason(method, space):
    found = METHODS[method](_trials("batch").assign(momentum=0.5, cost="quadratic"), space)
    assert found.shares.empty
    assert found.basis == "needs a hyperparameter that varies, but none does"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(40), (5, 40)),
        (range(200), (20, 200)),
        (range(3), (3, 3)),
        ([], (0, 0)),
        # eight trials share the fifth place
        ([0.5] * 12 + [0.9] * 8, (8, 20)),
        ([*range(20), None, None], (5, 20)),
    ],
)
def test_the_compared_trials_are_a_tenth_at_least_five_and_all_equals(
    make_trials, values, expected
):
    assert compared_trials(make_trials(list(values))) == expected


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (Range(low=1, high=9), IntDistribution(1, 9)),
        (Range(low=1, high=9, log=True), IntDistribution(1, 9, log=True)),
        (Range(low=10, high=100, step=10), IntDistribution(10, 100, step=10)),
        (Range(low=1, high=9.5), FloatDistribution(1.0, 9.5)),
        (Range(low=0.1, high=1.0, log=True), FloatDistribution(0.1, 1.0, log=True)),
        (Range(low=0.0, high=0.3, step=0.1), FloatDistribution(0.0, 0.3, step=0.1)),
        (Range(low=0.5, high=2.5, step=1), FloatDistribution(0.5, 2.5, step=1)),
        (Range(low=10, high=20, step=2.5), FloatDistribution(10, 20, step=2.5)),
        (Choices(choices=["a", 1]), CategoricalDistribution(["a", 1])),
    ],
)
def test_distributions(dimension, expected):
    assert distributions({"x": dimension}) == {"x": expected}


def test_optuna_is_kept_quiet_and_left_as_it_was(method, capfd):
    before = optuna.logging.get_verbosity()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        METHODS[method](_trials("momentum", 20), SPACE)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before
