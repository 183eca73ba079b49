"""Reads inputs with labels or targets from an `.npz`, a pair of `.npy` files, or IDX files.

The names of the arrays and files say which hold inputs, labels and a test set of the file's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.formats.beside import is_idx, pairs_of
from nncore.datasets.formats.idx import read_idx_file
from nncore.datasets.formats.npy import read_npy, read_npy_header
from nncore.datasets.formats.npz import read_headers, read_npz, stored_names
from nncore.datasets.scaling import as_rows, chunks
from nncore.errors import InputError, require, shown

MOST = float(np.finfo(np.float32).max)
MOST_COLUMNS = 1000  # of one-hot labels

NAMES = (
    ("x", "y"),
    ("X", "y"),
    ("data", "target"),
    ("images", "labels"),
    ("x_train", "y_train", "x_test", "y_test"),
    ("X_train", "y_train", "X_test", "y_test"),
)
"""The names of inputs and labels in an `.npz` file, and of its test set; the first that fit count.

Keras's `mnist.npz` has `x_train`, `scikit-learn`'s bunches have `data` and `target`.
"""

INPUTS = ("x", "X", "data", "images", "x_test", "X_test")
"""The names of inputs without labels, for predictions; the first that is there counts."""


class LabeledArrays(NamedTuple):
    """Raw inputs `x`, `(n, n_in)` or `(n, h, w)`, and their class names, or targets `(n, k)`.

    The last `tested` rows are the test set of the file itself; 0 if it has none.
    """

    x: NDArray[Any]
    names: list[str]
    targets: NDArray[np.float64] | None
    tested: int


@dataclass(frozen=True)
class _Stored:
    """An array in a file, of known shape and dtype, before its data are read."""

    name: str
    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], NDArray[Any]]

    @property
    def title(self) -> str:
        return f"`{self.name}` in `{self.path}`"


def read_labeled_arrays(path: Path, target: str | None = None) -> LabeledArrays:
    """Return the inputs and class names in the file at `path` and the files that belong to it.

    Inputs are rows or images, `(n, n_in)`, `(n, h, w)` or `(n, h, w, 1)`. Labels are whole numbers
    or text, `(n,)` or `(n, 1)`, or one-hot, `(n, n_classes)`; then classes are named 0, 1, 2 ….
    With `target`, the name of the array that would hold the labels or of any other beside the
    inputs in an `.npz` file, its numbers are targets, `(n,)` or `(n, k)`.

    Raises `InputError` if a file is missing, faulty, or has other arrays.
    """
    pairs = _stored_pairs(path, target)
    beside = pairs[0][1].name
    rule = f"be '{beside}', the name of the array beside the inputs in `{path}`"
    require(target in (None, beside), "target", rule, target)
    for x, y in pairs:  # all headers are checked before any data are read
        _check_inputs(x)
        if target is None:
            _check_labels(y, len_x=x.shape[0])
        else:
            _check_targets(y, len_x=x.shape[0])
    shapes = [_image(x.shape) for x, _ in pairs]
    if shapes[0][1:] != shapes[-1][1:]:
        rule = f"must have inputs of the shape {shapes[0][1:]}, like `{pairs[0][0].name}`"
        raise InputError(f"{pairs[-1][0].title} {rule}, got {shapes[-1][1:]}")
    inputs = [_read_inputs(x) for x, _ in pairs]
    tested = len(inputs[1]) if len(pairs) > 1 else 0
    together = np.concatenate(inputs) if tested else inputs[0]
    if target is None:
        names = [name for _, y in pairs for name in _class_names(y)]
        return LabeledArrays(together, names, None, tested)
    values = [_read_finite(y).astype(np.float64) for _, y in pairs]
    targets = np.concatenate([part.reshape(len(part), -1) for part in values])
    return LabeledArrays(together, [], targets, tested)


def has_test_set(path: Path) -> bool:
    """Return whether the arrays at `path` come with a test set of their own; no data are read."""
    if path.suffix.lower() == ".npz":
        return len(_names(stored_names(path))) > 2
    return len(pairs_of(path)) > 1


def read_array_inputs(path: Path) -> NDArray[Any]:
    """Return the raw inputs in the file at `path`, `(n, n_in)`; labels may be missing.

    Raises `InputError` as `read_labeled_arrays` does.
    """
    if path.suffix.lower() == ".npz":
        there = stored_names(path)
        x = _in_npz(path, (next((name for name in INPUTS if name in there), "x"),))[0]
    else:
        x = _in_file("x", path)
    _check_inputs(x)
    return as_rows(_read_inputs(x))


def _stored_pairs(path: Path, target: str | None) -> list[tuple[_Stored, _Stored]]:
    if path.suffix.lower() != ".npz":
        kinds = (("x", "y"), ("x_test", "y_test"))
        return [
            (_in_file(x, pair.x), _in_file(y, pair.y))
            for (x, y), pair in zip(kinds, pairs_of(path), strict=False)
        ]
    stored = _in_npz(path, _names(stored_names(path), target))
    return list(zip(stored[::2], stored[1::2], strict=True))


def _names(there: Sequence[str], target: str | None = None) -> tuple[str, ...]:
    """Return the names to read: of those in `NAMES`, the first that are all `there`.

    A `target` may have any name beside the inputs, unless there is a test set of its own.
    """
    found = next((names for names in NAMES if set(names) <= set(there)), NAMES[0])
    inputs = next((name for name in INPUTS if name in there), None)
    if target in there and inputs and target not in (*found, *INPUTS) and len(found) == 2:
        return inputs, str(target)
    return found


def _in_npz(path: Path, names: tuple[str, ...]) -> list[_Stored]:
    def reader(name: str) -> Callable[[], NDArray[Any]]:
        return lambda: read_npz(path, [name])[name]

    headers = read_headers(path, names)
    return [_Stored(n, path, headers[n].shape, headers[n].dtype, reader(n)) for n in names]


def _in_file(name: str, path: Path) -> _Stored:
    """Return the array in a file of its own, a `.npy` or IDX file; errors call it `name`."""
    if is_idx(path.name):
        array = read_idx_file(path, 3 if name.startswith("x") else 1)  # bounded by the file's size
        return _Stored(name, path, array.shape, array.dtype, lambda: array)
    header = read_npy_header(path)
    return _Stored(name, path, header.shape, header.dtype, lambda: read_npy(path))


def _check_inputs(x: _Stored) -> None:
    """Raise `InputError` unless `x` holds rows or images of numbers."""
    if x.dtype.kind not in "iufb" or x.dtype.itemsize > 8:
        raise InputError(f"{x.title} must hold numbers, got {x.dtype}")
    shape = _image(x.shape)
    if len(shape) not in (2, 3) or 0 in shape:
        shapes = "(n, features), (n, height, width) or (n, height, width, 1)"
        raise InputError(f"{x.title} must have the shape {shapes}, each at least 1, got {x.shape}")


def _image(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape without the axis of the channel, if it is an image of one channel."""
    return shape[:3] if len(shape) == 4 and shape[3] == 1 else shape


