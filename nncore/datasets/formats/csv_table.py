"""Reads an untrusted `.csv` file: a line of column names, then numbers.

An error names the line and the column of the fault.
"""

import csv
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn, TextIO

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError, named

LONGEST_LINE = 1 << 23  # characters: room for half a million columns
MOST = float(np.finfo(np.float32).max)


class CsvTable(NamedTuple):
    """The inputs `x`, `(n, n_in)` float64, the label of each row, and the names of the inputs.

    `groups` has the group of each row, if a column of groups was asked for.
    """

    x: NDArray[np.float64]
    labels: list[str]
    inputs: tuple[str, ...]
    groups: list[str] | None


def read_csv(
    path: Path, label: str, ignore: Collection[str] = (), group: str | None = None
) -> CsvTable:
    """Return the table at `path`: UTF-8, comma-separated, with column names in the first line.

    The columns `label` and `group` are text. The columns `ignore` are skipped, whatever they
    contain. All others are finite numbers. Blank lines are skipped. The first line is taken for
    data, not for names, if all names are numbers, or if all but that of the label are and the
    label's is a class below it; names that count up from 0 or 1 are names.

    Raises
    ------
    InputError
        If the file is unreadable or breaks one of these rules; it names the line and the column.
    """
    with _opened(path) as reader:
        return reader.table(label, ignore, group)


def read_csv_inputs(
    path: Path, inputs: Sequence[str] | None = None, ignore: Collection[str | None] = ()
) -> NDArray[np.float64]:
    """Return the columns `inputs` at `path`, in that order, `(n, n_in)`; None means all of them.

    The columns `ignore` are skipped if they are there, whatever they contain.

    Raises
    ------
    InputError
        As `read_csv` does, or if one of `inputs` is missing or there is another column.
    """
    with _opened(path) as reader:
        return reader.inputs(inputs, ignore)


def read_column_names(path: Path) -> list[str]:
    """Return the names in the first line at `path`; `InputError` if it has no distinct names."""
    with _opened(path) as reader:
        return reader.names()


