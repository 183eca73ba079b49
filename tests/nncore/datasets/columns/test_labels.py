"""The column of classes is guessed only if it is clear; columns that number rows are found."""

from pathlib import Path

import numpy as np
import pytest

from nncore.datasets.columns.labels import few_whole_numbers, guess_label, row_numbers
from nncore.datasets.formats.table import Table

SIZES = np.linspace(1.5, 9.7, 60)
TWO = np.array(["oak", "ash"] * 30, object)
DIGITS = np.arange(60.0) % 3


def table(**columns: np.ndarray) -> Table:
    return Table(Path("t.csv"), columns, lambda row: f"line {row}")


@pytest.mark.parametrize(
    ("columns", "label"),
    [
        ({"Species": TWO, "a": SIZES}, "Species"),
        ({"a": SIZES, "b": TWO}, "b"),
        ({"a": SIZES, "b": DIGITS}, "b"),
        ({"Target": DIGITS, "a": TWO}, "Target"),
        ({"a": TWO, "b": SIZES}, None),  # a number to predict, perhaps
        ({"y": SIZES, "a": TWO}, None),
        ({"y": TWO, "label": TWO, "a": SIZES}, None),
        ({"a": TWO}, None),
        ({"a": SIZES, "b": np.where(SIZES > 9, "", TWO)}, None),  # empty cells
        ({"a": SIZES, "b": np.where(SIZES > 9, np.nan, DIGITS)}, None),
        ({"a": SIZES, "b": np.array(["x"] * 60, object)}, None),
        ({"a": SIZES, "b": np.array([f"{k % 7}" for k in range(60)], object)}, None),  # 9 rows each
        ({"a": SIZES, "b": DIGITS / 2}, None),
    ],
)
def test_a_label_is_guessed_if_it_is_clear(
    columns: dict[str, np.ndarray], label: str | None
) -> None:
    assert guess_label(table(**columns)) == label


def test_numbers_that_may_be_codes_and_numbers_of_rows() -> None:
    found = table(a=SIZES, b=DIGITS, c=TWO, d=np.arange(60.0) + 7, e=np.arange(60.0)[::-1])
    assert list(few_whole_numbers(found)) == ["b"]
    assert list(row_numbers(found)) == ["d"]
