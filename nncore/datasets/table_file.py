"""Reads the examples in a user's table: its columns, the class of each row and its group.

For prediction it reads the columns that a network was trained on.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nncore.datasets.columns.inputs import TEXT_KINDS, Column, text_cells
from nncore.datasets.data_source import ARFF, DataSource, file_kind
from nncore.datasets.formats.arff import read_arff, read_arff_names
from nncore.datasets.formats.csv_table import (
    UNNAMED,
    count_up,
    is_number,
    read_column_names,
    read_table,
)
from nncore.datasets.formats.delimited import Dialect
from nncore.datasets.formats.table import Cells, Table, listed, short
from nncore.errors import InputError, named


def column_names(
    path: Path, dialect: Dialect | None = None, known: Collection[str] = ()
) -> list[str]:
    """Return the names of the columns at `path`, of which some may be `known`.

    Raises `InputError` if the file does not begin with names.
    """
    if file_kind(path.name) == ARFF:
        return read_arff_names(path)
    return read_column_names(path, dialect, known)


def read_examples(path: Path, source: DataSource) -> tuple[Table, list[str], list[str] | None]:
    """Return the columns of inputs at `path`, the class of each row, and its group if asked for.

    Raises `InputError` if the file is faulty, or lacks a column that `source` names.
    """
    label, group = source.label, source.group
    assert label is not None  # `DataSource` requires it for a table
    declared = not source.is_delimited
    names = read_arff_names(path) if declared else read_column_names(path, source.dialect)
    texts = {"label": label} if group is None else {"label": label, "group": group}
    for meaning, name in texts.items():
        _require_column(path, names, name, f"the {meaning} column `{named(name)}`")
    for name in source.ignore:
        _require_column(path, names, name, f"the column {short(name)} to ignore")
    for name in source.categories:
        _require_column(path, names, name, f"the column {short(name)} of categories")
    text = {*texts.values(), *source.categories}
    ignored = set(source.ignore) - set(texts.values())
    if declared:
        table = read_arff(path, text, ignored)
    else:
        table = read_table(path, source.dialect, text, ignored)
    if source.ignore_labels:
        table = _without(table, label, source.ignore_labels)
    labels = _texts(table, label, "class", '; `data.ignore_labels` = [""] leaves such rows out')
    numbers = all(is_number(n) for n in names if n != label) and not count_up(names)
    if label in labels and numbers and not declared:
        got = f"numbers and {short(label)}, which is a class below"
        hint = "; `data.header` = false reads a table without them"
        raise InputError(f"`{path}` must begin with column names, got {got}{hint}")
    groups = None if group is None else _texts(table, group, "group")
    inputs = {n: c for n, c in table.columns.items() if n not in texts.values()}
    if not inputs:
        raise InputError(f"`{path}` must have a column of inputs, got none")
    return _cleaned(replace(table, columns=inputs)), labels, groups


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
    if file_kind(path.name) == ARFF:
        table = read_arff(path, text, ignored, numbers=True)
    else:
        table = read_table(path, dialect, text, ignored, known, numbers=True)
    if inputs is not None:
        _check_columns(path, list(table.columns), inputs, _named(table.columns))
        table = replace(table, columns={name: table.columns[name] for name in inputs})
    if not table.columns:
        raise InputError(f"`{path}` must have a column of inputs, got none")
    if columns is None:
        _refuse_empty(table)
    return _cleaned(table)


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


def _without(table: Table, name: str, labels: Collection[str]) -> Table:
    """Return the rows of `table` whose label, in the column `name`, is not one of `labels`."""
    given = table.columns[name].tolist()
    for label in labels:
        if label not in given:
            rule = f"must have the label {short(label)} to ignore in column {short(name)}"
            raise InputError(f"`{table.path}` {rule}, got {listed(sorted(set(given)))}")
    kept = np.flatnonzero([label not in labels for label in given])
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