@contextmanager
def _opened(path: Path) -> Iterator["_Reader"]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield _Reader(path, file)
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` must be UTF-8 text, got {error.reason}") from error


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise InputError(f"`{path}` must have lines of fewer than {LONGEST_LINE:,} characters")
        yield line


class _Reader:
    """Reads the rows of one file and keeps track of the line, for errors."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self._path = path
        self._rows = csv.reader(_lines(file, path), strict=True)
        self._names: list[str] = []

    def names(self) -> list[str]:
        self._read_names()
        return self._names

    def table(self, label: str, ignore: Collection[str], group: str | None) -> CsvTable:
        self._read_names()
        texts = {"label": label} if group is None else {"label": label, "group": group}
        for meaning, name in texts.items():
            if name not in self._names:
                rule = f"must have the {meaning} column `{named(name)}`"
                raise InputError(f"`{self._path}` {rule}, got {_listed(self._names)}")
        for name in ignore:
            if name not in self._names:
                rule = f"must have the column {_short(name)} to ignore"
                raise InputError(f"`{self._path}` {rule}, got {_listed(self._names)}")
        others = {label, group, *ignore}
        names = [name for name in self._names if name not in others]
        x, columns = self._below(names, texts)
        labels = columns["label"]
        if label in labels and all(map(_is_number, names)) and not _count_up(self._names):
            got = f"numbers and {_short(label)}, which is a class below"
            raise InputError(f"`{self._path}` must begin with column names, got {got}")
        return CsvTable(x, labels, tuple(names), columns.get("group"))

    def inputs(
        self, wanted: Sequence[str] | None, ignore: Collection[str | None]
    ) -> NDArray[np.float64]:
        self._read_names(wanted or ())
        names = [name for name in self._names if name not in ignore]
        if wanted is not None:
            self._check_columns(names, wanted)
        return self._below(names if wanted is None else wanted, {})[0]

    def _below(
        self, names: Sequence[str], texts: Mapping[str, str]
    ) -> tuple[NDArray[np.float64], dict[str, list[str]]]:
        """Return the columns `names` as numbers, and those of `texts` as text.

        `texts` has the name of a column for each meaning of its cells, "label" or "group".
        """
        if not names:
            raise InputError(f"`{self._path}` must have a column of inputs, got none")
        places = {name: k for k, name in enumerate(self._names)}
        columns = [places[name] for name in names]
        meanings = [(meaning, places[name]) for meaning, name in texts.items()]
        values, lines = array("d"), array("Q")
        read: dict[str, list[str]] = {meaning: [] for meaning in texts}
        for cells in self._cells():
            if len(cells) != len(self._names):
                rule = f"have {len(self._names)} cells, like the first line"
                self._refuse(self._line, rule, str(len(cells)))
            for meaning, place in meanings:
                read[meaning].append(self._text(cells[place], place, meaning))
            numbers = [cells[k] for k in columns]
            try:
                values.extend(map(_number, numbers))
            except ValueError:
                column, cell = _first_no_number(names, numbers)
                self._refuse_cell(self._line, column, cell, None if lines else texts)
            lines.append(self._line)
        if not lines:
            raise InputError(f"`{self._path}` must have a row below its column names, got none")
        x = np.frombuffer(values).reshape(len(lines), len(names))
        bad = np.argwhere(~(np.abs(x) <= MOST))
        if len(bad):
            row, column = bad[0]
            self._refuse_cell(lines[row], names[column], str(x[row, column]))
        return x, read

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

    def _read_names(self, known: Sequence[str] = ()) -> None:
        """Read the column names; numbers are names only if they are `known` or count up."""
        self._names = names = next(self._cells(), [])
        if not names:
            raise InputError(f"`{self._path}` must have a line of column names, got an empty file")
        if all(map(_is_number, names)) and not (set(names) <= set(known) or _count_up(names)):
            raise InputError(f"`{self._path}` must begin with column names, got numbers")
        if len(set(names)) < len(names):
            twice = next(name for k, name in enumerate(names) if name in names[:k])
            rule = "must have distinct column names"
            raise InputError(f"`{self._path}` {rule}, got {_short(twice)} twice")

    def _check_columns(self, names: Sequence[str], wanted: Sequence[str]) -> None:
        there, known = set(names), set(wanted)
        for name in wanted:
            if name not in there:
                rule = f"must have the column {_short(name)} that the network was trained on"
                raise InputError(f"`{self._path}` {rule}, got {_listed(names)}")
        for name in names:
            if name not in known:
                rule = "must have only the columns that the network was trained on"
                raise InputError(f"`{self._path}` {rule}, got {_short(name)} too")

    def _text(self, text: str, place: int, meaning: str) -> str:
        if not text or not text.isprintable():
            column = self._names[place]
            named = "class" if meaning == "label" else meaning
            rule = f"name a {named} in printable text"
            self._refuse(self._line, rule, _short(text), f", column {_short(column)}")
        return text

    def _refuse_cell(
        self, line: int, column: str, got: str, texts: Mapping[str, str] | None = None
    ) -> NoReturn:
        """Refuse a cell, in the first row of a table, where `texts` is given, with a hint.

        A word there means that the whole column is text; further below it may be a slip.
        """
        name = _short(column)
        fault = self._fault(line, "be a finite number", _short(got), f", column {name}")
        if not texts or not any(map(str.isalpha, got)):
            raise InputError(fault)
        hint = f"if the column is text, `ignore` {name} leaves it out"
        if "group" not in texts:
            hint += f", and `group` {name} keeps the rows of each entry in one split"
        raise InputError(f"{fault}; {hint}", argument=("ignore", "group"))

    def _refuse(self, line: int, rule: str, got: str, column: str = "") -> NoReturn:
        raise InputError(self._fault(line, rule, got, column))

    def _fault(self, line: int, rule: str, got: str, column: str) -> str:
        return f"`{named(self._path)}` line {line}{column} must {rule}, got {got}"


def _first_no_number(names: Sequence[str], cells: Sequence[str]) -> tuple[str, str]:
    return next((n, c) for n, c in zip(names, cells, strict=True) if not _is_number(c))


def _number(text: str) -> float:
    if "_" in text:  # Python groups digits so; tables do not
        raise ValueError
    return float(text)


def _count_up(names: Sequence[str]) -> bool:
    """Return whether `names` are 0, 1, 2 … or 1, 2, 3 …, which tools write for unnamed columns."""
    return any(list(names) == [str(start + k) for k in range(len(names))] for start in (0, 1))


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True


def _listed(names: Sequence[str]) -> str:
    few = [*names[:8], "…", names[-1]] if len(names) > 10 else names
    return ", ".join(_cut(name) if name.isprintable() else _short(name) for name in few)


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _short(text: str) -> str:
    return repr(_cut(text))
