"""How arrays lie: where they start, and into which rows a product is cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.arrays import layout
from nncore.arrays.layout import aligned, aligned_zeros, places, row_parts, transposed_parts
from nncore.config import TrialConfig
from nncore.network import new_network


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=2).map(tuple),
    st.sampled_from(["float32", "float64"]),
    st.sampled_from("CF"),
)
def test_zeros_start_a_cache_line(shape: tuple[int, ...], dtype: str, order: str) -> None:
    array = aligned_zeros(shape, dtype, order)
    assert array.ctypes.data % 64 == 0
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert array.flags.f_contiguous if order == "F" else array.flags.c_contiguous
    assert not array.any()
    array[...] = 1  # it may be written to


@given(st.lists(st.integers(1, 100), min_size=1), st.sampled_from(["float32", "float64"]))
def test_places_in_one_array_start_cache_lines_and_do_not_overlap(
    sizes: list[int], dtype: str
) -> None:
    found, itemsize = places(sizes, dtype), np.dtype(dtype).itemsize
    assert [place.stop - place.start for place in found] == sizes
    assert [place.start * itemsize % 64 for place in found] == [0] * len(sizes)
    gaps = [after.start - place.stop for place, after in pairwise(found)]
    assert all(0 <= gap * itemsize < 64 for gap in gaps)


def test_an_aligned_copy_is_a_copy_in_fortran_order() -> None:
    given_array = np.arange(6.0).reshape(2, 3)
    copy = aligned(given_array, "float32")
    np.testing.assert_array_equal(copy, given_array)
    assert copy.flags.f_contiguous
    assert copy.dtype == np.float32
    copy[0, 0] = 7
    assert given_array[0, 0] == 0


@pytest.mark.parametrize("copied", [False, True])
def test_the_weights_of_a_network_start_cache_lines(copied: bool) -> None:
    config = TrialConfig(hidden_units=(7, 5))
    network = new_network(config, 11, 3, np.random.default_rng(0))
    for w in (network.copy() if copied else network).weights:
        assert w.ctypes.data % 64 == 0
        assert w.flags.f_contiguous


@pytest.fixture
def small_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_small_kernels", lambda: True)


@pytest.mark.usefixtures("small_kernels")
@pytest.mark.parametrize(
    ("rows", "n_in", "n_out", "sizes"),
    [
        (10, 784, 30, [10]),  # 235,200 products of at most a million: whole
        (100, 784, 30, [34, 34, 32]),  # at most 1,000,000 / 23,520 = 42 rows, 1,200 / 30 = 40
        (100, 784, 100, [12] * 8 + [4]),  # at most 12 rows by both limits
        (20, 784, 100, [10, 10]),
        (10, 784, 300, [4, 4, 2]),  # at most 4 rows, and 10 are no more than 3 * 4**2
        (48, 784, 300, [4] * 12),
        (49, 784, 300, [49]),
        (10, 784, 800, [10]),  # a single row would be all that fits
        (10, 1, 2000, [10]),  # not even one
        (100, 100, 10, [100]),
        (100, 100, 100, [100]),  # a million just fits
        (200, 100, 100, [12] * 16 + [8]),
    ],
)
def test_rows_are_cut_into_small_products(
    rows: int, n_in: int, n_out: int, sizes: list[int]
) -> None:
    parts = row_parts(rows, n_in, n_out)
    assert [len(range(*part.indices(rows))) for part in parts] == sizes


@pytest.mark.usefixtures("small_kernels")
@given(st.integers(1, 300), st.integers(1, 900), st.integers(1, 900))
def test_parts_are_all_rows_once_and_in_order(rows: int, n_in: int, n_out: int) -> None:
    parts = row_parts(rows, n_in, n_out)
    assert [row for part in parts for row in range(*part.indices(rows))] == list(range(rows))


def test_another_kernel_multiplies_all_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_small_kernels", lambda: False)
    assert row_parts(100, 784, 30) == [slice(0, 100)]


def test_transposed_parts_are_views() -> None:
    array = np.arange(12.0).reshape(4, 3)
    first, second = transposed_parts(array, [slice(0, 3), slice(3, 4)])
    np.testing.assert_array_equal(first, array[:3].T)
    second[...] = -1
    assert (array[3] == -1).all()
