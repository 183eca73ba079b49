"""Weighted examples against finite differences, against the readable step and against copied rows.

Without weights the fused step must be the list of operations that it is when nothing is weighted.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.class_weights import CLASS_WEIGHTS
from nncore.components.costs import COSTS
from nncore.components.dropout import dropout_mask
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import backprop, sgd_step
from nncore.descent.gradient_check import gradient_check
from nncore.descent.sgd import Sgd
from nncore.descent.update_rule import new_state
from nncore.descent.updates import UPDATES
from nncore.errors import InputError
from nncore.network import Network, new_network
from nncore.scoring import score
from nncore.training import train

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
HIDDEN = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
RULES: dict[str, dict[str, Any]] = {
    "adam": {"update": "adam"},
    "adamw": {"update": "adamw"},
    "gradient": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9, "nesterov": True},
    "fixed-length": {"step": "fixed-length"},
}
N_IN, N_OUT = 6, 3


def random_split(n: int, seed: int = 0) -> Split:
    """Return `n` random images of 2 by 3 pixels; half of them are in the first of three classes."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(N_OUT, n, p=[0.5, 0.3, 0.2])
    return make_split(rng.random((n, N_IN), np.float32), labels, N_OUT)


def random_weights(n: int) -> Array:
    weights = np.random.default_rng(6).uniform(0.1, 4.0, n)
    weights[0] = 0.0
    return weights


def arrays(network: Network) -> list[Array]:
    return [*network.weights, *network.biases]


def assert_close(one: Network, other: Network, tolerance: float = 1e-12) -> None:
    for a, b in zip(arrays(one), arrays(other), strict=True):
        scale = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale)


def same_bits(one: Network, other: Network) -> bool:
    pairs = zip(arrays(one), arrays(other), strict=True)
    return all(a.tobytes() == b.tobytes() for a, b in pairs)


def weighted_cost(network: Network, split: Split, weights: Array) -> float:
    """Return the mean of weight times cost, in a plain loop over the examples."""
    total = 0.0
    for x, y, weight in zip(split.x, split.y, weights, strict=True):
        zs, activations = network.feedforward(x[None].astype(float))
        total += weight * float(COSTS[network.cost].value(zs[-1], activations[-1], y[None])[0])
    return total / len(split)


@pytest.mark.parametrize("hidden", [(), (4, 3)], ids=["none", "two"])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_both_gradients_are_the_differences_of_the_weighted_cost(
    activation: str, cost: str, output: str, hidden: tuple[int, ...]
) -> None:
    config = TrialConfig(
        activation=activation,
        cost=cost,
        output=output,
        hidden_units=hidden,
        mini_batch_size=9,
        dtype="float64",
    )
    split, weights = random_split(9), random_weights(9)
    network = new_network(config, N_IN, N_OUT, np.random.default_rng(4))
    x, y = split.x.astype(float), split.y.astype(float)
    assert gradient_check(network, x, y, example_weights=weights).largest < 1e-6
    stepped, rate, h = network.copy(), 1e-3, 1e-5
    Sgd(stepped, config, 9, example_weights=weights).epoch(split, np.arange(9), rate)
    for before, after in zip(arrays(network), arrays(stepped), strict=True):
        gradient, expected = (before - after) / rate, np.empty_like(before)
        for index in np.ndindex(before.shape):
            value, costs = before[index], []
            for place in (value + h, value - h):
                before[index] = place
                costs.append(weighted_cost(network, split, weights))
            before[index] = value
            expected[index] = (costs[0] - costs[1]) / (2 * h)
        scale = max(1e-3, float(np.linalg.norm(expected)))
        assert np.linalg.norm(gradient - expected) / scale < 1e-6


def test_the_weighted_gradient_of_one_linear_neuron_by_hand() -> None:
    """z = w x with w = 2: errors 2 − 1 = 1 at x = 1 and 6 − 0 = 6 at x = 3, weights 4 and 1/2.

    So ∂C/∂w = (4 · 1 · 1 + ½ · 6 · 3)/2 = 6.5 and ∂C/∂b = (4 · 1 + ½ · 6)/2 = 3.5.
    """
    network = Network([np.array([[2.0]])], [np.array([0.0])], "linear", "linear", "quadratic")
    x, y = np.array([[1.0], [3.0]]), np.array([[1.0], [0.0]])
    dw, db = backprop(network, x, y, example_weights=np.array([4.0, 0.5]))
    assert (dw[0][0, 0], db[0][0]) == (6.5, 3.5)


def test_the_check_finds_weights_that_the_gradient_ignores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ignorant(network: Network, x: Array, y: Array, **_: Any) -> Any:
        return backprop(network, x, y)

    monkeypatch.setattr("nncore.descent.gradient_check.backprop", ignorant)
    config, split = TrialConfig(hidden_units=(4,), dtype="float64"), random_split(9)
    network = new_network(config, N_IN, N_OUT, np.random.default_rng(4))
    x, y = split.x.astype(float), split.y.astype(float)
    assert gradient_check(network, x, y, example_weights=random_weights(9)).largest > 1e-2


