"""Reads an untrusted `.arff` file, Weka's format of tables: declared columns, then dense rows.

An error names the line and the column of the fault.
"""

import re
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError, named, shown

LONGEST_LINE = 1 << 23  # characters: room for half a million columns
MOST = float(np.finfo(np.float32).max)
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


class ArffTable(NamedTuple):
    """The inputs `x`, `(n, n_in)` float64, the label of each row, and the names of the inputs.

    `groups` has the group of each row, if a column of groups was asked for.
    """

    x: NDArray[np.float64]
    labels: list[str]
    inputs: tuple[str, ...]
    groups: list[str] | None


def read_arff(
    path: Path, label: str, ignore: Collection[str] = (), group: str | None = None
) -> ArffTable:
    """Return the table at `path`.

    The columns `label` and `group` are text. The columns `ignore` are skipped, whatever they
    contain. All others are finite numbers, also if they are nominal and all declared values are
    numbers. Sparse rows and missing values, `?`, are refused.

    Raises
    ------
    InputError
        If the file is unreadable or breaks one of these rules; it names the line and the column.

    Source: Weka, "Attribute-Relation File Format (ARFF)".
    """
    with _opened(path) as reader:
        for name in filter(None, (label, group, *ignore)):
            reader.require_column(name)
        texts = {"label": label} if group is None else {"label": label, "group": group}
        names = [name for name in reader.attributes if name not in {label, group, *ignore}]
        x, columns = reader.rows(names, texts)
        return ArffTable(x, columns["label"], tuple(names), columns.get("group"))


def read_arff_inputs(
    path: Path, inputs: Sequence[str] | None = None, ignore: Collection[str | None] = ()
) -> NDArray[np.float64]:
    """Return the columns `inputs` at `path`, in that order, `(n, n_in)`; None means all of them.

    The columns `ignore` are skipped if they are there, whatever they contain.

    Raises
    ------
    InputError
        As `read_arff` does, or if one of `inputs` is missing or there is another column.
    """
    with _opened(path) as reader:
        names = [name for name in reader.attributes if name not in ignore]
        for name in inputs or ():
            reader.require_column(name)
        known = set(names if inputs is None else inputs)
        extra = next((name for name in names if name not in known), None)
        if extra is not None:
            rule = "must have only the columns that the network was trained on"
            raise InputError(f"`{path}` {rule}, got {shown(extra)} too")
        return reader.rows(names if inputs is None else inputs, {})[0]


def read_arff_names(path: Path) -> list[str]:
    """Return the names of the columns at `path`; `InputError` if they are not declared well."""
    with _opened(path) as reader:
        return list(reader.attributes)


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

    def require_column(self, name: str) -> None:
        if name not in self.attributes:
            listed = named(", ".join(self.attributes), 160)
            raise InputError(f"`{self._path}` must have the column {shown(name)}, got {listed}")

    def rows(
        self, names: Sequence[str], texts: Mapping[str, str]
    ) -> tuple[NDArray[np.float64], dict[str, list[str]]]:
        """Return the columns `names` as numbers, and those of `texts` as text.

        `texts` has the name of a column for each meaning of its cells, "label" or "group".
        """
        if not names:
            raise InputError(f"`{self._path}` must have a column of inputs, got none")
        attributes = list(self.attributes.values())
        places = {attribute.name: k for k, attribute in enumerate(attributes)}
        for name in names:
            self._check_input(attributes[places[name]], texts)
        values, read = array("d"), {meaning: list[str]() for meaning in texts}
        columns = [places[name] for name in names]
        known: dict[str, str] = {}  # equal texts are kept once
        count = 0
        for cells in self._cells(len(attributes)):
            for meaning, name in texts.items():
                text = self._text(cells[places[name]], self.attributes[name], meaning)
                read[meaning].append(known.setdefault(text, text))
            try:
                values.extend([_number(cells[k]) for k in columns])
            except ValueError:
                name = next(n for n in names if not _is_number(cells[places[n]]))
                self._refuse_cell(name, cells[places[name]])
            count += 1
        if not count:
            raise InputError(f"`{self._path}` must have a row below @data, got none")
        return np.frombuffer(values).reshape(count, len(names)), read

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

    def _cells(self, width: int) -> Iterator[list[str]]:
        """Yield the cells of each row."""
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

    def _check_input(self, attribute: Attribute, texts: Mapping[str, str]) -> None:
        """Refuse a column of text among the inputs, with a hint if other columns can be chosen."""
        if attribute.is_number:
            return
        name = shown(attribute.name)
        fault = f"`{named(self._path)}` must have columns of numbers as inputs, got {name}"
        if not texts:
            raise InputError(fault)
        hint = f"`ignore` {name} leaves it out"
        raise InputError(f"{fault}; {hint}", argument="ignore")

    def _text(self, text: str, attribute: Attribute, meaning: str) -> str:
        if text in ("", "?") or not text.isprintable():
            what = "class" if meaning == "label" else meaning
            self._refuse(f"name a {what} in printable text", shown(text), attribute.name)
        if attribute.values is not None and text not in attribute.values:
            self._refuse("be one of the declared values", shown(text), attribute.name)
        return text

    def _refuse_cell(self, column: str, got: str) -> NoReturn:
        missing = " (a missing value)" if got == "?" else ""
        self._refuse("be a finite number", f"{shown(got)}{missing}", column)

    def _refuse(self, rule: str, got: str, column: str | None = None) -> NoReturn:
        where = f"`{named(self._path)}` line {self._line}"
        where += "" if column is None else f", column {shown(column)}"
        raise InputError(f"{where} must {rule}, got {got}")


def _unquoted(text: str) -> str:
    if text[:1] not in ("'", '"'):
        return text
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1])


def _number(text: str) -> float:
    """Return a number that is finite in float32; `ValueError` if `text` is none."""
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
