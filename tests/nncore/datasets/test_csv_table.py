"""The .csv reader against tables written by hand and by the csv module, and against any bytes."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore import DataSource
from nncore.datasets.formats import delimited
from nncore.datasets.formats.table import Cells
from nncore.datasets.table_file import read_examples
from nncore.datasets.user_file import read_inputs
from nncore.errors import InputError

ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_one_line(error: InputError) -> None:
    assert "\n" not in str(error)


def table(folder: Path, text: str | bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read_columns(
    path: Path, label: str, **settings: Any
) -> tuple[dict[str, Cells], list[str], list[str] | None]:
    read = read_examples(path, DataSource(str(path), label=label, **settings))
    assert read.classes is not None
    assert read.targets is None
    return read.inputs.columns, read.classes, read.groups


def read_csv(
    path: Path, label: str, ignore: Sequence[str] = ()
) -> tuple[Cells, list[str], tuple[str, ...]]:
    columns, labels, _ = read_columns(path, label, ignore=tuple(ignore))
    return np.column_stack(list(columns.values())), labels, tuple(columns)


def read_csv_inputs(
    path: Path, inputs: tuple[str, ...] | None = None, ignore: Sequence[str] = ()
) -> Cells:
    x = read_inputs(path, inputs, ignore=ignore)
    assert isinstance(x, np.ndarray)
    return x


def test_by_hand(tmp_path: Path) -> None:
    path = table(tmp_path, 'a,kind,"b, c"\n1, red ,2.5\n\n-3e2,"dark ""blue""",4\n')
    x, labels, inputs = read_csv(path, "kind")
    assert inputs == ("a", "b, c")
    np.testing.assert_array_equal(x, np.array([[1.0, 2.5], [-300.0, 4.0]]), strict=True)
    assert labels == ["red", 'dark "blue"']


def test_a_column_name_of_two_lines_is_shown_on_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the label column `y`, got 'a\\nb', c$"):
        read_csv(table(tmp_path, '"a\nb",c\n1,2\n'), "y")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_byte_order_mark_do_not_matter(
    tmp_path: Path, newline: str, mark: bytes
) -> None:
    path = table(tmp_path, mark + newline.join(["y,größe", "ja,1", "nein,2"]).encode())
    x, labels, *_ = read_csv(path, "y")
    assert (x.tolist(), labels) == ([[1.0], [2.0]], ["ja", "nein"])


def test_without_a_label_all_columns_are_inputs(tmp_path: Path) -> None:
    for head in ("0,1", "1,2", "a,7"):
        assert read_csv_inputs(table(tmp_path, f"{head}\n5,6\n")).tolist() == [[5.0, 6.0]]


def test_columns_are_taken_by_name_in_the_order_asked_for(tmp_path: Path) -> None:
    path = table(tmp_path, "b,kind,a\n1,?,2\n3,,4\n")
    assert read_csv_inputs(path, ("a", "b"), ("kind",)).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    path = table(tmp_path, "b,a\n1,2\n")
    assert read_csv_inputs(path, ("a", "b"), ("kind",)).tolist() == [[2.0, 1.0]]
    path = table(tmp_path, "20,10\n1,2\n")
    assert read_csv_inputs(path, ("10", "20")).tolist() == [[2.0, 1.0]]


HEADER = "; `data.header` = false reads a table without them"
TRAINED = "that the network was trained on, got"


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("a,c", f"must have the column 'b' {TRAINED} a, c"),
        ("a", f"must have the column 'b' {TRAINED} a"),
        ("a,b,c", f"must have only the columns {TRAINED} 'c' too"),
        ("a,a", f"must have the column 'b' {TRAINED} a, a.1"),
        ("5.1,3.5", f"must begin with column names, got numbers{HEADER}"),
        ("5,3", f"must begin with column names, got numbers{HEADER}"),
    ],
)
def test_missing_and_extra_columns_are_told(tmp_path: Path, head: str, message: str) -> None:
    path = table(tmp_path, f"{head}\n{','.join('1' for _ in head.split(','))}\n")
    with pytest.raises(InputError) as caught:
        read_csv_inputs(path, ("a", "b"), ("kind",))
    assert str(caught.value) == f"`{path}` {message}"


def test_a_table_of_whole_numbers_without_names_does_not_lose_its_first_row(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must begin with column names, got numbers"):
        read_csv_inputs(table(tmp_path, "3,17,4\n2,9,8\n"))


IRIS = "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n7.0,3.2,Iris-versicolor\n"


def test_a_table_with_classes_and_without_names_does_not_lose_its_first_row(
    tmp_path: Path,
) -> None:
    path = table(tmp_path, IRIS)
    with pytest.raises(InputError) as caught:
        read_csv(path, "Iris-setosa")
    assert str(caught.value) == (
        f"`{path}` must begin with column names, got numbers and 'Iris-setosa', which is a class "
        f"below{HEADER}"
    )


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("400.5,401,kind\n1,2,a\n3,4,b\n", "kind"),  # a spectrum: wavelengths name its columns
        ("0,1,2\n7,5,0\n3,4,2\n", "2"),  # pandas writes such names, and 2 is a class as well
        ("width,length,tall\n1,2,tall\n3,4,small\n", "tall"),
    ],
)
def test_unusual_names_are_names(tmp_path: Path, text: str, label: str) -> None:
    x, labels, inputs = read_csv(table(tmp_path, text), label)
    assert (x.shape, len(labels)) == ((2, 2), 2)
    assert inputs == tuple(text.split("\n")[0].split(",")[:2])


