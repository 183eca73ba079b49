"""CSV files that a spreadsheet program can open without running their texts as formulas.

A text that begins like a formula is written with an apostrophe before it; reading removes it.
"""

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd

from sweeps.records.atomic_files import replace_file

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MARK = "'"


def defused(cell: Any) -> Any:
    """Return a cell that is safe to write: texts like formulas are marked, numbers are unchanged.

    A text that begins with the mark gets a second one, so that `restored` returns every text.
    """
    return MARK + cell if isinstance(cell, str) and cell.startswith((*FORMULA, MARK)) else cell


def restored(text: str) -> str:
    """Return a cell without the mark of `defused`."""
    return text[1:] if text.startswith(MARK) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` to `path`; missing cells are empty, and no partial file is left on failure."""
    text = io.StringIO()
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    # With these line ends (RFC 4180) the writer quotes a cell that contains \r or \n.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([defused(str(name)) for name in frame.columns])
    writer.writerows([[defused(cell) for cell in row] for row in rows])
    replace_file(path, text.getvalue().encode())


def read_csv(path: Path) -> pd.DataFrame:
    """Return a file of `write_csv` as a frame of texts, without marks."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = [[restored(cell) for cell in row] for row in csv.reader(file)]
    return pd.DataFrame(rows, columns=header, dtype="str")
