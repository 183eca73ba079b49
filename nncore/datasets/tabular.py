"""Data sets of the user's own: an `.npz` or `.csv` file becomes three scaled, labelled splits.

Every fault of the file is told in one line that names it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.base import DataSet, make_dataset, make_split
from nncore.datasets.csv_table import MOST, read_csv
from nncore.datasets.data_source import DataSource, file_sha256, is_file_name
from nncore.datasets.npz import read_npz
from nncore.datasets.splitting import split_sizes, stratified_split
from nncore.errors import InputError
from nncore.scaling import SCALINGS, as_rows

MOST_CLASSES = 1000  # each costs a column of zeros and ones


@dataclass(frozen=True)
class Examples:
    """What a file holds: raw inputs `x` `(n, n_in)` or `(n, h, w)`, and the class names of each."""

    x: NDArray[Any]
    names: list[str]


def read_inputs(path: Path, label: str | None = None) -> NDArray[Any]:
    """Return the raw inputs in a file, `(n, n_in)`: `x` of an `.npz`, the columns of a `.csv`.

    The column `label` of a `.csv` is left out, as is `y` of an `.npz`.

    Raises `InputError` if the file is unreadable, of another kind, or its inputs are no numbers.
    """
    file_sha256(path)  # says what is wrong with a path that leads to no file
    if not is_file_name(path.name):
        raise InputError(f"data file `{path}` must end in .npz or .csv")
    if path.suffix.lower() == ".csv":
        return read_csv(path, label).x
    return as_rows(_checked_inputs(read_npz(path, ["x"])["x"], path))


def build_file(source: DataSource) -> DataSet:
    """Return the data set in the file of a `located` source.

    Classes are in the order of their names, whole numbers by value. Each is split by the shares of
    `source.split`, and the scaling is fitted on the training rows.

    Raises
    ------
    InputError
        If the file is unreadable or faulty, has fewer than two classes or more than 1,000, or too
        few examples of a class for the three splits, or changed since it was located.
    """
    path = Path(source.path)
    examples = _read_examples(path, source.label)
    if file_sha256(path) != source.sha256:
        raise InputError(f"data file `{path}` must not change while it is in use")
    classes = _in_order(examples.names)
    places = {name: place for place, name in enumerate(classes)}
    labels = np.array([places[name] for name in examples.names])
    _check_classes(path, classes, labels, source.split)
    x = as_rows(examples.x)
    parts = stratified_split(labels, source.split)
    scaling = SCALINGS[source.scale](x[parts[0]])
    try:
        train, validation, test = (
            make_split(scaling.apply(x[rows]), labels[rows], len(classes)) for rows in parts
        )
    except InputError as error:
        raise InputError(f"`{path}` holds inputs too far apart: {error}") from error
    height_width = examples.x.shape[1:]
    return make_dataset(
        source,
        train,
        validation,
        test,
        classes=classes,
        scaling=scaling,
        image_shape=(height_width[0], height_width[1]) if len(height_width) == 2 else None,
    )


def _read_examples(path: Path, label: str | None) -> Examples:
    if path.suffix.lower() == ".csv":
        return Examples(*read_csv(path, label))
    arrays = read_npz(path, ["x", "y"])
    x, y = _checked_inputs(arrays["x"], path), arrays["y"]
    if y.shape != (len(x),):
        raise InputError(
            f"`y` in `{path}` must be ({len(x)},), a class for each row, got {y.shape}"
        )
    return Examples(x, _class_names(y, path))


def _checked_inputs(x: NDArray[Any], path: Path) -> NDArray[Any]:
    """Return `x` if it is rows or images of finite numbers."""
    if x.dtype.kind not in "iufb" or x.dtype.itemsize > 8:
        raise InputError(f"`x` in `{path}` must hold numbers, got {x.dtype}")
    if x.ndim not in (2, 3) or x.size == 0:
        rule = "be (n, features) or (n, height, width) with at least one of each"
        raise InputError(f"`x` in `{path}` must {rule}, got {x.shape}")
    for row, values in enumerate(as_rows(x)) if x.dtype.kind == "f" else ():
        fit = np.abs(values) <= MOST
        if not fit.all():
            place = f"`x[{row}, {fit.argmin()}]` in `{path}`"
            raise InputError(f"{place} must be a finite number, got {values[fit.argmin()]}")
    return x


def _class_names(y: NDArray[Any], path: Path) -> list[str]:
    if y.dtype.kind not in "iuU" or y.dtype.itemsize == 0:
        raise InputError(f"`y` in `{path}` must hold whole numbers or text, got {y.dtype}")
    names = [str(label) for label in y.tolist()]
    bad = next((k for k, name in enumerate(names) if not name or not name.isprintable()), None)
    if bad is not None:
        rule = "must name a class in printable text"
        raise InputError(f"`y[{bad}]` in `{path}` {rule}, got {names[bad][:40]!r}")
    return names


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return the different names, sorted: by value if all are whole numbers, else as text."""
    different = sorted(set(names))
    if all(re.fullmatch(r"[+-]?[0-9]{1,100}", name) for name in different):
        different.sort(key=int)
    return tuple(different)


def _check_classes(
    path: Path, classes: Sequence[str], labels: NDArray[Any], split: Sequence[float]
) -> None:
    if len(classes) == 1:
        raise InputError(f"`{path}` must have two classes or more, got only `{classes[0]}`")
    if len(classes) > MOST_CLASSES:
        got = f"{len(classes):,}, such as `{classes[0]}`"
        raise InputError(f"`{path}` must have {MOST_CLASSES:,} classes at most, got {got}")
    for name, count in zip(classes, np.bincount(labels).tolist(), strict=True):
        sizes = split_sizes(count, split)
        if min(sizes) < 1:
            shares = " / ".join(map(str, sizes))
            raise InputError(
                f"class `{name}` in `{path}` must be in training, validation and test data, "
                f"got {count} examples, split {shares}"
            )
