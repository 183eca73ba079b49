"""A contact sheet of a data set of images: some of each class, to be looked at before training.

Raw values are shown, ink on paper: the smallest white, the largest black.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nncore.datasets import DataSet
from results.drawing.save import DOTS_PER_INCH
from results.drawing.settings import default_settings
from results.drawing.style import BLACK, INK, literal, short
from sweeps.records.atomic_files import replace_with

PER_CLASS = 10
INCH = 0.45  # of an image's side on the sheet
TALLEST = 400.0  # inches; beyond, images get smaller


def first_images(dataset: DataSet, per_class: int = PER_CLASS) -> NDArray[np.float64]:
    """Return the first training images of each class, raw, `(n_classes, per_class, h, w)`.

    Where a class has fewer, the rest is nan.
    """
    assert dataset.image_shape is not None
    height, width = dataset.image_shape
    images = np.full((len(dataset.classes), per_class, height, width), np.nan)
    for label, row in enumerate(images):
        chosen = np.flatnonzero(dataset.train.labels == label)[:per_class]
        raw = dataset.scaling.undo(dataset.train.x[chosen])
        row[: len(chosen)] = raw.reshape(-1, height, width)
    return images


def plot_contact_sheet(images: NDArray[Any], names: tuple[str, ...], ax: Axes) -> Axes:
    """Draw `images`, `(n_classes, per_class, h, w)`, as a row for each of the class `names`."""
    rows, columns, height, width = images.shape
    framed = np.pad(images, ((0, 0), (0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    mosaic = framed.transpose(0, 2, 1, 3).reshape(rows * (height + 1), columns * (width + 1))
    ax.imshow(mosaic[:-1, :-1], cmap=INK, interpolation="nearest")
    ax.set_yticks(np.arange(rows) * (height + 1) + (height - 1) / 2, [short(n) for n in names])
    ax.set_xticks([])
    ax.tick_params(length=0, labelsize=9, labelcolor=BLACK)
    ax.spines[:].set_visible(False)
    return ax


@default_settings()
def draw_contact_sheet(dataset: DataSet, path: Path) -> None:
    """Write the contact sheet of a data set of images to `path` as a PNG, whole or not at all."""
    images = first_images(dataset)
    rows, columns, height, width = images.shape
    tall = min(INCH, TALLEST / rows)
    wide = tall * max(width / height, 0.2)
    figure = Figure(figsize=(wide * columns + 1.8, tall * rows + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    ax = plot_contact_sheet(images, dataset.classes, figure.subplots())
    title = f"{Path(dataset.name).name}: the first training images of each class"
    ax.set_title(literal(title), loc="left", fontsize=11)

    def save(temporary: Path) -> None:
        figure.savefig(
            temporary,
            format="png",
            dpi=DOTS_PER_INCH,
            metadata={"Software": None},
            bbox_inches="tight",
        )

    replace_with(path, save)
