"""Evidence for changing a search: each function on trials for which the answer is plain."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

from results.analysis.evidence import (
    _at_least,
    _slope_p_value,
    best_few,
    diverged_above,
    pressed_bounds,
    still_learning,
    when_best_came,
    without_effect,
)
from results.analysis.importance import WHOLE, Importance
from results.analysis.trials import best_so_far
from sweeps.space.dimensions import Choices, Range

RATE = Range(low=0.01, high=10.0, log=True)


def _rising(make_trials, name, values):
    """Return trials whose value rises with the order of `values` of one hyperparameter."""
    return make_trials(list(np.linspace(0.5, 0.9, len(values))), **{name: values})


def test_the_best_few_are_a_tenth_and_at_least_five(make_trials):
    values = list(np.linspace(0.1, 0.9, 80))
    assert best_few(make_trials(values))["number"].tolist() == [79, 78, 77, 76, 75, 74, 73, 72]
    assert len(best_few(make_trials(values[:20]))) == 5
    assert best_few(make_trials(values[:9])).empty


@pytest.mark.parametrize(
    ("rates", "end"),
    [
        (list(np.geomspace(0.01, 10, 40)), "high"),
        (list(np.geomspace(10, 0.01, 40)), "low"),
    ],
)
def test_the_best_pressing_against_a_bound_are_noticed(make_trials, rates, end):
    trials = _rising(make_trials, "learning_rate", rates)
    (pressed,) = pressed_bounds(trials, {"learning_rate": RATE})
    # of 40 rates over three decades, the last four lie in the outer tenth
    assert (pressed.name, pressed.end, pressed.count, pressed.of) == ("learning_rate", end, 4, 5)


def test_the_best_of_very_many_trials_press_against_a_bound_too(make_trials):
    """Of 20,000 trials, 2,000 are the best: they may be chosen in more ways than a float counts."""
    trials = _rising(make_trials, "learning_rate", list(np.geomspace(0.01, 10, 20_000)))
    (pressed,) = pressed_bounds(trials, {"learning_rate": RATE})
    assert (pressed.end, pressed.count, pressed.of) == ("high", 2000, 2000)


def test_how_likely_draws_are_is_counted_by_hand():
    """Of three fair draws, two or more hit in 4 of 8 cases; of four at a third, three or more."""
    assert _at_least(2, 3, 0.5) == pytest.approx(4 / 8)
    assert _at_least(3, 4, 1 / 3) == pytest.approx((4 * 2 + 1) / 81)
    assert _at_least(0, 4, 1 / 3) == 1.0


@pytest.mark.parametrize("end", ["low", "high"])
def test_a_best_value_inside_the_range_is_not_at_its_end(make_trials, end):
    """A sampler that crowds around 0.94 of the axis puts the best trials into its outer tenth."""
    rng = np.random.default_rng(3)
    places = np.concatenate([rng.uniform(size=20), rng.normal(0.94, 0.03, size=60).clip(0, 1)])
    values = list(0.95 - (places - 0.94) ** 2)
    momentum = list(places if end == "high" else 1 - places)
    trials = make_trials(values, momentum=momentum)
    space = {"momentum": Range(low=0.0, high=1.0)}
    best = best_few(trials)["momentum"]
    assert ((best > 0.9) | (best < 0.1)).all()
    assert pressed_bounds(trials, space) == []
    # The same crowd around a best value that lies beyond the end
    rising = make_trials(list(0.95 - (places - 1.2) ** 2), momentum=momentum)
    (pressed,) = pressed_bounds(rising, space)
    assert (pressed.name, pressed.end) == ("momentum", end)


def test_the_slope_is_that_of_a_simple_regression(make_trials):
    """With one axis and no place for a bend, SciPy's regression gives the p value."""
    rng = np.random.default_rng(0)
    along = np.repeat([0.75, 1.0], 8)
    values = 0.9 + 0.02 * along + rng.normal(scale=0.01, size=16)
    trials = make_trials(list(values), momentum=list(along))
    expected = linregress(along, values, alternative="greater").pvalue
    assert _slope_p_value(trials, along, 0.25, {}) == pytest.approx(expected, rel=1e-9)


