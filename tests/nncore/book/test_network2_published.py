"""The book's calls, seeded as its scripts were, against the result files that the book publishes.

Nothing here but the calls of a reader's notebook.
"""

# ruff: noqa: NPY002  the book's program draws from the global generators

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from nncore.book import mnist_loader, network2

Figure = Callable[[str], Any]


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Seed the global generators as the book does, and give the rest of the run its own back."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(12345678)
    np.random.seed(12345678)
    yield
    random.setstate(python)
    np.random.set_state(numpy)


def test_overfitting_for_60_epochs(full_mnist: None, book_figure: Figure) -> None:
    test_costs, test_counts, training_costs, training_counts = book_figure("overfitting")
    training_data, _, test_data = mnist_loader.load_data_wrapper()
    net = network2.Network([784, 30, 10], cost=network2.CrossEntropyCost())
    net.large_weight_initializer()
    lists = net.SGD(
        training_data[:1000],
        60,
        10,
        0.5,
        evaluation_data=test_data,
        lmbda=0.0,
        monitor_evaluation_cost=True,
        monitor_evaluation_accuracy=True,
        monitor_training_cost=True,
        monitor_training_accuracy=True,
    )
    assert lists[1] == test_counts[:60]
    assert lists[3] == training_counts[:60]
    np.testing.assert_allclose(lists[0], test_costs[:60], rtol=0, atol=1e-9)
    np.testing.assert_allclose(lists[2], training_costs[:60], rtol=0, atol=1e-9)


def test_weight_initialization_with_30_hidden_units(full_mnist: None, book_figure: Figure) -> None:
    """The second arm goes on with the list and the generators as the first arm's 30 epochs left
    them; five of its epochs are trained.
    """
    arms = book_figure("weight_initialization_30")
    training_data, validation_data, _ = mnist_loader.load_data_wrapper()
    net = network2.Network([784, 30, 10], cost=network2.CrossEntropyCost)

    def counts(epochs: int) -> list[int]:
        return net.SGD(
            training_data,
            epochs,
            10,
            0.1,
            lmbda=5.0,
            evaluation_data=validation_data,
            monitor_evaluation_accuracy=True,
        )[1]

    assert counts(30) == arms["default_weight_initialization"][1]
    net.large_weight_initializer()
    assert counts(5) == arms["large_weight_initialization"][1][:5]
