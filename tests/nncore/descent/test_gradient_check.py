"""Backpropagation against central differences over every combination, and against an example worked
by hand.

And the checker itself, which must find each gradient that is made wrong on purpose.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.arrays.operations import Operations, run
from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS
from nncore.components.regularizers import REGULARIZERS
from nncore.descent import gradient_check as module
from nncore.descent.backprop import backprop
from nncore.descent.gradient_check import GradientCheck, gradient_check
from nncore.network import Network

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
HIDDEN = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
DEPTHS = {"one": (4,), "two": (4, 3), "three": (4, 3, 5)}

Array = NDArray[np.float64]
Case = tuple[Network, Array, Array]


def random_case(
    hidden: tuple[int, ...], activation: str, output: str, cost: str, seed: int
) -> Case:
    rng = np.random.default_rng(seed)
    sizes = (3, *hidden, 3)
    weights = [
        np.asfortranarray(rng.standard_normal((n_in, n_out)) / np.sqrt(n_in))
        for n_in, n_out in pairwise(sizes)
    ]
    biases = [0.5 * rng.standard_normal(n_out) for n_out in sizes[1:]]
    network = Network(weights, biases, activation, output, cost)
    return network, rng.standard_normal((5, 3)), np.eye(3)[rng.integers(0, 3, 5)]


def smooth_case(hidden: tuple[int, ...], activation: str, output: str, cost: str) -> Case:
    """Return the first random case where no difference crosses a corner of relu or of |w|."""
    for seed in count():
        network, x, y = random_case(hidden, activation, output, cost, seed)
        corners = [*network.weights, *network.feedforward(x)[0]]
        if min(np.abs(array).min() for array in corners) > 1e-3:
            return network, x, y
    raise AssertionError


@pytest.fixture
def case() -> Case:
    """Return a two-layer network of sigmoids under cross-entropy, with a mini-batch."""
    return smooth_case((4,), "sigmoid", "sigmoid", "cross-entropy")


@pytest.mark.parametrize("regularizer", REGULARIZERS)
@pytest.mark.parametrize("hidden", DEPTHS.values(), ids=DEPTHS)
@pytest.mark.parametrize(("cost", "output"), PAIRS)
@pytest.mark.parametrize("activation", HIDDEN)
def test_gradient_agrees_with_differences(
    activation: str, cost: str, output: str, hidden: tuple[int, ...], regularizer: str
) -> None:
    network, x, y = smooth_case(hidden, activation, output, cost)
    assert gradient_check(network, x, y, regularizer=regularizer, lmbda=0.3).largest < 1e-6
    assert gradient_check(network, x, y).largest < 1e-6


def test_bp1_to_bp4_by_hand_with_the_quadratic_cost() -> None:
    """Weights are multiples of ln 3, so that every output is a fraction."""
    ln3 = log(3)
    weight_gradients, bias_gradients = backprop(*worked_by_hand("quadratic"))
    # outputs 1/2, 3/4 for targets 1, 0; their errors (a − y) a (1 − a) are −1/8 and 9/64
    np.testing.assert_allclose(bias_gradients[1], [1 / 128], rtol=1e-13)
    np.testing.assert_allclose(weight_gradients[1], [[11 / 512], [-15 / 512]], rtol=1e-13)
    np.testing.assert_allclose(bias_gradients[0], [-5 * ln3 / 256, 3 * ln3 / 1024], rtol=1e-13)
    np.testing.assert_allclose(
        weight_gradients[0],
        [[-ln3 / 8, -3 * ln3 / 128], [27 * ln3 / 256, 27 * ln3 / 1024]],
        rtol=1e-13,
    )


def test_bp1_to_bp4_by_hand_with_cross_entropy() -> None:
    ln3 = log(3)
    weight_gradients, bias_gradients = backprop(*worked_by_hand("cross-entropy"))
    # the same outputs; their errors a − y are −1/2 and 3/4
    np.testing.assert_allclose(bias_gradients[1], [1 / 8], rtol=1e-13)
    np.testing.assert_allclose(weight_gradients[1], [[5 / 32], [-3 / 32]], rtol=1e-13)
    np.testing.assert_allclose(bias_gradients[0], [ln3 / 16, 3 * ln3 / 64], rtol=1e-13)
    np.testing.assert_allclose(
        weight_gradients[0], [[-ln3 / 2, -3 * ln3 / 32], [9 * ln3 / 16, 9 * ln3 / 64]], rtol=1e-13
    )


def worked_by_hand(cost: str) -> Case:
    """Return two examples of hidden outputs (1/2, 3/4) and (3/4, 1/4), last outputs 1/2 and 3/4."""
    ln3 = log(3)
    weights = [np.array([[0.0, ln3], [ln3, -ln3]]), np.array([[8 * ln3], [2 * ln3]])]
    biases = [np.zeros(2), np.array([-5.5 * ln3])]
    network = Network(weights, biases, "sigmoid", "sigmoid", cost)
    return network, np.eye(2), np.array([[1.0], [0.0]])


def test_backprop_changes_neither_the_network_nor_the_mini_batch(case: Case) -> None:
    network, x, y = case
    arrays = [*network.weights, *network.biases, x, y]
    kept = [array.copy() for array in arrays]
    first, second = backprop(network, x, y), backprop(network, x, y)
    for array, before in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(array, before)
    np.testing.assert_array_equal(first[0][0], second[0][0])


def test_check_leaves_the_network_as_it_was(case: Case) -> None:
    network, x, y = case
    kept = network.copy()
    gradient_check(network, x, y, lmbda=0.3)
    for array, before in zip(
        (*network.weights, *network.biases), (*kept.weights, *kept.biases), strict=True
    ):
        np.testing.assert_array_equal(array, before)


def test_check_reports_each_layer_and_the_largest_of_all(case: Case) -> None:
    check = gradient_check(*case)
    assert len(check.weights) == len(check.biases) == 2
    assert GradientCheck((0.1, 0.2), (0.3, 0.05)).largest == 0.3
    assert GradientCheck((0.1, 0.4), (0.3, 0.05)).largest == 0.4
    assert GradientCheck((0.1,), (0.0,)).largest == 0.1


@pytest.mark.parametrize("place", range(4))
def test_a_gradient_that_is_not_a_number_is_never_small(place: int) -> None:
    errors = [1e-9] * 4
    errors[place] = float("nan")
    largest = GradientCheck((errors[0], errors[1]), (errors[2], errors[3])).largest
    assert not largest < 1e-6


@pytest.mark.parametrize("kind", [0, 1], ids=["weights", "biases"])
@pytest.mark.parametrize("layer", [0, 1])
def test_check_finds_one_wrong_entry(
    case: Case, monkeypatch: pytest.MonkeyPatch, kind: int, layer: int
) -> None:
    def wrong(*batch: Any, **weights: Any) -> Any:
        gradient = backprop(*batch, **weights)
        gradient[kind][layer].flat[1] *= 1.001
        return gradient

    monkeypatch.setattr(module, "backprop", wrong)
    check = gradient_check(*case)
    errors = (check.weights, check.biases)
    assert errors[kind][layer] > 1e-6
    assert sum(error > 1e-6 for errors_of_kind in errors for error in errors_of_kind) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s, delta, scratch, top: [],
        lambda s, delta, scratch, top: [(np.multiply, (delta, s, delta))],
        lambda s, delta, scratch, top: [(np.multiply, (delta, 1 - s * s, delta))],
    ],
    ids=["forgotten", "half", "of another activation"],
)
def test_check_finds_a_wrong_derivative(
    case: Case, monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., Operations]
) -> None:
    entry = replace(ACTIVATIONS["sigmoid"], backpropagate=wrong)
    monkeypatch.setitem(ACTIVATIONS, "sigmoid", entry)
    assert gradient_check(*case).largest > 1e-2


@pytest.mark.parametrize("name", REGULARIZERS)
def test_check_finds_a_wrong_regularizer(
    case: Case, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    right = REGULARIZERS[name].gradient
    entry = replace(REGULARIZERS[name], gradient=lambda w: 2 * right(w))
    monkeypatch.setitem(REGULARIZERS, name, entry)
    assert gradient_check(*case, regularizer=name, lmbda=0.3).largest > 1e-2


def test_check_divides_the_penalty_by_the_mini_batch() -> None:
    """With one linear weight w = 3, x = 0: C = λ/m w²/2, so its derivative is λ/m · 3."""
    network = Network([np.array([[3.0]])], [np.array([0.0])], "linear", "linear", "quadratic")
    zeros = np.zeros((4, 1))
    assert gradient_check(network, zeros, zeros, lmbda=2.0).largest < 1e-9


@pytest.mark.parametrize(
    ("name", "value", "gradient"),
    [("l2", 12.5, [[3.0, -4.0], [0.0, 0.0]]), ("l1", 7.0, [[1.0, -1.0], [0.0, 0.0]])],
)
def test_regularizers_by_hand(name: str, value: float, gradient: list[list[float]]) -> None:
    w = np.array([[3.0, -4.0], [0.0, 0.0]])
    assert REGULARIZERS[name].penalty(w) == value
    np.testing.assert_array_equal(REGULARIZERS[name].gradient(w), gradient)


@pytest.mark.parametrize("name", REGULARIZERS)
@pytest.mark.parametrize("step", [0.25, 1.0, 3.0])
def test_shrink_and_its_factor_make_one_step_down_the_penalty(name: str, step: float) -> None:
    w = np.asfortranarray(np.random.default_rng(2).standard_normal((3, 2)))
    expected = w - step * REGULARIZERS[name].gradient(w)
    operations, factor = REGULARIZERS[name].shrink(w, step, np.full_like(w, np.nan))
    run(operations)
    np.testing.assert_allclose(factor * w, expected, atol=1e-14)
