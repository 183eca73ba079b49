"""Reads an untrusted `.arff` file, Weka's format of tables: declared columns, then dense rows.

An error names the line and the column of the fault.
"""

import math
import re
from array import array
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NoReturn

import numpy as np

from nncore.datasets.formats.table import MOST, Cells, Table, refuse_cell
from nncore.errors import InputError, named, shown

LONGEST_LINE = 1 << 23  # characters: room for half a million columns
MISSING = "?"
NUMERIC = ("numeric", "real", "integer")
TEXTUAL = ("string", "date")
TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"]+|,""")
NAME = re.compile(r"""\s+('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"{},%]+)\s*""")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Attribute:
    """A declared column: a number, or text; `values` are the only values of a nominal one."""

    name: str
    is_number: bool
    values: frozenset[str] | None = None


def read_arff(
    path: Path,
    text: Collection[str] = (),
    ignore: Collection[str | None] = (),
    *,
    numbers: bool = False,
) -> Table:
    """Return the table at `path` without the columns `ignore`, whatever they contain.

    The columns `text` are text, and so are those that are declared as text, or as nominal with
    values that are no numbers. With `numbers`, all but the columns `text` are numbers. A missing
    value, `?`, is an empty cell. Sparse rows are refused.

    Raises
    ------
    InputError
        If the file is unreadable or breaks one of these rules; it names the line and the column.

    Source: Weka, "Attribute-Relation File Format (ARFF)".
    """
    with _opened(path) as reader:
        kept = [name for name in reader.attributes if name not in ignore]
        texts = {n for n in kept if n in text or not (numbers or reader.attributes[n].is_number)}
        return Table(path, reader.columns(kept, texts), partial(_place_of, path))


def read_arff_names(path: Path) -> list[str]:
    """Return the names of the columns at `path`; `InputError` if they are not declared well."""
    with _opened(path) as reader:
        return list(reader.attributes)


def _place_of(path: Path, row: int) -> str:
    with _opened(path) as reader:
        return f"line {reader.line_of(row)}"


@contextmanager
def _opened(path: Path) -> Iterator["_Reader"]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield _Reader(path, _lines(file.readline, path))
    except OSError as error:
        raise InputError(f"`{path}` must be readable, got: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` must be UTF-8 text, got {error.reason}") from error


