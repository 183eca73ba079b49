"""The book's own numbers: its seeds and settings through the same training as everything else, in
float64.

Published costs carry the L2 term, which our records tell apart: over the training set the published
one is cost + penalty.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncore.book import BookShuffler
from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.network import new_network
from nncore.training import train

SEED = 12345678
CONFIG = TrialConfig(dtype="float64")  # 30 hidden units, cross-entropy, mini-batches of 10

Figure = Callable[[str], Any]


@pytest.fixture
def mnist(full_mnist: None) -> DataSet:
    """Return the full MNIST, split as in the book."""
    return load_dataset("mnist")


def counts(accuracies: list[float | None], n: int) -> list[int]:
    """Return accuracies, fractions of `n` examples, as whole numbers of them."""
    numbers = [n * accuracy for accuracy in accuracies if accuracy is not None]
    assert np.abs(np.array(numbers) - np.round(numbers)).max() < 1e-6
    return [round(number) for number in numbers]


def assert_costs(costs: list[float | None], published: list[float]) -> None:
    np.testing.assert_allclose(np.array(costs, np.float64), published, rtol=0, atol=1e-9)


def test_overfitting(mnist: DataSet, book_figure: Figure) -> None:
    """1,000 images, η 0.5, no regularisation, 400 epochs; the book's network is drawn scaled first
    and then large.
    """
    test_costs, test_counts, training_costs, training_counts = book_figure("overfitting")
    config = replace(CONFIG, init="large", learning_rate=0.5, epochs=400)
    normals = np.random.RandomState(SEED)
    new_network(CONFIG, 784, 10, normals)
    network = new_network(config, 784, 10, normals)
    records = list(
        train(
            network, config, BookShuffler(SEED), training=mnist.train.first(1000), test=mnist.test
        )
    )
    assert len(test_counts) == 400
    assert counts([record.test_accuracy for record in records], 10_000) == test_counts
    assert counts([record.train_accuracy for record in records], 1_000) == training_counts
    assert_costs([record.test_cost for record in records], test_costs)
    assert_costs([record.train_cost for record in records], training_costs)


def test_weight_init_30(mnist: DataSet, book_figure: Figure) -> None:
    """η 0.1, λ 5, 30 epochs from scaled weights, then on the same list from large ones, without
    new seeds.
    """
    published = book_figure("weight_initialization_30")
    normals, shuffler, order = np.random.RandomState(SEED), BookShuffler(SEED), np.arange(50_000)
    matched = 0
    for init, arm in (("scaled", "default"), ("large", "large")):
        config = replace(
            CONFIG, init=init, learning_rate=0.1, lmbda=5.0, epochs=30, monitor_training=False
        )
        network = new_network(config, 784, 10, normals)
        records = list(
            train(
                network,
                config,
                shuffler,
                training=mnist.train,
                validation=mnist.validation,
                order=order,
            )
        )
        _, validation_counts, _, _ = published[f"{arm}_weight_initialization"]
        assert counts([r.validation_accuracy for r in records], 10_000) == validation_counts
        matched += len(validation_counts)
    assert matched == 60


def test_learning_rates(mnist: DataSet, book_figure: Figure) -> None:
    """η 0.025 and then 0.25, a new network each on one list, λ 5, 30 epochs.

    The third arm, η 2.5, is chaotic: its last digits depend on the order of every sum.
    """
    published = book_figure("multiple_eta")
    normals, shuffler, order = np.random.RandomState(SEED), BookShuffler(SEED), np.arange(50_000)
    for learning_rate, arm in zip((0.025, 0.25), published, strict=False):
        config = replace(CONFIG, learning_rate=learning_rate, lmbda=5.0, epochs=30)
        network = new_network(config, 784, 10, normals)
        records = list(train(network, config, shuffler, training=mnist.train, order=order))
        assert len(arm[2]) == 30
        assert_costs([(r.train_cost or 0.0) + r.penalty for r in records], arm[2])
