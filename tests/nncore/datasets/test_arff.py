"""The ARFF reader: what Weka's format allows, and what is refused with line and column."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import arff as scipy_arff

from nncore.datasets import DataSource, load_dataset
from nncore.datasets.formats.arff import read_arff, read_arff_names
from nncore.datasets.user_file import read_inputs
from nncore.errors import InputError

HEAD = """% flowers
@RELATION 'two flowers'

@attribute 'petal length' NUMERIC
@Attribute width\treal
@attribute site {north, 'far south', "it\\'s", x}
@attribute twice {0,1}
@attribute kind{ 'Iris a' , b }
@data
"""
ROWS = """1, 2.5, north, 0, 'Iris a'
% a comment
-3e2 ,.5,'far south',1,b

4,5,"it's", 1 , 'b'
"""


def write(text: str, name: str = "a.arff") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def columns(path: Path, *text_and_ignore: list[str]) -> dict[str, list[Any]]:
    table = read_arff(path, *text_and_ignore)
    return {name: cells.tolist() for name, cells in table.columns.items()}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))


def test_declared_columns_are_read_by_name() -> None:
    path = write(HEAD + ROWS)
    assert read_arff_names(path) == ["petal length", "width", "site", "twice", "kind"]
    assert columns(path) == {
        "petal length": [1, -300, 4],
        "width": [2.5, 0.5, 5],
        "site": ["north", "far south", "it's"],
        "twice": [0, 1, 1],
        "kind": ["Iris a", "b", "b"],
    }
    wanted = {"petal length": [1, -300, 4], "twice": ["0", "1", "1"], "kind": ["Iris a", "b", "b"]}
    assert columns(path, ["twice"], ["site", "width"]) == wanted


def test_all_columns_may_be_text() -> None:
    path = write("@attribute a {x,y}\n@attribute b {'p q',r}\n@data\nx,'p q'\ny,?\n")
    assert columns(path) == {"a": ["x", "y"], "b": ["p q", ""]}


def test_missing_values_are_empty_cells() -> None:
    path = write(HEAD + "?,1,?,0,b\n2,?,x,1,'?'")
    read = columns(path, ["twice"])
    assert np.isnan(read["petal length"][0])
    assert np.isnan(read["width"][1])
    assert [read[name] for name in ("site", "twice", "kind")] == [["", "x"], ["0", "1"], ["b", ""]]


def test_inputs_are_found_for_prediction_in_any_order() -> None:
    path = write(HEAD + ROWS.replace("'Iris a'", "?"))
    names = ["twice", "width", "petal length"]
    read = np.asarray(read_inputs(path, names, ignore=["kind", "site"]))
    assert read.tolist() == [[0, 2.5, 1], [1, 0.5, -300], [1, 5, 4]]
    with pytest.raises(
        InputError, match="only the columns that the network was trained on, got 's"
    ):
        read_inputs(path, names, ignore=["kind"])
    with pytest.raises(InputError, match="must have the column 'height' that the network was trai"):
        read_inputs(path, ["height"])
    with pytest.raises(InputError, match="line 10, column 'site' must be a finite number, got 'no"):
        read_inputs(path, ["site", *names], ignore=["kind"])


def test_numbers_equal_those_that_scipy_reads() -> None:
    values = np.random.default_rng(3).normal(size=(50, 4)) * 10.0 ** np.arange(-3, 1)
    lines = [f"@attribute c{k} real" for k in range(4)]
    rows = [",".join(map(repr, row)) + f",{'ab'[n % 2]}" for n, row in enumerate(values.tolist())]
    text = "\n".join(["@relation r", *lines, "@attribute kind {a,b}", "@data", *rows])
    theirs, _ = scipy_arff.loadarff(io.StringIO(text))
    ours = columns(write(text))
    for k in range(4):
        np.testing.assert_array_equal(ours[f"c{k}"], theirs[f"c{k}"])
    assert [name.encode() for name in ours["kind"]] == theirs["kind"].tolist()


BAD = {
    "missing class": (HEAD + "1,1,north,0,?", "line 10, column 'kind' must name a class"),
    "word": (HEAD + ROWS + "1,two,north,0,b", "line 15, column 'width' must be a finite number"),
    "too large": (HEAD + "1,1e39,x,0,b", "line 10, column 'width' must be a finite number"),
    "grouped digits": (HEAD + "1_0,1,x,0,b", "column 'petal length' must be a finite number, got"),
    "few": (HEAD + "1,2", "line 10 must have 5 values, one for each column, got 2"),
    "many": (HEAD + "1,2,x,1,b,{5}", "line 10 must have 5 values, one for each column, got 6"),
    "sparse": (HEAD + "{0 1, 3 1}", "line 10 must be a dense row, got a sparse one, '{0 1, 3 1}'"),
    "other class": (
        HEAD + "1,1,x,0,c",
        "line 10, column 'kind' must be one of the declared values",
    ),
    "open quote": (HEAD + "1,1,x,0,'b", "line 10 must close each quote, got"),
    "two quoted": (HEAD + "1,1,x,0,'b' 'b'", "line 10 must have a comma between values, got"),
    "no rows": (HEAD + "% none", "must have a row below @data, got none"),
    "no data": ("@relation a\n@attribute b real", "must have a line @data, got none"),
    "other word": ("a,b\n1,2", "line 1 must begin with @relation, @attribute or @data, got 'a,b'"),
    "same names": (
        "@attribute a real\n@attribute a real\n@data",
        "line 2 must declare distinct columns, got 'a' twice",
    ),
    "relational": ("@attribute a relational", "line 1 must declare column 'a' as numeric, real"),
    "no kind": ("@attribute a", "must declare column 'a' as numeric, real"),
    "no name": ("@attribute", "line 1 must name a column in printable text, got ''"),
    "blank name": ("@attribute ' ' real", "line 1 must name a column in printable text"),
    "open kind": ("@attribute a {x", "line 1 must declare column 'a' as numeric, real, integer"),
    "no label": (
        HEAD.replace("kind", "sort") + ROWS,
        "must have the label column `kind`, got petal",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_a_fault_is_named_with_line_and_column(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_dataset(DataSource(str(write(text)), label="kind", ignore=("site",)))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"`{Path('a.arff').absolute()}`")
    assert "\n" not in str(caught.value)


def test_a_value_that_is_not_declared_is_refused() -> None:
    with pytest.raises(InputError, match="line 10, column 'site' must be one of the declared valu"):
        read_arff(write(HEAD + "1,1,south,0,b"))


def test_other_encodings_and_long_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("latin.arff").write_bytes((HEAD + "1,1,\xe9,0,b").encode("latin-1"))
    with pytest.raises(InputError, match=r"^`latin.arff` must be UTF-8 text"):
        read_arff(Path("latin.arff"))
    monkeypatch.setattr("nncore.datasets.formats.arff.LONGEST_LINE", 40)
    with pytest.raises(InputError, match="must have lines of fewer than 40 characters"):
        read_arff(write(HEAD))


def test_a_quote_after_much_text_takes_no_long() -> None:
    """A pattern that backtracks would need 10 ** 12 steps for such a line."""
    text = HEAD + "1,1,x,0," + " " * 1_000_000 + "'b" + "\\'" * 100_000
    with pytest.raises(InputError, match="must close each quote"):
        read_arff(write(text))


def test_nominal_and_missing_values_become_inputs() -> None:
    """The row k of class b has the site x, or none, and the width 3, or none, which is the mean."""
    rows = [f"{n},3,north,0,'Iris a'" for n in range(20)]
    rows += [f"{n},{'?' if n % 2 else 3},{'x' if n % 2 else '?'},1,b" for n in range(20)]
    source = DataSource(
        str(write(HEAD + "\n".join(rows))), label="kind", scale="none", missing="indicator"
    )
    data = load_dataset(source)
    kinds = {column.name: (column.kind, column.empty) for column in data.columns}
    assert kinds == {
        "petal length": ("number", 0),
        "width": ("number", 10),
        "site": ("category", 10),
        "twice": ("number", 0),
    }
    assert data.scaling.encoding is not None
    names = [name for column in data.scaling.encoding for name in column.inputs]
    sites = ["site = (empty)", "site = north", "site = x"]
    assert names == ["petal length", "width", "width: empty", *sites, "twice"]
    for split in (data.train, data.validation, data.test):
        for row, label in zip(split.x.tolist(), split.labels.tolist(), strict=True):
            odd = row[0] % 2 if label else 0.0
            site = [0.0, 1.0, 0.0] if not label else [1.0 - odd, 0.0, odd]
            assert row[1:] == [3.0, odd, *site, float(label)]


def test_a_data_set_is_made_of_the_columns() -> None:
    rows = [f"{n},{n % 3},x,{n % 2},{'b' if n % 2 else 'Iris a'}" for n in range(40)]
    path = write(HEAD + "\n".join(rows))
    data = load_dataset(DataSource(str(path), label="kind", ignore=("site",)))
    assert (data.classes, data.inputs) == (("Iris a", "b"), ("petal length", "width", "twice"))
    assert data.identifiers == ("petal length",)
    for split in (data.train, data.validation, data.test):
        assert split.labels.tolist() == data.scaling.undo(split.x)[:, 2].tolist()
