"""Reads the CSV files of `results.safe_csv` back, whose texts like formulas begin with a mark.

Only tests read these files; the program leaves them to spreadsheet programs.
"""

import csv
from pathlib import Path

import pandas as pd


def restored(text: str) -> str:
    """Return a cell without the mark of `defused`."""
    return text[1:] if text.startswith("'") else text


def read_csv(path: Path) -> pd.DataFrame:
    """Return a file of `write_csv` as a frame of texts, without marks."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = [[restored(cell) for cell in row] for row in csv.reader(file)]
    return pd.DataFrame(rows, columns=header, dtype="str")
