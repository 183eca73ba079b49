"""The .npz reader against NumPy's writer, and against files that lie, are torn or are traps.

Whatever the bytes, the answer is an array or one line, and memory is taken for what is there alone.
"""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, floating_dtypes, integer_dtypes
from numpy.typing import NDArray

from nncore.datasets.formats.npz import read_headers, read_npz
from nncore.errors import InputError

ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Tripwire:
    """An object that tells when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        return spring, ()


def spring() -> None:
    Tripwire.sprung = True


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """Return the bytes of a .npy file with any header, by NumPy's published format."""
    text = header.encode("latin1") + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def write(path: Path, members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def check_one_line(error: InputError) -> None:
    assert "\n" not in str(error)


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_npz(path, ["x"])
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@given(
    arrays(
        st.one_of(integer_dtypes(), floating_dtypes(sizes=(16, 32, 64))),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.booleans(),
    st.booleans(),
)
@ONE_FILE
def test_what_numpy_writes_is_read(
    tmp_path: Path, array: NDArray[Any], fortran: bool, compressed: bool
) -> None:
    array = np.asfortranarray(array) if fortran else array
    (np.savez_compressed if compressed else np.savez)(tmp_path / "a.npz", x=array, other=[1])
    got = read_npz(tmp_path / "a.npz", ["x"])["x"]
    np.testing.assert_array_equal(got, array)
    assert got.dtype == array.dtype


def test_large_arrays_and_text_are_read(tmp_path: Path) -> None:
    x, y = np.arange(300_000.0).reshape(300, 1000), np.array(["naïve", "b", ""])
    np.savez_compressed(tmp_path / "a.npz", x=x, y=y)
    got = read_npz(tmp_path / "a.npz", ["x", "y"])
    np.testing.assert_array_equal(got["x"], x)
    assert got["y"].tolist() == ["naïve", "b", ""]


def test_a_missing_array_is_named_beside_what_is_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", inputs=[1], y=[2])
    assert "must hold the arrays `x`, got `inputs`, `y`" in refusal(tmp_path / "a.npz")
    write(tmp_path / "b.npz", {"readme.txt": b"hello"})
    assert "must hold the arrays `x`, got none" in refusal(tmp_path / "b.npz")


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"PK", b"PK\x03\x04", bytes(1000), b"\x80\x04K\x01.", npy("{}")],
    ids=["empty", "newline", "two letters", "zip magic", "zeros", "pickle", "npy"],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    assert "must be a complete .npz file" in refusal(tmp_path / "a.npz")


def test_objects_are_refused_and_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([Tripwire()], dtype=object), allow_pickle=True)
    assert "must hold numbers or text, got Python objects" in refusal(tmp_path / "a.npz")
    assert not Tripwire.sprung


DECLARED = {
    "10 million columns": "{'descr': '<f8', 'fortran_order': False, 'shape': (100, 10000000)}",
    "no end of rows": "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9" * 40 + ",)}",
    "negative": "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, -5)}",
    "letters without end": "{'descr': '<U99999999', 'fortran_order': False, 'shape': (5,)}",
    "fewer than there are": "{'descr': '<f8', 'fortran_order': False, 'shape': (9,)}",
}


@pytest.mark.parametrize("header", DECLARED.values(), ids=DECLARED.keys())
@pytest.mark.parametrize("version", [1, 2])
def test_false_sizes_cost_no_memory(tmp_path: Path, header: str, version: int) -> None:
    path = write(tmp_path / "a.npz", {"x.npy": npy(header, bytes(80), version)})
    tracemalloc.start()
    try:
        message = refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert "bytes that its header declares" in message
    assert "got 80" in message


def test_a_size_that_the_archive_claims_too_costs_no_memory(tmp_path: Path) -> None:
    """Header and archive agree on 1 GB that is not there."""
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (125000000,)}"
    head = npy(header)
    whole = bytearray(write(tmp_path / "a.npz", {"x.npy": head + bytes(80)}).read_bytes())
    claimed = struct.pack("<I", len(head) + 1_000_000_000)
    place = whole.rindex(b"PK\x01\x02") + 24
    whole[place : place + 4] = claimed
    (tmp_path / "a.npz").write_bytes(whole)
    tracemalloc.start()
    try:
        refusal(tmp_path / "a.npz")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_an_array_is_unpacked_once_into_its_place(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((20_000, 1_000), np.uint8))
    tracemalloc.start()
    try:
        assert read_npz(tmp_path / "a.npz", ["x"])["x"].sum() == 0
        assert tracemalloc.get_traced_memory()[1] < 1.3 * 20_000_000
    finally:
        tracemalloc.stop()


