"""The ARFF reader: what Weka's format allows, and what is refused with line and column."""

import io
from pathlib import Path

import numpy as np
import pytest
from scipy.io import arff as scipy_arff

from nncore.datasets import DataSource, load_dataset
from nncore.datasets.formats.arff import read_arff, read_arff_inputs, read_arff_names
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


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))


def test_declared_columns_are_read_by_name() -> None:
    path = write(HEAD + ROWS)
    assert read_arff_names(path) == ["petal length", "width", "site", "twice", "kind"]
    table = read_arff(path, "kind", group="site")
    assert table.inputs == ("petal length", "width", "twice")
    assert table.x.tolist() == [[1, 2.5, 0], [-300, 0.5, 1], [4, 5, 1]]
    assert table.labels == ["Iris a", "b", "b"]
    assert table.groups == ["north", "far south", "it's"]
    assert read_arff(path, "kind", ["site", "width"]).x.tolist() == [[1, 0], [-300, 1], [4, 1]]


def test_inputs_are_found_for_prediction_in_any_order() -> None:
    path = write(HEAD + ROWS.replace("'Iris a'", "?"))
    assert read_arff_inputs(
        path, ["twice", "width", "petal length"], ["kind", "site"]
    ).tolist() == [
        [0, 2.5, 1],
        [1, 0.5, -300],
        [1, 5, 4],
    ]
    with pytest.raises(
        InputError, match="only the columns that the network was trained on, got 's"
    ):
        read_arff_inputs(path, ["twice", "width", "petal length"], ["kind"])
    with pytest.raises(InputError, match="must have the column 'height', got petal length, width"):
        read_arff_inputs(path, ["height"])


def test_numbers_equal_those_that_scipy_reads() -> None:
    values = np.random.default_rng(3).normal(size=(50, 4)) * 10.0 ** np.arange(-3, 1)
    lines = [f"@attribute c{k} real" for k in range(4)]
    rows = [",".join(map(repr, row)) + f",{'ab'[n % 2]}" for n, row in enumerate(values.tolist())]
    text = "\n".join(["@relation r", *lines, "@attribute kind {a,b}", "@data", *rows])
    theirs, _ = scipy_arff.loadarff(io.StringIO(text))
    ours = read_arff(write(text), "kind")
    np.testing.assert_array_equal(ours.x, np.stack([theirs[f"c{k}"] for k in range(4)], axis=1))
    assert [name.encode() for name in ours.labels] == theirs["kind"].tolist()


BAD = {
    "missing number": (HEAD + "?,1,north,0,b", "line 10, column 'petal length' must be a finite"),
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
    "no label": (HEAD.replace("kind", "sort") + ROWS, "must have the column 'kind', got petal"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_a_fault_is_named_with_line_and_column(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_arff(write(text), "kind", ["site"])
    assert message in str(caught.value)
    assert str(caught.value).startswith("`a.arff`")
    assert "\n" not in str(caught.value)


def test_a_column_of_text_among_the_inputs_is_refused_with_a_hint() -> None:
    with pytest.raises(InputError, match="must have columns of numbers as inputs, got 'site'; `ig"):
        read_arff(write(HEAD + ROWS), "kind")


def test_other_encodings_and_long_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("latin.arff").write_bytes((HEAD + "1,1,\xe9,0,b").encode("latin-1"))
    with pytest.raises(InputError, match=r"^`latin.arff` must be UTF-8 text"):
        read_arff(Path("latin.arff"), "kind", ["site"])
    monkeypatch.setattr("nncore.datasets.formats.arff.LONGEST_LINE", 40)
    with pytest.raises(InputError, match="must have lines of fewer than 40 characters"):
        read_arff(write(HEAD), "kind")


def test_a_quote_after_much_text_takes_no_long() -> None:
    """A pattern that backtracks would need 10 ** 12 steps for such a line."""
    text = HEAD + "1,1,x,0," + " " * 1_000_000 + "'b" + "\\'" * 100_000
    with pytest.raises(InputError, match="must close each quote"):
        read_arff(write(text), "kind", ["site"])


def test_a_data_set_is_made_of_the_columns() -> None:
    rows = [f"{n},{n % 3},x,{n % 2},{'b' if n % 2 else 'Iris a'}" for n in range(40)]
    path = write(HEAD + "\n".join(rows))
    data = load_dataset(DataSource(str(path), label="kind", ignore=("site",)))
    assert (data.classes, data.inputs) == (("Iris a", "b"), ("petal length", "width", "twice"))
    assert data.identifiers == ("petal length",)
    for split in (data.train, data.validation, data.test):
        assert split.labels.tolist() == data.scaling.undo(split.x)[:, 2].tolist()
