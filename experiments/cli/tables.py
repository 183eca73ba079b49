"""Plain tables on the terminal, in one form for every command.

A table never loses a character, however narrow the terminal is.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_INSIDE_WORDS = re.compile(r"(?<=[A-Za-z])([_-])(?=[A-Za-z])")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print `rows` under `header`; columns of numbers are aligned to the right.

    Cells are printed literally, without markup. Outside a terminal no line is cut or wrapped. On a
    narrow terminal titles break at their underscores; if their words are still too wide, cells
    break at underscores and hyphens between letters. If that is not enough, the columns are divided
    into several tables, each of which begins with the first column.
    """
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=1000)
    if _width(header, rows) > console.width:
        header = [title.replace("_", "_\n") for title in header]
        if _width(*_longest_words(header, rows)) > console.width:
            broken = [[_INSIDE_WORDS.sub(r"\1\n", cell) for cell in row] for row in rows]
            if _width(*_longest_words(header, broken)) <= console.width:
                rows = broken
    for number, columns in enumerate(_parts(header, rows, console.width)):
        if number:
            console.print()
        _print_part(console, *_with_columns(header, rows, columns))


def _parts(
    header: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[tuple[int, ...]]:
    """Yield the columns of each table, so that no word breaks, as far as the words allow."""
    part: tuple[int, ...] = (0,)
    for column in range(1, len(header)):
        longest = _longest_words(*_with_columns(header, rows, (*part, column)))
        if len(part) > 1 and _width(*longest) > width:
            yield part
            part = (0,)
        part = (*part, column)
    yield part


def _with_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]
) -> tuple[list[str], list[list[str]]]:
    return [header[k] for k in columns], [[row[k] for k in columns] for row in rows]


def _print_part(console: "Console", header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    height = max(title.count("\n") for title in header)
    header = [(height - title.count("\n")) * "\n" + title for title in header]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column, title in enumerate(header):
        numeric = all(_is_number(row[column]) for row in rows)
        table.add_column(Text(title), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def is_terminal() -> bool:
    """Return whether standard output is a terminal that can be drawn on."""
    from rich.console import Console

    console = Console()
    return console.is_terminal and not console.is_dumb_terminal


def _width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return the width of the table if nothing is wrapped."""
    return sum(1 + max(map(len, cells)) for cells in zip(header, *rows, strict=True))


def _longest_words(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]]]:
    """Return the table with the longest word of each cell: its width if only words stay whole."""
    longest = [[max(cell.split(), key=len, default="") for cell in row] for row in (header, *rows)]
    return longest[0], longest[1:]


def _is_number(cell: str) -> bool:
    plain = cell.replace(",", "").replace(".", "").replace("%", "").replace("e-", "")
    return plain.isdigit() or not cell