def test_the_slope_is_that_of_the_last_stretch(make_trials):
    """A rise up to 0.9 and a fall after it; a choice adds a step, which must not matter."""
    rng = np.random.default_rng(0)
    along = np.linspace(0.7, 1.0, 30)
    step = np.tile([0.0, 0.05], 15)
    noise = rng.normal(scale=1e-4, size=30)
    tent = 0.9 - 0.1 * np.abs(along - 0.9) + step + noise
    others = {"cost": Choices(choices=["quadratic", "cross-entropy"])}
    costs = ["quadratic", "cross-entropy"] * 15
    falls = make_trials(list(tent), cost=costs)
    assert _slope_p_value(falls, along, 0.1, others) > 0.999
    rises = make_trials(list(0.9 + 0.1 * along + step + noise), cost=costs)
    assert _slope_p_value(rises, along, 0.1, others) < 1e-6


@pytest.mark.parametrize("first", [0.75, 0.79, 0.85])
def test_two_places_give_the_slope_between_them(make_trials, first):
    """Whether or not a bend would lie between them."""
    along = np.repeat([first, 1.0], 20)
    noise = np.random.default_rng(0).normal(scale=0.002, size=40)
    rises = make_trials(list(0.9 + 0.1 * along + noise))
    assert _slope_p_value(rises, along, 0.11, {}) < 1e-6
    falls = make_trials(list(0.9 - 0.1 * along + noise))
    assert _slope_p_value(falls, along, 0.11, {}) > 1 - 1e-6


def test_a_slope_that_the_trials_do_not_determine_is_no_evidence(make_trials):
    along = np.array([0.8, 0.9, 1.0])
    assert _slope_p_value(make_trials([0.1, 0.2, 0.3]), along, 0.1, {}) == 1.0
    along = np.linspace(0.7, 1.0, 30)
    twin = {"dropout": Range(low=0.0, high=1.0)}  # whose values are those of the tested axis
    trials = make_trials(list(0.9 + 0.1 * along), dropout=list(along))
    assert _slope_p_value(trials, along, 0.1, twin) == 1.0


@pytest.mark.parametrize(
    ("dimension", "end"),
    [
        (Range(low=2, high=8, log=True), "low"),  # whose first two values are far apart
        (Range(low=1, high=8, log=True), "low"),
        (Range(low=10, high=100, step=10), "high"),
        (Range(low=0.1, high=0.5, step=0.1), "low"),
    ],
)
def test_ends_of_ranges_with_few_values_are_found(make_trials, dimension, end):
    rng = np.random.default_rng(1)
    values = np.linspace(dimension.low, dimension.high, dimension.count or 8)
    values = rng.choice(values if dimension.step else np.round(values), 200)
    rises = np.log(values) if end == "high" else -np.log(values)
    accuracies = list(0.9 + 0.02 * rises + rng.normal(scale=0.001, size=200))
    cast = int if dimension.whole else float
    trials = make_trials(accuracies, hidden_units=[cast(value) for value in values])
    (pressed,) = pressed_bounds(trials, {"hidden_units": dimension})
    assert pressed.end == end


def test_a_missing_value_before_the_last_does_not_hide_the_end(make_trials):
    rng = np.random.default_rng(2)
    units = rng.choice([10, 20, 30, 40, 50, 60, 70, 80, 100], 100)
    trials = make_trials(
        list(0.9 + units / 2000 + rng.normal(scale=0.002, size=100)), hidden_units=list(units)
    )
    space = {"hidden_units": Range(low=10, high=100, step=10)}
    assert [one.end for one in pressed_bounds(trials, space)] == ["high"]


def test_the_best_in_the_middle_press_against_nothing(make_trials):
    rates = [0.01, 10.0] * 18 + [0.2, 0.3, 0.4, 0.5]
    assert (
        pressed_bounds(_rising(make_trials, "learning_rate", rates), {"learning_rate": RATE}) == []
    )


