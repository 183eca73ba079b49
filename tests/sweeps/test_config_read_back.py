"""Every config that is valid is written and read back equal, also if a program built it."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nncore.config import NAMES
from nncore.datasets import load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig, differing_keys, dump_config, load_config, parse_config
from sweeps.config.sections import SweepSection
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Choices, Range
from sweeps.sweep import run_sweep
from tests.support.sweep_schema import faults

CONTINUOUS = {"learning_rate": (0.01, 10.0), "lmbda": (0.01, 9.0), "dropout": (0.01, 0.9)}
WHOLE = {"mini_batch_size": (1, 100), "epochs": (1, 50), "schedule_patience": (1, 20)}
NAMED = {"init": NAMES["init"], "activation": NAMES["activation"], "regularizer": ("l1", "l2")}


def scalars(value: Any) -> st.SearchStrategy[Any]:
    """Return `value` in each form in which a program may hold it."""
    forms: dict[type, tuple[Any, ...]] = {
        bool: (np.bool_,),
        float: (np.float64, np.float32, np.array),
        int: (np.int64, np.uint16 if value in range(2**16) else np.int64),
        str: (np.str_,),
    }
    return st.sampled_from([value, *(form(value) for form in forms[type(value)])])


@st.composite
def ranges(draw: st.DrawFn, low: float, high: float) -> Any:
    kind = int if isinstance(low, int) else float
    numbers = st.integers(low, high) if kind is int else st.floats(low, high)
    ends = sorted(draw(st.tuples(numbers, numbers)))
    assume(ends[0] < ends[1])
    table = {"low": draw(scalars(ends[0])), "high": draw(scalars(ends[1]))}
    if draw(st.booleans()):
        table["log"] = draw(scalars(draw(st.booleans())))
    elif kind is int:
        table["step"] = draw(scalars(ends[1] - ends[0]))
    return table


@st.composite
def choices(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Any:
    different = draw(st.lists(values, min_size=1, max_size=4, unique=True))
    written = [draw(scalars(value)) for value in different]
    return {"choices": draw(st.sampled_from([written, tuple(written)]))}


@st.composite
def spaces(draw: st.DrawFn) -> dict[str, Any]:
    space: dict[str, Any] = {}
    for name, (low, high) in CONTINUOUS.items():
        if draw(st.booleans()):
            space[name] = draw(st.one_of(ranges(low, high), choices(st.floats(low, high))))
    for name, bounds in WHOLE.items():
        if draw(st.booleans()):
            space[name] = draw(st.one_of(ranges(*bounds), choices(st.integers(*bounds))))
    for name, names in NAMED.items():
        if draw(st.booleans()):
            space[name] = draw(choices(st.sampled_from(sorted(names))))
    if draw(st.booleans()):
        space["hidden_layers"] = {"low": 0, "high": draw(scalars(draw(st.integers(1, 3))))}
        space["hidden_units"] = draw(choices(st.integers(1, 99)))
    elif draw(st.booleans()):
        widths = st.lists(st.integers(1, 99).map(np.int64), max_size=3)
        lists = draw(st.lists(widths, min_size=1, max_size=3, unique_by=tuple))
        space["hidden_units"] = {"choices": [np.array(widths, int) for widths in lists]}
    conditions = [name for name in space if "choices" in space[name] and name in NAMED]
    if conditions and "lmbda" in space:
        name = conditions[0]
        space["lmbda"]["when"] = {name: space[name]["choices"][0]}
    return space


@settings(max_examples=40)
@given(
    spaces(),
    st.integers(1, 10**6),
    st.integers(0, 2**63 - 1),
    st.floats(0.01, 0.99),
    st.floats(1e-3, 1e6),
    st.data(),
)
def test_every_valid_config_is_read_back_equal(
    space: dict[str, Any],
    trials: int,
    seed: int,
    momentum: float,
    timeout: float,
    data: st.DataObject,
) -> None:
    """The reprs are compared too, because 1, 1.0, True and np.float64(1.0) are equal."""
    sweep = {"name": "a", "sampler": "random", "trials": np.int64(trials), "seed": np.uint64(seed)}
    timed = {**sweep, "trial_timeout": data.draw(scalars(timeout))}
    training = {"momentum": data.draw(scalars(momentum)), "nesterov": np.True_}
    tables: dict[str, Any] = {"sweep": timed, "training": training, "space": space}
    try:
        config = parse_config(tables)
        point = new_proposer(config).ask()
        start = {name: data.draw(scalars(value)) for name, value in point.items()}
        config = parse_config({**tables, "start": [start]})
    except InputError:
        assume(False)
    written = tomllib.loads(dump_config(config))
    assert faults(written) == []
    again = parse_config(written)
    assert again == config
    assert repr(again) == repr(config)
    assert "np." not in repr(config)
    assert differing_keys(again, config) == []


def test_choices_of_numpy_numbers_train_and_are_resumed(tmp_path: Path) -> None:
    space = {"lmbda": Choices(choices=list(np.logspace(-3, 0, 4)))}
    training = {"epochs": 1, "hidden_units": 2, "momentum": np.float64(0.5)}
    sweep = SweepSection(name="a", trials=2)
    config = parse_config({"sweep": sweep, "training": training, "space": space})
    run_sweep(config, load_dataset("digits"), tmp_path / "run")
    again = load_config(tmp_path / "run" / "sweep.toml")
    assert isinstance(again, SweepConfig)
    assert again == config
    assert again.space["lmbda"].ends == [0.001, 0.01, 0.1, 1.0]
    assert run_sweep(again, load_dataset("digits"), tmp_path / "run").done == 2


def test_parts_that_a_program_makes_hold_plain_numbers() -> None:
    assert repr(SweepSection(name=np.str_("a"), trials=np.int64(2)).trials) == "2"
    assert repr(Range(low=np.int64(2), high=np.int8(4)).ends) == "[2, 4]"
    assert repr(Choices(choices=np.array([0.5, 1]), when={"a": np.True_}).when) == "{'a': [True]}"


@pytest.mark.parametrize("value", [np.datetime64("2026-01-01"), np.complex128(1), b"a", None])
def test_a_value_that_a_sweep_file_cannot_hold_is_refused(value: Any) -> None:
    for space in ({"lmbda": {"choices": [value]}}, {"lmbda": {"low": value, "high": 1}}):
        with pytest.raises(InputError, match=r"`space\.lmbda"):
            parse_config({"sweep": {"name": "a"}, "space": space})
