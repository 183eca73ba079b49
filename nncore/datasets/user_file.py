"""Builds a data set from a user's file of arrays or table: three scaled, labeled splits.

Every fault of the file is reported in one line that names the file.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.array_file import read_array_inputs, read_labeled_arrays
from nncore.datasets.data_source import (
    FILE_KINDS,
    TABLES,
    DataSource,
    file_kind,
    file_sha256,
    files_sha256,
    is_file_name,
)
from nncore.datasets.dataset import DataSet, make_dataset, make_split
from nncore.datasets.formats.arff import read_arff, read_arff_inputs
from nncore.datasets.formats.csv_table import read_csv, read_csv_inputs
from nncore.datasets.formats.image_columns import image_in_columns
from nncore.datasets.identifiers import identifiers
from nncore.datasets.scaling import SCALINGS, as_rows
from nncore.datasets.splitting import LabeledRows, divided_anew, ordinary_split
from nncore.errors import InputError, named, require

MOST_CLASSES = 1000  # each class takes a column of the one-hot targets


@dataclass(frozen=True)
class FileExamples:
    """The examples in a file: raw inputs `x`, `(n, n_in)` or `(n, h, w)`, and their class names.

    The last `tested` of them are the test set that the file itself sets apart; 0 if it has none.
    `inputs` are the names of the input columns of a table, `groups` the entries of its column of
    groups.
    """

    x: NDArray[Any]
    names: list[str]
    tested: int = 0
    inputs: tuple[str, ...] | None = None
    groups: list[str] | None = None


def read_inputs(
    path: Path,
    inputs: Sequence[str] | None = None,
    label: str | None = None,
    ignore: Sequence[str] = (),
) -> NDArray[Any]:
    """Return the raw inputs in a file, `(n, n_in)`: the arrays or the columns of inputs.

    The columns are those named in `inputs`, in that order; None means all columns in their own
    order. The columns `label` and `ignore` of a table are left out; arrays of labels may be
    missing.

    Raises `InputError` if the file is unreadable or of another kind, or an input is not a number.
    """
    file_sha256(path)  # raises if the path does not lead to a regular file
    if not is_file_name(path.name):
        raise InputError(f"data file `{path}` must end in {FILE_KINDS}")
    if file_kind(path.name) in TABLES:
        read = read_csv_inputs if file_kind(path.name) == ".csv" else read_arff_inputs
        return read(path, inputs, (label, *ignore))
    return read_array_inputs(path)


def build_file(source: DataSource) -> DataSet:
    """Return the data set in the file of a `located` source.

    Classes are sorted by name, or by value if all are whole numbers. Each class is split by the
    fractions of `source.split`; if the file has a test set of its own, the other rows are split in
    the ratio of the first two. Then `source.part` divides training and validation rows anew. The
    scaling is fitted on the training rows.

    Raises
    ------
    InputError
        If the file is unreadable or faulty, has fewer than two classes or more than 1,000, has too
        few examples of a class for its splits, or has changed since it was located.
    """
    path = Path(source.path)
    examples = _read_examples(path, source)
    if files_sha256(path) != source.sha256:
        raise InputError(f"data file `{path}` must not change while it is in use")
    classes = _in_order(examples.names)
    places = {name: place for place, name in enumerate(classes)}
    labels = np.array([places[name] for name in examples.names])
    _check_classes(path, classes)
    groups = None if examples.groups is None else np.array(examples.groups)
    labeled = LabeledRows(labels, classes, str(path), groups)
    parts = ordinary_split(labeled, source.split, examples.tested)
    if source.part:
        parts = (*divided_anew(labeled, parts[0], parts[1], source.part), parts[2])
    x = as_rows(examples.x)
    image = _image(path, examples, source.image)
    scaling = replace(SCALINGS[source.scale](x[parts[0]]), inputs=examples.inputs)
    try:
        scaled = scaling.apply(x)  # in the order of the file, so an error names the row there
    except InputError as error:
        raise InputError(f"`{path}` must hold inputs of a smaller range: {error}") from error
    train, validation, test = (
        make_split(scaled[rows], labels[rows], len(classes)) for rows in parts
    )
    return make_dataset(
        source,
        train,
        validation,
        test,
        classes=classes,
        scaling=scaling,
        image_shape=image,
        identifiers=() if image else _identifiers(examples),
    )


def _image(
    path: Path, examples: FileExamples, given: tuple[int, int] | None
) -> tuple[int, int] | None:
    """Return the height and width of the inputs if they are images: as `given`, or as in the file.

    Raises `InputError` if the inputs cannot have the shape that is `given`.
    """
    if examples.x.ndim == 3:
        own = examples.x.shape[1], examples.x.shape[2]
        rule = f"be {list(own)}, the shape of the images in `{path}`"
        require(given in (None, own), "image", rule, given and list(given))
        return own
    if given is None:
        return image_in_columns(examples.inputs or ())
    rule = f"have a product of {examples.x.shape[1]}, the number of inputs in `{path}`"
    require(math.prod(given) == examples.x.shape[1], "image", rule, list(given))
    return given


def _identifiers(examples: FileExamples) -> tuple[str, ...]:
    """Return the columns that number the rows: by name, or by place in `x`."""
    places = [f"x[:, {k}]" for k in range(examples.x.shape[1])]
    return identifiers(examples.x, examples.inputs or places)


def _read_examples(path: Path, source: DataSource) -> FileExamples:
    if source.is_table:
        assert source.label is not None  # `DataSource` requires it for a table
        read = read_csv if file_kind(source.name) == ".csv" else read_arff
        table = read(path, source.label, source.ignore, source.group)
        return FileExamples(table.x, table.labels, 0, table.inputs, table.groups)
    return FileExamples(*read_labeled_arrays(path))


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return the distinct names, sorted: by value if all are whole numbers, else as text."""
    different = sorted(set(names))
    if all(re.fullmatch(r"[+-]?[0-9]{1,100}", name) for name in different):
        different.sort(key=int)
    return tuple(different)


def _check_classes(path: Path, classes: Sequence[str]) -> None:
    if len(classes) == 1:
        raise InputError(f"`{path}` must have at least two classes, got only `{named(classes[0])}`")
    if len(classes) > MOST_CLASSES:
        got = f"{len(classes):,}, such as `{named(classes[0])}`"
        raise InputError(f"`{path}` must have at most {MOST_CLASSES:,} classes, got {got}")
