"""Parquet files against the same tables as CSV, and against tables written by hand."""

import datetime
import decimal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nncore import DataSource, load_dataset
from nncore.datasets.formats import parquet
from nncore.datasets.formats.parquet import read_parquet, read_parquet_names
from nncore.datasets.user_file import read_inputs
from nncore.errors import InputError
from nncore.extras import install_command

NOON = datetime.datetime(2021, 3, 4, 12)
HOLDS = "must hold numbers, text, dates or booleans"


def write(folder: Path, columns: dict[str, Any] | pa.Table, **settings: Any) -> Path:
    path = folder / "t.parquet"
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, path, **settings)
    return path


def values(path: Path, **settings: Any) -> dict[str, list[object]]:
    columns = read_parquet(path, **settings).columns
    return {
        name: [None if cell != cell else cell for cell in column.tolist()]
        for name, column in columns.items()
    }


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (pa.array([1, None, 2**53 + 2], pa.int64()), [1.0, None, 2.0**53 + 2]),
        (pa.array([1, 255], pa.uint8()), [1.0, 255.0]),
        (pa.array([0.1, None, float("nan")], pa.float32()), [float(np.float32(0.1)), None, None]),
        (pa.array(np.array([1.5, -2], np.float16)), [1.5, -2.0]),
        (pa.array([decimal.Decimal("1.25"), None], pa.decimal128(9, 2)), [1.25, None]),
        (pa.array([7, 8, 7]).dictionary_encode(), [7.0, 8.0, 7.0]),
        (pa.nulls(2), [None, None]),
        (pa.array([" a ", None, ""]), ["a", "", ""]),
        (pa.array(["b", None], pa.large_string()), ["b", ""]),
        (pa.array(["b", "c", "b"]).dictionary_encode(), ["b", "c", "b"]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([datetime.date(2021, 3, 4), None]), ["2021-03-04", ""]),
        (pa.array([NOON], pa.timestamp("s")), ["2021-03-04 12:00:00.000"]),
        (pa.array([NOON], pa.timestamp("ms", "Etc/GMT+1")), ["2021-03-04 11:00:00.000-0100"]),
    ],
    ids=lambda column: str(column.type) if isinstance(column, pa.Array) else "",
)
def test_each_type_becomes_numbers_or_text(
    tmp_path: Path, column: pa.Array, wanted: list[object]
) -> None:
    assert values(write(tmp_path, {"a": column})) == {"a": wanted}


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        (pa.array([[1, 2], []]), "list<element: int64>"),
        (pa.array([{"b": 1}, {"b": 2}]), "struct<b: int64>"),
        (pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int64())), "map<string, int64"),
        (pa.array([b"a", b"b"]), "binary"),
        (pa.array([datetime.time(1), None]), "time64[us]"),
        (pa.array([datetime.timedelta(1), None]), "duration[us]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_type_is_refused_by_name(tmp_path: Path, column: pa.Array, type_: str) -> None:
    path = write(tmp_path, {"a": column, "b": [1.0, 2.0]})
    with pytest.raises(InputError) as caught:
        read_parquet(path)
    assert str(caught.value).startswith(f"`{path}`, column 'a' {HOLDS}, got ")
    assert type_ in str(caught.value)
    assert str(caught.value).endswith("; `data.ignore` = ['a'] leaves it out")
    assert values(path, ignore={"a"}) == {"b": [1.0, 2.0]}


def test_columns_that_are_asked_for_as_text_are_text(tmp_path: Path) -> None:
    path = write(tmp_path, {"y": [3, None, 5], "z": [1.0, 2.5, None]})
    assert values(path, text={"y", "z"}) == {"y": ["3", "", "5"], "z": ["1", "2.5", ""]}


@pytest.mark.parametrize("dictionary", [True, False])
def test_row_groups_and_batches_are_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dictionary: bool
) -> None:
    monkeypatch.setattr(parquet, "ROWS", 3)
    numbers, texts = list(range(20)), [f"t{k % 7}" if k % 5 else None for k in range(20)]
    columns = {"a": numbers, "b": texts}
    path = write(tmp_path, columns, row_group_size=7, use_dictionary=dictionary)
    read = read_parquet(path).columns
    assert read["a"].tolist() == numbers
    assert read["b"].tolist() == [text or "" for text in texts]
    assert len({id(text) for text in read["b"]}) == 8  # each text once, and the empty one


