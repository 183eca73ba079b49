"""Columns that number rows are found, and measurements are not taken for them."""

import numpy as np
import pytest

from nncore.datasets.columns.identifiers import FIRST, identifier_warning, identifiers

RNG = np.random.default_rng(4)
ROWS = 1500


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (np.arange(ROWS), True),
        (RNG.permutation(ROWS) + 1, True),
        (RNG.choice(10**9, ROWS, replace=False), True),  # such as the numbers of patients
        (np.arange(ROWS) * 0.5, False),
        (RNG.normal(size=ROWS), False),
        (RNG.normal(size=ROWS).round(2), False),
        (RNG.integers(0, 256, ROWS), False),
        (np.ones(ROWS), False),
        (np.append(np.arange(ROWS - 1), ROWS - 2), False),
    ],
    ids=["count", "shuffled", "numbers", "halves", "real", "decimals", "pixels", "ones", "twice"],
)
def test_a_column(column: np.ndarray, found: bool) -> None:
    assert ROWS > FIRST
    x = np.column_stack([RNG.normal(size=ROWS), column.astype(float)])
    assert identifiers(x, ("a", "b")) == (("b",) if found else ())


def test_few_rows_may_differ_by_chance() -> None:
    assert identifiers(np.arange(19.0)[:, None], ("a",)) == ()
    assert identifiers(np.arange(20.0)[:, None], ("a",)) == ("a",)


def test_the_warning_names_few_columns_in_one_short_line() -> None:
    assert identifier_warning(["", "a\nb"]).startswith(r"columns '', 'a\nb' have a different whole")
    text = identifier_warning(["x" * 10_000] * 9)
    assert len(text) < 400
    assert " and 6 more have " in text
