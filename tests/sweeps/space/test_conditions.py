"""Conditions, layers and start points: what is refused, what is reachable, what comes back."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import InputError
from sweeps.config import SweepConfig, differing_keys, dump_config, parse_config

RATE = {"low": 0.1, "high": 1.0}
WIDTH = {"low": 5, "high": 40}


def config(space: dict[str, Any], start: Any = (), **training: Any) -> SweepConfig:
    tables = {"sweep": {"name": "a"}, "training": training, "space": space, "start": list(start)}
    return parse_config(tables)


def when(**values: Any) -> dict[str, Any]:
    return {"low": 0.0, "high": 0.9, "when": values}


OUTPUT = {"choices": ["sigmoid", "softmax"]}


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            {"lmbda": when(ouput="softmax")},
            "unknown name in `space.lmbda.when` `ouput`; did you mean `output`?",
        ),
        ({"lmbda": when(output="sofmax")}, "unknown `output` `sofmax`; did you mean `softmax`?"),
        (
            {"output": OUTPUT, "lmbda": when(output="linear")},
            "`space.lmbda.when.output` must be one of ['sigmoid', 'softmax'], got 'linear'",
        ),
        (
            {"hidden_units": WIDTH, "lmbda": when(hidden_units=41)},
            "`space.lmbda.when.hidden_units` must be a whole number from 5 to 40, got 41",
        ),
        (
            {"dropout": when(), "learning_rate": RATE},
            "`space.dropout.when` must have at least one condition, got none",
        ),
        (
            {"dropout": when(output=[]), "learning_rate": RATE},
            "`space.dropout.when` must have at least one value of `output`, got none",
        ),
        (
            {"learning_rate": RATE, "lmbda": when(learning_rate=0.5)},
            "`space.lmbda.when.learning_rate` must name a dimension with choices or steps, "
            "got a range",
        ),
        (
            {
                "output": {**OUTPUT, "when": {"init": "large"}},
                "init": {"choices": ["large", "scaled"], "when": {"output": "softmax"}},
            },
            "conditions in `when` must not be circular, got `output`, `init`",
        ),
        (
            {"nesterov": {"choices": [True, False], "when": {"nesterov": True}}},
            "conditions in `when` must not be circular, got `nesterov`",
        ),
        (
            {"dropout": when(nesterov=1)},
            "`space.dropout.when.nesterov` must be true or false, got 1",
        ),
        (
            {"dropout": when(epochs="ten")},
            "`space.dropout.when.epochs` must be a number, got 'ten'",
        ),
        (
            {"dropout": when(output="softmax")},
            "`space` must have a dimension that can exist in a trial, got {}",
        ),
        (
            {"hidden_layers": {"low": 1, "high": 2}},
            "`space.hidden_units_1` or `hidden_units` must exist if `hidden_layers` is 1",
        ),
        (
            {"hidden_layers": {"low": 1, "high": 2}, "hidden_units_1": WIDTH},
            "`space.hidden_units_2` or `hidden_units` must exist if `hidden_layers` is 2",
        ),
        ({"hidden_units_1": WIDTH}, "`space.hidden_units_1` must go with `space.hidden_layers`"),
        (
            {"hidden_layers": {"low": 1, "high": 50}, "hidden_units": WIDTH},
            "`space.hidden_layers` must be whole numbers from 0 to 20, got [1, 50]",
        ),
        (
            {"hidden_layers": {"low": 1, "high": 2}, "hidden_units": {"choices": [[30], [40]]}},
            "`space.hidden_units` must have single widths with `hidden_layers`, got lists",
        ),
        (
            {"hidden_units": {"choices": [[30], [0]]}},
            "`hidden_units` must be a whole number >= 1, got 0",
        ),
        (
            {"hidden_units": {"choices": [[30], [0.5]]}},
            "`hidden_units` must be widths such as '100-50', or 'none', got '0.5'",
        ),
        (
            {"hidden_units": {"choices": [[30], [30]]}},
            "`space.hidden_units` must have distinct choices, got ['30', '30']",
        ),
        (
            {"cost": {"choices": ["quadratic", "log-likelihood"]}, "output": OUTPUT},
            "`cost` 'log-likelihood' must be paired with `output` 'softmax', got 'sigmoid'",
        ),
        (
            {
                "cost": {"choices": ["quadratic", "cross-entropy"], "when": {"output": "softmax"}},
                "output": OUTPUT,
            },
            "`cost` 'cross-entropy' must be paired with `output` 'sigmoid', got 'softmax'",
        ),
    ],
    ids=str,
)
def test_each_rule_has_a_message_of_one_line(space: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        config(space)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_conditions_keep_settings_apart_that_do_not_fit_together() -> None:
    """Costs that go with sigmoid are searched there; with softmax it is what [training] says."""
    cost = {"choices": ["quadratic", "cross-entropy"], "when": {"output": "sigmoid"}}
    parsed = config({"cost": cost, "output": OUTPUT}, cost="log-likelihood")
    assert list(parsed.space) == ["output", "cost"]  # what others depend on comes first
    assert parsed.trial_config({"output": "softmax"}).cost == "log-likelihood"
    assert parsed.trial_config({"output": "sigmoid", "cost": "quadratic"}).cost == "quadratic"


def test_early_stopping_is_checked_only_where_the_schedule_halves() -> None:
    space = {
        "schedule": {"choices": ["constant", "halve-on-plateau"]},
        "early_stopping": {"low": 5, "high": 20, "when": {"schedule": "constant"}},
    }
    assert config(space, early_stopping=0).training["early_stopping"] == 0
    rule = "`early_stopping` must be 0 or above `schedule_patience`"
    with pytest.raises(InputError, match=rule):
        config(space, early_stopping=5)


def test_every_reachable_value_of_a_condition_is_checked() -> None:
    """Only with two layers, neither end of its range, does the fixed-length step meet momentum."""
    space = {
        "hidden_layers": {"low": 1, "high": 3},
        "hidden_units": WIDTH,
        "step": {"choices": ["fixed-length"], "when": {"hidden_layers": 2}},
    }
    assert config(space, momentum=0.0)
    with pytest.raises(InputError, match="`momentum` must be 0 if `step` is 'fixed-length'"):
        config(space, momentum=0.5)


def test_a_condition_on_a_fixed_name_is_decided_once() -> None:
    space = {"learning_rate": RATE, "dropout": when(output="softmax")}
    assert list(config(space).space) == ["learning_rate"]
    held = config(space, output="softmax", cost="log-likelihood")
    assert held.space["dropout"].when is None
    assert held == config(
        {"learning_rate": RATE, "dropout": {"low": 0.0, "high": 0.9}},
        output="softmax",
        cost="log-likelihood",
    )


def test_layers_have_widths_of_their_own() -> None:
    parsed = config({"hidden_layers": {"low": 1, "high": 3}, "hidden_units": WIDTH})
    assert list(parsed.space) == ["hidden_layers", *(f"hidden_units_{k}" for k in (1, 2, 3))]
    conditions = [parsed.space[f"hidden_units_{k}"].when for k in (1, 2, 3)]
    assert conditions == [None, {"hidden_layers": [2, 3]}, {"hidden_layers": [3]}]
    two = {"hidden_layers": 2, "hidden_units_1": 30, "hidden_units_2": 7}
    assert parsed.trial_config(two).hidden_units == (30, 7)
    assert "hidden_units" not in parsed.training


def test_lists_of_widths_travel_as_text() -> None:
    space = config({"hidden_units": {"choices": [[30], [100, 50], 20, []]}}).space
    assert space["hidden_units"].ends == ["30", "100-50", "20", "none"]
    widths = [
        config({"hidden_units": {"choices": [[100, 50], []]}})
        .trial_config({"hidden_units": text})
        .hidden_units
        for text in ("100-50", "none")
    ]
    assert widths == [(100, 50), ()]


LAYERED = {
    "hidden_layers": {"choices": [0, 1, 2]},
    "hidden_units": WIDTH,
    "dropout": {"choices": [0.0, 0.5], "when": {"hidden_layers": [1, 2]}},
}


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ({"hidden_units": [20]}, "`start.0.dropout` must be given"),
        (
            {"hidden_units": [20], "dropout": 0.3},
            "`start.0.dropout` must be one of [0.0, 0.5], got 0.3",
        ),
        (
            {"hidden_units": [], "dropout": 0},
            "`start.0.dropout` must be left out, as its `when` does not hold there",
        ),
        (
            {"hidden_units": [4], "dropout": 0},
            "`start.0.hidden_units_1` must be a whole number from 5 to 40, got 4",
        ),
        (
            {"hidden_layers": 1, "hidden_units_1": 5, "dropout": 0, "droput": 1},
            "unknown name in `start.0` `droput`; did you mean `dropout`?",
        ),
    ],
    ids=str,
)
def test_start_points_must_lie_in_the_space(point: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        config(LAYERED, [point])
    assert str(caught.value) == message


def test_start_points_must_differ() -> None:
    point = {"hidden_units": []}
    with pytest.raises(InputError, match=r"`start\.1` must differ from the others, got"):
        config(LAYERED, [point, point])


def test_a_start_point_off_its_steps_is_refused() -> None:
    space = {"dropout": {"low": 0.1, "high": 0.7, "step": 0.2}}
    assert config(space, [{"dropout": 0.1 + 2 * 0.2}]).start == [{"dropout": 0.5}]
    with pytest.raises(
        InputError, match=r"`start.0.dropout` must be 0.1 plus a multiple of 0.2, got 0.4"
    ):
        config(space, [{"dropout": 0.4}])


def test_start_points_identify_the_sweep_and_so_does_the_order_of_the_space() -> None:
    none, one = config(LAYERED), config(LAYERED, [{"hidden_units": []}])
    assert differing_keys(none, one) == ["start"]
    turned = config(dict(reversed(LAYERED.items())))
    assert differing_keys(none, turned) == ["order of [space]"]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True),
    st.sampled_from([WIDTH, {"choices": [5, 10]}]),
    st.lists(st.lists(st.integers(1, 99), max_size=3), min_size=1, unique_by=tuple),
    st.booleans(),
)
def test_a_config_comes_back_from_its_toml(
    counts: list[int], widths: Any, lists: list[list[int]], layered: bool
) -> None:
    space: dict[str, Any] = {
        "momentum": {"low": 0.0, "high": 0.9, "step": 0.1, "when": {"output": "softmax"}},
        "output": OUTPUT,
        "cost": {"choices": ["quadratic"], "when": {"output": "sigmoid"}},
    }
    if layered and max(counts) > 0:
        space |= {"hidden_layers": {"choices": counts}, "hidden_units": widths}
        inner: Any = [5] * counts[-1]
    else:
        space |= {"hidden_units": {"choices": lists}}
        inner = lists[-1]
    start = [{"output": "softmax", "momentum": 0.5, "hidden_units": inner}]
    parsed = config(space, start, cost="log-likelihood")
    again = parse_config(tomllib.loads(dump_config(parsed)))
    assert again == parsed
    assert differing_keys(again, parsed) == []
    settings = parsed.trial_config(parsed.start[0])
    assert list(settings.hidden_units) == inner


def test_a_chain_of_conditions_on_all_earlier_dimensions_is_read_at_once() -> None:
    """Paths through the conditions double with each dimension; their ends do not."""
    names = ["lmbda", "dropout", "shift", "rotation", "scaling", "shear", "elastic", "momentum"]
    names += ["learning_rate", "schedule_decay", "epochs", "mini_batch_size", "schedule_patience"]
    names += ["init", "regularizer", "activation", "nesterov", "monitor_training", "dtype"]
    counts = ("epochs", "mini_batch_size", "schedule_patience")
    values: dict[str, list[Any]] = {name: [0.1, 0.2] for name in names}
    values |= {key: [1, 2] for key in counts}
    values |= {"init": ["large", "scaled"], "regularizer": ["l1", "l2"]}
    values |= {"activation": ["relu", "tanh"], "dtype": ["float32", "float64"]}
    values |= {"nesterov": [True, False], "monitor_training": [True, False]}
    space: dict[str, Any] = {}
    for name in names:
        earlier = {"when": {n: values[n][0] for n in space}} if space else {}
        space[name] = {"choices": values[name], **earlier}
    assert list(config(space).space) == names


def test_a_space_of_too_many_combinations_is_refused() -> None:
    long = {name: {"choices": list(range(1, 50))} for name in ("early_stopping", "epochs")}
    space = {**long, "schedule_patience": {"choices": list(range(1, 50))}}
    space["momentum"] = {"choices": [k / 50 for k in range(50)]}
    with pytest.raises(InputError, match="`space` must have at most 30000 combinations"):
        config(space)
