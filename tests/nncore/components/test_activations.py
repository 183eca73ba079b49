"""Every activation against known values of its function and finite differences of its derivative.

The conformance tests run over the catalogue, so a new entry is tested by being there.
"""

from math import frexp, log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.arrays.operations import run
from nncore.components.activations import ACTIVATIONS, Activation

EVERY = pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=ACTIVATIONS)
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture
def z() -> NDArray[np.float64]:
    """Return `(4, 5)` weighted inputs of both signs, none near the corner of relu."""
    rng = np.random.default_rng(7)
    signs = np.where(rng.random((4, 5)) < 0.5, -1.0, 1.0)
    return signs * rng.uniform(0.1, 3.0, (4, 5))


@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("sigmoid", [0.0, log(3), -log(3), log(9)], [1 / 2, 3 / 4, 1 / 4, 9 / 10]),
        ("tanh", [0.0, log(2), -log(2), log(3)], [0.0, 3 / 5, -3 / 5, 4 / 5]),
        ("relu", [0.0, 2.5, -2.5, 1e-9], [0.0, 2.5, 0.0, 1e-9]),
        ("linear", [0.0, 2.5, -2.5, 1e-9], [0.0, 2.5, -2.5, 1e-9]),
        ("softmax", [0.0, log(2), log(5), log(8)], [1 / 16, 2 / 16, 5 / 16, 8 / 16]),
    ],
)
def test_known_values(name: str, z: list[float], a: list[float]) -> None:
    np.testing.assert_allclose(ACTIVATIONS[name](np.array([z])), [a], rtol=1e-14, atol=1e-15)


@DTYPES
@pytest.mark.parametrize(
    ("name", "z", "a"),
    [
        ("sigmoid", [1000, -1000, 0], [1, 0, 0.5]),
        ("tanh", [1000, -1000, 0], [1, -1, 0]),
        ("softmax", [1000, -1000, 0], [1, 0, 0]),
        ("softmax", [1000, 1000, -1000], [0.5, 0.5, 0]),
        ("softmax", [-1000, -1000, -2000], [0.5, 0.5, 0]),
    ],
)
def test_saturation_is_exact_and_overflows_nowhere(
    name: str, z: list[float], a: list[float], dtype: str
) -> None:
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        got = ACTIVATIONS[name](np.array([z], dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.array([a], dtype))


def test_each_row_of_softmax_is_a_distribution_of_its_own() -> None:
    rows = np.array([[0.0, log(3)], [log(4), 0.0], [2000.0, 2000.0]])
    np.testing.assert_allclose(
        ACTIVATIONS["softmax"](rows), [[1 / 4, 3 / 4], [4 / 5, 1 / 5], [1 / 2, 1 / 2]], rtol=1e-14
    )


@EVERY
@DTYPES
def test_apply_and_offset_leave_the_output_in_its_unit(
    entry: Activation, z: NDArray[np.float64], dtype: str
) -> None:
    given = z.astype(dtype)
    a = entry(given)
    np.testing.assert_array_equal(given, z.astype(dtype))  # a call leaves its argument alone
    u = entry.gain * given
    run(entry.apply(u))
    assert u.dtype == a.dtype == dtype
    np.testing.assert_array_equal((u + entry.offset) * entry.unit, a, strict=True)


def test_the_worked_example_of_sigmoid() -> None:
    """The four steps in the docstring of `Activation`, at z = ln 9, worked out by hand."""
    sigmoid = ACTIVATIONS["sigmoid"]
    assert (sigmoid.gain, sigmoid.unit, sigmoid.offset) == (1 / 2, 1 / 2, 1)
    s = np.array([[log(9)]]) * sigmoid.gain
    assert s.item() == pytest.approx(log(3), rel=1e-15)
    run(sigmoid.apply(s))
    assert s.item() == pytest.approx(0.8, rel=1e-15)
    s += sigmoid.offset
    assert s.item() == pytest.approx(1.8, rel=1e-15)
    assert s.item() * sigmoid.unit == pytest.approx(0.9, rel=1e-15)
    delta, top = np.ones((1, 1)), np.full((1, 1), 2.0)
    run(sigmoid.backpropagate(s, delta, np.empty((1, 1)), top))
    assert delta.item() == pytest.approx(0.36, rel=1e-14)
    assert delta.item() * sigmoid.unit**2 == pytest.approx(0.09, rel=1e-14)


@EVERY
def test_gains_units_and_offsets_round_nothing(entry: Activation) -> None:
    for number in (entry.gain, entry.unit, entry.offset or 1.0):
        assert frexp(number)[0] == 0.5  # a power of two


@EVERY
def test_both_ways_back_multiply_by_the_jacobian(entry: Activation, z: NDArray[np.float64]) -> None:
    step, width = 1e-5, z.shape[1]
    a = entry(z)
    for k in range(width):  # row k of the Jacobian, ∂a_k/∂z_j, from the error e_k
        expected = np.empty_like(z)
        for j in range(width):
            shift = step * np.eye(width)[j]
            expected[:, j] = (entry(z + shift) - entry(z - shift))[:, k] / (2 * step)
        delta = np.zeros_like(z)
        delta[:, k] = 1.0
        np.testing.assert_allclose(entry.pull_back(a, delta), expected, rtol=1e-8, atol=1e-10)
        assert (delta.sum(axis=1) == 1).all()  # left as it was
        backpropagate(entry, a, delta)
        np.testing.assert_allclose(delta, expected, rtol=1e-8, atol=1e-10)


def backpropagate(entry: Activation, a: NDArray[Any], delta: NDArray[Any]) -> None:
    """Multiply `delta` by the Jacobian in place, as the fused step does, `a` in its unit."""
    s, top, scratch = a / entry.unit, np.full_like(a, 1 / entry.unit), np.full_like(a, np.nan)
    kept = s.copy()
    run(entry.backpropagate(s, delta, scratch, top))
    np.multiply(delta, entry.unit**2, delta)
    np.testing.assert_array_equal(s, kept)
    np.testing.assert_array_equal(top, 1 / entry.unit)


@EVERY
def test_backpropagate_is_linear_in_the_error(entry: Activation, z: NDArray[np.float64]) -> None:
    a, rng = entry(z), np.random.default_rng(3)
    first, second = rng.standard_normal((2, *z.shape))
    both = 2.0 * first - 3.0 * second
    for delta in (first, second, both):
        backpropagate(entry, a, delta)
    np.testing.assert_allclose(both, 2.0 * first - 3.0 * second, rtol=1e-12, atol=1e-13)


@EVERY
@DTYPES
def test_the_way_back_keeps_the_dtype(
    entry: Activation, z: NDArray[np.float64], dtype: str
) -> None:
    a = entry(z.astype(dtype))
    delta = np.ones_like(a)
    backpropagate(entry, a, delta)
    assert delta.dtype == entry.pull_back(a, delta).dtype == dtype


def test_relu_passes_no_error_at_zero_or_below() -> None:
    a, delta = ACTIVATIONS["relu"](np.array([[-1.0, 0.0, 2.0]])), np.array([[5.0, 5.0, 5.0]])
    np.testing.assert_array_equal(ACTIVATIONS["relu"].pull_back(a, delta), [[0.0, 0.0, 5.0]])


def test_only_softmax_may_not_be_hidden() -> None:
    assert [name for name, entry in ACTIVATIONS.items() if not entry.hidden] == ["softmax"]


def test_entries_stand_under_their_own_names() -> None:
    assert {name: entry.name for name, entry in ACTIVATIONS.items()} == {
        name: name for name in ("linear", "relu", "sigmoid", "softmax", "tanh")
    }