def test_few_values_are_met_by_chance(make_trials):
    trials = _rising(make_trials, "cost", ["a", "b"] * 20)
    assert pressed_bounds(trials, {"cost": Choices(choices=["a", "b"])}) == []
    trials = _rising(make_trials, "mini_batch_size", [1, 2, 3] * 12 + [3, 3, 3])
    # 3 or more of five, each by a chance of a third: 21 times in a hundred
    assert pressed_bounds(trials, {"mini_batch_size": Range(low=1, high=3)}) == []


def test_choices_that_are_numbers_have_ends(make_trials):
    sizes = [10, 20, 5, 100, 50] * 8
    values = [0.9 - size / 1000 + number / 10_000 for number, size in enumerate(sizes)]
    trials = make_trials(values, mini_batch_size=sizes)
    dimension = Choices(choices=[5, 10, 20, 50, 100])
    (pressed,) = pressed_bounds(trials, {"mini_batch_size": dimension})
    assert (pressed.end, pressed.count) == ("low", 5)


def test_hyperparameters_that_a_trial_does_not_have_do_not_count(make_trials):
    trials = _rising(make_trials, "learning_rate", [float("nan")] * 40)
    assert pressed_bounds(trials, {"learning_rate": RATE}) == []


def _shares(**rows):
    table = pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T
    return Importance(WHOLE, table, "")


def test_what_did_not_matter_is_small_over_each_part_and_surely():
    nan = float("nan")
    # with four of them, the limit is a sixteenth
    ped = _shares(a=[0.9, 0.8, 0.95], b=[0.05, 0.0, 0.2], c=[0.03, 0.0, 0.06], d=[0.02, 0, 0.05])
    forest = _shares(a=[0.8, nan, nan], d=[0.1, nan, nan], b=[0.06, nan, nan], c=[0.04, nan, nan])
    assert without_effect((ped,)) == ["c", "d"]
    assert without_effect((ped, forest)) == ["c"]
    nothing = Importance(WHOLE, ped.shares.iloc[:0], "needs more")
    assert without_effect((ped, nothing)) == ["c", "d"]
    assert without_effect((nothing,)) == []


@pytest.mark.parametrize(
    ("best", "when", "since"),
    [
        (19, "late", 0),
        (16, "late", 3),
        (15, "", 4),
        (10, "", 9),
        (9, "long ago", 10),
        (0, "long ago", 19),
    ],
)
def test_when_the_best_came(make_trials, best, when, since):
    incumbent = best_so_far(make_trials([0.9 if n == best else 0.5 for n in range(20)]))
    assert when_best_came(incumbent, 20) == (when, since)


def test_of_few_trials_the_time_of_the_best_says_nothing(make_trials):
    assert when_best_came(best_so_far(make_trials([0.5, 0.9])), 2) == ("", 0)
    assert when_best_came(best_so_far(make_trials([None] * 20)), 20) == ("", 0)


def test_still_learning_counts_best_epochs_near_the_end(make_trials):
    trials = make_trials(list(np.linspace(0.1, 0.9, 20)))
    trials["best_epoch"] = pd.Series([1] * 15 + [30, 29, 28, 27, 3], dtype="Int64")
    assert still_learning(trials, 30) == (3, 5)
    trials.loc[17, "stop_reason"] = "no_improvement"
    assert still_learning(trials, 30) == (2, 5)


def test_a_learning_rate_above_which_trials_diverge(make_trials):
    rates = [0.1 * (n + 1) for n in range(20)]
    trials = make_trials([0.9 - 0.01 * n for n in range(20)], range(15, 20), learning_rate=rates)
    assert diverged_above(trials) == pytest.approx(1.6)
    trials.loc[0, "learning_rate"] = 5.0  # the best diverges not, and lies above
    assert diverged_above(trials) is None
    few = make_trials([0.9 - 0.01 * n for n in range(20)], [19], learning_rate=rates)
    assert diverged_above(few) is None