def test_all_headers_are_read_before_any_data(tmp_path: Path) -> None:
    np.savez_compressed(
        tmp_path / "a.npz", x=np.zeros(30_000_000, np.uint8), y=np.array([None], dtype=object)
    )
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"^`y` in .* got Python objects$"):
            read_npz(tmp_path / "a.npz", ["x", "y"])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_headers_alone(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.asfortranarray(np.zeros((3, 2), np.float16)), y=["ab"])
    headers = read_headers(tmp_path / "a.npz", ["x", "y"])
    assert headers["x"] == ((3, 2), True, np.dtype(np.float16))
    assert headers["y"] == ((1,), False, np.dtype("<U2"))


def test_a_header_without_end_is_not_unpacked(tmp_path: Path) -> None:
    """Its length is four bytes in version 2: 30 MB of blanks pack into 30 kB."""
    path = write(tmp_path / "a.npz", {"x.npy": npy(" " * 30_000_000, version=2)})
    tracemalloc.start()
    try:
        refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_more_than_the_largest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore.datasets.formats.npy.LARGEST", 100)
    np.savez(tmp_path / "a.npz", x=np.zeros(13))
    assert "at most 100, got 104" in refusal(tmp_path / "a.npz")


HEADERS = [
    "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}",
    "{'descr': '|V0', 'fortran_order': False, 'shape': ()}",
    "",
    "3",
    "{}",
    "[" * 5000,
    "-" * 9000 + "1",
    "{'descr': 'nonsense', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': 1}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1.5,)}",
    "{'descr': '<f8', 'fortran_order': 3, 'shape': (1,)}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}; import os",
    "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}",
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:30])
def test_a_header_that_is_none_is_refused(tmp_path: Path, header: str) -> None:
    refusal(write(tmp_path / "a.npz", {"x.npy": npy(header, bytes(8))}))


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_numpy_does_not_write_is_refused(tmp_path: Path, kind: int) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    path = write(tmp_path / "a.npz", {"x.npy": buffer.getvalue()}, kind)
    assert "a compression that NumPy does not write" in refusal(path)


def test_every_truncation_and_changed_byte_is_refused_or_harmless(tmp_path: Path) -> None:
    """Some bytes of a zip file mean nothing, such as dates; then the array is the same as ever."""
    path, x = tmp_path / "a.npz", np.arange(6.0).reshape(2, 3)
    np.savez(path, x=x)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        refusal(path)
    for place in range(len(whole)):
        for flip in (0x01, 0x20, 0xFF):
            changed = bytearray(whole)
            changed[place] ^= flip
            path.write_bytes(bytes(changed))
            try:
                got = read_npz(path, ["x"])["x"]
            except InputError as error:
                check_one_line(error)
            else:
                np.testing.assert_array_equal(got, x)


@given(st.binary(max_size=400))
@ONE_FILE
def test_any_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    refusal(tmp_path / "a.npz")


@given(st.binary(max_size=200), st.booleans(), st.integers(0, 4))
@ONE_FILE
def test_any_bytes_inside_a_zip_are_read_or_refused(
    tmp_path: Path, content: bytes, marked: bool, version: int
) -> None:
    head = b"\x93NUMPY" + bytes([version, 0]) + len(content).to_bytes(2 * max(version, 1), "little")
    write(tmp_path / "a.npz", {"x.npy": head + content if marked else content})
    refusal(tmp_path / "a.npz")


@given(
    st.text("<>|=fiuUSOVMmbc?0123456789,", max_size=8),
    st.lists(st.integers(-3, 30), max_size=3),
    st.binary(max_size=64),
)
@ONE_FILE
def test_any_type_and_shape_are_read_or_refused(
    tmp_path: Path, descr: str, shape: list[int], data: bytes
) -> None:
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {tuple(shape)!r}}}"
    write(tmp_path / "a.npz", {"x.npy": npy(header, data)})
    try:
        got = read_npz(tmp_path / "a.npz", ["x"])["x"]
    except InputError as error:
        check_one_line(error)
    else:
        assert got.shape == tuple(shape)
        assert got.nbytes == len(data)