def _lines(readline: Callable[[int], str], path: Path) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line that is neither blank nor a comment."""
    number = 0
    while line := readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise InputError(f"`{path}` must have lines of fewer than {LONGEST_LINE:,} characters")
        text = line.strip()
        if text and not text.startswith("%"):
            yield number, text


class _Reader:
    """Reads the declarations of one file, then its rows, and keeps track of the line."""

    def __init__(self, path: Path, lines: Iterator[tuple[int, str]]) -> None:
        self._path, self._lines, self._line = path, lines, 0
        self.attributes = self._declared()

    def columns(self, names: Sequence[str], texts: Collection[str]) -> dict[str, Cells]:
        """Return the columns `names`: those in `texts` as text, the others as numbers."""
        places = {name: place for place, name in enumerate(self.attributes)}
        number_names = [name for name in names if name not in texts]
        number_places = [places[name] for name in number_names]
        values, read = array("d"), {name: list[str]() for name in names if name in texts}
        known: dict[str, str] = {}  # equal texts are kept once
        count = 0
        for cells in self._cells():
            for name, column in read.items():
                text = self._text(cells[places[name]], self.attributes[name])
                column.append(known.setdefault(text, text))
            try:
                values.extend([_number(cells[place]) for place in number_places])
            except ValueError:
                name = next(n for n in number_names if not _is_number(cells[places[n]]))
                got = cells[places[name]]
                refuse_cell(self._path, f"line {self._line}", name, "be a finite number", got)
            count += 1
        if not count:
            raise InputError(f"`{self._path}` must have a row below @data, got none")
        rows = np.frombuffer(values).reshape(count, len(number_names))
        numbers = dict(zip(number_names, rows.T, strict=True))
        return {n: numbers[n] if n in numbers else np.array(read[n], object) for n in names}

    def line_of(self, row: int) -> int:
        """Return the number of the line of a row."""
        next(islice(self._cells(), row, None))
        return self._line

    def _texts(self) -> Iterator[str]:
        """Yield the text of each further line, and keep its number for errors."""
        for number, text in self._lines:
            self._line = number
            yield text

    def _declared(self) -> dict[str, Attribute]:
        """Read the lines up to `@data` and return the attributes by their names."""
        attributes: dict[str, Attribute] = {}
        for text in self._texts():
            keyword = text.split(None, 1)[0].lower()
            if keyword == "@data":
                return attributes
            if keyword == "@attribute":
                attribute = self._attribute(text[len("@attribute") :])
                if attribute.name in attributes:
                    self._refuse("declare distinct columns", f"{shown(attribute.name)} twice")
                attributes[attribute.name] = attribute
            elif keyword != "@relation":
                self._refuse("begin with @relation, @attribute or @data", shown(text))
        raise InputError(f"`{self._path}` must have a line @data, got none")

    def _attribute(self, text: str) -> Attribute:
        found = NAME.match(text)
        name = _unquoted(found[1]) if found else ""
        if not found or not name.strip() or not name.isprintable():
            self._refuse("name a column in printable text", shown(text.strip()))
        kind = text[found.end() :].strip()
        if kind.startswith("{") and kind.endswith("}"):
            values = frozenset(self._split(kind[1:-1]))
            return Attribute(name, all(map(_is_number, values)), values)
        word = kind.split(None, 1)[0].lower() if kind else ""
        if word not in NUMERIC + TEXTUAL:
            kinds = "numeric, real, integer, string, date or {…}"
            self._refuse(f"declare column {shown(name)} as {kinds}", shown(kind))
        return Attribute(name, word in NUMERIC)

    def _cells(self) -> Iterator[list[str]]:
        """Yield the cells of each row."""
        width = len(self.attributes)
        for text in self._texts():
            if text.startswith("{"):
                self._refuse("be a dense row", f"a sparse one, {shown(text)}")
            cells = self._split(text)
            if len(cells) != width:
                self._refuse(f"have {width} values, one for each column", str(len(cells)))
            yield cells

    def _split(self, text: str) -> list[str]:
        """Return the values between commas, without white space and quotes around them."""
        if "'" not in text and '"' not in text:
            return [cell.strip() for cell in text.split(",")]
        cells, cell, end = list[str](), "", 0
        for token in TOKEN.finditer(text):
            if token.start() != end:  # a quote without its second one
                break
            end = token.end()
            if token[0] == ",":
                cells.append(cell)
                cell = ""
            elif token[0].strip():
                if cell:
                    self._refuse("have a comma between values", shown(text))
                cell = token[0].strip()
        if end != len(text):
            self._refuse("close each quote", shown(text))
        return [_unquoted(cell) for cell in (*cells, cell)]

    def _text(self, text: str, attribute: Attribute) -> str:
        if text == MISSING:
            return ""
        if attribute.values is not None and text not in attribute.values:
            rule = "be one of the declared values"
            refuse_cell(self._path, f"line {self._line}", attribute.name, rule, text)
        return text

    def _refuse(self, rule: str, got: str) -> NoReturn:
        raise InputError(f"`{named(self._path)}` line {self._line} must {rule}, got {got}")


def _unquoted(text: str) -> str:
    if text[:1] not in ("'", '"'):
        return text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1])


def _number(text: str) -> float:
    """Return a number that is finite in float32, NaN for a missing one; else `ValueError`."""
    if text == MISSING:
        return math.nan
    if "_" in text:  # Python groups digits so; tables do not
        raise ValueError
    value = float(text)
    if not abs(value) <= MOST:
        raise ValueError
    return value


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True
