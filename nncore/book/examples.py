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

Example = tuple[Any, Any]
Examples = Iterable[Example]
Layers = list[tuple[Array, Array]]

FLOAT64 = np.dtype(np.float64)
NUMBERS = "biuf"
"""The kinds of dtypes that hold numbers: bool, integers and floats."""


def as_list(examples: Examples, name: str) -> list[Example]:
    """Return `examples` themselves if they are a list, else a list of them.

    Raises `InputError`, which calls them `name`, if they are not iterable.
    """
    if isinstance(examples, list):
        return examples
    try:
        return list(examples)
    except TypeError as error:
        raise _no_pairs(name, error) from error


def vectorized_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and y `(n_out, 1)`; the largest y is the label.

    Rows are float32 if all columns are float32, else float64. For one output, y may be a number.

    Raises
    ------
    InputError
        If there are no pairs or they have other shapes; the message calls them `name`.
    """
    xs, ys = _unzip(examples, name)
    if n_out == 1:
        ys = [_column(y) for y in ys]
    x, y = _rows(xs, n_in, f"x of {name}"), _rows(ys, n_out, f"y of {name}")
    return Split(x, y, y.argmax(axis=1))


def labeled_split(examples: Examples, n_in: int, n_out: int, name: str) -> Split:
    """Return the rows of pairs of x `(n_in, 1)` and a label 0 … n_out − 1, for n_out > 1.

    A label is a whole number of any type, such as 3, 3.0 or a 0-d array. Raises `InputError` as
    `vectorized_split` does.
    """
    xs, labels = _unzip(examples, name)
    for label in labels:
        _check_label(label, n_out, name)
    indices = np.array(labels, np.int64)
    return Split(_rows(xs, n_in, f"x of {name}"), one_hot(indices, n_out), indices)


def unit_column(label: Any, n_out: int, name: str) -> Array:
    """Return the unit vector `(n_out, 1)` of a label; raise `InputError` as `labeled_split`."""
    _check_label(label, n_out, name)
    column = np.zeros((n_out, 1))
    column[int(label)] = 1.0
    return column


def check_examples(
    examples: list[Example], n_in: int, n_out: int, name: str, labeled: bool
) -> None:
    """Check single examples as `labeled_split` or `vectorized_split` checks many.

    It takes less time for a few examples. Raises `InputError` as these functions do.
    """
    for example in examples:
        try:
            x, y = example
        except (TypeError, ValueError) as error:
            raise _no_pairs(name, error) from error
        _check_column(x, n_in, "x", name)
        if labeled:
            _check_label(y, n_out, name)
        elif n_out > 1 or np.size(y) != 1:  # for one output, y may be a number
            _check_column(y, n_out, "y", name)


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


def checked_layers(sizes: Sequence[int], weights: list[Array], biases: list[Array]) -> Layers:
    """Return the weights and biases of each layer in float64, checked as by `check_shapes`."""
    layers, n_in = [], sizes[0]
    for n_out, w, b in zip(sizes[1:], weights, biases, strict=False):
        # Asked first, because the conversion takes time even where it changes nothing.
        if getattr(w, "dtype", None) is not FLOAT64:
            w = np.asarray(w, FLOAT64)
        if getattr(b, "dtype", None) is not FLOAT64:
            b = np.asarray(b, FLOAT64)
        if w.shape != (n_out, n_in) or b.shape != (n_out, 1):
            break
        layers.append((w, b))
        n_in = n_out
    if not len(layers) == len(weights) == len(biases) == len(sizes) - 1:
        check_shapes(sizes, weights, biases)
    return layers


def check_columns(columns: Any, size: int, name: str) -> Array:
    """Return `columns` as an array, after a check that it has `size` rows and holds numbers.

    Raises `InputError`, which calls it `name`.
    """
    array = _array(columns, name)
    if array.ndim != 2 or len(array) != size:
        rule = f"have the shape ({size}, m), with a column for each example"
        require(False, name, rule, array.shape)
    if array.dtype.kind not in NUMBERS:
        require(False, name, "hold numbers", array.dtype.name)
    return array


def check_targets(y: Any, outputs: Array) -> None:
    """Raise `InputError` unless `y` has the shape of `outputs`; for one output, it may be a number.

    Other shapes would be repeated by NumPy without a word.
    """
    shape = _array(y, "y").shape
    if shape != outputs.shape and not (outputs.shape == (1, 1) and shape in ((), (1,))):
        require(False, "y", f"have the shape {outputs.shape}", shape)


def plain(value: Any) -> Any:
    """Return a NumPy number or 0-d array as plain Python, and any other value unchanged."""
    return value.item() if isinstance(value, np.generic | np.ndarray) and not value.ndim else value


def _check_column(column: Any, size: int, part: str, name: str) -> None:
    array = _array(column, f"{part} of {name}")
    if array.shape != (size, 1):
        require(False, f"{part} of {name}", f"have the shape {(size, 1)}", array.shape)
    if array.dtype.kind not in NUMBERS:
        require(False, f"{part} of {name}", "hold numbers", array.dtype.name)


def _check_label(label: Any, n_out: int, name: str) -> None:
    if n_out == 1:
        raise InputError(
            f"`y of {name}` must be the number of the largest output, and this network has only "
            "one output; give it two outputs, or use `nncore.estimator.NetworkClassifier`, whose y "
            "is one column of classes (accuracy is an argmax over the outputs)"
        )
    number = plain(label)
    numeric = isinstance(number, int | float)
    if not (numeric and 0 <= number < n_out and number % 1 == 0):
        got = number if numeric else type(number).__name__
        require(False, f"y of {name}", f"be a label from 0 to {n_out - 1}", got)


def _array(value: Any, name: str) -> Array:
    try:
        return np.asarray(value)
    except ValueError as error:  # lists of different lengths
        raise InputError(f"`{name}` must hold numbers in rows of one length") from error


def _no_pairs(name: str, error: Exception) -> InputError:
    return InputError(f"`{name}` must hold one or more pairs (x, y): {error}")


def _unzip(examples: Examples, name: str) -> tuple[Sequence[Any], Sequence[Any]]:
    try:
        xs, ys = zip(*examples, strict=True)
    except (TypeError, ValueError) as error:
        raise _no_pairs(name, error) from error
    return xs, ys


def _column(y: Any) -> Any:
    """Return a single number as a column `(1, 1)`, and any other value unchanged."""
    return np.reshape(y, (1, 1)) if np.size(y) == 1 and np.ndim(y) < 2 else y


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
    require(stacked.dtype.kind in NUMBERS, name, "hold numbers", stacked.dtype.name)
    rows = stacked.reshape(-1, size)
    return rows if rows.dtype == np.float32 else rows.astype(np.float64, copy=False)
