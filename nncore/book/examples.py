"""The book's form of examples and networks, checked and converted to rows.

An example is a pair: a column x, and a column y (for training) or a label (for evaluation).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nncore.arrays.layout import Array
from nncore.datasets.dataset import Split, one_hot
from nncore.errors import InputError, require

Examples = Iterable[tuple[Any, Any]]


def vectorized_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and y `(n_out, 1)`; the largest y is the label.

    Rows are float32 if all columns are float32, else float64.

    Raises
    ------
    InputError
        If there are no pairs or they have other shapes; the message calls them `name`.
    """
    xs, ys = _unzip(examples, name)
    x, y = _rows(xs, n_in, f"x of {name}"), _rows(ys, n_out, f"y of {name}")
    return Split(x, y, y.argmax(axis=1))


def labeled_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and a label 0 … n_out − 1.

    A label is a whole number of any type, such as 3, 3.0 or a 0-d array. Raises `InputError` as
    `vectorized_split` does.
    """
    xs, labels = _unzip(examples, name)
    key, rule = f"y of {name}", f"be a label from 0 to {n_out - 1}"
    for label in map(plain, labels):
        number = isinstance(label, int | float)
        known = number and 0 <= label < n_out and label % 1 == 0
        require(known, key, rule, label if number else type(label).__name__)
    indices = np.array(labels, np.int64)
    return Split(_rows(xs, n_in, f"x of {name}"), one_hot(indices, n_out), indices)


def check_sizes(sizes: Sequence[int]) -> None:
    """Raise `InputError` unless `sizes` are two or more widths, inputs first."""
    whole = np.ndim(sizes) == 1 and all(isinstance(n, int | np.integer) and n > 0 for n in sizes)
    require(whole and len(sizes) > 1, "sizes", "be a list of two or more widths >= 1", sizes)


def check_shapes(sizes: Sequence[int], weights: list[Array], biases: list[Array]) -> None:
    """Raise `InputError` unless all weights are `(n_out, n_in)` and all biases `(n_out, 1)`."""
    shapes = [(n_out, n_in) for n_in, n_out in pairwise(sizes)]
    got = [np.shape(w) for w in weights]
    require(got == shapes, "weights", f"have the shapes {shapes}", got)
    shapes = [(n_out, 1) for n_out in sizes[1:]]
    got = [np.shape(b) for b in biases]
    require(got == shapes, "biases", f"have the shapes {shapes}", got)


def plain(value: Any) -> Any:
    """Return a NumPy number or 0-d array as plain Python, and any other value unchanged."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value


def _unzip(examples: Examples, name: str) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        xs, ys = zip(*examples, strict=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"`{name}` must hold one or more pairs (x, y): {error}") from error
    return xs, ys


def _rows(columns: Sequence[Any], size: int, name: str) -> Array:
    """Return columns `(size, 1)` as rows `(n, size)`, in one copy."""
    rule = f"have the shape {(size, 1)}"
    try:
        stacked, lengths = np.concatenate(columns), set(map(len, columns))
    except (TypeError, ValueError) as error:
        raise InputError(f"`{name}` must {rule}: {error}") from error
    # Arrays that NumPy could concatenate can differ only in length.
    got = [(length, *stacked.shape[1:]) for length in sorted(lengths)]
    require(got == [(size, 1)], name, rule, got)
    require(stacked.dtype.kind in "biuf", name, "hold numbers", stacked.dtype.name)
    rows = stacked.reshape(-1, size)
    return rows if rows.dtype == np.float32 else rows.astype(np.float64, copy=False)
