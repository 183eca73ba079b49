"""The results as CSV files, one line for each dataclass, so that a run can be continued.

A line is written as soon as its result is known.
"""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

Result = TypeVar("Result")


@dataclass(frozen=True)
class Score:
    """What one program reached on one split of one table: accuracy or R², and processor seconds."""

    table: str
    split: int
    program: str
    score: float
    seconds: float
    learned: int
    tested: int


def read(path: Path, kind: type[Result]) -> list[Result]:
    """Return the results of a `kind` of dataclass in the file at `path`; none if it is missing."""
    if not path.exists():
        return []
    types = get_type_hints(kind)
    with path.open(newline="") as file:
        return [
            kind(**{key: types[key](text) for key, text in row.items()})
            for row in csv.DictReader(file)
        ]


def append(path: Path, results: Iterable[Any]) -> None:
    """Append each of `results`, dataclasses of one kind, to the file at `path`."""
    for result in results:
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(result)])
            if new:
                writer.writeheader()
            writer.writerow(asdict(result))
