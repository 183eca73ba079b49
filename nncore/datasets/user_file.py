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

from nncore.datasets import table_file
from nncore.datasets.array_file import read_array_inputs, read_labeled_arrays
from nncore.datasets.columns.identifiers import identifiers
from nncore.datasets.columns.inputs import Column, encode
from nncore.datasets.columns.kinds import ColumnInfo, find_columns, find_pixels
from nncore.datasets.data_source import (
    FILE_KINDS,
    TABLES,
    DataSource,
    file_kind,
    file_sha256,
    files_sha256,
    is_file_name,
)
from nncore.datasets.dataset import DataSet, make_dataset, make_split, make_target_split
from nncore.datasets.formats.delimited import Dialect
from nncore.datasets.formats.image_columns import image_in_columns
from nncore.datasets.formats.table import Table
from nncore.datasets.scaling import SCALINGS, Scaling, as_rows
from nncore.datasets.splitting import (
    LabeledRows,
    Rows,
    divided_anew,
    ordinary_split,
    unlabeled_rows,
)
from nncore.errors import InputError, named, require

ANY_DIALECT = Dialect()
MOST_CLASSES = 1000  # each class takes a column of the one-hot targets


@dataclass(frozen=True)
class FileExamples:
    """The examples in a file: raw inputs `x` and their class names, or their targets `(n, k)`.

    `x` is `(n, n_in)` or `(n, h, w)`, or the columns of a table. The last `tested` examples are the
    test set that the file itself sets apart; 0 if it has none. `groups` are the entries of the
    column of groups in a table.
    """

    x: NDArray[Any] | Table
    names: list[str]
    targets: NDArray[np.float64] | None
    tested: int = 0
    groups: list[str] | None = None


@dataclass(frozen=True)
class Inputs:
    """The raw inputs of a data set as numbers, `(n, n_in)`, and what they are.

    That is the columns that they are from, or the height and width of images.
    """

    x: NDArray[Any]
    names: tuple[str, ...] | None = None
    encoding: tuple[Column, ...] | None = None
    columns: tuple[ColumnInfo, ...] = ()
    identifiers: tuple[str, ...] = ()
    image: tuple[int, int] | None = None


def read_inputs(
    path: Path,
    inputs: Sequence[str] | None = None,
    columns: Sequence[Column] | None = None,
    dialect: Dialect = ANY_DIALECT,
    ignore: Sequence[str | None] = (),
) -> NDArray[Any] | Table:
    """Return the raw inputs in a file, `(n, n_in)`: the arrays or the columns of inputs.

    The columns are those named in `inputs`, in that order; None means all columns in their own
    order. With `columns`, the encoding of a model, they are returned as the `Table` that it takes.
    The columns `ignore` of a table are left out; arrays of labels may be missing.

    Raises `InputError` if the file is unreadable or of another kind, or an input is not a number.
    """
    file_sha256(path)  # raises if the path does not lead to a regular file
    if not is_file_name(path.name):
        raise InputError(f"data file `{path}` must end in {FILE_KINDS}")
    if file_kind(path.name) in TABLES:
        table = table_file.read_inputs(path, dialect, inputs, columns, ignore)
        return table if columns else np.column_stack(list(table.columns.values()))
    return read_array_inputs(path)


def build_file(source: DataSource) -> DataSet:
    """Return the data set in the file of a `located` source.

    Classes are sorted by name, or by value if all are whole numbers. Each class is split by the
    fractions of `source.split`; if the file has a test set of its own, the other rows are split in
    the ratio of the first two. Then `source.part` divides training and validation rows anew. The
    scaling, and that of targets, is fitted on the training rows.

    Raises
    ------
    InputError
        If the file is unreadable or faulty, has fewer than two classes or more than 1,000, has too
        few examples of a class for its splits, a target is the same in all training rows, or the
        file has changed since it was located.
    """
    path = Path(source.path)
    examples, labeled, parts = read_rows(source)
    inputs, values = _inputs(examples.x, source, parts[0]), examples.targets
    del examples  # a table takes as much memory again as its inputs
    fitted = SCALINGS[source.scale](inputs.x[parts[0]])
    scaling = replace(fitted, inputs=inputs.names, encoding=inputs.encoding)
    try:
        # In the order of the file, so that an error names the row there.
        scaled = scaling.apply(inputs.x)
    except InputError as error:
        raise InputError(f"`{path}` must hold inputs of a smaller range: {error}") from error
    if values is None:
        n_out, labels = len(labeled.classes), labeled.labels
        splits = [make_split(scaled[rows], labels[rows], n_out) for rows in parts]
    else:
        targets = _fit_targets(source, values[parts[0]])
        splits = [make_target_split(scaled[rows], values[rows], targets) for rows in parts]
    return make_dataset(
        source,
        *splits,
        classes=tuple(labeled.classes),
        scaling=scaling,
        image_shape=inputs.image,
        identifiers=inputs.identifiers,
        columns=inputs.columns,
    )


