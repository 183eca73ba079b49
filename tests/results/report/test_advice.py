"""What to try next: each piece of advice on trials for which the answer is plain."""

import numpy as np
import pandas as pd
import pytest

from results.analysis.importance import WHOLE, Importance
from results.analysis.trials import best_so_far
from results.report.advice import advise
from results.report.next_settings import changed, widened
from sweeps.config import parse_config


def _config(training=None, sweep=None, **space):
    sweep = {"name": "x", "trials": 40, **(sweep or {})}
    return parse_config({"sweep": sweep, "training": training or {}, "space": space})


def _rising(make_trials, name, values):
    """Return trials whose value rises with the order of `values` of one hyperparameter."""
    return make_trials(list(np.linspace(0.5, 0.9, len(values))), **{name: values})


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
    return Importance(WHOLE, table, "")


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
    pressed = "4 of the best 5 trials lie at the high end of learning_rate"
    assert f"{pressed}, and the values improve up to it" in texts
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
