"""Reads a table of text at the speed of pandas, if its columns go on as they begin.

Most tables do. Any other is read cell by cell by `csv_table`, which also names faults.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from nncore.datasets.formats.csv_cells import (
    CHUNK_OF_NUMBERS,
    Seen,
    chunks,
    numbers_in,
    stripped,
)
from nncore.datasets.formats.delimited import Dialect, opened_text
from nncore.datasets.formats.table import MOST, Cells
from nncore.errors import InputError

FIRST = 200  # rows that show which columns are numbers


def read_quickly(
    path: Path,
    dialect: Dialect,
    width: int,
    places: Mapping[str, int],
    text: Collection[str],
    *,
    numbers: bool,
) -> dict[str, Cells] | None:
    """Return the columns at `places` of a table of `width` columns.

    The columns `text` are text, and others whose first cells are; with `numbers`, no others are.
    None means that the table must be read cell by cell: it is small, or faulty, or a column does
    not go on as it begins.
    """
    words = _words_in_first_rows(path, dialect, width, places, text)
    if words is None or (words and numbers):
        return None
    others = {*text, *words}
    quick = [name for name in places if name not in others]
    known: dict[str, str] = {}
    seen = {name: Seen() for name in words}
    blocks: list[Cells] = []
    doubtful = False
    parts: dict[str, list[Cells]] = {name: [] for name in places if name in others}
    rows = max(1, CHUNK_OF_NUMBERS // width)
    quick_places = [places[name] for name in quick]
    try:
        for chunk in chunks(path, dialect, width, rows, quick_places):
            blocks.append(chunk[quick_places].to_numpy().T)
            doubtful = doubtful or _may_be_booleans(blocks[-1])
            for name in parts:
                cells = chunk[places[name]].tolist()
                parts[name].append(stripped(cells, known))
                if name in words:
                    seen[name].add(*numbers_in(cells, dialect.decimal))
    except InputError:
        raise
    except ValueError:  # pandas found a word in a column of numbers
        return None
    block = np.concatenate(blocks, axis=1)
    faulty = any((np.abs(values) > MOST).any() for values in block)
    if faulty or not all(seen[name].is_text for name in words):
        return None
    if doubtful and _has_booleans(path, dialect):
        return None
    columns = dict(zip(quick, block, strict=True))
    columns |= {name: np.concatenate(read) for name, read in parts.items()}
    return {name: columns[name] for name in places}


def _may_be_booleans(block: Cells) -> bool:
    """Return whether a row of `block` has only 0 and 1, which pandas also makes of true and false.

    It does so if a whole chunk of a column has no other words.
    """
    return bool(((block == 0) | (block == 1) | np.isnan(block)).all(axis=1).any())


def _has_booleans(path: Path, dialect: Dialect) -> bool:
    """Return whether the word true or false is anywhere in the file."""
    with opened_text(path, dialect) as file:
        end = ""
        while part := file.read():
            text = (end + part).lower()
            if "true" in text or "false" in text:
                return True
            end = part[-4:]
    return False


def _words_in_first_rows(
    path: Path, dialect: Dialect, width: int, places: Mapping[str, int], text: Collection[str]
) -> set[str] | None:
    """Return the columns not in `text` that begin with words; None if that is not clear."""
    first = next(chunks(path, dialect, width, FIRST), None)
    if first is None or len(first) < FIRST:
        return None
    words = set()
    for name in places.keys() - set(text):
        seen = Seen()
        seen.add(*numbers_in(first[places[name]].tolist(), dialect.decimal))
        if seen.words and not seen.is_text:
            return None
        if seen.words:
            words.add(name)
    return words
