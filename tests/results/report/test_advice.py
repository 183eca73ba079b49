"""What to try next: each rule on trials for which the answer is plain."""

import numpy as np
import pandas as pd
import pytest

from results.analysis.importance import Importance
from results.analysis.trials import best_so_far
from results.report.advice import (
    advise,
    best_came,
    best_few,
    diverged_above,
    pressed_bounds,
    still_learning,
    without_effect,
)
from results.report.next_settings import changed, widened
from sweeps.config import parse_config
from sweeps.space.dimensions import Choices, Range

RATE = Range(low=0.01, high=10.0, log=True)


def _config(training=None, sweep=None, **space):
    sweep = {"name": "x", "trials": 40, **(sweep or {})}
    return parse_config({"sweep": sweep, "training": training or {}, "space": space})


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
    trials = _rising(make_trials, "mini_batch_size", [10, 20, 5, 100, 50] * 6 + [5] * 5)
    dimension = Choices(choices=[5, 10, 20, 50, 100])
    (pressed,) = pressed_bounds(trials, {"mini_batch_size": dimension})
    assert (pressed.end, pressed.count) == ("low", 5)


def test_hyperparameters_that_a_trial_does_not_have_do_not_count(make_trials):
    trials = _rising(make_trials, "learning_rate", [float("nan")] * 40)
    assert pressed_bounds(trials, {"learning_rate": RATE}) == []


@pytest.mark.parametrize(
    ("name", "dimension", "end", "wanted"),
    [
        ("learning_rate", {"low": 0.01, "high": 10.0, "log": True}, "high", 100.0),
        ("learning_rate", {"low": 0.01, "high": 10.0, "log": True}, "low", 0.001),
        ("hidden_units", {"low": 10, "high": 100, "step": 10}, "high", 190),
        ("momentum", {"low": 0.0, "high": 0.9}, "high", 0.99),
        ("momentum", {"low": 0.0, "high": 0.9}, "low", None),
        ("hidden_units", {"low": 10, "high": 100, "step": 10}, "low", None),
    ],
)
def test_a_bound_is_widened_as_far_as_is_allowed(name, dimension, end, wanted):
    setting = widened(_config(**{name: dimension}), name, end)
    assert setting == ("" if wanted is None else f"space.{name}.{end}={wanted}")


@pytest.mark.parametrize(("end", "choices"), [("low", [2, 5, 10, 20]), ("high", [5, 10, 20, 40])])
def test_choices_are_widened_by_one(end, choices):
    config = _config(mini_batch_size={"choices": [10, 5, 20]})
    assert widened(config, "mini_batch_size", end) == f"space.mini_batch_size.choices={choices}"


def test_a_choice_of_one_has_none_below():
    assert widened(_config(mini_batch_size={"choices": [1, 2, 4]}), "mini_batch_size", "low") == ""


LAYERED = {
    "hidden_layers": {"low": 0, "high": 2},
    "hidden_units": {"low": 10, "high": 40, "step": 10},
    "output": {"choices": ["sigmoid", "softmax"]},
    "cost": {"choices": ["quadratic", "cross-entropy"], "when": {"output": "sigmoid"}},
    "dropout": {"low": 0.0, "high": 0.5, "when": {"hidden_layers": [1, 2]}},
}


def test_a_wider_bound_keeps_its_condition():
    config = _config({"cost": "log-likelihood"}, **LAYERED)
    assert widened(config, "hidden_layers", "high") == ""  # a third layer would have no width
    setting = widened(config, "hidden_units_2", "high")
    assert setting == "space.hidden_units_2.high=70"
    wider = changed(config, setting).space["hidden_units_2"]
    assert (wider.low, wider.high, wider.when) == (10, 70, {"hidden_layers": [2]})


def test_what_cannot_be_fixed_alone_is_told_without_a_command(make_trials):
    config = _config({"cost": "log-likelihood"}, **LAYERED)
    point = {"hidden_layers": 1, "hidden_units_1": 30, "hidden_units_2": None, "output": "sigmoid"}
    trials = make_trials([0.9]).assign(**point, cost="quadratic", dropout=0.1)
    names = ["hidden_layers", "hidden_units_1", "output", "dropout"]
    little = _shares(other=[1.0, 1.0, 1.0], **{name: [0.0, 0.0, 0.0] for name in names})
    given = advise(config, trials, best_so_far(trials), (little,), trials.iloc[0], over=True)
    told = {
        one.text.partition(" ")[0]: one.setting for one in given if "visible effect" in one.text
    }
    # [training] has no number of layers; its cost is that of softmax; the others have conditions
    assert told == {"hidden_layers": "", "output": ""}