def read_rows(source: DataSource) -> tuple[FileExamples, LabeledRows, tuple[Rows, Rows, Rows]]:
    """Return the examples in the file of a `located` source, and which rows each split has.

    Raises `InputError` as `build_file` does.
    """
    path = Path(source.path)
    examples = _read_examples(path, source)
    if files_sha256(path) != source.sha256:
        raise InputError(f"data file `{path}` must not change while it is in use")
    labeled = _labeled(path, examples)
    parts = ordinary_split(labeled, source.split, examples.tested)
    if source.part:
        parts = (*divided_anew(labeled, parts[0], parts[1], source.part), parts[2])
    return examples, labeled, parts


def _labeled(path: Path, examples: FileExamples) -> LabeledRows:
    """Return what a split must know of the examples; those with targets have no classes."""
    groups = None if examples.groups is None else np.array(examples.groups)
    if examples.targets is not None:
        return unlabeled_rows(len(examples.targets), str(path), groups)
    classes = _in_order(examples.names)
    _check_classes(path, classes)
    places = {name: place for place, name in enumerate(classes)}
    labels = np.array([places[name] for name in examples.names])
    return LabeledRows(labels, classes, str(path), groups, isinstance(examples.x, Table))


def _fit_targets(source: DataSource, values: NDArray[np.float64]) -> Scaling:
    """Return how to standardise targets, by their `values` in the training rows, `(n, k)`."""
    names, count = source.target, values.shape[1]
    if not source.is_table and count > 1:
        names = tuple(f"{source.target[0]}[:, {k}]" for k in range(count))
    fitted = SCALINGS["standard"](values)
    for k in np.flatnonzero(np.isinf(fitted.scale)):
        rule = f"must have different targets `{named(names[k])}` in its training rows"
        raise InputError(f"`{source.path}` {rule}, got only {values[0, k]:g}")
    return replace(fitted, inputs=names)


def _inputs(x: NDArray[Any] | Table, source: DataSource, rows: NDArray[np.int64]) -> Inputs:
    """Return the inputs of all examples; what becomes of a column is fitted on the training `rows`.

    An input that numbers the rows is an identifier: by name, or by place in `x`; images have none.
    """
    if isinstance(x, Table):
        return _inputs_of_table(x, source, rows)
    image, flat = _image(x, source), as_rows(x)
    places = [f"x[:, {k}]" for k in range(flat.shape[1])]
    return Inputs(flat, image=image, identifiers=() if image else identifiers(flat, places))


def _inputs_of_table(table: Table, source: DataSource, rows: NDArray[np.int64]) -> Inputs:
    image = _image_in_table(table, source)
    found = find_pixels(table) if image else find_columns(table, source.categories)
    columns = tuple(column.fit(rows, source.missing, source.rare) for column in found)
    x = encode(columns, table)
    if not x.shape[1]:
        rule = "must have a column of inputs that differs between rows and is no identifier"
        raise InputError(f"`{source.path}` {rule}, got none")
    # Images have hundreds of columns, all alike: only those with gaps are worth telling.
    told = [k for k, column in enumerate(found) if not image or column.has_gaps]
    infos = tuple(found[k].info(columns[k]) for k in told)
    plain = all(c.kind == "number" for c in columns) and not any(i.empty for i in infos)
    return Inputs(
        x,
        tuple(column.name for column in columns if column.inputs),
        None if plain else columns,
        infos,
        tuple(i.name for i in infos if i.kind == "identifier" and i.inputs),
        image,
    )


def _image(x: NDArray[Any], source: DataSource) -> tuple[int, int] | None:
    """Return the height and width of inputs that are images: as `source` says, or by their shape.

    Raises `InputError` if the inputs cannot have the shape that `source` says.
    """
    if x.ndim == 2:
        return _image_of(x.shape[1], source)
    own = x.shape[1], x.shape[2]
    rule = f"be {list(own)}, the shape of the images in `{source.path}`"
    require(source.image in (None, own), "image", rule, source.image and list(source.image))
    return own


def _image_in_table(table: Table, source: DataSource) -> tuple[int, int] | None:
    """Return the height and width of images in a table: as `source` says, or by the columns."""
    given = _image_of(len(table.columns), source)
    image = given or image_in_columns(list(table.columns))
    if image:
        rule = 'be "mean" or "refuse" for images, which have one input for each pixel'
        require(source.missing != "indicator", "missing", rule, source.missing)
    return image


def _image_of(n_in: int, source: DataSource) -> tuple[int, int] | None:
    """Return the height and width that `source` says, if they are of images of `n_in` pixels."""
    if source.image:
        rule = f"have a product of {n_in}, the number of inputs in `{source.path}`"
        require(math.prod(source.image) == n_in, "image", rule, list(source.image))
    return source.image


def _read_examples(path: Path, source: DataSource) -> FileExamples:
    if source.is_table:
        read = table_file.read_examples(path, source)
        return FileExamples(read.inputs, read.classes or [], read.targets, groups=read.groups)
    return FileExamples(*read_labeled_arrays(path, *source.target))


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
