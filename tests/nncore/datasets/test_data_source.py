"""Which data set is meant: settings that go together, and names that no file can have."""

import os
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import DataSource, load_dataset
from nncore.errors import InputError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def refusal(source: str) -> str:
    with pytest.raises(InputError) as caught:
        load_dataset(source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "a.csv"}, "`label` must name the column of classes in `a.csv`, got None"),
        ({"name": "a.csv", "label": ""}, "`label` must name the column of classes in `a.csv`"),
        (
            {"name": "a.npz", "label": "y"},
            "`label` must go with a table, such as .csv, not `a.npz`",
        ),
        (
            {"name": "a.npz", "ignore": ("b",)},
            "`ignore` must go with a table, such as .csv, not",
        ),
        (
            {"name": "a.arff", "label": "y", "separator": ";"},
            "`separator` must go with a table such as .csv, not with `a.arff`, got ';'",
        ),
        (
            {"name": "a.arff", "label": "y", "header": False},
            "`header` must go with a table such as .csv, not with `a.arff`, got False",
        ),
        ({"name": "digits", "ignore": ("b",)}, "`ignore` must go with a data file, not"),
        (
            {"name": "a.csv", "label": "y", "ignore": ("b", "y")},
            "`ignore` must name other columns than the label, got ['b', 'y']",
        ),
        ({"name": "digits", "label": "y"}, "`label` must go with a data file, not with"),
        ({"name": "digits", "scale": "none"}, "`scale` must go with a data file, not"),
        ({"name": "digits", "split": (0.6, 0.2, 0.2)}, "`split` must go with a data file"),
        ({"name": "a.npz", "scale": "units"}, "unknown `scale` `units`; did you mean `unit`?"),
        ({"name": "a.npz", "split": (0.7, 0.3)}, "`split` must be three fractions > 0 with sum 1"),
        ({"name": "a.npz", "split": (0.7, 0.3, 0.0)}, "`split` must be three fractions > 0"),
        ({"name": "a.npz", "split": (0.7, 0.2, 0.2)}, "got [0.7, 0.2, 0.2]"),
        ({"name": "a.npz", "split": (float("nan"), 0.5, 0.5)}, "got [nan, 0.5, 0.5]"),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        DataSource(**settings)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["a\0.npz", "a" * 5000 + ".npz", "~nobody-of-this-name/a.npz"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    assert "must be readable, got: " in refusal(name)


def test_a_name_too_long_for_a_file_is_unknown() -> None:
    assert refusal("a" * 5000).startswith("unknown data set `aaa")


def test_a_pipe_is_not_waited_for() -> None:
    os.mkfifo("a.npz")
    assert "must be a regular file" in refusal("a.npz")


def test_a_file_of_another_kind_is_told_the_kinds() -> None:
    Path("a.txt").write_text("a\tb\n")
    kinds = ".npz, .npy, idx-ubyte, .csv, .tsv, .csv.gz, .tsv.gz, .arff or .parquet"
    assert refusal("a.txt") == f"data file `a.txt` must end in {kinds}"
