"""Every rule of a trial's config: what is refused names the key, the rule and what was got.

Whatever is valid survives the way to plain settings and back.
"""

import json
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.initializers import INITIALIZERS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.config import HYPERPARAMETERS, WARPS, TrialConfig, trial_config
from nncore.errors import InputError, require, unknown

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
NAMES = {
    "activation": [name for name, entry in ACTIVATIONS.items() if entry.hidden],
    "output": list(ACTIVATIONS),
    "cost": list(COSTS),
    "init": list(INITIALIZERS),
    "regularizer": list(REGULARIZERS),
    "schedule": list(SCHEDULES),
    "dtype": ["float32", "float64"],
}
INFINITY, NAN = float("inf"), float("nan")


def message(settings: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        trial_config(settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "rule", "values"),
    [
        ("learning_rate", "be a number > 0", [0, 0.0, -0.5, NAN, "0.5", None, True, [1]]),
        ("lmbda", "be a number >= 0", [-1e-9, -1, NAN, -INFINITY, "5", None, False]),
        ("dropout", "be a number >= 0 and < 1", [-0.1, 1, 1.5, NAN, INFINITY, "0", None]),
        ("input_dropout", "be a number >= 0 and < 1", [-0.1, 1, 1.5, NAN, INFINITY, "0", None]),
        ("max_norm", "be a number >= 0", [-0.1, NAN, -INFINITY, "2", None, True]),
        *(
            (key, "be a number >= 0 and < 1", [-0.1, 1, NAN, INFINITY, "0", None])
            for key in ("momentum", "beta1", "beta2")
        ),
        ("epsilon", "be a number >= 1e-30", [0, 1e-31, -1e-8, NAN, "1", None]),
        ("clip_norm", "be a number >= 0", [-0.1, NAN, -INFINITY, "2", None, True]),
        ("warmup", "be a whole number >= 0", [-1, 2.0, "1", None, True]),
        ("schedule_decay", "be a number > 0 and <= 1", [0, -0.5, 1.01, NAN, "1", None]),
        ("schedule_patience", "be a whole number >= 1", [0, -1, 2.0, None]),
        ("scaling", "be a number >= 0 and < 1", [-0.5, 1, 2.5, NAN, "0", None]),
        *(
            (warp, "be a number >= 0", [-0.5, NAN, "1", None])
            for warp in WARPS
            if warp != "scaling"
        ),
        ("nesterov", "be true or false", [0, 1, "yes", None]),
        ("mini_batch_size", "be a whole number >= 1", [0, -1, 1.0, 2.5, "10", None, True]),
        ("epochs", "be a whole number >= 1", [0, -1, 30.0, "30", None, True]),
        ("early_stopping", "be a whole number >= 0", [-1, 1.0, "10", None, False]),
        ("monitor_training", "be true or false", [0, 1, "yes", None]),
    ],
)
def test_a_value_out_of_its_range_is_named(key: str, rule: str, values: list[Any]) -> None:
    for value in values:
        assert message({key: value}) == f"`{key}` must {rule}, got {value!r}"


@pytest.mark.parametrize("value", [INFINITY, 1e31])
@pytest.mark.parametrize("key", ["learning_rate", "lmbda", "max_norm", "shift"])
def test_a_number_beyond_all_use_is_named(key: str, value: float) -> None:
    assert message({key: value}) == f"`{key}` must be a number <= 1e+30, got {value!r}"
    digits = message({key: 10**400})
    assert digits.startswith(f"`{key}` must be a number <= 1e+30, got 10000")
    assert len(digits) < 500


def test_a_count_beyond_all_use_is_named() -> None:
    for key in ("hidden_units", "epochs"):
        assert message({key: 10**23}).startswith(f"`{key}` must be a whole number <= 1000000000")


