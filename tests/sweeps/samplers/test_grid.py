"""The grid: each cell once, all of them, in an order that no number of trials changes."""

import csv
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig, parse_config
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Params
from sweeps.sweep import run_sweep
from sweeps.workers.local import LocalWorkers

SIXTEEN = {
    "learning_rate": {"choices": [0.1, 0.3, 1.0, 3.0]},
    "momentum": {"low": 0.0, "high": 0.9, "step": 0.9},
    "hidden_units": {"choices": [[30], [100, 50]]},
}


def sweep(trials: int, space: Any = SIXTEEN, seed: int = 3, start: Any = ()) -> SweepConfig:
    section = {"name": "a", "trials": trials, "sampler": "grid", "seed": seed, "generation": 4}
    return parse_config({"sweep": section, "space": space, "start": list(start)})


def proposed(config: SweepConfig) -> list[Params]:
    proposer = new_proposer(config)
    return [proposer.ask() for _ in range(config.sweep.trials)]


def test_sixteen_cells_are_sixteen_trials_each_once() -> None:
    cells = [tuple(params.values()) for params in proposed(sweep(16))]
    expected = product([0.1, 0.3, 1.0, 3.0], [0.0, 0.9], ["30", "100-50"])
    assert sorted(cells) == sorted(expected)


def test_four_workers_train_each_cell_once(tmp_path: Path) -> None:
    config = sweep(16).model_copy(update={"training": {"epochs": 1}})
    run_sweep(config, load_dataset("digits"), tmp_path / "run", workers=LocalWorkers(4))
    trials = list(csv.DictReader((tmp_path / "run" / "trials.csv").read_text().splitlines()))
    assert {row["state"] for row in trials} == {"complete"}
    cells = [(row["learning_rate"], row["momentum"], row["hidden_units"]) for row in trials]
    expected = product(["0.1", "0.3", "1.0", "3.0"], ["0.0", "0.9"], ["30", "100-50"])
    assert sorted(cells) == sorted(expected)


def test_fewer_trials_are_the_first_of_more_and_the_seed_draws_the_order() -> None:
    assert proposed(sweep(7)) == proposed(sweep(16))[:7]
    assert proposed(sweep(16)) != proposed(sweep(16, seed=4))
    assert proposed(sweep(16)) == proposed(sweep(16))


def test_more_trials_than_cells_are_refused() -> None:
    with pytest.raises(InputError, match=r"`sweep\.trials` must be <= 16, the size of the grid"):
        sweep(17)


def test_start_points_are_cells_that_come_first() -> None:
    start = [
        {"learning_rate": 3, "momentum": 0, "hidden_units": [100, 50]},
        {"learning_rate": 1, "momentum": 0.9, "hidden_units": [30]},
    ]
    cells = [tuple(params.values()) for params in proposed(sweep(16, start=start))]
    assert cells[:2] == [(3.0, 0.0, "100-50"), (1.0, 0.9, "30")]
    assert len(set(cells)) == 16


def test_only_cells_that_exist_are_counted() -> None:
    space = {
        "output": {"choices": ["sigmoid", "softmax"]},
        "cost": {"choices": ["quadratic", "cross-entropy"], "when": {"output": "sigmoid"}},
        "hidden_layers": {"low": 0, "high": 2},
        "hidden_units": {"choices": [10, 20]},
    }
    section = {"name": "a", "trials": 21, "sampler": "grid"}
    tables = {"sweep": section, "training": {"cost": "log-likelihood"}, "space": space}
    cells = {tuple(sorted(params.items())) for params in proposed(parse_config(tables))}
    assert len(cells) == (2 + 1) * (1 + 2 + 4)  # costs with sigmoid and softmax; lists of widths


def test_whole_numbers_and_steps_are_cells_in_decimals() -> None:
    space = {
        "mini_batch_size": {"low": 3, "high": 5},
        "dropout": {"low": 0.1, "high": 0.3, "step": 0.1},
    }
    cells = {tuple(params.values()) for params in proposed(sweep(9, space))}
    assert cells == set(product([3, 4, 5], [0.1, 0.2, 0.3]))


def test_a_grid_that_nobody_could_finish_is_refused() -> None:
    wide = {"low": 1, "high": 1000}
    with pytest.raises(InputError, match="`space` must have at most 100000 cells"):
        sweep(9, {"mini_batch_size": wide, "hidden_units": wide})
    with pytest.raises(InputError, match=r"`space\.epochs` must have at most 100000 values"):
        sweep(9, {"epochs": {"low": 1, "high": 10**9}})
