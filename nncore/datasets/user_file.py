"""Builds a data set from a user's `.npz` file or table: three scaled, labeled splits.

Every fault of the file is reported in one line that names the file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets import table_file
from nncore.datasets.column_kinds import ColumnInfo, find_columns
from nncore.datasets.columns import Column, encode
from nncore.datasets.data_source import (
    FILE_KINDS,
    TABLES,
    DataSource,
    file_kind,
    file_sha256,
    is_file_name,
)
from nncore.datasets.dataset import DataSet, make_dataset, make_split
from nncore.datasets.formats.csv_table import MOST, Table
from nncore.datasets.formats.delimited import Dialect
from nncore.datasets.formats.npz import Header, read_headers, read_npz
from nncore.datasets.identifiers import identifiers
from nncore.datasets.scaling import SCALINGS, as_rows, chunks
from nncore.datasets.splitting import LabeledRows, divided_anew, ordinary_split
from nncore.errors import InputError, named, shown

ANY_DIALECT = Dialect()
MOST_CLASSES = 1000  # each class takes a column of the one-hot targets


@dataclass(frozen=True)
class FileExamples:
    """The examples in a file: raw inputs `x` and their class names.

    `x` is `(n, n_in)` or `(n, h, w)`, or the columns of a table. `groups` are the entries of a
    table's column of groups.
    """

    x: NDArray[Any] | Table
    names: list[str]
    groups: list[str] | None = None


@dataclass(frozen=True)
class Inputs:
    """The raw inputs of a data set as numbers, `(n, n_in)`, and the columns that they are from."""

    x: NDArray[Any]
    names: tuple[str, ...] | None = None
    encoding: tuple[Column, ...] | None = None
    columns: tuple[ColumnInfo, ...] = ()
    identifiers: tuple[str, ...] = ()


def read_inputs(
    path: Path,
    inputs: Sequence[str] | None = None,
    columns: Sequence[Column] | None = None,
    dialect: Dialect = ANY_DIALECT,
    ignore: Sequence[str | None] = (),
) -> NDArray[Any] | Table:
    """Return the raw inputs in a file, `(n, n_in)`: `x` of an `.npz`, or the columns of a table.

    The columns are those named in `inputs`, in that order; None means all columns in their own
    order. With `columns`, the encoding of a model, they are returned as the `Table` that it takes.
    The columns `ignore` of a table are left out, and so is `y` of an `.npz`.

    Raises `InputError` if the file is unreadable or of another kind, or an input is not a number.
    """
    file_sha256(path)  # raises if the path does not lead to a regular file
    if not is_file_name(path.name):
        raise InputError(f"data file `{path}` must end in {FILE_KINDS}")
    if file_kind(path.name) in TABLES:
        table = table_file.read_inputs(path, dialect, inputs, columns, ignore)
        return table if columns else np.column_stack(list(table.columns.values()))
    _check_header(read_headers(path, ["x"])["x"], path)
    return as_rows(_checked_inputs(read_npz(path, ["x"])["x"], path))


def build_file(source: DataSource) -> DataSet:
    """Return the data set in the file of a `located` source.

    Classes are sorted by name, or by value if all are whole numbers. Each class is split by the
    fractions of `source.split`; then `source.part` divides training and validation rows anew. The
    scaling is fitted on the training rows.

    Raises
    ------
    InputError
        If the file is unreadable or faulty, has fewer than two classes or more than 1,000, has too
        few examples of a class for its splits, or has changed since it was located.
    """
    path = Path(source.path)
    examples = _read_examples(path, source)
    if file_sha256(path) != source.sha256:
        raise InputError(f"data file `{path}` must not change while it is in use")
    classes = _in_order(examples.names)
    places = {name: place for place, name in enumerate(classes)}
    labels = np.array([places[name] for name in examples.names])
    _check_classes(path, classes)
    groups = None if examples.groups is None else np.array(examples.groups)
    labeled = LabeledRows(labels, classes, str(path), groups)
    parts = ordinary_split(labeled, source.split)
    if source.part:
        parts = (*divided_anew(labeled, parts[0], parts[1], source.part), parts[2])
    inputs = _inputs(examples, source, parts[0])
    fitted = SCALINGS[source.scale](inputs.x[parts[0]])
    scaling = replace(fitted, inputs=inputs.names, encoding=inputs.encoding)
    try:
        scaled = scaling.apply(
            inputs.x
        )  # in the order of the file, so an error names the row there
    except InputError as error:
        raise InputError(f"`{path}` must hold inputs of a smaller range: {error}") from error
    train, validation, test = (
        make_split(scaled[rows], labels[rows], len(classes)) for rows in parts
    )
    height_width = () if isinstance(examples.x, Table) else examples.x.shape[1:]
    return make_dataset(
        source,
        train,
        validation,
        test,
        classes=classes,
        scaling=scaling,
        image_shape=(height_width[0], height_width[1]) if len(height_width) == 2 else None,
        identifiers=inputs.identifiers,
        columns=inputs.columns,
    )


def _inputs(examples: FileExamples, source: DataSource, rows: NDArray[np.int64]) -> Inputs:
    """Return the inputs of all examples; what becomes of a column is fitted on the training `rows`.

    An input that numbers the rows is an identifier: by name, or by place in `x`; images have none.
    """
    if not isinstance(examples.x, Table):
        x = as_rows(examples.x)
        places = [f"x[:, {k}]" for k in range(x.shape[1])]
        return Inputs(x, identifiers=() if examples.x.ndim == 3 else identifiers(x, places))
    found = find_columns(examples.x, source.categories)
    columns = tuple(column.fit(rows, source.missing, source.rare) for column in found)
    x = encode(columns, examples.x)
    if not x.shape[1]:
        rule = "must have a column of inputs that differs between rows and is no identifier"
        raise InputError(f"`{source.path}` {rule}, got none")
    infos = tuple(one.info(column) for one, column in zip(found, columns, strict=True))
    plain = all(i.empty == 0 and c.kind == "number" for i, c in zip(infos, columns, strict=True))
    return Inputs(
        x,
        tuple(column.name for column in columns if column.inputs),
        None if plain else columns,
        infos,
        tuple(i.name for i in infos if i.kind == "identifier" and i.inputs),
    )


def _read_examples(path: Path, source: DataSource) -> FileExamples:
    if source.is_table:
        return FileExamples(*table_file.read_examples(path, source))
    headers = read_headers(path, ["x", "y"])  # checked before the data are read
    _check_header(headers["x"], path)
    n, y = headers["x"].shape[0], headers["y"]
    if y.shape != (n,):
        raise InputError(f"`y` in `{path}` must be ({n},), one class per row, got {y.shape}")
    if y.dtype.kind not in "iuU":
        raise InputError(f"`y` in `{path}` must hold whole numbers or text, got {y.dtype}")
    arrays = read_npz(path, ["x", "y"])
    return FileExamples(_checked_inputs(arrays["x"], path), _class_names(arrays["y"], path))


def _check_header(x: Header, path: Path) -> None:
    """Raise `InputError` unless `x` holds rows or images of numbers."""
    if x.dtype.kind not in "iufb" or x.dtype.itemsize > 8:
        raise InputError(f"`x` in `{path}` must hold numbers, got {x.dtype}")
    if len(x.shape) not in (2, 3) or 0 in x.shape:
        rule = "have the shape (n, features) or (n, height, width), each at least 1"
        raise InputError(f"`x` in `{path}` must {rule}, got {x.shape}")


def _checked_inputs(x: NDArray[Any], path: Path) -> NDArray[Any]:
    """Return `x` if all its values are finite in float32."""
    rows = as_rows(x)
    for part in chunks(rows) if x.dtype.kind == "f" else ():
        # In double precision, because float16 cannot hold the bound.
        with np.errstate(invalid="ignore"):
            fit = np.abs(rows[part].astype(np.float64)) <= MOST
        if not fit.all():
            row, column = np.argwhere(~fit)[0] + (part.start, 0)
            place = f"`x[{row}, {column}]` in `{path}`"
            raise InputError(f"{place} must be a finite number, got {rows[row, column]}")
    return x


def _class_names(y: NDArray[Any], path: Path) -> list[str]:
    names = [str(label) for label in y.tolist()]
    bad = next((k for k, name in enumerate(names) if not name or not name.isprintable()), None)
    if bad is not None:
        rule = "must name a class in printable text"
        raise InputError(f"`y[{bad}]` in `{path}` {rule}, got {shown(names[bad])}")
    return names


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
