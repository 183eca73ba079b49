"""The changes from the defaults to a winner: what they are, and that every mixture is valid."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.costs import COSTS
from nncore.config import TrialConfig
from nncore.errors import InputError
from sweeps.ablation.changes import Changes, find_changes
from sweeps.config import parse_config


def changes(
    space: dict[str, Any], params: dict[str, Any], training: dict[str, Any] | None = None
) -> Changes:
    tables = {"sweep": {"name": "a"}, "training": training or {}, "space": space}
    return find_changes(parse_config(tables), params)


def choice(*values: Any, **when: Any) -> dict[str, Any]:
    return {"choices": list(values)} | ({"when": when} if when else {})


RATE = {"low": 0.1, "high": 4.0}


def test_each_hyperparameter_that_differs_is_a_change() -> None:
    found = changes(
        {"init": choice("large", "scaled"), "learning_rate": RATE, "lmbda": RATE},
        {"init": "large", "learning_rate": 0.5, "lmbda": 2.0},
        {"epochs": 7},
    )
    assert found.groups == (("init",), ("lmbda",))
    assert (found.same, found.held) == (("learning_rate",), ())
    assert found.config(frozenset()) == TrialConfig(epochs=7)
    assert found.config(frozenset({1})) == TrialConfig(epochs=7, lmbda=2.0)
    assert found.config(frozenset({0, 1})) == TrialConfig(epochs=7, lmbda=2.0, init="large")


def test_layers_and_their_widths_are_one_change() -> None:
    space = {"hidden_layers": choice(1, 2), "hidden_units": {"low": 10, "high": 50, "step": 10}}
    found = changes(space, {"hidden_layers": 2, "hidden_units_1": 30, "hidden_units_2": 20})
    assert found.groups == (("hidden_units",),)
    assert found.before(["hidden_units"]) == {"hidden_units": "30"}
    assert found.after(["hidden_units"]) == {"hidden_units": "30-20"}
    assert found.config(frozenset({0})).hidden_units == (30, 20)


def test_a_conditional_hyperparameter_changes_with_what_it_hangs_on() -> None:
    space = {
        "learning_rate": RATE,
        "schedule": choice("constant", "exponential"),
        "schedule_decay": {"low": 0.5, "high": 0.99, "when": {"schedule": "exponential"}},
    }
    found = changes(space, {"learning_rate": 1.0, "schedule": "exponential", "schedule_decay": 0.7})
    assert found.groups == (("learning_rate",), ("schedule", "schedule_decay"))


def test_a_condition_that_the_defaults_meet_joins_nothing() -> None:
    space = {
        "regularizer": choice("l1", "l2"),
        "lmbda": {"low": 0.1, "high": 4.0, "when": {"regularizer": ["l1", "l2"]}},
    }
    assert changes(space, {"regularizer": "l1", "lmbda": 2.0}).groups == (
        ("regularizer",),
        ("lmbda",),
    )


def test_a_condition_on_the_number_of_layers() -> None:
    space = {
        "hidden_layers": choice(1, 2),
        "hidden_units": {"low": 10, "high": 50, "step": 10},
        "dropout": choice(0.0, 0.5, hidden_layers=2),
    }
    params = {"hidden_layers": 2, "hidden_units_1": 30, "hidden_units_2": 20, "dropout": 0.5}
    assert changes(space, params).groups == (("hidden_units", "dropout"),)


def test_a_change_that_is_not_valid_alone_is_joined_with_the_one_it_needs() -> None:
    space = {
        "init": choice("large", "scaled"),
        "cost": choice("quadratic", "log-likelihood"),
        "output": choice("softmax"),
    }
    found = changes(space, {"init": "large", "cost": "log-likelihood", "output": "softmax"})
    assert found.groups == (("init",), ("cost", "output"))
    assert found.held == ()


def test_a_default_that_no_valid_mixture_has_is_held_at_the_winners_value() -> None:
    space = {"cost": choice("quadratic", "log-likelihood"), "init": choice("large", "scaled")}
    found = changes(space, {"cost": "quadratic", "init": "large"}, {"output": "softmax"})
    assert (found.groups, found.held) == ((("init",),), ("cost",))
    assert found.config(frozenset()) == TrialConfig(cost="quadratic", output="softmax")


def test_arms_that_do_not_fit_the_data_are_avoided() -> None:
    space = {"mini_batch_size": choice(1, 5), "init": choice("large", "scaled")}
    config = parse_config({"sweep": {"name": "a"}, "space": space})

    def check(trial: TrialConfig) -> None:
        if trial.mini_batch_size > 8:
            raise InputError("too large")

    found = find_changes(config, {"mini_batch_size": 5, "init": "large"}, check)
    assert (found.groups, found.held) == ((("init",),), ("mini_batch_size",))
    with pytest.raises(InputError, match="too large"):
        find_changes(
            parse_config({"sweep": {"name": "a"}, "space": {"mini_batch_size": choice(9, 20)}}),
            {"mini_batch_size": 9},
            check,
        )


@given(
    output=st.sampled_from(["sigmoid", "softmax", "tanh"]),
    cost=st.sampled_from(list(COSTS)),
    step=st.sampled_from(["gradient", "fixed-length"]),
    momentum=st.sampled_from([0.0, 0.5]),
    schedule=st.sampled_from(["constant", "halve-on-plateau"]),
    patience=st.sampled_from([2, 10]),
    stopping=st.sampled_from([0, 5, 20]),
    fixed=st.sets(st.sampled_from(["output", "step", "momentum", "schedule_patience"])),
)
def test_every_mixture_is_valid(
    output, cost, step, momentum, schedule, patience, stopping, fixed
) -> None:
    winner = {
        "output": output,
        "cost": cost,
        "step": step,
        "momentum": momentum,
        "schedule": schedule,
        "schedule_patience": patience,
        "early_stopping": stopping,
        "lmbda": 1.0,
    }
    training = {name: winner.pop(name) for name in sorted(fixed)}
    try:  # a space of single points
        tables = {
            "sweep": {"name": "a"},
            "training": training,
            "space": {name: choice(value) for name, value in winner.items()},
        }
        config = parse_config(tables)
    except InputError:
        return
    found = find_changes(config, winner)
    numbers = range(len(found.groups))
    for count in range(len(found.groups) + 1):
        for arm in combinations(numbers, count):
            found.config(frozenset(arm))  # raises if it is not valid
    assert found.config(frozenset(numbers)) == config.trial_config(winner)
    named = [name for group in found.groups for name in group] + [*found.same, *found.held]
    assert sorted(named) == sorted(winner)
    assert ("lmbda",) in found.groups