@pytest.mark.parametrize("rule", sorted(UPDATES))
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize(("size", "hidden"), [(4, (5, 4)), (23, (6,)), (1, ())])
def test_the_fused_step_is_the_readable_one(
    rule: str, cost: str, output: str, dropout: float, size: int, hidden: tuple[int, ...]
) -> None:
    """Mini-batches of 4 and 23 rows leave short ones at the end of the 250 rows, and of blocks."""
    config = TrialConfig(
        learning_rate=0.02,
        lmbda=2.0,
        mini_batch_size=size,
        hidden_units=hidden,
        activation="tanh",
        cost=cost,
        output=output,
        dropout=dropout,
        dtype="float64",
        **RULES[rule],
    )
    n = 250
    split, weights = random_split(n), random_weights(n)
    order = np.random.default_rng(1).permutation(n)
    fused = new_network(config, N_IN, N_OUT, np.random.default_rng(2))
    readable = fused.copy()
    state = new_state(arrays(readable))
    noise = np.random.default_rng(3)
    descent = Sgd(fused, config, n, np.random.default_rng(3), example_weights=weights)
    for _ in range(2):
        descent.epoch(split, order, config.learning_rate)
        for start in range(0, n, size):
            rows = order[start : start + size]
            like = [np.empty((len(rows), width)) for width in hidden]
            masks = [dropout_mask(noise, array, dropout) for array in like] if dropout else []
            x, y = split.x[rows].astype(float), split.y[rows].astype(float)
            sgd_step(readable, x, y, config, n, state, masks, weights[rows])
    assert_close(fused, readable)


@pytest.mark.parametrize("rule", sorted(UPDATES))
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_float32_follows_float64(rule: str, cost: str, output: str) -> None:
    config = TrialConfig(
        learning_rate=0.02, hidden_units=(5,), cost=cost, output=output, **RULES[rule]
    )
    split, weights, results = random_split(48), random_weights(48), []
    for dtype in ("float32", "float64"):
        network = new_network(replace(config, dtype=dtype), N_IN, N_OUT, np.random.default_rng(2))
        descent = Sgd(network, config, 48, example_weights=weights)
        for _ in range(5):
            descent.epoch(split, np.arange(48), config.learning_rate)
        assert {array.dtype for array in arrays(network)} == {np.dtype(dtype)}
        results.append(network)
    assert_close(*results, tolerance=2e-4)


@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_balanced_is_the_rarer_class_copied(rule: str) -> None:
    """Of 4n rows, n in one class and 3n in the other, "balanced" weights by 2 and 2/3.

    With the rows of the rarer class three times, 6n rows weigh 1 each. In the means, 2/4 = 3/6 and
    (2/3)/4 = 1/6: the two costs are the same, so the full-batch gradients are too.
    """
    rng, labels = np.random.default_rng(5), np.array([0] * 15 + [1] * 5)
    split = make_split(rng.random((20, N_IN), np.float32), labels, 2)
    rows = np.concatenate([np.arange(20), np.arange(15, 20), np.arange(15, 20)])
    copied = make_split(split.x[rows], labels[rows], 2)
    config = TrialConfig(
        learning_rate=0.1, hidden_units=(5,), epochs=10, dtype="float64", **RULES[rule]
    )
    one = new_network(config, N_IN, 2, np.random.default_rng(2))
    two, unweighted = one.copy(), one.copy()
    for network, data, size, class_weight in (
        (one, split, 20, "balanced"),
        (two, copied, 30, "none"),
        (unweighted, split, 20, "none"),
    ):
        # λ is divided by the number of rows.
        settings = {"mini_batch_size": size, "class_weight": class_weight, "lmbda": 0.05 * size}
        full = replace(config, **settings)
        for _ in train(network, full, np.random.default_rng(0), training=data):
            pass
    assert_close(one, two)
    differences = [
        np.abs(a - b).max() for a, b in zip(arrays(one), arrays(unweighted), strict=True)
    ]
    assert max(differences) > 1e-3


def trained(config: TrialConfig, split: Split, weights: Array | None = None) -> Network:
    network = new_network(config, N_IN, N_OUT, np.random.default_rng(2))
    for _ in train(
        network,
        config,
        np.random.default_rng(0),
        training=split,
        noise=np.random.default_rng(1),
        image_shape=(2, 3),
        example_weights=weights,
    ):
        pass
    return network


