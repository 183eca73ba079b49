"""Rows of a table that `ignore_labels` leaves out: those without a label, or of a rare class.

The data set must be that of the file from which these lines were deleted by hand.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nncore.datasets import DataSource, load_dataset
from nncore.datasets.missing_labels import missing_label_warnings
from nncore.errors import InputError

LINES = [f"{k % 7},{k},{label}" for k, label in enumerate(["oak", "ash", "NA", "", "elm"] * 12)]
LINES.append("3,77,yew")


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(tmp_path / "cache"))


def save(name: str, lines: Sequence[str]) -> str:
    Path(name).write_text("\n".join(["size,age,tree", *lines, ""]))
    return name


def source(name: str, ignore_labels: tuple[str, ...] = ()) -> DataSource:
    return DataSource(name, label="tree", ignore_labels=ignore_labels)


def refusal(name: str, ignore_labels: tuple[str, ...] = ()) -> str:
    with pytest.raises(InputError) as caught:
        load_dataset(source(name, ignore_labels))
    return str(caught.value)


def test_the_rows_are_left_out_as_if_their_lines_were_deleted() -> None:
    deleted = [line for line in LINES if line.split(",")[2] not in ("NA", "", "yew")]
    by_hand = load_dataset(source(save("by-hand.csv", deleted)))
    data = load_dataset(source(save("trees.csv", LINES), ("NA", "", "yew")))
    assert data.classes == ("ash", "elm", "oak")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [24, 6, 6]
    for split, wanted in ((data.train, by_hand.train), (data.test, by_hand.test)):
        assert np.array_equal(split.x, wanted.x)
        assert np.array_equal(split.labels, wanted.labels)


def test_what_is_refused_names_the_setting_that_works() -> None:
    path = Path(save("trees.csv", LINES)).absolute()
    message = refusal("trees.csv")
    place = f"`{path}` line 5, column 'tree' must name a class in printable text, got ''"
    assert message == f'{place}; `data.ignore_labels` = [""] leaves such rows out'
    message = refusal("trees.csv", ("",))
    assert message.endswith('; `data.ignore_labels` = ["yew"] leaves out all rows of such classes')
    load_dataset(source("trees.csv", ("", "yew")))


def test_a_file_without_named_labels_is_not_told_of_the_setting() -> None:
    np.savez("trees.npz", x=np.eye(21), y=[0] * 10 + [1] * 10 + [2])
    with pytest.raises(InputError, match=r"got 1 examples, split as 1 / 0 / 0$"):
        load_dataset("trees.npz")


def test_a_table_of_classes_that_are_all_rare_is_told_nothing_of_them() -> None:
    save("trees.csv", [f"1,{k},kind {k}" for k in range(9)])
    assert refusal("trees.csv").endswith("got 1 examples, split as 1 / 0 / 0")


def test_an_error_names_the_line_in_the_file() -> None:
    path = Path(save("trees.csv", [*LINES, "1,2,a\x07b"])).absolute()
    place = f"`{path}` line 63, column 'tree' must name a class in printable text"
    assert refusal("trees.csv", ("NA", "")).startswith(place)


def test_labels_that_are_not_there_or_are_all_are_refused() -> None:
    path = Path(save("trees.csv", LINES[:2])).absolute()
    rule = "must have the label 'fir' to ignore in column 'tree', got ash, oak"
    assert refusal("trees.csv", ("fir",)) == f"`{path}` {rule}"
    assert refusal("trees.csv", ("oak", "ash")).endswith(
        "must have a row with another label, got none"
    )


def test_the_warning_of_a_missing_label_names_the_setting() -> None:
    save("trees.csv", LINES)
    data = load_dataset(source("trees.csv", ("", "yew")))
    assert [*missing_label_warnings(data)] == [
        "12 examples in trees.csv have the class 'NA', which often means a missing label; if it "
        'does, data.ignore_labels = ["NA"] leaves these rows out'
    ]


def test_rows_without_a_target_are_left_out() -> None:
    lines = [f"{k % 7},{k % 5},{'NA' if k % 4 == 1 else k / 2}" for k in range(80)]
    save("trees.csv", lines)
    path = Path("trees.csv").absolute()
    with pytest.raises(InputError) as caught:
        load_dataset(DataSource("trees.csv", target=("tree",)))
    place = f"`{path}` line 3, column 'tree' must be a finite number, because it is a target"
    hint = '; `data.ignore_labels` = ["NA"] leaves such rows out'
    assert str(caught.value) == f"{place}, got 'NA'{hint}"
    save("by-hand.csv", [line for line in lines if "NA" not in line])
    by_hand = load_dataset(DataSource("by-hand.csv", target=("tree",)))
    data = load_dataset(DataSource("trees.csv", target=("tree",), ignore_labels=("NA",)))
    assert len(data.train) == len(by_hand.train) == 42
    assert np.array_equal(data.train.x, by_hand.train.x)
    assert np.array_equal(data.train.y, by_hand.train.y)
