"""The IDX reader against bytes written by hand, and against everything a header may claim falsely.

The writer below follows the published format, not the reader.
"""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from nncore.datasets.formats.idx import read_idx
from nncore.errors import InputError

BYTE_ARRAYS = arrays(np.uint8, array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=6))


def check_one_line(error: InputError) -> None:
    assert "\n" not in str(error)


def idx(array: NDArray[np.uint8]) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.tobytes(order="C")


def test_two_images_written_by_hand() -> None:
    data = bytes.fromhex("00000803 00000002 00000001 00000003 0102030405ff")
    np.testing.assert_array_equal(read_idx(data, 3), [[[1, 2, 3]], [[4, 5, 255]]])


@given(BYTE_ARRAYS)
def test_what_is_written_is_read(array: NDArray[np.uint8]) -> None:
    got = read_idx(idx(array), array.ndim)
    assert got.dtype == np.uint8
    assert not got.flags.writeable
    np.testing.assert_array_equal(got, array)


@given(BYTE_ARRAYS, st.data())
def test_any_truncation_is_refused(array: NDArray[np.uint8], draw: st.DataObject) -> None:
    whole = idx(array)
    length = draw.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(InputError):
        read_idx(whole[:length], array.ndim)


@given(BYTE_ARRAYS, st.binary(min_size=1, max_size=20))
def test_any_extension_is_refused(array: NDArray[np.uint8], more: bytes) -> None:
    with pytest.raises(InputError, match="values its header declares"):
        read_idx(idx(array) + more, array.ndim)


@given(st.binary(max_size=60), st.booleans(), st.integers(1, 4))
def test_any_bytes_are_read_or_refused(data: bytes, marked: bool, ndim: int) -> None:
    data = bytes([0, 0, 8, ndim]) + data if marked else data
    try:
        assert read_idx(data, ndim).ndim == ndim
    except InputError as error:
        check_one_line(error)


def test_another_type_or_number_of_dimensions_is_refused() -> None:
    labels = idx(np.arange(5, dtype=np.uint8))
    with pytest.raises(InputError, match=r"`labels.gz` must begin with 00000803, got '00000801'"):
        read_idx(labels, 3, "labels.gz")
    with pytest.raises(InputError, match="must begin with 00000801, got '00000d01'"):
        read_idx(bytes([0, 0, 0x0D, 1]) + labels[4:], 1)


def test_a_size_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match=r"sizes of at least 1, got \(0, 4294967295, 4294967295\)"):
        read_idx(struct.pack(">HBB3I", 0, 8, 3, 0, 2**32 - 1, 2**32 - 1), 3)


@pytest.mark.parametrize("shape", [(1, 1, 10_000_000), (2**32 - 1,) * 3])
def test_false_sizes_cost_no_memory(shape: tuple[int, int, int]) -> None:
    data = struct.pack(">HBB3I", 0, 8, 3, *shape) + bytes(100)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="got 100"):
            read_idx(data, 3)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
