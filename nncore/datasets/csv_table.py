"""Reads a `.csv` file that anyone may have made: a line of column names, then numbers.

Whatever is wrong with it is told by its line and column.
"""

import csv
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError

LONGEST_LINE = 1 << 23  # characters: room for half a million columns
MOST = float(np.finfo(np.float32).max)


class CsvTable(NamedTuple):
    """Inputs `x`, `(n, n_in)` float64, and the texts of the label column; none if not asked for."""

    x: NDArray[np.float64]
    labels: list[str]


def read_csv(path: Path, label: str | None) -> CsvTable:
    """Return the table at `path`: UTF-8, comma-separated, the first line names the columns.

    The column `label` is text, all others are finite numbers. Blank lines are passed over.

    Raises
    ------
    InputError
        If the file is unreadable or breaks one of these rules; it names the line and the column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _Reader(path, file).read(label)
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` must be UTF-8 text, got {error.reason}") from error


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise InputError(f"`{path}` must have lines of less than {LONGEST_LINE:,} characters")
        yield line


class _Reader:
    """The rows of one file, and where in it they stand."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._rows = csv.reader(_lines(file, path), strict=True)
        self._names: list[str] = []

    def read(self, label: str | None) -> CsvTable:
        self._names = next(self._cells(), [])
        place = self._label_place(label)
        names = [name for k, name in enumerate(self._names) if k != place]
        if not names:
            raise InputError(f"`{self._path}` must have a column of inputs, got none")
        values, lines, labels = array("d"), array("Q"), list[str]()
        for cells in self._cells():
            if len(cells) != len(self._names):
                rule = f"have {len(self._names)} cells, as the first line has"
                self._refuse(self._line, rule, str(len(cells)))
            if place is not None:
                labels.append(self._label(cells.pop(place), place))
            try:
                values.extend(map(float, cells))
            except ValueError:
                self._refuse_cell(self._line, *_first_no_number(names, cells))
            lines.append(self._line)
        if not lines:
            raise InputError(f"`{self._path}` must have a row below its column names, got none")
        x = np.frombuffer(values).reshape(len(lines), len(names))
        bad = np.argwhere(~(np.abs(x) <= MOST))
        if len(bad):
            row, column = bad[0]
            self._refuse_cell(lines[row], names[column], str(x[row, column]))
        return CsvTable(x, labels)

    @property
    def _line(self) -> int:
        return self._rows.line_num

    def _cells(self) -> Iterator[list[str]]:
        """Yield the stripped cells of each line that is not blank."""
        try:
            for cells in self._rows:
                if cells:
                    yield [cell.strip() for cell in cells]
        except csv.Error as error:
            raise InputError(
                f"`{self._path}` line {self._line} must be CSV, got: {error}"
            ) from error

    def _label_place(self, label: str | None) -> int | None:
        """Return where the label column is, having checked the column names."""
        names = self._names
        if not names:
            raise InputError(f"`{self._path}` must have a line of column names, got an empty file")
        if all(map(_is_number, names)) and not all(map(str.isdecimal, names)):
            raise InputError(f"`{self._path}` must begin with column names, got numbers")
        if len(set(names)) < len(names):
            twice = next(name for k, name in enumerate(names) if name in names[:k])
            rule = "must have column names that differ"
            raise InputError(f"`{self._path}` {rule}, got {_short(twice)} twice")
        if label is None:
            return None
        if label not in names:
            few = [*names[:8], "…", names[-1]] if len(names) > 10 else names
            got = ", ".join(map(_cut, few))
            raise InputError(f"`{self._path}` must have the label column `{label}`, got {got}")
        return names.index(label)

    def _label(self, text: str, place: int) -> str:
        if not text or not text.isprintable():
            column = self._names[place]
            rule = "name a class in printable text"
            self._refuse(self._line, rule, _short(text), f", column {_short(column)}")
        return text

    def _refuse_cell(self, line: int, column: str, got: str) -> NoReturn:
        self._refuse(line, "be a finite number", _short(got), f", column {_short(column)}")

    def _refuse(self, line: int, rule: str, got: str, column: str = "") -> NoReturn:
        raise InputError(f"`{self._path}` line {line}{column} must {rule}, got {got}")


def _first_no_number(names: Sequence[str], cells: Sequence[str]) -> tuple[str, str]:
    return next((n, c) for n, c in zip(names, cells, strict=True) if not _is_number(c))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _short(text: str) -> str:
    return repr(_cut(text))
