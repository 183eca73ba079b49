"""Reads the cells of an untrusted table of text with pandas, and turns them into numbers.

This is the only module of `nncore` that imports pandas, and only when it reads a file.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np

from nncore.datasets.formats.csv_rows import check_rows, number_of, rows_of_cells
from nncore.datasets.formats.delimited import Dialect, opened_text
from nncore.datasets.formats.table import EMPTY, Cells
from nncore.errors import InputError

CHUNK = 1 << 18  # cells that are text at a time
CHUNK_OF_NUMBERS = 1 << 20


@dataclass
class Seen:
    """What the cells of one column were so far, if they are read as numbers."""

    numbers: int = 0
    words: int = 0
    examples: dict[str, int] = field(default_factory=dict)  # a few different words and their rows

    def add(self, numbers: Cells, words: Sequence[tuple[int, str]], start: int = 0) -> None:
        """Add cells that begin at row `start`, as `numbers_in` returns them."""
        self.numbers += int(np.isfinite(numbers).sum())
        self.words += len(words)
        for row, word in words:
            if len(self.examples) < 3:
                self.examples.setdefault(word, start + row)

    @property
    def is_text(self) -> bool:
        """Whether words are no slips: a few, or one or two different ones among more numbers."""
        slips = len(self.examples) < 3 or self.words <= 0.05 * self.numbers
        return self.words > 0 and not (slips and self.words <= self.numbers)


def numbers_in(cells: list[str], decimal: str | None) -> tuple[Cells, list[tuple[int, str]]]:
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
            numbers[row] = number_of(cell, decimal)
        except ValueError:
            words.append((row, cell))
    return numbers, words


def stripped(cells: Iterable[str], known: dict[str, str]) -> Cells:
    """Return `cells` without white space at their ends; `known` keeps each different text once."""
    texts = (cell.strip() for cell in cells)
    return np.array([known.setdefault(text, text) for text in texts], object)


def chunks(
    path: Path, dialect: Dialect, width: int, rows: int, numbers: Collection[int] = ()
) -> Iterator[Any]:
    """Yield data frames of up to `rows` rows, one column for each of `width` cells.

    The columns at the places `numbers` are float64 with NaN for an empty cell, the others are text
    with "" for one.

    Raises
    ------
    InputError
        If the file is no table.
    ValueError
        If a column of `numbers` has another cell.
    """
    import pandas as pd

    with opened_text(path, dialect) as file:
        if dialect.header:
            next(rows_of_cells(file, path, dialect, strict=True))
        try:
            reader = pd.read_csv(
                cast(Any, file),  # it has all that pandas uses of a file
                sep=dialect.separator,
                decimal=dialect.decimal or ".",
                header=None,
                names=range(width),
                dtype={k: np.float64 if k in numbers else object for k in range(width)},
                na_values=cast(Any, dict.fromkeys(numbers, SPELLINGS_OF_EMPTY)),
                keep_default_na=False,
                na_filter=bool(numbers),
                chunksize=rows,
                low_memory=False,  # a chunk is small enough to be parsed in one piece
            )
            checked = False
            for chunk in reader:
                # pandas fills up short rows, and takes a column more for row labels.
                last = chunk[width - 1]
                short = not checked and bool((last.isna() | (last == "")).any())
                if short or not isinstance(chunk.index, pd.RangeIndex):
                    check_rows(path, dialect, width, strict=False)
                    checked = True
                yield chunk
        except pd.errors.ParserError as error:
            check_rows(path, dialect, width, strict=True)
            raise InputError(f"`{path}` must be a table, got: {error}") from error


def _spellings(text: str) -> Iterator[str]:
    """Yield `text`, which is in lower case, with each of its letters in both cases."""
    return map("".join, product(*({letter, letter.upper()} for letter in text)))


SPELLINGS_OF_EMPTY = sorted(spelling for text in EMPTY for spelling in _spellings(text))
