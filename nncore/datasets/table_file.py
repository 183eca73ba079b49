"""Reads the examples in a user's table: its columns, the class or target of each row, its group.

For prediction it reads the columns that a network was trained on.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.inputs import TEXT_KINDS, Column, text_cells
from nncore.datasets.data_source import ARFF, PARQUET, DataSource, file_kind
from nncore.datasets.formats.arff import read_arff, read_arff_names
from nncore.datasets.formats.csv_rows import UNNAMED, count_up, is_number, number_of
from nncore.datasets.formats.csv_table import read_column_names, read_table
from nncore.datasets.formats.delimited import Dialect, find_dialect
from nncore.datasets.formats.parquet import read_parquet, read_parquet_names
from nncore.datasets.formats.table import EMPTY, MOST, Cells, Table, listed, short
from nncore.errors import InputError, named


class Reader(NamedTuple):
    """The functions that read the names of the columns of a file, and its table."""

    names: Callable[[Path], list[str]]
    read: Callable[..., Table]


DECLARED = {
    ARFF: Reader(read_arff_names, read_arff),
    PARQUET: Reader(read_parquet_names, read_parquet),
}
"""The readers of the tables that declare their columns, by the kind of the file."""


def column_names(
    path: Path, dialect: Dialect | None = None, known: Collection[str] = ()
) -> list[str]:
    """Return the names of the columns at `path`, of which some may be `known`.

    Raises `InputError` if the file does not begin with names.
    """
    return _names(path, file_kind(path.name), dialect, known)


class TableExamples(NamedTuple):
    """The examples in a table: its columns of inputs, and what is known of each row.

    That is its class, or its targets, `(n, k)`, and its group; None for what was not asked for.
    """

    inputs: Table
    classes: list[str] | None
    targets: NDArray[np.float64] | None
    groups: list[str] | None


def read_examples(path: Path, source: DataSource) -> TableExamples:
    """Return the columns of inputs at `path`, with the class or the targets and group of each row.

    Raises `InputError` if the file is faulty, lacks a column that `source` names, or a target is
    no finite number.
    """
    label, group = source.label, source.group
    kind = file_kind(source.name)  # the file may have moved to a path of another kind
    names = _names(path, kind, source.dialect)
    used = [("label", label), *(("target", name) for name in source.target), ("group", group)]
    texts = [(meaning, name) for meaning, name in used if name]
    for meaning, name in texts:
        _require_column(path, names, name, f"the {meaning} column `{named(name)}`")
    others = {name for _, name in texts}
    for name in source.ignore:
        _require_column(path, names, name, f"the column {short(name)} to ignore")
    for name in source.categories:
        _require_column(path, names, name, f"the column {short(name)} of categories")
    text = {*others, *source.categories}  # targets too: a bad one is shown as it was written
    ignored = set(source.ignore) - others
    table = _read(path, kind, source.dialect, text, ignored)
    if source.ignore_labels:
        table = _without(table, [label] if label else source.target, source.ignore_labels)
    hint = '; `data.ignore_labels` = [""] leaves such rows out'
    labels = None if label is None else _texts(table, label, "class", hint)
    numbers = all(is_number(n) for n in names if n != label) and not count_up(names)
    if labels and label in labels and numbers and source.is_delimited:
        got = f"numbers and {short(label)}, which is a class below"
        hint = "; `data.header` = false reads a table without them"
        raise InputError(f"`{path}` must begin with column names, got {got}{hint}")
    groups = None if group is None else _texts(table, group, "group")
    inputs = {n: c for n, c in table.columns.items() if n not in others}
    if not inputs:
        raise InputError(f"`{path}` must have a column of inputs, got none")
    cleaned = _cleaned(replace(table, columns=inputs))
    return TableExamples(cleaned, labels, _targets(path, table, source), groups)


def _targets(path: Path, table: Table, source: DataSource) -> NDArray[np.float64] | None:
    """Return the targets that `source` names, `(n, k)`, None if it names none."""
    if not source.target:
        return None
    decimal = find_dialect(path, source.dialect).decimal if source.is_delimited else "."
    return np.column_stack([_numbers(table, name, decimal) for name in source.target])


def _numbers(table: Table, name: str, decimal: str | None) -> NDArray[np.float64]:
    numbers = np.empty(len(table))
    for row, cell in enumerate(table.columns[name].tolist()):
        try:
            numbers[row] = number_of(cell, decimal)
        except ValueError:
            numbers[row] = np.nan
        if not abs(numbers[row]) <= MOST:
            hint = f"; `data.ignore_labels` = [{json.dumps(cell)}] leaves such rows out"
            hint = hint if cell.lower() in EMPTY else ""
            table.refuse(row, name, "be a finite number, because it is a target", cell, hint)
    return numbers


def read_columns(path: Path, dialect: Dialect) -> Table:
    """Return all columns at `path`, with "" for each empty cell of text.

    Raises `InputError` if the file is faulty.
    """
    return _cleaned(_read(path, file_kind(path.name), dialect, (), ()))


def read_inputs(
    path: Path,
    dialect: Dialect,
    inputs: Sequence[str] | None,
    columns: Sequence[Column] | None,
    ignore: Collection[str | None],
) -> Table:
    """Return the columns `inputs` at `path`, in that order; None means all of them.

    `columns` say which of them are text, and which further ones may be there; None means that all
    are numbers. The columns `ignore` are skipped if they are there, whatever they contain.

    Raises `InputError` if the file is faulty, lacks one of `inputs` or has another column.
    """
    unused = {c.name for c in columns or () if c.kind == "unused"}
    text = {column.name for column in columns or () if column.kind in TEXT_KINDS}
    ignored = {*ignore, *unused}
    known = inputs or ()
    if inputs is not None:
        names = [n for n in column_names(path, dialect, known) if n not in ignored]
        # Whether a column without a name is one of row numbers, only its cells show.
        _check_columns(path, names, inputs, _named(names))
    kind = file_kind(path.name)
    table = _read(path, kind, dialect, text, ignored, known, numbers=True)
    if inputs is not None:
        _check_columns(path, list(table.columns), inputs, _named(table.columns))
        table = replace(table, columns={name: table.columns[name] for name in inputs})
    if not table.columns:
        raise InputError(f"`{path}` must have a column of inputs, got none")
    if columns is None:
        _refuse_empty(table)
    return _cleaned(table)


def _names(
    path: Path, kind: str, dialect: Dialect | None, known: Collection[str] = ()
) -> list[str]:
    """Return the names of the columns of a file of this kind."""
    if kind in DECLARED:
        return DECLARED[kind].names(path)
    return read_column_names(path, dialect, known)


def _read(
    path: Path,
    kind: str,
    dialect: Dialect,
    text: Collection[str],
    ignore: Collection[str | None],
    known: Collection[str] = (),
    *,
    numbers: bool = False,
) -> Table:
    """Return the table in a file of this kind."""
    if kind in DECLARED:
        return DECLARED[kind].read(path, text, ignore, numbers=numbers)
    return read_table(path, dialect, text, ignore, known, numbers=numbers)


def _named(names: Collection[str]) -> list[str]:
    return [name for name in names if name and not name.startswith(UNNAMED)]


def _refuse_empty(table: Table) -> None:
    for name, cells in table.columns.items():
        empty = np.flatnonzero(np.isnan(cells))
        if len(empty):
            table.refuse(int(empty[0]), name, "be a finite number", "")


def _cleaned(table: Table) -> Table:
    """Return `table` with "" for each empty cell of text."""
    columns = {n: c if c.dtype.kind == "f" else text_cells(c) for n, c in table.columns.items()}
    return replace(table, columns=columns)


def _without(table: Table, names: Sequence[str], labels: Collection[str]) -> Table:
    """Return the rows of `table` with none of `labels` in the columns `names`, as text."""
    given = [table.columns[name] for name in names]
    for label in labels:
        if not any((cells == label).any() for cells in given):
            got = listed(sorted({str(cell) for cells in given for cell in cells}))
            rule = f"must have the label {short(label)} to ignore in column {short(names[0])}"
            raise InputError(f"`{table.path}` {rule}, got {got}")
    kept = np.flatnonzero(~np.any([np.isin(cells, list(labels)) for cells in given], axis=0))
    if not len(kept):
        raise InputError(f"`{table.path}` must have a row with another label, got none")
    return table.only(kept)


def _texts(table: Table, name: str, meaning: str, hint: str = "") -> list[str]:
    cells: Cells = table.columns[name]
    for row, text in enumerate(cells.tolist()):
        if not text or not text.isprintable():
            rule = f"name a {meaning} in printable text"
            table.refuse(row, name, rule, text, "" if text else hint)
    return list(cells.tolist())


def _require_column(path: Path, names: Sequence[str], name: str, what: str) -> None:
    if name not in names:
        raise InputError(f"`{path}` must have {what}, got {listed(names)}")


def _check_columns(
    path: Path, names: Sequence[str], wanted: Sequence[str], others: Sequence[str]
) -> None:
    """Raise `InputError` unless `names` has all `wanted`, and `others` nothing else."""
    there, known = set(names), set(wanted)
    for name in wanted:
        if name not in there:
            rule = f"must have the column {short(name)} that the network was trained on"
            raise InputError(f"`{path}` {rule}, got {listed(names)}")
    for name in others:
        if name not in known:
            rule = "must have only the columns that the network was trained on"
            raise InputError(f"`{path}` {rule}, got {short(name)} too")