def _check_labels(y: _Stored, len_x: int) -> None:
    """Raise `InputError` unless `y` holds a class for each of `len_x` rows."""
    if len(y.shape) == 2 and y.shape[0] == len_x and y.shape[1] > 1 and y.dtype.kind in "iufb":
        if y.shape[1] > MOST_COLUMNS:
            rule = f"must have at most {MOST_COLUMNS:,} columns, one per class"
            raise InputError(f"{y.title} {rule}, got {y.shape[1]:,}")
        return
    if y.shape not in ((len_x,), (len_x, 1)):
        raise InputError(f"{y.title} must be ({len_x},), one class per row, got {y.shape}")
    if y.dtype.kind not in "iuU":
        hint = f"; `data.target` = '{y.name}' predicts numbers" if y.dtype.kind == "f" else ""
        raise InputError(f"{y.title} must hold whole numbers or text, got {y.dtype}{hint}")


def _check_targets(y: _Stored, len_x: int) -> None:
    """Raise `InputError` unless `y` holds numbers for `len_x` rows."""
    if y.dtype.kind not in "iufb" or y.dtype.itemsize > 8:
        raise InputError(f"{y.title} must hold numbers, got {y.dtype}")
    if len(y.shape) not in (1, 2) or y.shape[0] != len_x or 0 in y.shape:
        shapes = f"({len_x},) or ({len_x}, k), a target or k of them per row"
        raise InputError(f"{y.title} must have the shape {shapes}, got {y.shape}")
    if len(y.shape) == 2 and y.shape[1] > MOST_COLUMNS:
        rule = f"must have at most {MOST_COLUMNS:,} columns, one per target"
        raise InputError(f"{y.title} {rule}, got {y.shape[1]:,}")


def _read_inputs(x: _Stored) -> NDArray[Any]:
    """Return the inputs if all are finite in float32."""
    array = _read_finite(x)
    return array.reshape(_image(array.shape))


def _read_finite(x: _Stored) -> NDArray[Any]:
    """Return the numbers in `x` if all are finite in float32."""
    array = x.read()
    rows = as_rows(array)
    for part in chunks(rows) if array.dtype.kind == "f" else ():
        # In double precision, because float16 cannot hold the bound.
        with np.errstate(invalid="ignore"):
            fit = np.abs(rows[part].astype(np.float64)) <= MOST
        if not fit.all():
            row, column = np.argwhere(~fit)[0] + (part.start, 0)
            place = f"`{x.name}[{row}, {column}]` in `{x.path}`"
            raise InputError(f"{place} must be a finite number, got {rows[row, column]}")
    return array


def _class_names(y: _Stored) -> list[str]:
    array = y.read()
    if array.ndim == 2 and array.shape[1] > 1:
        return _one_hot_names(array, y)
    names = [str(label) for label in array.ravel().tolist()]
    bad = next((k for k, name in enumerate(names) if not name or not name.isprintable()), None)
    if bad is not None:
        rule = "must name a class in printable text"
        raise InputError(f"`{y.name}[{bad}]` in `{y.path}` {rule}, got {shown(names[bad])}")
    return names


def _one_hot_names(array: NDArray[Any], y: _Stored) -> list[str]:
    one_hot = ((array == 0) | (array == 1)).all(axis=1) & (np.count_nonzero(array, axis=1) == 1)
    if not one_hot.all():
        row = int(one_hot.argmin())
        rule = "must have a 1 for its class and 0 for all others"
        raise InputError(
            f"`{y.name}[{row}]` in `{y.path}` {rule}, got {shown(array[row].tolist())}"
        )
    return [str(place) for place in array.argmax(axis=1).tolist()]
