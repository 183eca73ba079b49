"""Time of an epoch against the shape of the network, measured by pytest-benchmark.

`pytest benchmarks/` runs it; `--benchmark-save` and `--benchmark-compare` compare commits.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.support.rounds import pin_to_one_core
from benchmarks.support.task import flops
from benchmarks.variants import epoch_seconds, training_of
from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    """Keep the measurements on one core, and leave the process as it was."""
    cores = os.sched_getaffinity(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", os.environ.copy())
        pin_to_one_core()
        yield
    os.sched_setaffinity(0, cores)


@pytest.fixture(scope="module")
def mnist() -> DataSet:
    """Return the full MNIST, 50,000 images to train on."""
    return load_dataset("mnist")


def run(benchmark: Any, data: DataSet, hidden: tuple[int, ...], size: int) -> None:
    """Benchmark one epoch after a first one, and note its arithmetic."""
    config = TrialConfig(hidden_units=hidden, mini_batch_size=size, learning_rate=0.1, lmbda=5.0)
    training = training_of(config, data)
    sizes = (data.train.x.shape[1], *hidden, len(data.classes))
    benchmark.extra_info["gflop_per_epoch"] = flops(sizes, len(data.train)) / 1e9
    benchmark.pedantic(epoch_seconds, (training,), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="hidden units, mini-batch 10")
@pytest.mark.parametrize("units", [10, 30, 100, 300])
def test_hidden_units(benchmark: Any, mnist: DataSet, units: int) -> None:
    """Time an epoch over the width of one hidden layer."""
    run(benchmark, mnist, (units,), 10)


@pytest.mark.benchmark(group="mini-batch, 100 hidden units")
@pytest.mark.parametrize("size", [1, 5, 10, 20, 50, 100, 200])
def test_mini_batch(benchmark: Any, mnist: DataSet, size: int) -> None:
    """Time an epoch over the size of its mini-batches."""
    run(benchmark, mnist, (100,), size)


@pytest.mark.benchmark(group="depth, layers of 100, mini-batch 10")
@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
def test_depth(benchmark: Any, mnist: DataSet, depth: int) -> None:
    """Time an epoch over the number of hidden layers."""
    run(benchmark, mnist, (100,) * depth, 10)
