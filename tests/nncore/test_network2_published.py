"""The book's calls, seeded as its scripts were, against the result files that the book publishes.

Nothing here but the calls of a reader's notebook.
"""

# ruff: noqa: NPY002  the book's program draws from the global generators

import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore import mnist_loader, network2

SHA256 = {
    "overfitting": "721a998b496cd1fb9c5b19cdae41e50e277500cd9c3d3fd06998c9c850f4c26d",
    "weight_initialization_30": "d3c60914786448a388920b072d2c0c1d3772dc815fef2f03a9695d4a60ac5b2c",
}


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Seed the global generators as the book does, and give the rest of the run its own back."""
    python, numpy = random.getstate(), np.random.get_state()
    random.seed(12345678)
    np.random.seed(12345678)
    yield
    random.setstate(python)
    np.random.set_state(numpy)


def published(name: str) -> Any:
    """Return one of the book's result files, checked by its hash."""
    path = Path(os.environ.get("NNSWEEP_DATA_DIR", ""), "book-figures", f"{name}.json")
    if not path.exists():
        pytest.skip(f"needs the book's files in $NNSWEEP_DATA_DIR/book-figures/, without {name}")
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256[name]
    return json.loads(content)


def test_overfitting_for_60_epochs(full_mnist: None) -> None:
    test_costs, test_counts, training_costs, training_counts = published("overfitting")
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


def test_weight_initialization_with_30_hidden_units(full_mnist: None) -> None:
    """The second arm goes on with the list and the generators as the first arm's 30 epochs left
    them; five of its epochs are trained.
    """
    arms = published("weight_initialization_30")
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
