"""Tables read at the speed of pandas have the cells, to the bit, and the faults of a slow reading.

The oracles are Python's `float` and the reader that goes cell by cell.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nncore.datasets.formats import csv_quick, csv_table
from nncore.datasets.formats.csv_table import read_table
from nncore.datasets.formats.delimited import Dialect
from nncore.errors import InputError

MANY = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
EMPTY = ["", " ", "NA", "nAn", "NULL", "#n/a", "<NA>", "?", " ? "]
ODD = ["1_0", "inf", "1e400", "-nan", "1.5.", "0x1", "١", "1 2", "1,5", "1.000,5", '"4"', "1\x002"]
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(-1000, 1000, places=4).map(str),
    st.sampled_from(["1,5", "-0,25", ",5", "+3", "1.", ".5", "1e5", " 7", "8\t"]),
)
WORDS = st.sampled_from(["red", "blue", "dark, or not", "5", "x" * 50, "", "true"])


def outcome(path: Path, dialect: Dialect, *, numbers: bool) -> object:
    try:
        columns = read_table(path, dialect, {"b"}, {"c"}, numbers=numbers).columns
    except InputError as error:
        return str(error)
    return [
        (name, [x.hex() for x in cells] if cells.dtype.kind == "f" else cells.tolist())
        for name, cells in columns.items()
    ]


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of four or five columns, of which some change their kind on the way."""
    width = draw(st.integers(4, 5))
    cells = st.one_of(NUMBERS, st.sampled_from(EMPTY))
    kinds = [draw(st.sampled_from([NUMBERS, cells, WORDS])) for _ in range(width)]
    rows = [[draw(kind) for kind in kinds] for _ in range(draw(st.integers(3, 9)))]
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(ODD))
    if draw(st.integers(0, 5)) == 5:
        draw(st.sampled_from(rows)).append("6")
    if draw(st.integers(0, 5)) == 5:
        draw(st.sampled_from(rows)).pop()
    return rows


@given(tables(), st.sampled_from([";", ","]), st.booleans())
@example([["7", "5", "red", "5"]] * 2 + [["7", "5", "red", "true"]], ";", False)  # read as 1 once
@example(
    [["7", "5", "red", "5"]] * 2 + [["", "5", "red", "5"], ["1e39", "5", "red", "5"]], ",", True
)
@MANY
def test_a_quick_reading_ends_as_a_slow_one(
    tmp_path: Path, rows: list[list[str]], separator: str, numbers: bool
) -> None:
    path = tmp_path / "t.csv"
    quoted = [
        [f'"{cell}"' if separator in cell else cell for cell in row]
        for row in [["a", "b", "c", "", "e"][: len(rows[0])], *rows]
    ]
    path.write_text("\n".join(map(separator.join, quoted)))
    dialect = Dialect(separator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_quick, "FIRST", 2)
        patch.setattr(csv_quick, "CHUNK_OF_NUMBERS", 10)  # two rows
        quick = outcome(path, dialect, numbers=numbers)
        patch.setattr(csv_table, "read_quickly", lambda *_, **__: None)
        assert quick == outcome(path, dialect, numbers=numbers)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=5))
@MANY
def test_numbers_are_those_of_python_to_the_bit(tmp_path: Path, values: list[float]) -> None:
    texts = [repr(values[0]), *(f"{value:.19g}" for value in values[1:])]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a", *texts]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_quick, "FIRST", 1)
        read = csv_quick.read_quickly(
            path, Dialect(",", ".", "utf-8"), 1, {"a": 0}, (), numbers=True
        )
    assert read is not None
    wanted = np.array([float(text) for text in texts])
    assert read["a"].tobytes() == wanted.tobytes()


def test_a_table_of_numbers_and_text_is_read_quickly(tmp_path: Path) -> None:
    rows = [f"{k / 7!r},{'NA' if k % 5 else k},{'red' if k % 2 else 'blue'}" for k in range(500)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b,c", *rows]))
    places = {"a": 0, "b": 1, "c": 2}
    read = csv_quick.read_quickly(path, Dialect(",", ".", "utf-8"), 3, places, (), numbers=False)
    assert read is not None
    assert read["a"].tolist() == [k / 7 for k in range(500)]
    assert [x for x in read["b"].tolist() if x == x] == list(range(0, 500, 5))
    assert read["c"].tolist() == ["blue", "red"] * 250


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("x1", "line 402, column 'a' must be a finite number, got 'x1'"),
        ("1e39", "line 402, column 'a' must be a finite number, got '1e+39'"),
        ("NA,2\n1e39", "line 403, column 'a' must be a finite number, got '1e+39'"),
        ("1,1", "line 402 must have 2 cells, like the first line, got 3"),
    ],
)
def test_a_late_fault_is_told_by_its_line(tmp_path: Path, cell: str, message: str) -> None:
    cells = ["1.5"] * 600
    cells[400] = cell
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b", *(f"{cell},2" for cell in cells)]))
    with pytest.raises(InputError) as caught:
        read_table(path, Dialect())
    assert message in str(caught.value)
