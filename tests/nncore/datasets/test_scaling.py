"""Scaling by hand: what is taken away, what is divided by, and what is constant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from nncore.datasets.columns.inputs import Column
from nncore.datasets.scaling import SCALINGS, Scaling
from nncore.errors import InputError

ROWS = np.array([[2.0, 7.0, -1.0], [4.0, 7.0, 1.0], [6.0, 7.0, 1.0], [8.0, 7.0, -1.0]])


def test_unit_by_hand() -> None:
    scaling = SCALINGS["unit"](ROWS)
    third = np.float32(1 / 3)
    expected = np.float32([[0, 0, 0], [third, 0, 1], [2 * third, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(scaling.apply(ROWS), expected, strict=True)
    # Held-out rows may lie outside; an input that was constant stays 0 whatever it is.
    outside = scaling.apply(np.array([[14.0, 1e30, -3.0]]))
    np.testing.assert_array_equal(outside, np.float32([[2, 0, -1]]))


def test_standard_by_hand() -> None:
    scaling = SCALINGS["standard"](ROWS)
    # Mean 5 and variance (9 + 1 + 1 + 9) / 4 = 5; mean 0 and variance 1.
    root = 5**0.5
    expected = [[-3 / root, 0, -1], [-1 / root, 0, 1], [1 / root, 0, 1], [3 / root, 0, -1]]
    np.testing.assert_allclose(scaling.apply(ROWS), expected, rtol=1e-6, atol=0)
    assert scaling.apply(np.array([[5.0, -1e30, 0.0]])).tolist() == [[0, 0, 0]]


def test_none_takes_inputs_as_they_are() -> None:
    np.testing.assert_array_equal(SCALINGS["none"](ROWS).apply(ROWS), ROWS.astype(np.float32))


@pytest.mark.parametrize("kind", ["unit", "standard"])
def test_a_constant_that_rounds_badly_is_constant(kind: str) -> None:
    rows = np.full((10, 1), 0.1)
    assert SCALINGS[kind](rows).apply(rows).tolist() == [[0.0]] * 10


@pytest.mark.parametrize("dtype", ["uint8", "int8", "bool", "float16", "int64"])
@pytest.mark.parametrize("kind", ["unit", "standard"])
def test_small_types_do_not_overflow(kind: str, dtype: str) -> None:
    info = {"bool": (0, 1), "float16": (-60000, 60000)}.get(dtype)
    low, high = info or (np.iinfo(dtype).min, np.iinfo(dtype).max)
    x = SCALINGS[kind](np.array([[low], [high]], dtype)).apply(np.array([[low], [high]], dtype))
    assert x.tolist() == ([[0.0], [1.0]] if kind == "unit" else [[-1.0], [1.0]])


def test_large_offsets_keep_small_differences() -> None:
    """In float32 these three would be one number."""
    years = np.array([[1.6e9], [1.6e9 + 1], [1.6e9 + 2]])
    assert SCALINGS["unit"](years).apply(years).tolist() == [[0.0], [0.5], [1.0]]


def test_images_become_rows_and_many_rows_are_scaled_alike() -> None:
    images = np.arange(2500 * 6, dtype=np.uint16).reshape(2500, 2, 3)
    x = Scaling(scale=256.0).apply(images)
    assert x.shape == (2500, 6)
    np.testing.assert_array_equal(x.ravel(), np.arange(15_000) / 256)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(InputError, match=r"^`x\[1, 2\]` must be finite in float32 after scaling"):
        Scaling().apply(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, bad]]))


def test_a_fault_of_an_input_with_a_name_is_told_by_the_name() -> None:
    color = Column("color", "category", categories=("blue", "red"))
    scaling = Scaling(
        0.0, np.array([1.0, 1.0, 1e-45]), ("a", "color"), (Column("a", "number"), color)
    )
    with pytest.raises(
        InputError, match=r"^row 1 of 'color = red' must be finite in float32 after"
    ):
        scaling.apply(np.array([[4.0, 1.0, 0.0], [4.0, 0.0, 1.0]]))


FLOATS = st.floats(-(2.0**99), 2.0**99, width=32)


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=5), elements=FLOATS))
def test_unit_is_from_0_to_1_and_undone(rows: NDArray[np.float64]) -> None:
    scaling = SCALINGS["unit"](rows)
    x = scaling.apply(rows)
    assert x.min() >= 0
    assert x.max() <= 1
    spread = rows.max(axis=0) - rows.min(axis=0)
    assert ((x.max(axis=0) == 1) == (spread > 0)).all()
    assert (np.abs(scaling.undo(x) - rows) <= 1e-6 * (spread + np.abs(rows))).all()
