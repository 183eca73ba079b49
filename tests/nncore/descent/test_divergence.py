"""A network whose numbers run away: flagged in the record of that epoch, and never a warning.

pytest turns warnings into errors, so each of these tests also shows that none is made.
"""

import numpy as np
import pytest

from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.network import Network, new_network
from nncore.training import train

HIDDEN = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]


@pytest.fixture(scope="module")
def images() -> Split:
    """Return 4,000 random images of 784 pixels in ten classes."""
    rng = np.random.default_rng(0)
    return make_split(rng.random((4000, 784), np.float32), rng.integers(0, 10, 4000), 10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_the_books_hopeless_start_diverges_without_a_warning(
    images: Split, activation: str, dtype: str
) -> None:
    """η 1,000 and λ 100 on 4,000 images multiply the weights by −24 at each of 400 steps."""
    config = TrialConfig(
        learning_rate=1000.0, lmbda=100.0, epochs=2, dtype=dtype, activation=activation
    )
    network = new_network(config, 784, 10, np.random.default_rng(1))
    validation = images.first(500)
    with np.errstate(all="warn"):
        before = np.geterr()
        records = list(
            train(network, config, np.random.default_rng(2), training=images, validation=validation)
        )
        assert np.geterr() == before
    assert [record.diverged for record in records] == [True, True]
    assert all(0.0 <= (record.validation_accuracy or 0.0) <= 1.0 for record in records)


@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_every_combination_diverges_without_a_warning(
    images: Split, activation: str, cost: str, output: str
) -> None:
    config = TrialConfig(
        learning_rate=1000.0, lmbda=100.0, epochs=1, activation=activation, output=output, cost=cost
    )
    network = new_network(config, 784, 10, np.random.default_rng(1))
    (record,) = train(network, config, np.random.default_rng(2), training=images)
    assert record.diverged


@pytest.mark.parametrize("l1_or_l2", ["l1", "l2"])
def test_l1_has_no_decay_that_could_run_away(images: Split, l1_or_l2: str) -> None:
    config = TrialConfig(learning_rate=1000.0, lmbda=100.0, epochs=1, regularizer=l1_or_l2)
    network = new_network(config, 784, 10, np.random.default_rng(1))
    (record,) = train(network, config, np.random.default_rng(2), training=images)
    assert record.diverged == (l1_or_l2 == "l2")


def record_of(weight: float, bias: float, monitored: str) -> bool:
    """Return the flag after an epoch of steps too small to matter, with one split monitored."""
    network = Network(
        [np.array([[weight, 1.0]], np.float32, order="F")],
        [np.array([bias, 0.0], np.float32)],
        "sigmoid",
        "linear",
        "quadratic",
    )
    split = make_split(np.ones((4, 1), np.float32), np.array([0, 1, 0, 1]), 2)
    config = TrialConfig(
        learning_rate=1e-30,
        mini_batch_size=2,
        hidden_units=(),
        output="linear",
        cost="quadratic",
        monitor_training=monitored == "training",
    )
    records = train(
        network,
        config,
        np.random.default_rng(0),
        training=split,
        validation=split if monitored == "validation" else None,
        test=split if monitored == "test" else None,
    )
    return next(records).diverged


@pytest.mark.parametrize("monitored", ["nothing", "training", "validation", "test"])
def test_finite_weights_and_costs_are_not_divergence(monitored: str) -> None:
    assert not record_of(3.0, 2.0, monitored)


@pytest.mark.parametrize("monitored", ["training", "validation", "test"])
def test_a_cost_alone_tells_divergence(monitored: str) -> None:
    """A weight of 1e25 is finite in float32, its square is not."""
    assert not record_of(1e25, 0.0, "nothing")
    assert record_of(1e25, 0.0, monitored)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_weights_tell_divergence_where_no_cost_is_monitored(value: float) -> None:
    assert record_of(value, 0.0, "nothing")
    assert record_of(0.0, value, "nothing")


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
@pytest.mark.parametrize("kind", ["weights", "biases"])
@pytest.mark.parametrize("spoilt_layer", [0, None])
def test_one_infinite_number_tells_divergence(
    kind: str, value: float, spoilt_layer: int | None
) -> None:
    """Behind a sigmoid it saturates: all other numbers and the cost stay finite."""
    weights = [np.array([[1.0]]), np.array([[1.0, 2.0]], order="F")]
    biases = [np.array([0.5]), np.array([0.5, -0.5])]
    network = Network(weights, biases, "sigmoid", "sigmoid", "cross-entropy")
    if spoilt_layer is not None:
        getattr(network, kind)[spoilt_layer].flat[0] = value
    split = make_split(np.ones((4, 1), np.float32), np.array([0, 1, 0, 1]), 2)
    config = TrialConfig(hidden_units=(1,), mini_batch_size=2, dtype="float64")
    record = next(train(network, config, np.random.default_rng(0), training=split))
    others = [a for a in (*weights, *biases) if a is not getattr(network, kind)[0]]
    assert all(np.isfinite(a).all() for a in others)
    assert record.train_cost is not None
    assert np.isfinite(record.train_cost)
    assert record.diverged is (spoilt_layer is not None)
