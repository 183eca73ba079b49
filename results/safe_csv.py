"""CSV files that a spreadsheet program can open without running their texts as formulas.

A text that begins like a formula, or with an apostrophe, is written with an apostrophe before it.
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

    A text that begins with the mark gets a second one: every text without its mark is the original.
    """
    return MARK + cell if isinstance(cell, str) and cell.startswith((*FORMULA, MARK)) else cell


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame` to `path`; missing cells are empty, and no partial file is left on failure."""
    text = io.StringIO()
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    # With these line ends (RFC 4180) the writer quotes a cell that contains \r or \n.
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([defused(str(name)) for name in frame.columns])
    writer.writerows([[defused(cell) for cell in row] for row in rows])
    replace_file(path, text.getvalue().encode())