def test_lists_of_widths_are_fixed_as_lists(make_trials):
    config = _config(
        hidden_units={"choices": [[100, 50], [30], []]}, init={"choices": ["large", "scaled"]}
    )
    trials = make_trials([0.9], hidden_units=["100-50"], init="large")
    little = _shares(other=[1.0, 1.0, 1.0], hidden_units=[0.0, 0.0, 0.0])
    (one,) = advise(config, trials, best_so_far(trials), (little,), trials.iloc[0], over=True)
    assert one.setting == "training.hidden_units=[100, 50]"


def _shares(**rows):
    table = pd.DataFrame(rows, index=["share", "low", "high"], dtype="float64").T
    return Importance("a method", table, "")


def test_what_did_not_matter_is_small_by_every_method_and_surely():
    nan = float("nan")
    # with four of them, the limit is a sixteenth
    ped = _shares(a=[0.9, 0.8, 0.95], b=[0.05, 0.0, 0.2], c=[0.03, 0.0, 0.06], d=[0.02, 0, 0.05])
    forest = _shares(a=[0.8, nan, nan], d=[0.1, nan, nan], b=[0.06, nan, nan], c=[0.04, nan, nan])
    assert without_effect((ped,)) == ["c", "d"]
    assert without_effect((ped, forest)) == ["c"]
    nothing = Importance("another", ped.shares.iloc[:0], "needs more")
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
    assert best_came(incumbent, 20) == (when, since)


def test_of_few_trials_the_time_of_the_best_says_nothing(make_trials):
    assert best_came(best_so_far(make_trials([0.5, 0.9])), 2) == ("", 0)
    assert best_came(best_so_far(make_trials([None] * 20)), 20) == ("", 0)


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


def test_advice_names_the_setting_that_follows_it(make_trials):
    config = _config(
        learning_rate={"low": 0.01, "high": 10.0, "log": True},
        init={"choices": ["large", "scaled"]},
    )
    rates = list(np.geomspace(0.01, 10, 40))
    trials = _rising(make_trials, "learning_rate", rates).assign(init="scaled")
    ped = _shares(learning_rate=[0.97, 0.9, 0.99], init=[0.03, 0.01, 0.1])
    best = trials.iloc[-1]
    given = advise(config, trials, best_so_far(trials), (ped,), best, over=True)
    assert [one.setting for one in given] == [
        "space.learning_rate.high=100.0",
        "training.init=scaled",
        "sweep.trials=80",
    ]
    texts = {one.text.partition(":")[0] for one in given}
    assert "4 of the best 5 trials lie at the high end of learning_rate" in texts
    assert changed(config, given[0].setting).space["learning_rate"].high == 100.0
    assert changed(config, given[1].setting).training["init"] == "scaled"


@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_trials_give_no_advice(make_trials, count):
    config = _config(learning_rate={"low": 0.01, "high": 10.0, "log": True})
    trials = make_trials([0.9] * count, learning_rate=[10.0] * count)
    assert advise(config, trials, best_so_far(trials), (), None, over=True) == []


def _about_when(make_trials, best, over=True, **sweep):
    """Return the advice on when the best came: here number `best` of the forty trials told."""
    wide = {"low": 1, "high": 100}
    config = _config(sweep=sweep, hidden_units=wide, mini_batch_size=wide)
    values = [0.9 if n == best else 0.5 for n in range(40)]
    trials = make_trials(values, hidden_units=[50] * 40, mini_batch_size=[50] * 40)
    return advise(config, trials, best_so_far(trials), (), None, over=over)


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "gp", "coordinate"])
@pytest.mark.parametrize(
    ("best", "words"), [(38, "came late, 1 trial before"), (3, "last 36 trials")]
)
def test_when_the_best_came_is_told_of_samplers_that_learn(make_trials, sampler, best, words):
    (only,) = _about_when(make_trials, best, sampler=sampler)
    assert words in only.text
    assert only.setting == ("sweep.trials=80" if best == 38 else "")


@pytest.mark.parametrize("sampler", ["random", "qmc", "grid"])
@pytest.mark.parametrize("best", [38, 3])
def test_where_the_best_falls_by_chance_says_nothing(make_trials, sampler, best):
    assert _about_when(make_trials, best, sampler=sampler) == []


@pytest.mark.parametrize("best", [38, 3])
def test_a_run_under_way_is_not_told_when_its_best_came(make_trials, best):
    assert _about_when(make_trials, best, over=False) == []


def test_a_run_that_its_epochs_ended_goes_on_by_more_epochs(make_trials):
    (only,) = _about_when(make_trials, 38, trials=100, epoch_budget=300)
    assert only.setting == "sweep.epoch_budget=600"
