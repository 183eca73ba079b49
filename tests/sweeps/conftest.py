"""The small sweep that the tests of the loop share: quick, with a trial that diverges."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from sweeps.config import SweepConfig, load_config
from sweeps.workers.tasks import TrialTask

# λ = 200,000 on 1,259 examples makes the weights grow without bound, whatever else is drawn.
SMALL = """
[sweep]
name = "small"
trials = 13
seed = 7
generation = 4

[data]
name = "digits"

[training]
epochs = 3
dropout = 0.2
momentum = 0.5
schedule = "cosine"

[space]
learning_rate = { low = 0.1, high = 4.0, log = true }
lmbda = { choices = [0.1, 1.0, 200000.0] }
mini_batch_size = { choices = [5, 20, 100] }
hidden_units = { low = 5, high = 60 }
"""


@pytest.fixture
def small_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def small(small_file: Path) -> Callable[..., SweepConfig]:
    """Return a function that gives the small sweep with some keys changed."""

    def make(**overrides: Any) -> SweepConfig:
        return load_config(small_file, **{k.replace("__", "."): v for k, v in overrides.items()})

    return make


@pytest.fixture(scope="session")
def digits() -> DataSet:
    return load_dataset("digits")


@pytest.fixture
def tasks() -> Callable[..., list[TrialTask]]:
    """Return a function that gives so many tiny tasks on a data set."""

    def make(count: int, data: DataSource, epochs: int = 1) -> list[TrialTask]:
        config = TrialConfig(epochs=epochs, hidden_units=(5,))
        return [TrialTask(number, config, data, ((number, 0),)) for number in range(count)]

    return make


@pytest.fixture
def assert_same() -> Callable[[Path, Path], None]:
    """Return a function that checks that two runs wrote the same bytes."""

    def check(one: Path, other: Path) -> None:
        for name in ("trials.csv", "epochs.csv"):
            assert (one / name).read_bytes() == (other / name).read_bytes()

    return check


@pytest.fixture
def assert_eventful() -> Callable[[Path], None]:
    """Return a function that checks that a run had what these tests need: a trial that diverged,
    and trials that finished before others of lower number.
    """

    def check(folder: Path) -> None:
        trials, timings = (
            list(csv.DictReader((folder / name).read_text().splitlines()))
            for name in ("trials.csv", "timings.csv")
        )
        assert {"diverged", "max_epochs"} <= {row["stop_reason"] for row in trials}
        started = [row["started"] for row in timings]
        assert started != sorted(started), "all trials ran in the order of their numbers"

    return check
