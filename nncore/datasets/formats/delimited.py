"""Opens an untrusted table of text, and finds how it is written: separator, decimal and encoding.

What a user names is taken as named; the rest is found from the beginning of the file.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, TextIO

from nncore.errors import InputError, named, require, shown

LONGEST_LINE = 1 << 23  # characters: room for half a million columns
MOST_UNPACKED = 1 << 30  # characters of a packed table; a small file can unpack to any size
BLOCK = 1 << 18  # characters read at a time
SAMPLE = 1 << 16  # characters from which separator and decimal are found
SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")

_COMMA_NUMBER = re.compile(r"[+-]?[0-9]+,[0-9]+")
_POINT_NUMBER = re.compile(r"[+-]?[0-9]+\.[0-9]+")


@dataclass(frozen=True)
class Dialect:
    """How a table is written; None stands for what the file shows.

    `separator` stands between cells, and `decimal` in numbers. Without `header`, the first line is
    a row, and the columns are called "0", "1", and so on.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool = True


def check_dialect(dialect: Dialect) -> None:
    """Raise `InputError` if a part that is named cannot be one."""
    separator, decimal, encoding = dialect.separator, dialect.decimal, dialect.encoding
    fit = separator is None or (
        len(separator) == 1 and separator.isascii() and separator not in '"\r\n\0 '
    )
    require(fit, "separator", "be one ASCII character, such as ; or a tab", separator)
    fit = decimal is None or (decimal in DECIMALS and decimal != separator)
    require(fit, "decimal", "be . or , and not the separator", decimal)
    try:
        "a".encode(encoding or "utf-8")
    except (LookupError, ValueError) as error:
        rule = "must be the name of an encoding, such as utf-8 or cp1252"
        raise InputError(f"`encoding` {rule}, got {shown(encoding)}") from error


def find_dialect(path: Path, given: Dialect) -> Dialect:
    """Return `given` with its missing parts found in the file at `path`.

    The encoding is that of the byte order mark, else UTF-8, else Windows-1252. The separator is the
    one of comma, semicolon, tab and bar that gives the most columns, the same number in each line.
    The decimal is a comma if the separator is not, and only numbers with a comma are there.

    Raises `InputError` if the file is unreadable, or is text in another encoding.
    """
    encoding = given.encoding or _find_encoding(path)
    with opened_text(path, replace(given, encoding=encoding)) as text:
        sample = text.read(SAMPLE)
    if len(sample) == SAMPLE:  # the last line may be cut
        sample = sample[: sample.rfind("\n") + 1] or sample
    separator = given.separator or _find_separator(sample)
    decimal = given.decimal or _find_decimal(_rows(sample, separator), separator)
    return Dialect(separator, decimal, encoding, given.header)


class BoundedText:
    """The text of a file, in which no line and no packed file is longer than its bound."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._packed = _is_packed(path)
        self._total = self._line = 0

    def read(self, size: int = -1) -> str:
        """Return up to `size` characters, and at most a block."""
        most = min(BLOCK, LONGEST_LINE)
        part = self._file.read(most if size < 0 else min(size, most))
        self._check(part)
        return part

    def __iter__(self) -> Iterator[str]:
        """Yield line after line."""
        while line := self._file.readline(LONGEST_LINE):
            self._check(line)
            yield line

    def _check(self, part: str) -> None:
        end = max(part.rfind("\n"), part.rfind("\r"))
        self._line = len(part) - end - 1 if end >= 0 else self._line + len(part)
        self._total += len(part)
        if self._line >= LONGEST_LINE:
            rule = f"have lines of fewer than {LONGEST_LINE:,} characters"
            raise InputError(f"`{self._path}` must {rule}")
        if self._packed and self._total > MOST_UNPACKED:
            rule = f"unpack to at most {MOST_UNPACKED:,} characters"
            raise InputError(f"`{self._path}` must {rule}")


@contextmanager
def opened_text(path: Path, dialect: Dialect) -> Iterator[BoundedText]:
    """Open the table at `path`, whose encoding is known; faults of the file are `InputError`s."""
    try:
        with _opened_bytes(path) as binary:
            yield BoundedText(io.TextIOWrapper(binary, dialect.encoding, newline=""), path)
    except UnicodeError as error:
        rule = f"be {dialect.encoding} text; `encoding` names another encoding"
        raise InputError(f"`{path}` must {rule}, got {_reason(error)}") from error


@contextmanager
def _opened_bytes(path: Path) -> Iterator[BinaryIO]:
    try:
        if _is_packed(path):
            with gzip.open(path) as packed:
                yield packed  # type: ignore[misc]  # it has all methods of a binary file
        else:
            with path.open("rb") as file:
                yield file
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"`{path}` must be readable, got: {reason}") from error
    except (EOFError, zlib.error) as error:
        raise InputError(f"`{path}` must be a complete .gz file, got: {error}") from error


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _find_encoding(path: Path) -> str:
    with _opened_bytes(path) as file:
        begin = file.read(2)
    if begin in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    try:
        _decode(path, "utf-8")
    except UnicodeDecodeError as utf_8:
        try:
            _decode(path, "cp1252")
        except UnicodeDecodeError:
            rule = "be UTF-8 or Windows-1252 text; `encoding` names another encoding"
            raise InputError(f"`{path}` must {rule}, got {utf_8.reason}") from utf_8
        return "cp1252"
    return "utf-8-sig"


def _decode(path: Path, encoding: str) -> None:
    """Raise `UnicodeDecodeError` unless the whole file is text in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    total = 0
    with _opened_bytes(path) as file:
        while part := file.read(BLOCK):
            decoder.decode(part)
            total += len(part)
            if total > 4 * MOST_UNPACKED and _is_packed(path):
                return  # reading the text refuses it
        decoder.decode(b"", final=True)


def _reason(error: UnicodeError) -> str:
    return named(error.reason if isinstance(error, UnicodeDecodeError) else error)


def _rows(sample: str, separator: str) -> list[list[str]]:
    lines = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    rows = []
    try:
        rows += [[cell.strip() for cell in row] for row in lines if row]
    except csv.Error:
        return rows  # reading the table reports it
    return rows


def _find_separator(sample: str) -> str:
    def fit(separator: str) -> tuple[bool, int]:
        rows = _rows(sample, separator)
        columns = len(rows[0]) if rows else 0
        return columns > 1 and all(len(row) == columns for row in rows), columns

    return max(SEPARATORS, key=fit)  # the first of equals, so the comma


def _find_decimal(rows: Sequence[Sequence[str]], separator: str) -> str:
    cells = [cell for row in rows[1:] for cell in row]
    # Between commas, "1,234" in quotes is as likely a thousand: that is for the user to say.
    commas = separator != "," and any(map(_COMMA_NUMBER.fullmatch, cells))
    return "," if commas and not any(map(_POINT_NUMBER.fullmatch, cells)) else "."