def test_names_with_dots_and_the_unnamed_index_of_pandas(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a.b": [1.0, 2.0], "a": [3.0, 4.0]}, index=[5, 7])
    frame.to_parquet(tmp_path / "t.parquet")
    assert read_parquet_names(tmp_path / "t.parquet") == ["a.b", "a"]
    assert values(tmp_path / "t.parquet", ignore={"a"}) == {"a.b": [1.0, 2.0]}
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(InputError, match="must have a different name for each column, got 'a' twi"):
        read_parquet_names(write(tmp_path, twice))


def test_faults_of_cells_name_the_row(tmp_path: Path) -> None:
    path = write(tmp_path, {"a": [1.0, 2.0, 1e39], "y": ["p", "q", "\n"]})
    with pytest.raises(InputError) as caught:
        read_parquet(path)
    assert str(caught.value) == f"`{path}` row 3, column 'a' must be a finite number, got '1e+39'"
    with pytest.raises(InputError, match="column 'y' must hold numbers, got 'string'"):
        read_parquet(path, numbers=True)
    with pytest.raises(InputError, match="must have a row, got none"):
        read_parquet(write(tmp_path, {"a": pa.array([], pa.int64())}))


@pytest.mark.parametrize(
    "column", [np.zeros(10_000, np.int8), ["x" * 100_000, None]], ids=["rows", "text"]
)
def test_values_beyond_the_bound_of_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: Any
) -> None:
    monkeypatch.setattr(parquet, "MOST_BYTES", 1 << 16)
    path = write(tmp_path, {"a": column, "b": np.arange(len(column))[::-1] % 2})
    with pytest.raises(InputError, match=r"must have values of at most 65,536 bytes, got [1-9]"):
        read_parquet(path, ignore={"b"})
    if len(column) == 2:
        assert values(path, ignore={"a"}) == {"b": [1.0, 0.0]}


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"a,b\n1,2\n" * 9, b"PAR1" + b"\xff" * 40 + b"PAR1"]
)
def test_other_files_are_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"must be a readable Parquet file, got: .") as caught:
        read_parquet_names(tmp_path / "t.parquet")
    assert "\n" not in str(caught.value)


EACH_BYTE = """
import sys
from pathlib import Path
from nncore.datasets.formats.parquet import read_parquet
from nncore.errors import InputError

path, good = Path(sys.argv[1]), Path(sys.argv[1]).read_bytes()
begin = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
refused = 0
for place in range(begin, len(good) - 8):
    for other in {0, 0x7F, good[place] ^ 1} - {good[place]}:
        path.write_bytes(good[:place] + bytes([other]) + good[place + 1 :])
        try:
            read_parquet(path)
        except InputError as error:
            refused += 1
            assert "\\n" not in str(error)
print(refused)
"""


def test_a_damaged_description_ends_neither_in_a_traceback_nor_the_process(tmp_path: Path) -> None:
    # pyarrow ends the process if it is asked for some parts of a damaged description.
    path = write(tmp_path, {"a": ["x", None], "y": [1, 2]}, compression="none")
    command = [sys.executable, "-c", EACH_BYTE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"a": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError) as caught:
        read_parquet_names(path)
    rule = "must be read with pyarrow, which is not installed"
    assert str(caught.value) == f"`{path}` {rule}: {install_command('parquet')}"


def test_a_data_set_is_that_of_the_same_table_as_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    rng = np.random.default_rng(3)
    n = 60
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=n).round(3),
            "rooms": pd.array([None if k % 7 == 0 else k % 5 for k in range(n)], "Int64"),
            "color": [("red", "blue", None)[k % 3] for k in range(n)],
            "new": rng.random(n) < 0.5,
            "sold": pd.date_range("2020-01-30", periods=n, freq="17D"),
            "name": [f"house {k}" for k in range(n)],
            "kind": pd.Categorical([("flat", "house")[k % 2] for k in range(n)]),
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    one, other = (
        load_dataset(DataSource(str(tmp_path / f"t.{kind}"), "kind", missing="indicator"))
        for kind in ("csv", "parquet")
    )
    assert one.columns == other.columns
    assert [column.kind for column in other.columns] == [
        *("number", "number", "category", "boolean", "date", "identifier")
    ]
    assert one.classes == other.classes
    assert one.scaling.encoding == other.scaling.encoding
    np.testing.assert_array_equal(one.train.x, other.train.x, strict=True)
    np.testing.assert_array_equal(one.test.labels, other.test.labels, strict=True)
    plain = read_inputs(tmp_path / "t.parquet", ("size",), ignore=list(frame.columns[1:]))
    np.testing.assert_array_equal(plain, frame[["size"]].to_numpy(), strict=True)
