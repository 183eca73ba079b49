"""Targets: numbers to predict are read, split, standardised on training rows, and cached."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from nncore import DataSource, Fold, Scaling, load_dataset
from nncore.datasets import DataSet
from nncore.datasets.catalogue import is_regression
from nncore.datasets.dataset import make_target_split
from nncore.errors import InputError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows_of(count: int) -> list[list[str]]:
    """Rows `area, city, price, rent`: a price is three times the area, a rent its square."""
    return [[f"{k}", "Ulm" if k % 3 else "Bonn", f"{3 * k}", f"{k * k}"] for k in range(count)]


def write(rows: list[list[str]], name: str = "houses.csv", separator: str = ",") -> str:
    lines = [["area", "city", "price", "rent"], *rows]
    Path(name).write_text("\n".join(separator.join(line) for line in lines) + "\n")
    return name


def load(name: str, *target: str, **settings: Any) -> DataSet:
    return load_dataset(DataSource(name, target=target, **settings))


def refusal(name: str, *target: str, **settings: Any) -> str:
    with pytest.raises(InputError) as caught:
        load(name, *target, **settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def splits(data: DataSet) -> tuple[Any, ...]:
    return data.train, data.validation, data.test


def test_targets_are_standardised_by_the_training_rows() -> None:
    data = load(write(rows_of(40)), "price", ignore=("rent",))
    assert [len(split) for split in splits(data)] == [28, 6, 6]
    own = data.train.labels[:, 0]
    mean, deviation = sum(own) / 28, (sum((own - sum(own) / 28) ** 2) / 28) ** 0.5
    for split in splits(data):
        by_hand = ((split.labels[:, 0] - mean) / deviation).astype(np.float32)
        np.testing.assert_allclose(split.y[:, 0], by_hand, rtol=1e-6)
        assert split.y.shape == (len(split), 1)
        assert data.targets is not None
        np.testing.assert_allclose(data.targets.undo(split.y), split.labels, atol=1e-4)
    assert sorted(np.concatenate([s.labels[:, 0] for s in splits(data)])) == list(range(0, 120, 3))
    assert data.classes == ()
    assert data.n_out == 1
    assert is_regression(data.source)
    assert data.inputs == ("area", "city")


def test_rows_keep_their_targets() -> None:
    data = load(write(rows_of(40)), "price", scale="none", categories=("city",))
    for split in splits(data):
        area = data.inputs.index("area") if data.inputs else 0
        np.testing.assert_array_equal(split.labels[:, 0], 3 * split.x[:, area])


def test_a_poisoned_validation_row_changes_nothing_that_is_fitted() -> None:
    rows = rows_of(40)
    clean = load(write(rows), "price")
    place = int(clean.validation.labels[0, 0] // 3)
    rows[place][2] = "1e30"
    poisoned = load(write(rows, "poisoned.csv"), "price")
    assert poisoned.validation.labels[0, 0] == 1e30
    np.testing.assert_array_equal(poisoned.train.y, clean.train.y)
    np.testing.assert_array_equal(poisoned.targets.offset, clean.targets.offset)  # type: ignore[union-attr]
    assert poisoned.sha256 != clean.sha256


def test_several_targets_are_columns_in_the_order_of_their_names() -> None:
    data = load(write(rows_of(40)), "rent", "price")
    assert data.targets is not None
    assert data.targets.names == ("rent", "price")
    np.testing.assert_array_equal(data.train.labels[:, 0], (data.train.labels[:, 1] / 3) ** 2)
    np.testing.assert_allclose(data.train.y.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(data.train.y.std(axis=0), 1, atol=1e-6)
    assert data.inputs == ("area", "city")


def test_targets_are_in_the_hash_and_come_back_from_the_cache() -> None:
    data = load(write(rows_of(40)), "price")
    again = load_dataset(data.source)
    assert again.sha256 == data.sha256
    assert again.targets is not None
    assert again.targets.names == ("price",)
    np.testing.assert_array_equal(again.train.labels, data.train.labels)
    other = write([[*row[:2], row[2], row[3]] for row in rows_of(40)], "other.csv")
    named_otherwise = Path(other).read_text().replace("price", "cost")
    Path(other).write_text(named_otherwise)
    assert load(other, "cost").sha256 != data.sha256


def test_a_decimal_comma_is_one_in_targets_too() -> None:
    rows = [[r[0], r[1], f"{r[2]},5", r[3]] for r in rows_of(40)]
    data = load(write(rows, separator=";"), "price", decimal=",")
    assert {value % 3 for value in data.train.labels[:, 0]} == {0.5}


@pytest.mark.parametrize("cell", ["", "abc", "inf", "nan", "1e39", "1_000"])
def test_a_target_that_is_no_number_is_refused_by_its_place(cell: str) -> None:
    rows = rows_of(40)
    rows[6][2] = cell
    said = refusal(write(rows), "price")
    hint = f'; `data.ignore_labels` = ["{cell}"] leaves such rows out'
    assert said.endswith(
        "houses.csv` line 8, column 'price' must be a finite number, because it is a target, "
        f"got {cell!r}" + (hint if cell in ("", "nan") else "")
    )


def test_a_constant_target_is_refused_by_name() -> None:
    rows = [[*row[:2], "7", row[3]] for row in rows_of(40)]
    said = refusal(write(rows), "rent", "price")
    assert "must have different targets `price` in its training rows, got only 7" in said


def test_contradictions_are_refused() -> None:
    name = write(rows_of(40))
    assert "`label` must be left out if `target` names" in refusal(name, "price", label="city")
    assert "must have the target column `cost`" in refusal(name, "cost")
    assert "`ignore` must name other columns than the target" in refusal(
        name, "price", ignore=("price",)
    )
    assert "`group` must name another column than the target" in refusal(
        name, "price", group="price"
    )
    assert "`categories` must name columns that are inputs" in refusal(
        name, "price", categories=("price",)
    )
    assert "`target` must name different columns" in refusal(name, "price", "price")
    assert "`target` must go with a data file, not with `digits`" in refusal("digits", "price")
    assert "must have examples for training, validation and test, got 2 examples" in refusal(
        write(rows_of(2), "few.csv"), "price"
    )


def test_groups_stay_together() -> None:
    data = load(write(rows_of(60)), "price", group="rent", ignore=("area",))
    assert len(data.train) + len(data.validation) + len(data.test) == 60
    by_fives = [[r[0], r[1], r[2], str(int(r[0]) // 5)] for r in rows_of(60)]
    data = load(write(by_fives, "groups.csv"), "price", group="rent")
    pieces = [{int(v // 15) for v in split.labels[:, 0]} for split in splits(data)]
    assert sum(map(len, pieces)) == len(set.union(*pieces)) == 12


def test_each_fold_standardises_by_its_own_training_rows() -> None:
    name, seen = write(rows_of(40)), []
    for number in range(3):
        data = load(name, "price", part=Fold(number, 3))
        np.testing.assert_allclose(data.train.y.mean(), 0, atol=1e-6)
        np.testing.assert_allclose(data.train.y.std(), 1, atol=1e-6)
        seen += data.validation.labels[:, 0].tolist()
    assert len(seen) == len(set(seen)) == 34
    assert {data.targets.names for _ in [0] if data.targets} == {("price",)}


def test_arrays_of_numbers_are_targets_if_they_are_named() -> None:
    x, y = np.arange(80.0).reshape(40, 2), np.linspace(0, 1, 40)
    np.savez("own.npz", x=x, y=y)
    with pytest.raises(InputError, match=r"got float64; `data\.target` = 'y' predicts"):
        load_dataset("own.npz")
    data = load("own.npz", "y", scale="none")
    assert data.targets is not None
    assert data.targets.names == ("y",)
    np.testing.assert_array_equal(data.train.labels[:, 0], y[(data.train.x[:, 0] / 2).astype(int)])
    assert "`target` must be 'y', the name of the array beside the inputs" in refusal(
        "own.npz", "z"
    )
    assert "be the name of a single array" in refusal("own.npz", "y", "z")


def test_whole_numbers_and_several_columns_may_be_targets() -> None:
    x = np.arange(80).reshape(40, 2)
    np.savez("both.npz", data=x, target=np.stack([x[:, 0], -x[:, 0]], axis=1))
    data = load("both.npz", "target")
    assert data.targets is not None
    assert data.targets.names == ("target[:, 0]", "target[:, 1]")
    np.testing.assert_array_equal(data.test.labels[:, 0], -data.test.labels[:, 1])


def test_a_bad_number_in_an_array_of_targets_is_refused_by_its_place() -> None:
    y = np.linspace(0, 1, 40)
    y[3] = np.nan
    np.savez("bad.npz", x=np.ones((40, 2)), y=y)
    assert "`y[3, 0]` in" in refusal("bad.npz", "y")
    np.savez("text.npz", x=np.ones((40, 2)), y=np.array(["a"] * 40))
    assert "must hold numbers, got <U1" in refusal("text.npz", "y")
    np.savez("short.npz", x=np.ones((40, 2)), y=np.ones(39))
    assert "must have the shape (40,) or (40, k)" in refusal("short.npz", "y")


def test_a_test_set_of_the_file_stays_one() -> None:
    x = np.arange(60.0)[:, None]
    np.savez("keras.npz", x_train=x[:50], y_train=x[:50, 0], x_test=x[50:], y_test=x[50:, 0])
    data = load("keras.npz", "y_train")
    assert data.test.labels[:, 0].tolist() == list(range(50, 60))


def test_diabetes_is_that_of_scikit_learn() -> None:
    data = load_dataset("diabetes")
    found = load_diabetes()
    x = np.concatenate([split.x for split in splits(data)])
    target = np.concatenate([split.labels[:, 0] for split in splits(data)])
    assert [len(split) for split in splits(data)] == [310, 66, 66]
    both = np.column_stack([found.data * 442**0.5, found.target])
    ours = np.column_stack([x, target])
    np.testing.assert_allclose(
        ours[np.lexsort(ours.round(3).T)], both[np.lexsort(both.round(3).T)], atol=1e-5
    )
    fold = load_dataset(DataSource("diabetes", part=Fold(0, of=5)))
    np.testing.assert_allclose(fold.train.y.std(), 1, atol=1e-6)
    np.testing.assert_array_equal(fold.test.labels, data.test.labels)


def test_a_target_beyond_float32_is_named() -> None:
    x, values = np.zeros((2, 1), np.float32), np.array([[1.0, 2.0], [3.0, 1e300]])
    for names, target in ((("price", "rent"), "target 'rent'"), (None, "target 1")):
        with pytest.raises(InputError) as error:
            make_target_split(x, values, Scaling(inputs=names))
        assert str(error.value) == f"{target} must be finite in float32 after scaling, got 1e+300"


def test_the_target_of_an_npz_file_may_have_any_name() -> None:
    x = np.random.default_rng(1).normal(size=(40, 2))
    np.savez("more.npz", X=x, y=x[:, 0] > 0, price=x[:, 1])
    data = load("more.npz", "price", scale="none")
    assert data.targets
    assert data.targets.names == ("price",)
    for split in (data.train, data.validation, data.test):
        assert split.labels.ravel() == pytest.approx(split.x[:, 1])
    np.savez("keras.npz", x_train=x, y_train=x, x_test=x, y_test=x, x=x, price=x)
    assert "`target` must be 'y_train'" in refusal("keras.npz", "price")
