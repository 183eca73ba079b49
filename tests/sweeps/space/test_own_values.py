"""A value from outside becomes the space's own value: 0.1 + 0.2 is the 0.3 of a stepped range."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import create_trial

from nncore.datasets import load_dataset
from results.frames import read_run
from sweeps.config import parse_config
from sweeps.records.csv_rows import read_rows
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Choices, Range
from sweeps.space.distributions import distributions
from sweeps.sweep import run_sweep
from sweeps.trial import Result, TrialState

TENTHS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
SPACE: dict[str, Any] = {
    "dropout": {"low": 0.0, "high": 0.5, "step": 0.1},
    "momentum": {"low": 0.0, "high": 0.9, "when": {"dropout": 0.3}},
    "lmbda": {"low": 0.0, "high": 5.0},
}


def stepped(sampler: str, **sections: Any) -> Any:
    sweep = {"name": "a", "sampler": sampler, "trials": 40}
    training = {"epochs": 1, "hidden_units": 2}
    return parse_config({"sweep": sweep, "training": training, "space": SPACE, **sections})


@pytest.mark.parametrize("sampler", ["random", "tpe", "qmc", "cmaes", "coordinate"])
def test_a_sampler_proposes_the_decimals_of_the_steps(sampler: str) -> None:
    """The values and the condition are judged on texts, as a reader of trials.csv sees them."""
    config = stepped(sampler)
    proposer = new_proposer(config)
    proposed = []
    for _ in range(8):
        generation = [proposer.ask() for _ in range(8)]
        values = [-abs(params["dropout"] - 0.3) for params in generation]
        proposer.tell([Result(TrialState.COMPLETE, value, 1) for value in values])
        proposed += generation
    assert {str(params["dropout"]) for params in proposed} <= set(map(str, TENTHS))
    with_momentum = [params for params in proposed if "momentum" in params]
    assert [params for params in proposed if str(params["dropout"]) == "0.3"] == with_momentum
    assert with_momentum


@pytest.mark.parametrize("sampler", ["random", "tpe", "qmc", "cmaes", "coordinate"])
def test_a_resumed_sampler_proposes_the_same(sampler: str) -> None:
    config = stepped(sampler)
    whole, resumed = new_proposer(config), new_proposer(config)
    first = [whole.ask() for _ in range(16)]
    for params in first:
        resumed.add(params)
    results = [Result(TrialState.COMPLETE, params["dropout"], 1) for params in first]
    for proposer in (whole, resumed):
        proposer.tell(results)
    assert [whole.ask() for _ in range(8)] == [resumed.ask() for _ in range(8)]


def test_a_start_point_and_a_condition_may_have_rounding_errors() -> None:
    space = {**SPACE, "momentum": {**SPACE["momentum"], "when": {"dropout": 0.1 + 0.2}}}
    start = [{"dropout": np.arange(0, 0.5, 0.1)[3], "momentum": 0.5, "lmbda": 1}]
    config = stepped("grid", space={"dropout": space["dropout"]}, sweep={"name": "a", "trials": 6})
    assert config.space["dropout"].member(3 * 0.1) == 0.3
    config = stepped("random", space=space, start=start)
    assert config.start == [{"dropout": 0.3, "momentum": 0.5, "lmbda": 1.0}]
    assert config.space["momentum"].when == {"dropout": [0.3]}


def test_the_tables_and_the_study_hold_the_space_s_own_values(tmp_path: Path) -> None:
    """trials.csv has 0.3; a table of an older version, with 0.30000000000000004, is resumed."""
    config = stepped("random", sweep={"name": "a", "sampler": "random", "trials": 12})
    run = tmp_path / "run"
    run_sweep(config, load_dataset("digits"), run)
    cells = [row["dropout"] for row in read_rows(run / "trials.csv")]
    assert "0.3" in cells
    assert set(cells) <= set(map(str, TENTHS))
    with_momentum = [row["dropout"] for row in read_rows(run / "trials.csv") if row["momentum"]]
    assert with_momentum == [cell for cell in cells if cell == "0.3"]

    old = (run / "trials.csv").read_text()
    for name in ("trials.csv", "journal.log"):
        text = (run / name).read_text()
        text = text.replace(",0.3,", ",0.30000000000000004,")
        (run / name).write_text(text.replace('"dropout": 0.3,', '"dropout": 0.30000000000000004,'))
    assert (run / "trials.csv").read_text() != old
    assert set(read_run(run).trials["dropout"]) <= set(TENTHS)
    more = config.model_copy(update={"sweep": config.sweep.model_copy(update={"trials": 14})})
    assert run_sweep(more, load_dataset("digits"), run).done == 14


@given(
    st.integers(-1000, 1000),
    st.integers(1, 500),
    st.integers(0, 4),
    st.integers(1, 40),
    st.data(),
)
def test_every_value_of_optuna_is_brought_to_a_decimal_of_the_steps(
    low: int, step: int, digits: int, count: int, data: st.DataObject
) -> None:
    """The oracle writes the decimals as text: whole numbers of steps with the point moved."""
    index = data.draw(st.integers(0, count))
    written = [float(f"{number}e-{digits}") for number in (low, low + count * step, step)]
    dimension = Range(low=written[0], high=written[1], step=written[2])
    expected = float(f"{low + index * step}e-{digits}")
    assert dimension.member(written[0] + index * written[2]) == expected
    assert dimension.member(expected) == expected
    assert dimension.member(np.float64(math.nextafter(expected, math.inf))) == expected
    create_trial(value=0.0, params={"x": expected}, distributions=distributions({"x": dimension}))


def test_a_value_between_two_steps_or_beyond_the_ends_is_refused() -> None:
    dimension = Range(low=0.0, high=0.3, step=0.1)
    assert dimension.member(0.1 + 0.2) == 0.3
    for value in (0.15, -0.1, 0.4, 0.3001, math.nan, math.inf, 1e308, -1e308, True, "0.1", 10**400):
        with pytest.raises(ValueError, match=r"must be "):
            dimension.member(value)


def test_a_choice_is_found_up_to_rounding_errors_and_never_another() -> None:
    choices = Choices(choices=[0.1, 0.3, 0.30000001, 7, True])
    assert choices.member(0.1 + 0.2) == 0.3
    assert choices.member(np.float64(0.30000001)) == 0.30000001
    assert choices.member(np.int64(7)) == 7
    assert choices.member(np.True_) is True
    for value in (0.3001, 1, 8, "7"):
        with pytest.raises(ValueError, match="must be one of"):
            choices.member(value)
