"""PED-ANOVA on spaces where the answer is known beforehand, and the figure of its shares."""

import warnings

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from results.importance import FEWEST_TRIALS, compared_trials, ped_anova
from results.landscape import plot_importance
from sweeps.distributions import distributions
from sweeps.space import Choices, Range

SPACE = {
    "learning_rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "hidden_units": Range(low=10, high=100, step=10),
    "cost": Choices(choices=["quadratic", "cross-entropy"]),
    "batch": Choices(choices=[5, 10, 20]),
}


def _trials(decides: str, count: int = 200) -> pd.DataFrame:
    """Return random trials whose value depends on the one parameter alone."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "number": range(count),
            "state": "complete",
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
    return frame.assign(value=values[decides])


@pytest.mark.parametrize("decides", list(SPACE))
def test_the_parameter_that_decides_comes_first(decides):
    shares = ped_anova(_trials(decides), SPACE)
    assert shares.index[0] == decides
    assert set(shares.index) == set(SPACE)
    assert shares.sum() == pytest.approx(1.0)
    assert shares.is_monotonic_decreasing
    assert (shares >= 0).all()


def test_with_many_trials_it_is_what_optuna_answers():
    trials = _trials("momentum", 100)
    study = optuna.create_study(direction="maximize")
    given = {"momentum": FloatDistribution(0.0, 0.9)}
    given["cost"] = CategoricalDistribution(["quadratic", "cross-entropy"])
    for row in trials.itertuples():
        params = {"momentum": row.momentum, "cost": row.cost}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=given, value=row.value)
        )
    expected = optuna.importance.get_param_importances(study)
    shares = ped_anova(trials, {name: SPACE[name] for name in ("cost", "momentum")})
    assert shares.to_dict() == pytest.approx(expected, rel=1e-12)


def test_the_same_frame_gives_the_same_shares():
    trials = _trials("cost", 40)
    pd.testing.assert_series_equal(ped_anova(trials, SPACE), ped_anova(trials, SPACE))


def test_a_single_choice_has_no_share():
    space = {**SPACE, "epochs": Choices(choices=[3])}
    shares = ped_anova(_trials("momentum").assign(epochs=3), space)
    assert shares["epochs"] == 0.0


def test_a_parameter_that_never_varied_stays_behind_the_one_that_decides():
    space = {**SPACE, "epochs": Range(low=1, high=9)}
    shares = ped_anova(_trials("momentum").assign(epochs=3), space)
    assert shares.index[0] == "momentum"
    assert set(shares.index) == set(space)
    assert shares.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("count", [0, 1, FEWEST_TRIALS - 1])
def test_too_few_trials_say_nothing(count):
    assert ped_anova(_trials("momentum", count), SPACE).empty


def test_failed_and_pruned_trials_do_not_count():
    trials = _trials("momentum", FEWEST_TRIALS)
    assert not ped_anova(trials, SPACE).empty
    for state in ("failed", "pruned"):
        assert ped_anova(trials.assign(state=["complete"] * 9 + [state]), SPACE).empty


def test_equal_values_say_nothing():
    trials = _trials("momentum")
    assert ped_anova(trials.assign(value=0.0), SPACE).empty
    mostly_diverged = trials["number"].map(lambda number: 0.9 if number < 3 else 0.0)
    assert ped_anova(trials.assign(value=mostly_diverged), SPACE).empty


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (range(40), (5, 40)),
        (range(200), (20, 200)),
        (range(3), (3, 3)),
        ([], (0, 0)),
        # eight trials share the fifth place
        ([0.5] * 12 + [0.9] * 8, (8, 20)),
    ],
)
def test_the_compared_trials_are_a_tenth_at_least_five_and_all_equals(
    make_trials, values, expected
):
    trials = make_trials(list(values), momentum=[0.5] * len(values))
    assert compared_trials(trials, {"momentum": SPACE["momentum"]}) == expected


def test_only_complete_trials_are_compared(make_trials):
    trials = make_trials([*range(20), None, None], momentum=[0.5] * 22)
    assert compared_trials(trials, {"momentum": SPACE["momentum"]}) == (5, 20)


def test_a_space_without_hyperparameters_says_nothing():
    assert ped_anova(_trials("momentum"), {}).empty


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


def test_optuna_is_kept_quiet_and_left_as_it_was(capfd):
    before = optuna.logging.get_verbosity()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ped_anova(_trials("momentum", 20), SPACE)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before


# --- the figure


def test_importance_draws_the_largest_share_on_top(ax):
    shares = pd.Series({"learning_rate": 0.649, "$lmbda": 0.347, "init": 0.004, "cost": 0.0})
    assert plot_importance(shares, 5, 40, ax) is ax
    assert [bar.get_width() for bar in ax.patches] == [0.649, 0.347, 0.004, 0.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "learning_rate",
        r"\$lmbda",
        "init",
        "cost",
    ]
    assert ax.yaxis_inverted()
    assert [text.get_text() for text in ax.texts] == ["65 %", "35 %", "<1 %", "0 %"]
    assert ax.get_xlabel() == "PED-ANOVA importance (%): best 5 of 40 trials against all"


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ({"a": 1.0}, "a mattered most: 100 %"),
        ({"a": 0.784, "b": 0.216}, "a mattered most: 78 %"),
        # one and a half times the second, just
        ({"a": 0.375, "b": 0.25, "c": 0.25}, "a mattered most: 38 %"),
        ({"a": 0.37, "b": 0.25, "c": 0.2, "d": 0.18}, "a and b mattered most"),
        ({"$a": 0.35, "b": 0.3, "c": 0.3, "d": 0.05}, r"\$a, b and c mattered most"),
        (
            {"a": 0.3, "b": 0.25, "c": 0.24, "d": 0.21},
            "No hyperparameter stood out: 4 mattered about as much",
        ),
    ],
)
def test_importance_claims_no_more_than_the_shares_do(ax, shares, title):
    plot_importance(pd.Series(shares), 5, 40, ax)
    assert ax.get_title(loc="left") == title


def test_bars_of_those_that_matter_most_have_another_colour(ax):
    plot_importance(pd.Series({"a": 0.4, "b": 0.35, "c": 0.25}), 5, 40, ax)
    a, b, c = (bar.get_facecolor() for bar in ax.patches)
    assert a == b != c


@pytest.mark.parametrize("largest", [0.9, 0.4, 0.17])
def test_shares_are_whole_percents_on_the_axis_too(ax, largest):
    plot_importance(pd.Series({"a": largest, "b": 0.1}), 5, 40, ax)
    ax.figure.draw_without_rendering()
    labels = [label.get_text() for label in ax.get_xticklabels() if label.get_text()]
    assert len(labels) > 2
    assert all(label.isdigit() for label in labels)


def test_importance_of_nothing_says_what_it_needs(ax):
    plot_importance(pd.Series(dtype="float64"), 0, 0, ax)
    (sentence,) = ax.texts
    assert sentence.get_text() == "importance needs 10 complete trials of differing accuracy"
