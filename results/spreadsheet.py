"""CSV files that a spreadsheet can open without running anything that stands in them.

A text that begins like a formula gets an apostrophe before it; reading takes it away again.
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
    """Return a cell as it is safe to be written: texts like formulas marked, numbers untouched.

    A text that has the mark already gets another, so that `restored` gives every text back.
    """
    return MARK + cell if isinstance(cell, str) and cell.startswith((*FORMULA, MARK)) else cell


def restored(text: str) -> str:
    """Return the text that `defused` was given."""
    return text[1:] if text.startswith(MARK) else text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` to `path`, whole or not at all; missing cells are empty."""
    text = io.StringIO()
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    # With these line ends (RFC 4180) a cell that has either of the two characters is quoted.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([defused(str(name)) for name in frame.columns])
    writer.writerows([[defused(cell) for cell in row] for row in rows])
    replace_file(path, text.getvalue().encode())


def read_csv(path: Path) -> pd.DataFrame:
    """Return a file of `write_csv` as texts, those that were marked restored."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = [[restored(cell) for cell in row] for row in csv.reader(file)]
    return pd.DataFrame(rows, columns=header, dtype="str")