def test_ignored_columns_may_contain_anything(tmp_path: Path) -> None:
    path = table(tmp_path, "Id,a,kind,Name\n1,2,p,Ann\n1,3,q,\n")
    x, labels, inputs = read_csv(path, "kind", ("Id", "Name"))
    assert (x.tolist(), labels, inputs) == ([[2.0], [3.0]], ["p", "q"], ("a",))
    assert read_csv_inputs(path, ("a",), ("kind", "Id", "Name")).tolist() == [[2.0], [3.0]]
    with pytest.raises(InputError, match="must have the column 'id' to ignore, got Id, a, kind"):
        read_csv(path, "kind", ("id",))


FINITE_NUMBER = "must be a finite number"
AS_TEXT = "; `data.categories` = ['b'] takes the column as text"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", " must have a line of column names, got an empty file"),
        ("\n\n", " must have a line of column names, got an empty file"),
        ("a,y\n", " must have a row below its column names, got none"),
        ("y\n1\n", " must have a column of inputs, got none"),
        ("a,b\n1,2\n", " must have the label column `y`, got a, b"),
        ("a y\n1 2\n", " must have the label column `y`, got a y"),
        ("5.1,3\n4.9,3\n", f" must begin with column names, got numbers{HEADER}"),
        ("a,y\n1,p\n2\n", " line 3 must have 2 cells, like the first line, got 1"),
        ("a,y\n1,p,\n", " line 2 must have 2 cells, like the first line, got 3"),
        ("a,b,y\n1,2,p\n\n3,x,q\n", f" line 4, column 'b' {FINITE_NUMBER}, got 'x'{AS_TEXT}"),
        ("b,y\n8,p\n1_000,p\n", f" line 3, column 'b' {FINITE_NUMBER}, got '1_000'{AS_TEXT}"),
        (
            'b,y\n"1,5",p\n"2",p\n7,p\n',
            f" line 2, column 'b' {FINITE_NUMBER}, got '1,5'{AS_TEXT}",
        ),
        ("a,b,y\n-inf,2,p\n", " line 2, column 'a' must be a finite number, got '-inf'"),
        ("a,b,y\n1,1e39,p\n", " line 2, column 'b' must be a finite number, got '1e+39'"),
        (
            "a,y\n1,\n",
            " line 2, column 'y' must name a class in printable text, got ''"
            '; `data.ignore_labels` = [""] leaves such rows out',
        ),
        ('a,y\n1,"p\nq"\n', " line 3, column 'y' must name a class in printable text, got 'p\\nq'"),
        ('a,y\n"1,p\n', " line 2 must be CSV, got: unexpected end of data"),
        (
            b"a,y\n\x81,p\n",
            " must be UTF-8 or Windows-1252 text; `encoding` names another encoding, got invalid "
            "start byte",
        ),
        (
            b"\xff\xfea,y",
            " must be utf-16 text; `encoding` names another encoding, got truncated data",
        ),
    ],
)
def test_each_fault_is_told_by_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_csv(path, "y")
    assert str(caught.value) == f"`{path}`{message}"


def test_what_is_shown_of_a_long_cell_is_short(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_csv_inputs(table(tmp_path, "a,b\n1," + "z" * 10_000 + "\n"))
    assert len(str(caught.value)) < 300


def test_a_line_without_end_is_not_read_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "LONGEST_LINE", 100)
    with pytest.raises(InputError, match="must have lines of fewer than 100 characters"):
        read_csv_inputs(table(tmp_path, "a,b\n" + "1" * 200 + ",2\n"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none.csv` must be readable, got: No such file"):
        read_csv_inputs(tmp_path / "none.csv")


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "P"]), min_size=1, max_size=6)
FINITE = st.floats(-3e38, 3e38)


@given(
    st.lists(NAMES, min_size=2, max_size=4, unique=True),
    st.lists(st.tuples(NAMES, st.lists(FINITE, min_size=3, max_size=3)), min_size=1, max_size=5),
    st.data(),
)
@ONE_FILE
def test_what_the_csv_module_writes_is_read(
    tmp_path: Path, names: list[str], rows: list[tuple[str, list[float]]], draw: st.DataObject
) -> None:
    place = draw.draw(st.integers(0, len(names) - 1))
    width = len(names) - 1
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for label, values in rows:
        cells: list[object] = list(values[:width])
        cells.insert(place, label)
        writer.writerow(cells)
    x, labels, *_ = read_csv(table(tmp_path, buffer.getvalue()), names[place])
    assert labels == [label for label, _ in rows]
    np.testing.assert_array_equal(x, [values[:width] for _, values in rows])


@given(st.binary(max_size=300), st.booleans())
@ONE_FILE
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, headed: bool) -> None:
    path = table(tmp_path, b"a,y\n" + content if headed else content)
    try:
        columns, labels, _ = read_columns(path, "y")
    except InputError as error:
        check_one_line(error)
    else:
        assert {len(column) for column in columns.values()} == {len(labels)}
        assert labels


@given(st.text('01,"\n\r.e- \x00ay', max_size=60), st.sampled_from(["a,y\n", "y,a,b\r\n"]))
@ONE_FILE
def test_anything_like_a_table_is_read_or_refused(tmp_path: Path, text: str, head: str) -> None:
    path = table(tmp_path, head + text)
    try:
        columns, labels, _ = read_columns(path, "y", separator=",")
    except InputError as error:
        check_one_line(error)
    else:
        rows = [row for row in csv.reader(io.StringIO(head + text, newline="")) if row]
        rows = [row for row in rows if len(row) > 1 or row[0].strip()][1:]
        assert {len(row) for row in rows} == {(head + text).strip().split("\n")[0].count(",") + 1}
        place = 0 if head.startswith("y") else 1
        assert labels == [row[place].strip() for row in rows]
        assert {len(column) for column in columns.values()} == {len(labels)}