EVERYTHING = TrialConfig(
    hidden_units=(5, 4), dropout=0.3, shift=1.0, rotation=20.0, epochs=3, mini_batch_size=7
)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", sorted(UPDATES))
def test_weights_of_two_at_half_the_rate_are_no_weights_to_the_last_bit(
    rule: str, dtype: str
) -> None:
    """Factors of 2 round nothing. A step of fixed length does not depend on the gradient's length.

    A step of Adam does not either, once its ϵ is doubled too. All this is also true with dropout
    and distorted images, and shows that weights leave them alone.
    """
    config = replace(EVERYTHING, dtype=dtype, **RULES[rule])
    halved = replace(config, learning_rate=0.25)
    if rule == "fixed-length":
        halved = config
    elif rule in ("adam", "adamw"):
        halved = replace(config, epsilon=2e-8)
    split = random_split(40)
    assert same_bits(trained(config, split), trained(halved, split, np.full(40, 2.0)))
    assert not same_bits(trained(config, split), trained(config, split, random_weights(40)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_balanced_classes_of_equal_size_are_not_weighted_to_the_last_bit(dtype: str) -> None:
    split = make_split(random_split(42).x, np.arange(42) % N_OUT, N_OUT)
    config = replace(EVERYTHING, dtype=dtype, lmbda=1.0)
    balanced = replace(config, class_weight="balanced")
    assert same_bits(trained(config, split), trained(balanced, split))


def operation_names(config: TrialConfig, split: Split, rows: int) -> list[str]:
    """Return the names of the operations that a block of `rows` runs, in order."""
    network = new_network(config, N_IN, N_OUT, np.random.default_rng(2))
    weights = CLASS_WEIGHTS[config.class_weight](split.labels)
    descent = Sgd(network, config, len(split), np.random.default_rng(3), example_weights=weights)
    return [getattr(function, "__name__", "BLAS") for function, _ in descent._steps(rows)]


@pytest.mark.parametrize("rows", [100, 97])
@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_weights_are_one_product_after_the_difference_of_outputs_and_targets(
    cost: str, output: str, rows: int
) -> None:
    config = TrialConfig(hidden_units=(), cost=cost, output=output)
    split = random_split(200)
    plain = operation_names(config, split, rows)
    each, remainder = divmod(len(plain), 10)
    assert remainder == 0
    expected = []
    for batch in np.reshape(plain, (10, each)).tolist():
        place = batch.index("subtract") + 1  # delta = a - y
        expected += [*batch[:place], "multiply", *batch[place:]]
    balanced = replace(config, class_weight="balanced")
    assert operation_names(balanced, split, rows) == expected


@pytest.mark.parametrize("class_weight", ["none", "balanced"])
def test_records_are_not_weighted(class_weight: str) -> None:
    split, validation = random_split(40), random_split(30, seed=7)
    config = TrialConfig(hidden_units=(4,), epochs=1, class_weight=class_weight)
    network = new_network(config, N_IN, N_OUT, np.random.default_rng(2))
    (record,) = train(
        network, config, np.random.default_rng(0), training=split, validation=validation
    )
    assert (record.train_cost, record.train_accuracy) == score(network, split)
    assert (record.validation_cost, record.validation_accuracy) == score(network, validation)


def test_weights_that_are_given_replace_those_of_the_config() -> None:
    split = random_split(40)
    config = TrialConfig(hidden_units=(4,), epochs=2, class_weight="balanced")
    weights = CLASS_WEIGHTS["balanced"](split.labels)
    plain = replace(config, class_weight="none")
    assert same_bits(trained(config, split), trained(plain, split, weights))
    assert same_bits(trained(plain, split), trained(config, split, np.ones(40)))


def test_weights_of_another_number_of_rows_are_refused() -> None:
    with pytest.raises(InputError, match=r"^`example_weights` must have 40 rows, got 39$"):
        trained(TrialConfig(), random_split(40), np.ones(39))


def test_a_rare_class_is_found_only_when_it_is_weighted() -> None:
    """Two clouds that overlap, 13 % of the points in one: the best guess is always the other."""
    rng, labels = np.random.default_rng(3), np.array([0] * 522 + [1] * 78)
    x = (rng.standard_normal((600, 2)) + labels[:, None]).astype(np.float32)
    split, shares = make_split(x, labels, 2), {}
    for class_weight in ("none", "balanced"):
        config = TrialConfig(
            hidden_units=(), learning_rate=0.1, epochs=20, class_weight=class_weight
        )
        network = new_network(config, 2, 2, np.random.default_rng(1))
        for _ in train(network, config, np.random.default_rng(2), training=split):
            pass
        right = network.outputs(x)[1].argmax(axis=1) == labels
        shares[class_weight] = (right[labels == 0].mean(), right[labels == 1].mean())
    # Each cloud lies 1/√2 of a deviation beyond the middle line, so Φ(0.71) = 76 % are right there.
    assert shares["none"][1] < 0.3
    assert min(shares["balanced"]) > 0.65
