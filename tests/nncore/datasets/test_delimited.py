"""How a table is written is found: tables that the csv module or pandas writes, read back."""

import csv
import gzip
import io
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore import DataSource
from nncore.datasets.formats import csv_table, delimited
from nncore.datasets.formats.csv_rows import distinct_names
from nncore.datasets.formats.csv_table import read_column_names, read_table
from nncore.datasets.formats.delimited import Dialect, find_dialect
from nncore.datasets.formats.table import Table
from nncore.datasets.table_file import read_inputs
from nncore.errors import InputError

ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
ANY = Dialect()


def write(folder: Path, text: str | bytes, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    content = text.encode(encoding) if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def values(table: Table) -> dict[str, list[object]]:
    return {name: column.tolist() for name, column in table.columns.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_table_is_read_however_it_is_written(
    tmp_path: Path, separator: str, newline: str, encoding: str, name: str
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator=newline)
    writer.writerows([["größe", "farbe, rot"], ["1.5", "blau; 'x'"], ["-2", 'a\t"b"|é']])
    path = write(tmp_path, buffer.getvalue(), name, encoding)
    table = read_table(path, ANY)
    wanted = ["blau; 'x'", 'a\t"b"|é']
    assert values(table) == {"größe": [1.5, -2.0], "farbe, rot": wanted}
    assert find_dialect(path, ANY).separator == separator


def test_a_decimal_comma_is_found_or_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b\n1,5;2\n-0,25;3\n")
    assert values(read_table(path, ANY)) == {"a": [1.5, -0.25], "b": [2.0, 3.0]}
    # Between commas, 1,234 may be a thousand.
    path = write(tmp_path, 'a,b\n"1,234",2\n"5,5",3\n')
    assert find_dialect(path, ANY).decimal == "."
    assert values(read_table(path, Dialect(decimal=",")))["a"] == [1.234, 5.5]
    path = write(tmp_path, "a;b\n1,5;2\n2.5;3\n")
    assert find_dialect(path, ANY).decimal == "."


def test_what_is_named_is_not_searched_for(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b,c;d\n1;2,3;4\n", encoding="utf-8")
    assert read_column_names(path) == ["a", "b,c", "d"]
    assert read_column_names(path, Dialect(separator=",")) == ["a;b", "c;d"]
    path = write(tmp_path, "ж,b\n1,2\n", encoding="koi8-r")
    assert read_column_names(path, Dialect(encoding="koi8-r")) == ["ж", "b"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            {"separator": ";;"},
            "`separator` must be one ASCII character, such as ; or a tab, got ';;'",
        ),
        ({"separator": '"'}, "`separator` must be one ASCII character"),
        ({"separator": "é"}, "`separator` must be one ASCII character"),
        ({"decimal": "x"}, "`decimal` must be . or , and not the separator, got 'x'"),
        ({"decimal": ",", "separator": ","}, "`decimal` must be . or , and not the separator"),
        ({"encoding": "klingon"}, "`encoding` must be the name of an encoding, such as utf-8 or"),
        ({"encoding": "hex"}, "`encoding` must be the name of an encoding, such as utf-8 or cp12"),
        ({"encoding": "a\0"}, "`encoding` must be the name of an encoding, such as utf-8 or cp12"),
        ({"rare": 1.0}, "`rare` must be a share >= 0 and < 1, got 1.0"),
        ({"missing": "men"}, "unknown `missing` `men`; did you mean `mean`?"),
        ({"categories": ("y",)}, "`categories` must name columns that are inputs, got ['y']"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(setting: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        DataSource("t.csv", label="y", **setting)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


def test_names_that_are_missing_or_twice_are_those_of_pandas(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,a,a.1,,\n1,2,3,4,5,6\n7,8,9,10,11,12\n")
    assert read_column_names(path) == ["a", "b", "a.2", "a.1", "", "Unnamed: 5"]
    path = write(tmp_path, "a,b,a,a\n1,2,3,4\n")
    assert read_column_names(path) == list(pd.read_csv(path).columns)


def test_many_equal_names_are_told_apart() -> None:
    wanted = ["a", *(f"a.{k}" for k in range(1, 20_000))]
    assert distinct_names(["a"] * 20_000) == wanted


def test_the_row_numbers_of_pandas_are_left_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [4.0, 5.0, 7.0]})
    frame.to_csv(tmp_path / "t.csv")
    assert values(read_table(tmp_path / "t.csv", ANY)) == {"a": [4.0, 5.0, 7.0]}
    path = write(tmp_path, ",a\n3,4\n4,5\n")  # these may be a measurement
    assert values(read_table(path, ANY)) == {"": [3.0, 4.0], "a": [4.0, 5.0]}
    frame = pd.DataFrame({"a": range(30)}).sample(20, random_state=1)
    frame.to_csv(tmp_path / "t.csv")
    assert list(values(read_table(tmp_path / "t.csv", ANY))) == ["a"]
    frame.iloc[:19].to_csv(tmp_path / "t.csv")
    assert list(values(read_table(tmp_path / "t.csv", ANY))) == ["", "a"]


def test_row_numbers_do_not_hinder_a_prediction(tmp_path: Path) -> None:
    path = write(tmp_path, ",a\n31,4\n77,5\n")
    assert values(read_inputs(path, ANY, ["a"], None, ())) == {"a": [4.0, 5.0]}
    assert values(read_inputs(path, ANY, ["", "a"], None, ())) == {
        "": [31.0, 77.0],
        "a": [4.0, 5.0],
    }


def test_a_table_without_names_is_read_if_told_so(tmp_path: Path) -> None:
    path = write(tmp_path, "5.1,3.5,x\n4.9,3.0,y\n")
    table = read_table(path, Dialect(header=False))
    assert values(table) == {"0": [5.1, 4.9], "1": [3.5, 3.0], "2": ["x", "y"]}
    with pytest.raises(InputError, match=r"line 2, column '1' must be a finite number, got 'z'"):
        read_table(write(tmp_path, "5,3\n4,z\n6,7\n"), Dialect(header=False), numbers=True)


def test_a_column_that_becomes_text_late_is_text_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table, "CHUNK", 4)  # two rows
    cells = ["007", "1.50", "", "a1", "b2", "c3", "d4"]
    path = write(tmp_path, "\n".join(["code,n", *(f"{cell},{k}" for k, cell in enumerate(cells))]))
    table = read_table(path, ANY)
    assert table.columns["code"].tolist() == cells
    assert table.columns["n"].tolist() == list(range(7))


def test_empty_cells_are_nan_in_numbers_and_nothing_else_is(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,x\n?,\nNA, \nnan,NaN\n2,y\n , \n")
    table = read_table(path, ANY)
    np.testing.assert_array_equal(table.columns["a"], [1, np.nan, np.nan, np.nan, 2, np.nan])
    assert table.columns["b"].tolist() == ["x", "", "", "NaN", "y", ""]


def test_a_packed_file_unpacks_to_no_more_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MOST_UNPACKED", 1 << 22)
    path = write(tmp_path, "a,b\n" + "1,2\n" * (1 << 22), "t.csv.gz")
    assert path.stat().st_size < 1 << 16
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"must unpack to at most 4,194,304 characters$"):
            read_table(path, ANY)
        assert tracemalloc.get_traced_memory()[1] < 1 << 27
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("cut", [5, 15, 25])
def test_a_damaged_packed_file_is_refused(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path, "a,b\n" + "1,2\n" * 100, "t.csv.gz")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match=r"must be (a complete .gz file|readable), got"):
        read_table(path, ANY)


NUMBERS = st.floats(-1e9, 1e9) | st.integers(-1000, 1000)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=8),
    st.sampled_from([(",", "."), (";", ","), ("\t", ","), ("|", "."), (";", ".")]),
)
@ONE_FILE
def test_numbers_that_pandas_writes_are_read_to_the_bit(
    tmp_path: Path, rows: list[tuple[float, float]], written: tuple[str, str]
) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"])
    separator, decimal = written
    frame.to_csv(tmp_path / "t.csv", index=False, sep=separator, decimal=decimal)
    table = read_table(tmp_path / "t.csv", Dialect(decimal=decimal))
    for name in "ab":
        np.testing.assert_array_equal(table.columns[name], frame[name].astype(float))
