"""The sweep file: each rule has a message of one line, and a valid file is read back."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.errors import InputError
from sweeps.config import differing_keys, dump_config, load_config, parse_config


def tables(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "sweep": {"name": "a"},
        "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
    }
    for key, value in changes.items():
        section, _, name = key.partition("__")
        if name:
            base.setdefault(section, {})[name] = value
        else:
            base[section] = value
    return base


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sweep__trails": 3}, "unknown key `sweep.trails`; did you mean `sweep.trials`?"),
        ({"swep": {}}, "unknown key `swep`; did you mean `sweep`?"),
        ({"data__nam": "mnist"}, "unknown key `data.nam`; did you mean `data.name`?"),
        (
            {"space__lmbda": {"low": 1, "hihg": 2}},
            "unknown key `space.lmbda.hihg`; did you mean `space.lmbda.high`?",
        ),
        (
            {"space__lmbda": {"low": 1, "high": 2, "stpe": 1}},
            "unknown key `space.lmbda.stpe`; did you mean `space.lmbda.step`?",
        ),
        (
            {"space__leraning_rate": {"low": 1, "high": 2}},
            "unknown hyperparameter `leraning_rate`; did you mean `learning_rate`?",
        ),
        (  # and not the bound that it lacks
            {"space__leraning_rate": {"low": 1}},
            "unknown hyperparameter `leraning_rate`; did you mean `learning_rate`?",
        ),
        (
            {"training__epoch": 3},
            "unknown hyperparameter `epoch`; did you mean `epochs`?",
        ),
        (
            {"sweep__sampler": "grids"},
            "`sweep.sampler` must be 'tpe', 'random', 'grid', 'qmc', 'cmaes', 'gp' or "
            "'coordinate', got 'grids'",
        ),
        (
            {"sweep__pruner": "medium"},
            "`sweep.pruner` must be 'none', 'median', 'halving', 'hyperband', 'threshold' or "
            "'promotion', got 'medium'",
        ),
        (
            {"space__lmbda": {"low": 2, "high": 2}},
            "`space.lmbda` must have low < high, got low = 2, high = 2",
        ),
        (
            {"space__lmbda": {"low": 0, "high": 2, "log": True}},
            "`space.lmbda` must have low > 0 if log = true, got low = 0",
        ),
        (
            {"space__hidden_units": {"low": 1, "high": 9, "log": True, "step": 2}},
            "`space.hidden_units` must have either a step or log = true, got both",
        ),
        (
            {"space__hidden_units": {"low": 1, "high": 9, "step": 0}},
            "`space.hidden_units` must have 0 < step <= high - low, got step = 0",
        ),
        ({"space__cost": {"choices": []}}, "`space.cost` must have at least one choice, got none"),
        (
            {"space__cost": {"choices": ["quadratic", "quadratic"]}},
            "`space.cost` must have distinct choices, got ['quadratic', 'quadratic']",
        ),
        (
            {"space__cost": {"choices": ["quadratic", "crossentropy"]}},
            "unknown `cost` `crossentropy`; did you mean `cross-entropy`?",
        ),
        (
            {"space__cost": {"choices": ["cross-entropy", "log-likelihood"]}},
            "`cost` 'log-likelihood' must be paired with `output` 'softmax', got 'sigmoid'",
        ),
        (
            {
                "space__cost": {"choices": ["cross-entropy", "quadratic"]},
                "space__output": {"choices": ["sigmoid", "linear"]},
            },
            "`cost` 'cross-entropy' must be paired with `output` 'sigmoid', got 'linear'",
        ),
        (
            {"space__mini_batch_size": {"low": 0, "high": 9}},
            "`mini_batch_size` must be a whole number >= 1, got 0",
        ),
        (
            {"space__mini_batch_size": {"low": 1, "high": 9.5}},
            "`mini_batch_size` must be a whole number >= 1, got 1.0",
        ),
        (
            {"training__learning_rate": 0.5},
            "`learning_rate` must be either in [training] or in [space], got both",
        ),
        ({"training__epochs": 0}, "`epochs` must be a whole number >= 1, got 0"),
        ({"space__lmbda": 3}, "`space.lmbda` must be { low, high } or { choices }, got 3"),
        ({"space__lmbda": True}, "`space.lmbda` must be { low, high } or { choices }, got True"),
        ({"space__lmbda": "all"}, "`space.lmbda` must be { low, high } or { choices }, got 'all'"),
        (
            {"space__mini_batch_size": {"low": 1, "high": 9, "step": 0.5}},
            "`mini_batch_size` must be a whole number >= 1, got 1.0",
        ),
        ({"space__lmbda": {"low": 1}}, "`space.lmbda.high` must be given"),
        (
            {"space__lmbda": {"low": 1, "high": 2, "choices": [1, 2]}},
            "`space.lmbda` must have either choices or low and high, got choices and low",
        ),
        (
            {"space__lmbda": {"choices": [1, 2], "log": True}},
            "`space.lmbda` must have either choices or low and high, got choices and log",
        ),
        (
            {"space__lmbda": {"low": True, "high": 2}},
            "`space.lmbda.low` must be a number, got True",
        ),
        (
            {"space__lmbda": {"low": 1, "high": 2, "step": "half"}},
            "`space.lmbda.step` must be a number, got 'half'",
        ),
        ({"sweep": 3}, "`sweep` must be a table, got 3"),
        ({"sweep": {}}, "`sweep.name` must be given"),
        (
            {"space__lmbda": {"low": 1e-300, "high": 1.0, "log": True}},
            "`space.lmbda` must have low >= 1e-30 if log = true, got low = 1e-300",
        ),
        (
            {"space__lmbda": {"low": 1.0, "high": 1e31}},
            "`lmbda` must be a number <= 1e+30, got 1e+31",
        ),
        (
            {"space__lmbda": {"choices": [1, 1.0]}},
            "`space.lmbda` must have distinct choices, got [1, 1.0]",
        ),
        (
            {"space__monitor_training": {"choices": [True, 1]}},
            "`space.monitor_training` must have distinct choices, got [True, 1]",
        ),
        (
            {"space__lmbda": {"choices": [[30], [30, 30]]}},
            "`space.lmbda` must have numbers, texts or booleans as choices, got [30]",
        ),
        (
            {
                "space__step": {"choices": ["gradient", "fixed-length"]},
                "space__momentum": {"choices": [0.0, 0.9]},
            },
            "`momentum` must be 0 if `step` is 'fixed-length', got 0.9",
        ),
        (
            {
                "space__schedule": {"choices": ["constant", "halve-on-plateau"]},
                "training__early_stopping": 10,
            },
            "`early_stopping` must be 0 or above `schedule_patience` if `schedule` is "
            "'halve-on-plateau', got 10",
        ),
        ({"sweep__trials": 0}, "`sweep.trials` must be greater than or equal to 1, got 0"),
        ({"sweep__trials": 2.5}, "`sweep.trials` must be a valid integer, got 2.5"),
        ({"sweep__seed": -1}, "`sweep.seed` must be greater than or equal to 0, got -1"),
        (
            {"sweep__sampler": "tep"},
            "`sweep.sampler` must be 'tpe', 'random', 'grid', 'qmc', 'cmaes', 'gp' or "
            "'coordinate', got 'tep'",
        ),
        (
            {"sweep__sampler": "grid"},
            "`space.learning_rate` must have a `step` or `choices` if `sampler` is 'grid', "
            "got a continuous range",
        ),
        (
            {"sweep__sampler": "grid", "space": {"cost": {"choices": ["quadratic"]}}},
            "`sweep.trials` must be <= 1, the size of the grid, got 40",
        ),
        (
            {"sweep__sampler": "cmaes", "space": {"cost": {"choices": ["quadratic"]}}},
            "`space` must have a range without `when` if `sampler` is 'cmaes', got ['cost']",
        ),
        ({"sweep__patience": -1}, "`sweep.patience` must be greater than or equal to 0, got -1"),
        (
            {"sweep__epoch_budget": 0},
            "`sweep.epoch_budget` must be greater than or equal to 1, got 0",
        ),
        ({"sweep__trial_timeout": True}, "`sweep.trial_timeout` must be a number, got True"),
        ({"sweep__trial_timeout": "1m"}, "`sweep.trial_timeout` must be a number, got '1m'"),
        ({"sweep__trial_timeout": 0}, "`sweep.trial_timeout` must be greater than 0, got 0"),
        (
            {"sweep__name": "../elsewhere"},
            "`sweep.name` must consist of letters, digits, `.`, `_` and `-`, got '../elsewhere'",
        ),
        (
            {"sweep__name": "/tmp/a"},
            "`sweep.name` must consist of letters, digits, `.`, `_` and `-`, got '/tmp/a'",
        ),
    ],
)
def test_each_rule_has_a_message_of_one_line(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_config(tables(**changes))
    assert str(caught.value) == message


def test_whole_bounds_mean_whole_numbers_only_of_a_count() -> None:
    space = parse_config(
        tables(
            space__lmbda={"low": 1, "high": 10, "log": True},
            space__hidden_units={"low": 1, "high": 10},
        )
    ).space
    assert [type(end) for end in space["lmbda"].ends] == [float, float]
    assert [type(end) for end in space["hidden_units"].ends] == [int, int]


def test_a_default_that_is_left_out_is_no_other_config() -> None:
    short = parse_config(tables())
    long = parse_config(tables(training__dtype="float32", training__hidden_units=30))
    assert short == long
    assert differing_keys(short, long) == []
    assert short.training["cost"] == "cross-entropy"
    assert "learning_rate" not in short.training


def test_choices_of_a_continuous_hyperparameter_are_floats() -> None:
    space = parse_config(tables(space__lmbda={"choices": [0, 1, 2.5]})).space
    assert [repr(choice) for choice in space["lmbda"].ends] == ["0.0", "1.0", "2.5"]


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(InputError, match="`space` "):
        parse_config({"sweep": {"name": "a"}, "space": {}})


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sweep file .*/none.toml must be readable: No such"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[sweep\n")
    with pytest.raises(InputError, match=r"sweep file .*/bad.toml must be TOML: "):
        load_config(tmp_path / "bad.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"sweep file .*/bytes.toml must be readable: "):
        load_config(tmp_path / "bytes.toml")


def test_differing_keys_are_named_and_trials_are_no_difference() -> None:
    one = parse_config(tables(sweep__trials=3, sweep__epoch_budget=5, training__epochs=3))
    other = parse_config(
        tables(sweep__trials=9, sweep__seed=2, data__name="mnist", training__lmbda=1.0)
    )
    assert differing_keys(one, one) == []
    assert differing_keys(one, other) == [
        "sweep.seed",
        "data.name",
        "training.lmbda",
        "training.epochs",
    ]


names = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z")
counts = st.integers(1, 10**6)
lows = st.floats(1e-6, 1.0)


@given(
    names,
    counts,
    counts,
    st.integers(0, 2**40),
    lows,
    st.booleans(),
    st.lists(counts, min_size=1, unique=True),
)
def test_a_config_comes_back_from_its_toml(
    name: str, trials: int, generation: int, seed: int, low: float, log: bool, widths: list[int]
) -> None:
    config = parse_config(
        tables(
            sweep={"name": name, "trials": trials, "generation": generation, "seed": seed},
            space={
                "learning_rate": {"low": low, "high": 2.0, "log": log},
                "hidden_units": {"choices": widths},
            },
        )
    )
    assert parse_config(tomllib.loads(dump_config(config))) == config


@given(st.text(min_size=1))
def test_any_text_is_written_as_toml_reads_it(text: str) -> None:
    config = parse_config(tables()).model_copy(update={"training": {"cost": text}})
    assert tomllib.loads(dump_config(config))["training"] == {"cost": text}
