"""Reads the tables of a run folder: as bytes, which must not change, and as rows of text."""

import csv
from pathlib import Path

TABLES = ("trials.csv", "epochs.csv")


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def rows(folder: Path, name: str = "trials.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))
