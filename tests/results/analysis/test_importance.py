"""Importances where the answer is known beforehand, and on sweeps of planted objectives."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.support.planted import plant, planted_config, planted_sweep, true_importance
from results.analysis import importance
from results.analysis.importance import BETTER_HALF, FEWEST_TRIALS, WHOLE, importances
from results.analysis.trials import settled
from sweeps.space.dimensions import Choices, Range

SPACE = {
    "learning_rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "hidden_units": Range(low=10, high=100, step=10),
    "cost": Choices(choices=["quadratic", "cross-entropy"]),
    "batch": Choices(choices=[5, 10, 20]),
}


def _trials(decides: str, count: int = 40) -> pd.DataFrame:
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


@pytest.mark.parametrize("decides", list(SPACE))
def test_the_parameter_that_decides_is_named_and_has_nearly_all_the_variance(decides):
    found = importances(_trials(decides), SPACE)
    assert [one.over for one in found] == [BETTER_HALF, WHOLE]
    for one in found:
        assert (one.leaders, one.ahead) == ((decides,), True)
        shares = one.shares
        assert shares.index[0] == decides
        assert set(shares.index) == set(SPACE)
        assert shares["share"].sum() == pytest.approx(1.0)
        assert shares["share"].is_monotonic_decreasing
        assert shares.loc[decides, "low"] > 0.8
        assert (shares["low"] <= shares["high"]).all()
        assert one.basis == "by a model of 40 trials"


def test_the_better_half_counts_worse_values_as_the_median():
    """The cost puts a trial into the worse half; how bad it is there depends on the momentum.

    Over the whole space, the momentum has the larger variance: that of 4m on half of the space.
    """
    trials = _trials("momentum", 60)
    bad = (trials["cost"] == "quadratic").to_numpy()
    score = np.where(bad, -1 - 8 * trials["momentum"] / 0.9, 0.3 * trials["hidden_units"] / 100)
    better, whole = importances(trials.assign(value=score, score=score), SPACE)
    assert better.leaders == ("cost",)
    assert better.shares.loc["momentum", "high"] < 0.1
    assert whole.shares.loc["momentum", "share"] > 0.1


def test_what_the_sampler_settled_early_still_matters():
    """As in a sweep of 80 trials, of which hardly any has the bad choice."""
    trials = _trials("momentum", 80)
    rare = trials["number"].isin([0, 1, 2, 3, 5, 8, 13, 21])
    trials["cost"] = np.where(rare, "quadratic", "cross-entropy")
    score = np.where(rare, 0.70, 0.957) + 0.01 * trials["momentum"]
    for one in importances(trials.assign(value=score, score=score), SPACE):
        assert one.leaders == ("cost",)


def test_the_same_frame_gives_the_same_shares():
    trials = _trials("cost")
    for one, other in zip(importances(trials, SPACE), importances(trials, SPACE), strict=True):
        pd.testing.assert_frame_equal(one.shares, other.shares)
        assert (one.leaders, one.basis) == (other.leaders, other.basis)


def test_of_many_trials_a_sample_is_taken_and_named(monkeypatch):
    monkeypatch.setattr(importance, "MOST_TRIALS", 30)
    found, _ = importances(_trials("momentum", 1200), SPACE)
    assert found.basis == "by a model of 30 of 1,200 trials"
    assert found.leaders == ("momentum",)


def test_a_parameter_that_never_varied_has_no_share_and_no_interval():
    space = {**SPACE, "epochs": Range(low=1, high=9), "single": Choices(choices=[3])}
    trials = _trials("momentum").assign(epochs=3, single=3)
    shares = importances(trials, space)[0].shares
    assert shares.loc[["epochs", "single"], "share"].tolist() == [0.0, 0.0]
    assert shares.loc[["epochs", "single"], ["low", "high"]].isna().all(axis=None)
    assert shares["share"].sum() == pytest.approx(1.0)


def test_a_conditional_parameter_counts_where_it_exists():
    trials = _trials("momentum", 60)
    active = trials["cost"] == "quadratic"
    trials["score"] = np.where(active, trials["momentum"], 0.45)  # momentum decides there alone
    trials.loc[~active, "momentum"] = np.nan
    space = {
        "cost": SPACE["cost"],
        "momentum": Range(low=0.0, high=0.9, when={"cost": "quadratic"}),
        **{name: SPACE[name] for name in ("learning_rate", "batch")},
    }
    for one in importances(trials, space):
        assert one.leaders == ("momentum",)
    never = trials.assign(momentum=np.nan)
    assert importances(never, space)[0].shares.loc["momentum", "share"] == 0.0


@pytest.mark.parametrize("count", [0, 1, FEWEST_TRIALS - 1])
def test_too_few_trials_are_a_reason_and_no_numbers(count):
    for one in importances(_trials("momentum", count), SPACE):
        assert one.shares.empty
        assert one.shares.columns.tolist() == ["share", "low", "high"]
        assert (one.basis, one.leaders) == (f"needs 20 complete trials, got {count}", ())


def test_failed_trials_and_those_without_a_value_do_not_count():
    trials = _trials("momentum", FEWEST_TRIALS)
    assert not importances(trials, SPACE)[0].shares.empty
    for change in (
        {"state": ["complete"] * 19 + ["failed"]},
        {"value": [*trials["value"][:-1], np.nan]},
    ):
        assert importances(trials.assign(**change), SPACE)[0].basis.endswith("got 19")


@pytest.mark.parametrize(("pruner", "part"), [("none", "30 trials, 16 of"), ("median", "got 14")])
def test_trials_that_patience_ended_count_and_those_that_a_pruner_ended_do_not(pruner, part):
    trials = _trials("momentum", 30).assign(state=["complete"] * 14 + ["pruned"] * 16)
    found, _ = importances(settled(trials, pruner), SPACE)
    assert found.shares.empty is (pruner == "median")
    assert part in found.basis
    if pruner == "none":
        as_complete, _ = importances(trials.assign(state="complete"), SPACE)
        pd.testing.assert_frame_equal(found.shares, as_complete.shares)
        assert "16 of them stopped by patience" in found.basis


def test_equal_values_are_a_reason():
    found, _ = importances(_trials("momentum").assign(score=0.0), SPACE)
    assert found.shares.empty
    assert found.basis == "needs trials that differ in value, but all are equal"


@pytest.mark.parametrize(
    "space", [{}, {"momentum": SPACE["momentum"]}, {"cost": Choices(choices=["quadratic"])}]
)
def test_parameters_that_never_varied_are_a_reason(space):
    found, _ = importances(_trials("batch").assign(momentum=0.5, cost="quadratic"), space)
    assert found.shares.empty
    assert found.basis == "needs a hyperparameter that varies, but none does"


def test_values_of_any_size_have_the_same_shares():
    trials = _trials("learning_rate")
    plain, huge = (importances(trials.assign(score=s * trials["score"]), SPACE) for s in (1, 1e200))
    for one, other in zip(plain, huge, strict=True):
        pd.testing.assert_frame_equal(one.shares, other.shares, rtol=1e-6)


def test_two_values_that_most_trials_share_are_no_obstacle():
    """Of 40 trials, 37 diverged and have the value 0."""
    trials = _trials("momentum")
    found = importances(trials.assign(score=trials["number"].lt(3) * 0.9), SPACE)
    for one in found:
        assert np.isfinite(one.shares).all(axis=None)


A, B, C, D = np.eye(4)
A_THEN_B = 3 * A + 2 * B


@pytest.mark.parametrize(
    ("rows", "leaders", "ahead"),
    [
        ([A] * 95 + [B] * 5, [0], True),
        ([A_THEN_B] * 60 + [2 * A + 3 * B] * 40, [0, 1], True),  # both exceed the rest
        ([A] * 60 + [B] * 40, [0, 1], False),  # the other of the two is no better than the rest
        ([A + 2 * C] * 2 + [A_THEN_B] * 98, [0], True),
        ([3 * A + C] * 60 + [3 * B + D] * 40, [0, 1], False),  # one of them is behind the rest
        ([A] * 40 + [B] * 30 + [C] * 30, [], False),  # three of four say little
    ],
)
def test_those_that_lead_are_the_fewest_with_the_first_in_95_percent(rows, leaders, ahead):
    found, all_ahead = importance._leaders(np.array(rows))
    assert (sorted(found), all_ahead) == (leaders, ahead)


def test_of_two_hyperparameters_both_are_never_named():
    assert importance._leaders(np.array([[1.0, 0.0], [0.0, 1.0]])) == ([], False)
    assert importance._leaders(np.array([[1.0]] * 3)) == ([0], True)


@pytest.mark.parametrize("kind", ["additive", "skewed"])
def test_planted_sweeps_of_tpe_name_the_planted_first(kind):
    """`benchmarks/importance.py` measures the same on many more sweeps."""
    named, wrong, space = 0, 0, planted_config("tpe", 60, 0).space
    for seed in range(5):
        planted = plant(kind, seed)
        trials = planted_sweep(planted, "tpe", 60, seed)
        truths = [true_importance(planted, seed, better_half=half) for half in (True, False)]
        for one, truth in zip(importances(trials, space), truths, strict=True):
            first = max(truth, key=truth.__getitem__)
            named += first in one.leaders
            wrong += bool(one.leaders) and first not in one.leaders
    assert wrong == 0
    assert named >= 5


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_of_noise_nothing_is_named(sampler):
    space = planted_config(sampler, 40, 0).space
    for seed in range(5):
        trials = planted_sweep(plant("null", seed), sampler, 40, seed)
        assert [one.leaders for one in importances(trials, space)] == [(), ()]
