"""Every operation of the fused step against the line of NumPy that it stands for."""

import numpy as np
import pytest

from nncore.arrays.layout import Array, transposed_parts
from nncore.arrays.operations import add_product, add_scaled, add_sum, affine, run, times_transposed

PARTS = pytest.mark.parametrize("rows", [[slice(0, 7)], [slice(0, 3), slice(3, 6), slice(6, 7)]])
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


class Arrays:
    """Seven examples in a layer of four inputs and three outputs."""

    def __init__(self, dtype: str) -> None:
        rng = np.random.default_rng(5)
        self.w = np.asfortranarray(rng.standard_normal((4, 3)), dtype)
        self.x = rng.standard_normal((7, 4)).astype(dtype)
        self.delta = rng.standard_normal((7, 3)).astype(dtype)
        self.out = rng.standard_normal((7, 3)).astype(dtype)


@pytest.fixture
def arrays(dtype: str) -> Arrays:
    return Arrays(dtype)


def close(got: Array, expected: Array) -> None:
    np.testing.assert_allclose(got, expected, atol=1e-5 if got.dtype == np.float32 else 1e-13)
    assert got.dtype == expected.dtype


@DTYPES
@PARTS
def test_affine(arrays: Arrays, rows: list[slice]) -> None:
    expected = 0.5 * arrays.out + 0.25 * arrays.x @ arrays.w
    parts = transposed_parts(arrays.x, rows), transposed_parts(arrays.out, rows)
    run(affine(parts[0], arrays.w, 0.25, parts[1], 0.5))
    close(arrays.out, expected)


@DTYPES
@PARTS
def test_times_transposed(arrays: Arrays, rows: list[slice]) -> None:
    below = np.full_like(arrays.x, np.nan)
    expected = arrays.delta @ arrays.w.T
    run(
        times_transposed(
            transposed_parts(arrays.delta, rows), arrays.w, transposed_parts(below, rows)
        )
    )
    close(below, expected)


@DTYPES
@PARTS
@pytest.mark.parametrize("decay", [1.0, 0.75, 0.0, -0.5])
def test_add_product(arrays: Arrays, rows: list[slice], decay: float) -> None:
    expected = decay * arrays.w - 0.3 * arrays.x.T @ arrays.delta
    parts = transposed_parts(arrays.x, rows), transposed_parts(arrays.delta, rows)
    run(add_product(-0.3, *parts, decay, arrays.w))
    close(arrays.w, expected)


@DTYPES
@pytest.mark.parametrize("decay", [1.0, 0.0])
def test_add_sum(arrays: Arrays, decay: float) -> None:
    b = arrays.out[0].copy()
    expected = decay * b - 0.3 * arrays.delta.sum(axis=0)
    run(add_sum(-0.3, arrays.delta, decay, b))
    close(b, expected)


@DTYPES
def test_add_scaled(arrays: Arrays) -> None:
    other = np.asfortranarray(np.ones_like(arrays.w))
    expected = arrays.w + np.asarray(0.5, arrays.w.dtype)
    run(add_scaled(0.5, other, arrays.w))
    close(arrays.w, expected)


def test_operations_run_in_their_order() -> None:
    seen: list[int] = []
    run([(seen.append, (1,)), (seen.extend, ([2, 3],)), (seen.append, (4,))])
    assert seen == [1, 2, 3, 4]
