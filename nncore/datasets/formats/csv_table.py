"""Reads an untrusted table of text: a line of column names, then numbers and words.

An error names the line and the column of the fault.
"""

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from nncore.datasets.formats.csv_cells import CHUNK, Seen, chunks, numbers_in, stripped
from nncore.datasets.formats.csv_quick import read_quickly
from nncore.datasets.formats.csv_rows import distinct_names, header, place_of_row
from nncore.datasets.formats.delimited import Dialect, find_dialect, opened_text
from nncore.datasets.formats.table import FEWEST, MOST, Cells, Table, refuse_cell, short
from nncore.errors import InputError, named


def read_table(
    path: Path,
    dialect: Dialect,
    text: Collection[str] = (),
    ignore: Collection[str | None] = (),
    known: Collection[str] = (),
    *,
    numbers: bool = False,
) -> Table:
    """Return the table at `path` without the columns `ignore`, whatever they contain.

    The columns `text` are text. Any other is numbers, or text if most of its cells are none; with
    `numbers`, such cells are refused. Blank lines are skipped. The first line is taken for data,
    not for names, if all its cells are numbers, except names that are `known` or count up from 0 or
    1. A second column of the same name is called "name.1", a second column without a name
    "Unnamed: k" after its place, as pandas does. A column without a name that is not `known` is
    left out if it counts the rows from 0 or 1, or has a different whole number in each of at least
    20 rows: pandas writes row numbers so.

    Raises
    ------
    InputError
        If the file is unreadable or faulty, or a column of numbers has a word here and there; it
        names the line and the column.
    """
    found = find_dialect(path, dialect)
    with opened_text(path, found) as file:
        given = header(file, path, found, known)
    names = distinct_names(given)
    kept = {name: place for place, name in enumerate(names) if name not in ignore}
    columns = read_quickly(path, found, len(names), kept, text, numbers=numbers)
    kinds = set(text)
    while columns is None:  # a second time if a column that began with numbers is text
        read, words = _read(path, found, len(names), kept, kinds, numbers=numbers)
        columns = None if words else read
        kinds |= words
    unnamed = {n for n, place in kept.items() if not given[place] and n not in known}
    columns = {n: c for n, c in columns.items() if n not in unnamed or not _numbers_rows(c)}
    return Table(path, columns, partial(place_of_row, path, found))


def read_column_names(
    path: Path, dialect: Dialect | None = None, known: Collection[str] = ()
) -> list[str]:
    """Return the names of the columns at `path`; `InputError` if it begins with numbers."""
    found = find_dialect(path, dialect or Dialect())
    with opened_text(path, found) as file:
        return distinct_names(header(file, path, found, known))


def _numbers_rows(column: Cells) -> bool:
    """Return whether a column without a name numbers the rows, or those of a larger table."""
    if column.dtype.kind != "f":
        return False
    if column[0] in (0, 1) and np.array_equal(column, column[0] + np.arange(len(column))):
        return True
    whole = bool((column == np.floor(column)).all())
    return whole and len(np.unique(column)) == len(column) >= FEWEST


def _read(
    path: Path,
    dialect: Dialect,
    width: int,
    places: Mapping[str, int],
    text: Collection[str],
    *,
    numbers: bool,
) -> tuple[dict[str, Cells], set[str]]:
    """Return the columns, and the names of those not in `text` that turned out to be text."""
    kept: dict[str, list[Cells]] = {name: [] for name in places}
    seen = {name: Seen() for name in kept}
    known: dict[str, str] = {}
    rows = 0
    for chunk in chunks(path, dialect, width, max(1, CHUNK // width)):
        for name, parts in kept.items():
            cells = chunk[places[name]].tolist()
            if name in text:
                parts.append(stripped(cells, known))
            else:
                values, words = numbers_in(cells, dialect.decimal)
                seen[name].add(values, words, rows)
                parts.append(values)
        rows += len(chunk)
    if not rows:
        raise InputError(f"`{named(path)}` must have a row below its column names, got none")
    words_in = {n for n in kept if n not in text and seen[n].is_text and not numbers}
    columns = {n: np.concatenate(parts) for n, parts in kept.items() if n not in words_in}
    for name, column in columns.items():
        if name not in text:
            _check_numbers(path, dialect, name, column, seen[name])
    return columns, words_in


def _check_numbers(path: Path, dialect: Dialect, name: str, column: Cells, seen: Seen) -> None:
    rule = "be a finite number"
    if seen.words:
        word, row = next(iter(seen.examples.items()))
        hint = f"; `data.categories` = [{short(name)}] takes the column as text"
        refuse_cell(path, place_of_row(path, dialect, row), name, rule, word, hint)
    bad = np.flatnonzero(np.abs(column) > MOST)
    if len(bad):
        place = place_of_row(path, dialect, int(bad[0]))
        refuse_cell(path, place, name, rule, str(column[bad[0]]))
