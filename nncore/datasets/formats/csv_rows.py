"""Goes through an untrusted table of text line by line: its column names, and where a row is.

It is slow beside pandas, so it reads the first line, and all lines only to name a fault.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

from nncore.datasets.formats.delimited import BoundedText, Dialect, opened_text
from nncore.errors import InputError, named

UNNAMED = "Unnamed: "
"""How the name of a second column begins whose header is empty; its place follows."""


def header(
    file: BoundedText, path: Path, dialect: Dialect, known: Collection[str] = ()
) -> list[str]:
    """Return the names in the first line of `file`, which is read to the end of that line."""
    names = next(rows_of_cells(file, path, dialect, strict=True), (0, []))[1]
    if not names:
        raise InputError(f"`{path}` must have a line of column names, got an empty file")
    if not dialect.header:
        return [str(place) for place in range(len(names))]
    if all(map(is_number, names)) and not (set(names) <= set(known) or count_up(names)):
        hint = "; `data.header` = false reads a table without them"
        raise InputError(f"`{path}` must begin with column names, got numbers{hint}")
    return names


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return a different name for each column: "name.1" for the second "name"; one may be ""."""
    distinct: dict[str, None] = {}
    given = set(names)
    counts: Counter[str] = Counter()
    for place, name in enumerate(names):
        first = new = name if name or "" not in distinct else f"{UNNAMED}{place}"
        while new in distinct or (new in given and new != name):
            counts[first] += 1
            new = f"{first}.{counts[first]}"
        distinct[new] = None
    return list(distinct)


def check_rows(path: Path, dialect: Dialect, width: int, *, strict: bool) -> None:
    """Raise `InputError` for the first row that has not `width` cells, or a fault of quotes."""
    with opened_text(path, dialect) as file:
        for line, cells in rows_of_cells(file, path, dialect, strict=strict):
            if len(cells) != width:
                rule = f"have {width} cells, like the first line"
                raise InputError(f"`{named(path)}` line {line} must {rule}, got {len(cells)}")


def rows_of_cells(
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


def place_of_row(path: Path, dialect: Dialect, row: int) -> str:
    """Return the line in which a row ends, such as "line 7"; "line ?" if csv does not find it."""
    with opened_text(path, dialect) as file:
        lines = (line for line, _ in rows_of_cells(file, path, dialect, strict=False))
        return f"line {next(islice(lines, row + dialect.header, None), '?')}"


def count_up(names: Sequence[str]) -> bool:
    """Return whether `names` are 0, 1, 2 … or 1, 2, 3 …, which tools write for unnamed columns."""
    return any(list(names) == [str(start + k) for k in range(len(names))] for start in (0, 1))


def is_number(text: str) -> bool:
    """Return whether `text` is a number with a decimal point."""
    try:
        number_of(text, ".")
    except ValueError:
        return False
    return True


def number_of(text: str, decimal: str | None) -> float:
    """Return the number that `text` is; `ValueError` if it is none in a table."""
    if "_" in text or (decimal == "," and "." in text):
        raise ValueError
    return float(text.replace(",", ".") if decimal == "," else text)
