"""Reads an untrusted table of text with pandas: a line of column names, then numbers and words.

An error names the line and the column of the fault. This is the only module of `nncore` that
imports pandas, and only when it reads a file.
"""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np

from nncore.datasets.formats.delimited import BoundedText, Dialect, find_dialect, opened_text
from nncore.datasets.formats.table import EMPTY, FEWEST, MOST, Cells, Table, refuse_cell, short
from nncore.errors import InputError, named

CHUNK = 1 << 18  # cells that are text at a time
UNNAMED = "Unnamed: "
"""How the name of a second column begins whose header is empty; its place follows."""


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
    kinds = set(text)
    while True:  # a second time if a column that began with numbers is text
        columns, words = _read(path, found, kinds, ignore, known, numbers)
        if numbers or not words:
            return Table(path, columns, partial(_line_of, path, found))
        kinds |= words


def read_column_names(
    path: Path, dialect: Dialect | None = None, known: Collection[str] = ()
) -> list[str]:
    """Return the names of the columns at `path`; `InputError` if it begins with numbers."""
    found = find_dialect(path, dialect or Dialect())
    with opened_text(path, found) as file:
        return _distinct(_header(file, path, found, known))


@dataclass
class _Seen:
    """What the cells of one column were so far, if they are read as numbers."""

    numbers: int = 0
    words: int = 0
    examples: dict[str, int] = field(default_factory=dict)  # a few different words and their rows

    def add(self, number: int, words: Sequence[tuple[int, str]], start: int) -> None:
        self.numbers += number
        self.words += len(words)
        for row, word in words:
            if len(self.examples) < 3:
                self.examples.setdefault(word, start + row)

    @property
    def is_text(self) -> bool:
        """Whether words are no slips: a few, or one or two different ones among more numbers."""
        slips = len(self.examples) < 3 or self.words <= 0.05 * self.numbers
        return self.words > 0 and not (slips and self.words <= self.numbers)


def _read(
    path: Path,
    dialect: Dialect,
    text: Collection[str],
    ignore: Collection[str | None],
    known: Collection[str],
    numbers: bool,
) -> tuple[dict[str, Cells], set[str]]:
    """Return the columns, and the names of those not in `text` that turned out to be text."""
    with opened_text(path, dialect) as file:
        given = _header(file, path, dialect, known)
    names = _distinct(given)
    kept: dict[str, list[Cells]] = {n: [] for n in names if n not in ignore}
    seen = {name: _Seen() for name in kept}
    places = {name: place for place, name in enumerate(names)}
    same: dict[str, str] = {}  # one object for each different word
    rows = 0
    for chunk in _chunks(path, dialect, len(names)):
        for name, parts in kept.items():
            cells = chunk[places[name]].tolist()
            if name in text:
                stripped = (cell.strip() for cell in cells)
                parts.append(np.array([same.setdefault(c, c) for c in stripped], object))
            else:
                values, words = _numbers(cells, dialect.decimal)
                seen[name].add(int(np.isfinite(values).sum()), words, rows)
                parts.append(values)
        rows += len(chunk)
    if not rows:
        raise InputError(f"`{named(path)}` must have a row below its column names, got none")
    words_in = {n for n in kept if n not in text and seen[n].is_text and not numbers}
    columns = {n: np.concatenate(parts) for n, parts in kept.items() if n not in words_in}
    for name, column in columns.items():
        if name not in text:
            _check_numbers(path, dialect, name, column, seen[name])
    for name in [name for name in columns if not given[places[name]] and name not in known]:
        if _numbers_rows(columns[name]):
            del columns[name]
    return columns, words_in


def _numbers_rows(column: Cells) -> bool:
    """Return whether a column without a name numbers the rows, or those of a larger table."""
    if column.dtype.kind != "f":
        return False
    if column[0] in (0, 1) and np.array_equal(column, column[0] + np.arange(len(column))):
        return True
    whole = bool((column == np.floor(column)).all())
    return whole and len(np.unique(column)) == len(column) >= FEWEST


def _check_numbers(path: Path, dialect: Dialect, name: str, column: Cells, seen: _Seen) -> None:
    rule = "be a finite number"
    if seen.words:
        word, row = next(iter(seen.examples.items()))
        hint = f"; `data.categories` = [{short(name)}] takes the column as text"
        refuse_cell(path, _line_of(path, dialect, row), name, rule, word, hint)
    bad = np.flatnonzero(np.abs(column) > MOST)
    if len(bad):
        line = _line_of(path, dialect, int(bad[0]))
        refuse_cell(path, line, name, rule, str(column[bad[0]]))