def test_momentum_and_steps_that_do_not_fit_together_are_named() -> None:
    fixed = {"step": "fixed-length", "momentum": 0.9}
    rule = "`momentum` must be 0 if `step` is 'fixed-length', got 0.9"
    assert message(fixed) == rule
    halving = {"schedule": "halve-on-plateau", "schedule_patience": 5, "early_stopping": 5}
    rule = "be 0 or above `schedule_patience` if `schedule` is 'halve-on-plateau', got 5"
    assert message(halving) == f"`early_stopping` must {rule}"
    for patience in (0, 6):
        assert trial_config({**halving, "early_stopping": patience}).early_stopping == patience


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {"update": "adam", "momentum": 0.9},
            "`momentum` must be 0 if `update` is 'adam', got 0.9",
        ),
        (
            {"update": "adamw", "nesterov": True},
            "`nesterov` must be false if `update` is 'adamw', got True",
        ),
        (
            {"update": "adam", "step": "fixed-length"},
            "`step` must be 'gradient' if `update` is 'adam', got 'fixed-length'",
        ),
        (
            {"step": "fixed-length", "clip_norm": 1.0},
            "`clip_norm` must be 0 if `step` is 'fixed-length', got 1.0",
        ),
        ({"epochs": 3, "warmup": 3}, "`warmup` must be below `epochs`, got 3"),
    ],
    ids=str,
)
def test_settings_of_the_step_that_contradict_each_other_are_named(
    settings: dict[str, Any], told: str
) -> None:
    assert message(settings) == told


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({}, "gradient"),
        ({"momentum": 0.5}, "momentum"),
        ({"momentum": 0.5, "nesterov": True}, "nesterov"),
        ({"nesterov": True}, "gradient"),
        ({"step": "fixed-length"}, "fixed-length"),
        ({"update": "adam"}, "adam"),
        ({"update": "adamw", "clip_norm": 1.0}, "adamw"),
    ],
)
def test_settings_mean_an_update_rule(settings: dict[str, Any], rule: str) -> None:
    assert trial_config(settings).rule == rule


@pytest.mark.parametrize(
    ("units", "rule", "got"),
    [
        (0, "be a whole number >= 1", "0"),
        (-3, "be a whole number >= 1", "-3"),
        ([30, 0], "be a whole number >= 1", "0"),
        ([30, 2.5], "be a whole number >= 1", "2.5"),
        (["30"], "be a whole number >= 1", "'30'"),
        ([[30]], "be a whole number >= 1", "[30]"),
        (True, "be a whole number >= 1", "True"),
        (30.0, "be a width or a list of widths", "30.0"),
        ("30", "be a width or a list of widths", "'30'"),
        (None, "be a width or a list of widths", "None"),
        ({"low": 10}, "be a width or a list of widths", "{'low': 10}"),
    ],
)
def test_wrong_hidden_units_are_named(units: Any, rule: str, got: str) -> None:
    assert message({"hidden_units": units}) == f"`hidden_units` must {rule}, got {got}"


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize("value", ["nonsense", "", 3, None, True, [1, 2], {"low": 1}])
def test_an_unknown_name_is_told_with_the_known_ones(key: str, value: Any) -> None:
    got = message({key: value})
    assert f"`{key}`" in got
    assert str(value) in got
    assert all(name in got for name in NAMES[key])


@pytest.mark.parametrize(
    ("key", "value", "nearest"),
    [
        ("activation", "sigmoyd", "sigmoid"),
        ("output", "soft-max", "softmax"),
        ("cost", "crossentropy", "cross-entropy"),
        ("init", "scale", "scaled"),
        ("schedule", "const", "constant"),
        ("dtype", "float16", "float"),
    ],
)
def test_a_misspelled_name_is_told_with_the_nearest(key: str, value: str, nearest: str) -> None:
    assert message({key: value}).startswith(f"unknown `{key}` `{value}`; did you mean `{nearest}")


