"""The contact sheet: which images it shows and where, read back from the artists."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from nncore.datasets import DataSource
from nncore.datasets.dataset import DataSet, make_dataset, make_split
from nncore.datasets.scaling import Scaling
from results.drawing.contact_sheet import draw_contact_sheet, first_images, plot_contact_sheet


@pytest.fixture
def pictures() -> DataSet:
    """Two classes of 2 × 3 images: raw value 100·row + pixel; class 1 has two training images."""
    raw = 100.0 * np.arange(6)[:, None] + np.arange(6)
    scaling = Scaling(offset=np.full(6, 50.0), scale=np.array([4.0] * 5 + [np.inf]))
    split = make_split(scaling.apply(raw), np.array([0, 1, 0, 0, 1, 0]), 2)
    return make_dataset(
        DataSource("$5.npz"),
        *(split, split, split),
        classes=("zero", "$1"),
        scaling=scaling,
        image_shape=(2, 3),
    )


def test_the_first_training_images_of_each_class_are_raw(pictures: DataSet) -> None:
    images = first_images(pictures, per_class=3)
    assert images.shape == (2, 3, 2, 3)
    # The last pixel was constant and is its offset.
    assert images[0, 1].tolist() == [[200, 201, 202], [203, 204, 50]]
    assert images[0, 2].tolist() == [[300, 301, 302], [303, 304, 50]]
    assert images[1, 1].tolist() == [[400, 401, 402], [403, 404, 50]]
    assert np.isnan(images[1, 2]).all()


def test_images_stand_in_rows_beside_the_names_of_their_classes() -> None:
    images = np.arange(2 * 3 * 4 * 5, dtype=float).reshape(2, 3, 4, 5)
    ax = plot_contact_sheet(images, ("zero", "$1"), Figure().subplots())
    (drawn,) = ax.images
    mosaic = np.ma.filled(drawn.get_array(), np.nan)
    assert mosaic.shape == (4 + 1 + 4, 5 + 1 + 5 + 1 + 5)
    for row in range(2):
        for column in range(3):
            tile = mosaic[5 * row : 5 * row + 4, 6 * column : 6 * column + 5]
            np.testing.assert_array_equal(tile, images[row, column])
    assert np.isnan(mosaic[4]).all()
    assert np.isnan(mosaic[:, 5]).all()
    # Rows 0 to 3 and 5 to 8, each name in the middle.
    assert ax.get_yticks().tolist() == [1.5, 6.5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["zero", r"\$1"]
    assert drawn.cmap(0.0)[:3] == (1, 1, 1), "the smallest value is white"


def test_the_sheet_is_a_png_and_the_same_each_time(pictures: DataSet, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw_contact_sheet(pictures, tmp_path / name)
    content = (tmp_path / "a.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert content == (tmp_path / "b.png").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]
