"""Every cost against its textbook formula, at the ends of the number line, and its output error
against finite differences.

The library writes the values in the weighted inputs z; the formulas here use outputs and targets.
"""

from collections.abc import Callable, Sequence
from math import log

import numpy as np
import pytest

from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS, check_pair
from nncore.errors import InputError

PAIRS = [(cost.name, output) for cost in COSTS.values() for output in cost.outputs]
ILLEGAL = [
    (cost, output) for cost in COSTS for output in ACTIVATIONS if (cost, output) not in PAIRS
]
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

Row = Sequence[float]


def quadratic(a: Row, y: Row) -> float:
    return sum((p - t) ** 2 for p, t in zip(a, y, strict=True)) / 2


def cross_entropy(a: Row, y: Row) -> float:
    return -sum(t * log(p) + (1 - t) * log(1 - p) for p, t in zip(a, y, strict=True))


def log_likelihood(a: Row, y: Row) -> float:
    return -log(a[list(y).index(1)])


TEXTBOOK: dict[str, Callable[[Row, Row], float]] = {
    "quadratic": quadratic,
    "cross-entropy": cross_entropy,
    "log-likelihood": log_likelihood,
}


def test_every_cost_has_a_textbook_formula() -> None:
    assert set(TEXTBOOK) == set(COSTS)


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_value_is_the_textbook_formula(cost: str, output: str) -> None:
    rng = np.random.default_rng(11)
    z = rng.uniform(-3, 3, (6, 4))
    a, y = ACTIVATIONS[output](z), np.eye(4)[[0, 1, 2, 3, 1, 0]]
    expected = [TEXTBOOK[cost](*pair) for pair in zip(a.tolist(), y.tolist(), strict=True)]
    got = COSTS[cost].value(z, a, y)
    assert got.shape == (6,)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_quadratic_by_hand() -> None:
    a, y = np.array([[3.0, 5.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(COSTS["quadratic"].value(a, a, y), [12.5, 0.0])


@DTYPES
@pytest.mark.parametrize(
    ("cost", "output", "z", "y", "value"),
    [
        ("cross-entropy", "sigmoid", [1000, -1000], [1, 0], 0),
        ("cross-entropy", "sigmoid", [-1000, -1000], [1, 0], 1000),
        ("cross-entropy", "sigmoid", [1000, 1000], [1, 0], 1000),
        ("cross-entropy", "sigmoid", [-1000, 1000], [1, 0], 2000),
        ("log-likelihood", "softmax", [1000, -1000, 0], [1, 0, 0], 0),
        ("log-likelihood", "softmax", [1000, -1000, 0], [0, 0, 1], 1000),
        ("log-likelihood", "softmax", [1000, -1000, 0], [0, 1, 0], 2000),
        ("log-likelihood", "softmax", [-1000, -1000], [0, 1], log(2)),
        ("quadratic", "sigmoid", [1000, 1000], [1, 0], 0.5),
        ("quadratic", "softmax", [1000, -1000], [0, 1], 1),
        ("quadratic", "tanh", [-1000, -1000], [1, 0], 2.5),
        ("quadratic", "linear", [1000, 1000], [0, 0], 1e6),
        ("quadratic", "relu", [-1000, 1000], [0, 0], 5e5),
    ],
)
def test_value_is_right_where_outputs_saturate(
    cost: str, output: str, z: Row, y: Row, value: float, dtype: str
) -> None:
    inputs, targets = np.array([z], dtype), np.array([y], dtype)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        got = COSTS[cost].value(inputs, ACTIVATIONS[output](inputs), targets)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, [value], rtol=1e-6)


@pytest.mark.parametrize(("cost", "output"), PAIRS)
def test_output_error_is_the_derivative_of_the_value_by_z(cost: str, output: str) -> None:
    rng, step = np.random.default_rng(5), 1e-5
    z = rng.uniform(0.2, 3, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
    y = np.eye(4)[[0, 2, 3]]
    activation, entry = ACTIVATIONS[output], COSTS[cost]
    expected = np.empty_like(z)
    for j in range(4):
        above, below = z + step * np.eye(4)[j], z - step * np.eye(4)[j]
        rise = entry.value(above, activation(above), y) - entry.value(below, activation(below), y)
        expected[:, j] = rise / (2 * step)
    a = activation(z)
    kept = a.copy()
    np.testing.assert_allclose(entry.output_error(activation, a, y), expected, atol=1e-8)
    np.testing.assert_array_equal(a, kept)


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("targets", [[1.0, 0.0], [0.0, 1.0]])
def test_no_cost_is_negative_nor_changes_its_arguments(cost: str, targets: list[float]) -> None:
    output = ACTIVATIONS[COSTS[cost].outputs[0]]
    z = np.linspace(-50, 50, 22).reshape(11, 2)
    y = np.tile(targets, (11, 1))
    a = output(z)
    kept = [array.copy() for array in (z, a, y)]
    assert (COSTS[cost].value(z, a, y) >= 0).all()
    for array, before in zip((z, a, y), kept, strict=True):
        np.testing.assert_array_equal(array, before)


def test_legal_pairs() -> None:
    assert set(PAIRS) == {
        ("cross-entropy", "sigmoid"),
        ("log-likelihood", "softmax"),
        *(("quadratic", output) for output in ACTIVATIONS),
    }
    for pair in PAIRS:
        check_pair(*pair)


@pytest.mark.parametrize(("cost", "output"), ILLEGAL)
def test_an_illegal_pair_is_named_with_the_legal_output(cost: str, output: str) -> None:
    with pytest.raises(InputError) as caught:
        check_pair(cost, output)
    message = str(caught.value)
    assert "\n" not in message
    assert f"`cost` '{cost}'" in message
    assert all(repr(legal) in message for legal in COSTS[cost].outputs)
    assert message.endswith(f"got {output!r}")