def _numbers(cells: list[str], decimal: str | None) -> tuple[Cells, list[tuple[int, str]]]:
    """Return the numbers in `cells`, NaN for others, and each word that is not empty with its row.

    Python groups digits by "_", which no table does.
    """
    all_text = "".join(cells)
    if "_" not in all_text and decimal == ".":
        try:
            return np.array(list(map(float, cells))), []
        except ValueError:
            pass  # cell by cell below
    numbers = np.full(len(cells), np.nan)
    words = []
    for row, cell in enumerate(map(str.strip, cells)):
        if cell.lower() in EMPTY:
            continue
        try:
            numbers[row] = to_number(cell, decimal)
        except ValueError:
            words.append((row, cell))
    return numbers, words


def to_number(text: str, decimal: str | None) -> float:
    """Return the number that a cell holds; `ValueError` if it holds none."""
    if "_" in text or (decimal == "," and "." in text):
        raise ValueError
    return float(text.replace(",", ".") if decimal == "," else text)


def _header(
    file: BoundedText, path: Path, dialect: Dialect, known: Collection[str] = ()
) -> list[str]:
    """Return the names in the first line of `file`, which is read to the end of that line."""
    names = next(_rows(file, path, dialect, strict=True), (0, []))[1]
    if not names:
        raise InputError(f"`{path}` must have a line of column names, got an empty file")
    if not dialect.header:
        return [str(place) for place in range(len(names))]
    if all(map(is_number, names)) and not (set(names) <= set(known) or count_up(names)):
        hint = "; `data.header` = false reads a table without them"
        raise InputError(f"`{path}` must begin with column names, got numbers{hint}")
    return names


def _distinct(names: Sequence[str]) -> list[str]:
    """Return a different name for each column: "name.1" for the second "name"; one may be ""."""
    distinct: list[str] = []
    for place, name in enumerate(names):
        first = new = name if name or "" not in distinct else f"{UNNAMED}{place}"
        count = 0
        while new in distinct or (new in names and new != name):
            count += 1
            new = f"{first}.{count}"
        distinct.append(new)
    return distinct


def _chunks(path: Path, dialect: Dialect, width: int) -> Iterator[Any]:
    """Yield data frames of text, one column for each of `width` cells; "" is an empty cell."""
    import pandas as pd

    with opened_text(path, dialect) as file:
        if dialect.header:
            next(_rows(file, path, dialect, strict=True))
        try:
            reader = pd.read_csv(
                cast(Any, file),  # it has all that pandas uses of a file
                sep=dialect.separator,
                header=None,
                names=range(width),
                dtype=object,
                na_filter=False,
                chunksize=max(1, CHUNK // width),
            )
            checked = False
            for chunk in reader:
                # pandas fills up short rows, and takes a column more for row labels.
                short = not checked and bool((chunk[width - 1] == "").any())
                if short or not isinstance(chunk.index, pd.RangeIndex):
                    _check_rows(path, dialect, width, strict=False)
                    checked = True
                yield chunk
        except pd.errors.ParserError as error:
            _check_rows(path, dialect, width, strict=True)
            raise InputError(f"`{path}` must be a table, got: {error}") from error


def _check_rows(path: Path, dialect: Dialect, width: int, *, strict: bool) -> None:
    """Raise `InputError` for the first row that has not `width` cells, or a fault of quotes."""
    with opened_text(path, dialect) as file:
        for line, cells in _rows(file, path, dialect, strict=strict):
            if len(cells) != width:
                rule = f"have {width} cells, like the first line"
                raise InputError(f"`{named(path)}` line {line} must {rule}, got {len(cells)}")


def _rows(
    file: BoundedText, path: Path, dialect: Dialect, *, strict: bool
) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and stripped cells of each line of `file` that is not blank."""
    reader = csv.reader(file, delimiter=dialect.separator or ",", strict=strict)
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        line = reader.line_num
        raise InputError(f"`{named(path)}` line {line} must be CSV, got: {error}") from error


def _line_of(path: Path, dialect: Dialect, row: int) -> int | str:
    """Return the number of the line in which a row ends, "?" if the csv module does not find it."""
    with opened_text(path, dialect) as file:
        lines = (line for line, _ in _rows(file, path, dialect, strict=False))
        return next(islice(lines, row + dialect.header, None), "?")


def count_up(names: Sequence[str]) -> bool:
    """Return whether `names` are 0, 1, 2 … or 1, 2, 3 …, which tools write for unnamed columns."""
    return any(list(names) == [str(start + k) for k in range(len(names))] for start in (0, 1))


def is_number(text: str) -> bool:
    """Return whether `text` is a number with a decimal point."""
    try:
        to_number(text, ".")
    except ValueError:
        return False
    return True