def test_softmax_is_no_hidden_activation() -> None:
    assert message({"activation": "softmax"}).startswith("unknown `activation` `softmax`")


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("lambda", "lmbda"),
        ("learning-rate", "learning_rate"),
        ("batch_size", "mini_batch_size"),
        ("hidden", "hidden_units"),
        ("epoch", "epochs"),
        ("regulariser", "regularizer"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(key: str, nearest: str) -> None:
    assert message({key: 1}) == f"unknown hyperparameter `{key}`; did you mean `{nearest}`?"


def test_a_key_like_no_other_is_told_with_all() -> None:
    got = message({"zzz": 1})
    assert got == f"unknown hyperparameter `zzz`; known: {', '.join(sorted(HYPERPARAMETERS))}"


@pytest.mark.parametrize(
    ("cost", "output"),
    [(cost, output) for cost in COSTS for output in ACTIVATIONS if (cost, output) not in PAIRS],
)
def test_a_cost_that_does_not_fit_the_output_is_refused(cost: str, output: str) -> None:
    got = message({"cost": cost, "output": output})
    assert got.startswith(f"`cost` '{cost}' must be paired with `output`")
    assert got.endswith(f"got '{output}'")


def test_the_defaults_are_chapter_3s_usual_network() -> None:
    config = trial_config({})
    assert config == TrialConfig()
    assert (config.hidden_units, config.mini_batch_size, config.epochs) == ((30,), 10, 30)
    assert (config.activation, config.output, config.cost) == (
        "sigmoid",
        "sigmoid",
        "cross-entropy",
    )
    assert (config.init, config.regularizer, config.dtype) == ("scaled", "l2", "float32")


@pytest.mark.parametrize(
    ("units", "widths"), [(30, (30,)), ([], ()), ([40, 20], (40, 20)), ((7,), (7,))]
)
def test_hidden_units_are_a_width_or_a_list(units: Any, widths: tuple[int, ...]) -> None:
    assert trial_config({"hidden_units": units}).hidden_units == widths


def test_the_edges_of_each_range_are_valid() -> None:
    edges = {"learning_rate": 5e-324, "lmbda": 0, "mini_batch_size": 1, "epochs": 1}
    assert trial_config({**edges, "early_stopping": 0, "hidden_units": 1}).lmbda == 0


def test_a_config_is_frozen_and_hashable() -> None:
    config = trial_config({"hidden_units": [30, 20]})
    with pytest.raises(FrozenInstanceError):
        config.epochs = 1  # type: ignore[misc]
    assert hash(config) == hash(trial_config({"hidden_units": (30, 20)}))


def test_settings_are_left_as_they_were() -> None:
    settings = {"hidden_units": [30, 20], "epochs": 3}
    trial_config(settings)
    assert settings == {"hidden_units": [30, 20], "epochs": 3}


@st.composite
def valid_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw settings that keep every rule, with any keys left to their defaults."""
    cost, output = draw(st.sampled_from(PAIRS))
    count = st.integers(1, 10**6)
    settings = {
        "learning_rate": draw(st.floats(1e-30, 1e30) | st.integers(1, 1000)),
        "lmbda": draw(st.floats(0, 1e30) | st.integers(0, 1000)),
        "mini_batch_size": draw(count),
        "hidden_units": draw(st.lists(count, max_size=4)),
        "epochs": draw(count),
        "early_stopping": draw(st.integers(0, 10**6)),
        "monitor_training": draw(st.booleans()),
        **{key: draw(st.sampled_from(NAMES[key])) for key in NAMES},
    }
    if settings["schedule"] == "halve-on-plateau":  # it stops by itself
        settings["early_stopping"] = 0
    kept = draw(st.sets(st.sampled_from(sorted(settings))))
    return {**{key: settings[key] for key in kept}, "cost": cost, "output": output}


@given(valid_settings())
def test_a_valid_config_survives_the_way_through_json(settings: dict[str, Any]) -> None:
    config = trial_config(settings)
    plain = asdict(config)
    assert list(plain) == list(HYPERPARAMETERS)
    for key, value in settings.items():
        assert plain[key] == (tuple(value) if key == "hidden_units" else value)
    assert trial_config(json.loads(json.dumps(plain))) == config


def test_require_says_key_rule_and_value() -> None:
    require(True, "lmbda", "be >= 0", 1.0)
    with pytest.raises(InputError) as caught:
        require(False, "lmbda", "be >= 0", -1.0)
    assert str(caught.value) == "`lmbda` must be >= 0, got -1.0"
    assert isinstance(caught.value, ValueError)


def test_unknown_returns_the_error_for_any_iterable_of_names() -> None:
    error = unknown("cost", "quadratik", iter(["log-likelihood", "quadratic"]))
    assert str(error) == "unknown cost `quadratik`; did you mean `quadratic`?"
    assert str(unknown("cost", "zzz", ("b", "a"))) == "unknown cost `zzz`; known: a, b"
