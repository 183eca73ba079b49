"""Where validation rows come from: the places name the rows in the file."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes

from nncore.datasets import DataSet, DataSource, Fold, load_dataset
from nncore.datasets.origin import validation_origin
from nncore.errors import InputError


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """Return a table with text and gaps, and a different price in each row."""
    lines = [f"{k % 5 or ''},{('Ulm', 'Bonn')[k % 2]},g{k % 12},{1000 + k}" for k in range(60)]
    path = tmp_path / "houses.csv"
    path.write_text("\n".join(["rooms,town,owner,price", *lines, ""]))
    return path


def _rows(dataset: DataSet) -> range:
    return range(len(dataset.validation))


@pytest.mark.parametrize("changes", [{}, {"part": Fold(1, of=3)}, {"group": "owner"}])
def test_the_lines_are_those_of_the_table(houses: Path, changes: dict[str, object]) -> None:
    dataset = load_dataset(DataSource(str(houses), target=("price",), **changes))
    origin = validation_origin(dataset)
    assert origin.unit == "line"
    lines = houses.read_text().splitlines()
    rows = [lines[int(place) - 1].split(",") for place in map(origin.place, _rows(dataset))]
    assert [float(row[3]) for row in rows] == dataset.validation.labels[:, 0].tolist()
    assert origin.cells["town"].tolist() == [row[1] for row in rows]
    rooms = ["" if np.isnan(cell) else f"{cell:.0f}" for cell in origin.cells["rooms"]]
    assert rooms == [row[0] for row in rows]
    assert "price" not in origin.cells


@pytest.mark.parametrize("part", [None, Fold(0, of=4)])
def test_the_rows_of_a_published_data_set_count_from_1(part: Fold | None) -> None:
    dataset = load_dataset(DataSource("diabetes", part=part))
    origin = validation_origin(dataset)
    rows = np.array([*map(origin.place, _rows(dataset))], int) - 1
    assert load_diabetes().target[rows].tolist() == dataset.validation.labels[:, 0].tolist()
    assert (origin.unit, origin.cells) == ("row", {})


def test_the_rows_of_arrays_count_from_1(tmp_path: Path) -> None:
    y = np.arange(40.0)
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(1).normal(size=(40, 2)), y=y)
    dataset = load_dataset(DataSource(str(tmp_path / "a.npz"), target=("y",)))
    origin = validation_origin(dataset)
    assert (origin.unit, origin.cells) == ("row", {})
    rows = np.array([*map(origin.place, _rows(dataset))], int) - 1
    assert y[rows].tolist() == dataset.validation.labels[:, 0].tolist()


def test_a_changed_file_is_told(houses: Path) -> None:
    dataset = load_dataset(DataSource(str(houses), target=("price",)))
    houses.write_text(houses.read_text().replace("1000", "1001"))
    with pytest.raises(InputError, match="must not change while it is in use"):
        validation_origin(dataset)
