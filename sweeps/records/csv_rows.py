"""The lines of CSV tables: formatted, read, counted, and cut off by the number of their trial.

`run_folder` decides which rows there are, and `atomic_files` appends their bytes to the table.
"""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def csv_lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return CSV lines; numbers are written as Python's repr, which reads back to the same bits."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def read_rows(table: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of `table`, each by the names of its columns."""
    with table.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def first_fields(table: Path) -> list[int]:
    """Return the first field of each row of `table`: the number of a trial."""
    return [int(line.split(b",", 1)[0]) for line in table.read_bytes().splitlines()[1:]]


def cut_rows(table: Path, trials: int) -> None:
    """Cut the table at the first row of a trial numbered `trials` or higher."""
    lines = table.read_bytes().splitlines(keepends=True)
    kept = sum(1 for number in first_fields(table) if number < trials)
    if kept + 1 < len(lines):
        os.truncate(table, sum(map(len, lines[: kept + 1])))
