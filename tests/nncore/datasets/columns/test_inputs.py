"""Columns of tables against scikit-learn's pipeline, and against values worked out by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nncore import DataSet, DataSource, load_dataset
from nncore.datasets.columns.dates import date_orders, date_parts
from nncore.datasets.columns.inputs import (
    Column,
    encode,
    encoding_as_json,
    encoding_from_json,
    fit_column,
    text_cells,
)
from nncore.datasets.columns.kinds import find_columns
from nncore.datasets.formats.csv_table import read_table
from nncore.datasets.formats.delimited import Dialect
from nncore.datasets.scaling import SCALINGS
from nncore.errors import InputError

CELLS = st.floats(-1e6, 1e6) | st.just(float("nan"))
WORDS = st.sampled_from(["red", "green", "blue", ""])
ROWS = st.lists(st.tuples(CELLS, CELLS, WORDS, WORDS), min_size=2, max_size=30)


def as_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["a", "b", "c", "d"]).astype(
        {"a": float, "b": float, "c": object, "d": object}
    )


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS, st.sampled_from([0.0, 0.1, 0.3]), st.booleans())
def test_the_inputs_are_those_of_scikit_learn(
    train: list[Any], other: list[Any], rare: float, indicator: bool
) -> None:
    known, new = as_frame(train), as_frame(other)
    numbers = SimpleImputer(add_indicator=indicator, keep_empty_features=True)
    one_hot = OneHotEncoder(
        min_frequency=rare or None, handle_unknown="infrequent_if_exist", sparse_output=False
    )
    if not rare:
        one_hot.set_params(handle_unknown="ignore")
    theirs = make_pipeline(
        ColumnTransformer([("numbers", numbers, ["a", "b"]), ("words", one_hot, ["c", "d"])]),
        StandardScaler(),
    ).fit(known)
    missing = "indicator" if indicator else "mean"
    columns = [
        fit_column(name, "number", known[name].to_numpy(), missing=missing) for name in "ab"
    ] + [fit_column(name, "category", known[name].to_numpy(), rare=rare) for name in "cd"]
    ours = [encode(columns, {n: frame[n].to_numpy() for n in "abcd"}) for frame in (known, new)]
    scaling = SCALINGS["standard"](ours[0])
    # Theirs puts the indicators behind all numbers.
    numeric = [name for column in columns[:2] for name in column.inputs]
    order = np.argsort([name.endswith(": empty") for name in numeric], kind="stable")
    order = np.concatenate([order, np.arange(len(order), ours[0].shape[1])])
    for frame, x in zip((known, new), ours, strict=True):
        scaled = ((x - scaling.offset) / scaling.scale)[:, order]
        wanted = theirs.transform(frame)
        varies = ours[0].std(axis=0)[order] > 1e-6 * np.abs(ours[0]).max(initial=1.0)
        np.testing.assert_allclose(scaled[:, varies], wanted[:, varies], rtol=1e-12, atol=1e-12)
        assert scaled.shape == wanted.shape


def table(folder: Path) -> str:
    """Write a table of 60 rows with numbers, text, empty cells and dates, and return its path."""
    lines = ["size;color;sold;noted;kind"]
    for k in range(60):
        size = "" if k % 7 == 3 else f"{k * 37 % 101},5"
        color = ["red", "green", ""][k % 3]
        lines.append(f"{size};{color};{1 + k % 28:02}.0{1 + k % 9}.2021;note {k};{'ab'[k % 2]}")
    path = folder / "things.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def test_a_table_of_all_kinds_by_hand(tmp_path: Path) -> None:
    data = load_dataset(
        DataSource(table(tmp_path), label="kind", scale="none", missing="indicator")
    )
    kinds = {c.name: (c.kind, c.values, c.empty, c.inputs) for c in data.columns}
    assert kinds == {
        "size": ("number", 51, 9, 2),
        "color": ("category", 2, 20, 3),
        "sold": ("date", 60, 0, 3),
        "noted": ("identifier", 60, 0, 0),
    }
    assert data.inputs == ("size", "color", "sold")
    assert data.scaling.names == (
        *("size", "size: empty", "color = (empty)", "color = green", "color = red"),
        *("sold: year", "sold: month", "sold: day of week"),
    )
    x = np.concatenate([data.train.x, data.validation.x, data.test.x])
    assert x[:, 1].sum() == 9
    assert (x[:, 2:5].sum(axis=1) == 1).all()
    assert set(x[:, 5]) == {2021.0}
    mean = data.scaling.encoding[0].means[0] if data.scaling.encoding else 0.0
    np.testing.assert_array_equal(x[x[:, 1] == 1, 0], np.float32(mean))
    assert mean == data.train.x[data.train.x[:, 1] == 0, 0].mean(dtype=np.float64)


@pytest.mark.parametrize("scale", ["unit", "standard"])
def test_what_a_validation_row_holds_changes_no_training_row(tmp_path: Path, scale: str) -> None:
    def load(poison: str) -> DataSet:
        lines = Path(table(tmp_path)).read_text().splitlines()
        lines[held + 1] = poison or lines[held + 1]
        path = tmp_path / f"poisoned{bool(poison)}.csv"
        path.write_text("\n".join(lines) + "\n")
        source = DataSource(str(path), label="kind", scale=scale, ignore=("noted",), rare=0.0)
        return load_dataset(source)

    plain = DataSource(table(tmp_path), label="kind", scale="none", ignore=("noted",))
    sizes = load_dataset(plain).validation.x[:, 0].tolist()
    held = next(k for k in range(60) if k % 7 != 3 and k * 37 % 101 + 0.5 in sizes)
    place = sizes.index(held * 37 % 101 + 0.5)
    clean, poisoned = load(""), load("9e9;violet;01.01.2099;x;" + "ab"[held % 2])
    np.testing.assert_array_equal(clean.train.x, poisoned.train.x)
    np.testing.assert_array_equal(clean.test.x, poisoned.test.x)
    assert clean.scaling.encoding == poisoned.scaling.encoding
    np.testing.assert_array_equal(clean.scaling.offset, poisoned.scaling.offset)
    np.testing.assert_array_equal(clean.scaling.scale, poisoned.scaling.scale)
    changed = (clean.validation.x != poisoned.validation.x).any(axis=1)
    assert np.flatnonzero(changed).tolist() == [place]


NUMERIC = {
    "unit": "cb7c94a4445914400a912ef25643d0f496f60a09cd407ea083fbd5dd7e3b513e",
    "standard": "702a9d426f96553d44ee9dafa3f9ae7acd791d237c1c6bfedc3221dcf277d3e8",
}
"""The hashes of this data set before tables were read by pandas."""


@pytest.mark.parametrize("scale", NUMERIC)
def test_a_numeric_table_has_the_content_that_it_always_had(tmp_path: Path, scale: str) -> None:
    lines = ["width,height,kind,depth,same"]
    for k in range(60):
        wide, deep = f"{(k * 37 % 101) / 7!r}", f"{1e-3 * (k % 11) ** 3:.4e}"
        lines.append(f"{wide},{(k * k % 53) - 20},{'abc'[k % 3]},{deep}, 7 ")
    path = tmp_path / "numeric.csv"
    path.write_text("\n".join(lines) + "\n")
    data = load_dataset(DataSource(str(path), label="kind", scale=scale))
    assert data.sha256 == NUMERIC[scale]
    assert data.scaling.encoding is None


def kinds(folder: Path, *cells: str, categories: tuple[str, ...] = ()) -> str:
    """Return the kind of a column with these cells, in quotes."""
    path = folder / "one.csv"
    path.write_text("\n".join(["a,b", *(f'"{cell}",1' for cell in cells)]) + "\n")
    text = read_table(path, Dialect(), text=categories)
    return find_columns(text, categories)[0].shown


def test_the_kind_of_a_column(tmp_path: Path) -> None:
    many = [f"name {k}" for k in range(20)]
    assert kinds(tmp_path, "1", "2.5", "2", "?") == "number"
    assert kinds(tmp_path, "3", "3") == "constant"
    assert kinds(tmp_path, "", "NA") == "constant"
    assert kinds(tmp_path, "x", "x") == "constant"
    assert kinds(tmp_path, "x", "") == "category"
    assert kinds(tmp_path, "yes", "No", "yes") == "boolean"
    assert kinds(tmp_path, "yes", "no", "") == "category"
    assert kinds(tmp_path, "yes", "no", "maybe") == "category"
    assert kinds(tmp_path, *many) == "identifier"
    assert kinds(tmp_path, *many[:19]) == "category"
    assert kinds(tmp_path, *many, categories=("a",)) == "category"
    assert kinds(tmp_path, "1", "2", "1", categories=("a",)) == "category"
    assert kinds(tmp_path, *map(str, range(20))) == "identifier"
    assert kinds(tmp_path, "2021-03-04", "") == "date"
    assert kinds(tmp_path, "2021-03-04", "2021-02-30") == "category"
    # Four different words among as many numbers are no slips.
    assert kinds(tmp_path, "1", "2", "3", "4", "w", "x", "y", "z") == "category"


def test_a_date_that_may_begin_with_day_or_month_is_the_users_to_decide(tmp_path: Path) -> None:
    assert date_orders(["01/02/2020", "13/02/2020"]) == ["dmy"]
    assert date_orders(["01/02/2020", "", "02/13/2020"]) == ["mdy"]
    with pytest.raises(InputError, match=r"column 'a' must show whether the day or the month"):
        kinds(tmp_path, "01/02/2020", "03/04/2020")


@given(st.dates(min_value=date(1000, 1, 1)))
def test_dates_in_every_order(day: date) -> None:
    parts = (day.year, day.month, day.weekday())
    assert date_parts(day.isoformat(), "ymd") == parts
    assert date_parts(f"{day.isoformat()}T12:30:00Z", "ymd") == parts
    assert date_parts(f"{day.day}.{day.month}.{day.year:04}", "dmy") == parts
    assert date_parts(f"{day.month}/{day.day}/{day.year:04}", "mdy") == parts


def test_an_unknown_category_counts_as_rare_and_sets_nothing_without_rare_ones() -> None:
    color = text_cells(["red"] * 6 + ["blue"] * 3 + ["pink"])
    new = {"color": text_cells(["red", "pink", "mauve", None])}
    with_rare = fit_column("color", "category", color, rare=0.2)
    assert with_rare.inputs == ("color = blue", "color = red", "color = (rare)")
    assert encode([with_rare], new).tolist() == [[0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    without = fit_column("color", "category", color, rare=0.1)
    assert encode([without], new).tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_cells_that_do_not_fit_are_refused_by_row() -> None:
    truth = fit_column("ok", "boolean", text_cells(["yes", "no"]), words=("no", "yes"))
    assert encode([truth], {"ok": text_cells(["YES", "no"])}).tolist() == [[1], [0]]
    with pytest.raises(InputError, match=r"^row 1 of column 'ok' must be no or yes, got 'ja'$"):
        encode([truth], {"ok": text_cells(["no", "ja"])})
    day = fit_column("day", "date", text_cells(["2020-01-01"]), order="ymd", missing="refuse")
    with pytest.raises(InputError, match=r"^row 0 of column 'day' must be a date like those"):
        encode([day], {"day": text_cells(["tomorrow"])})
    with pytest.raises(InputError, match=r"^row 0 of column 'day' must not be empty"):
        encode([day], {"day": text_cells([""])})


def test_categories_that_take_too_much_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nncore.datasets.columns.inputs.MOST_BYTES", 1000)
    many = text_cells(f"v{k}" for k in range(20))
    column = fit_column("v", "category", many, rare=0.0)
    with pytest.raises(InputError, match=r"^`data.rare` must be large enough .* 20 rows of 20 in"):
        encode([column], {"v": many})


COLUMNS = (
    Column("a", "number", "indicator", (0.1,)),
    Column("b", "category", categories=("", "x"), rare=True),
    Column("c", "date", "refuse", (2020.0, 1.5, 3.0), order="dmy"),
    Column("d", "boolean", means=(0.5,), categories=("no", "yes")),
    Column("e", "unused"),
)


def test_columns_as_json_and_back() -> None:
    described = json.loads(json.dumps(encoding_as_json(COLUMNS)))
    assert encoding_from_json(described) == COLUMNS
    for key, value in [
        ("kind", "secret"),
        ("name", 3),
        ("missing", None),
        ("means", [float("nan")]),
        ("means", [1.0, 2.0]),
        ("means", "1"),
        ("categories", ["x", "x"]),
        ("categories", [1]),
        ("rare", 1),
        ("order", "xyz"),
        ("other", 1),
    ]:
        with pytest.raises(InputError, match=r"^`encoding"):
            encoding_from_json([{**described[0], key: value}])
    for wrong in ([None], ["a"], [described[0]] * 2):
        with pytest.raises(InputError, match=r"^`encoding"):
            encoding_from_json(wrong)
