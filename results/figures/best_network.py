"""The shipped network on validation data: confusion matrix, worst mistakes, and hidden units.

The test set is never used. Images are drawn as ink on paper: the largest value is black.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from results.analysis.best_network import Images, Integers, Scored, unit_images, worst_mistakes
from results.drawing.style import (
    BLACK,
    GRAY,
    INK,
    color_map,
    say,
    short,
)
from results.number_text import percent

NO_MISTAKES = "no mistakes on the validation data"
MOST_MISTAKES, MISTAKES_PER_ROW = 24, 8
MOST_UNITS, UNITS_PER_ROW = 60, 10
MISTAKE_GAPS, UNIT_GAPS = (0.12, 0.42), (0.08, 0.08)
"""The space beside and below an image, as parts of its width and height."""
MOST_CLASSES = 30  # of more, counts and names would be too small to read
MISTAKES, WEIGHTS = color_map("YlOrRd"), color_map("PuOr")


def plot_confusion(counts: Integers, classes: tuple[str, ...], ax: Axes) -> Axes:
    """Draw mistakes as cells, the more the darker, with counts; what was right stays uncolored."""
    wrong = counts.astype(np.float64)
    np.fill_diagonal(wrong, np.nan)
    most = np.nanmax(wrong, initial=0.0)
    shown = np.ma.masked_invalid(np.where(wrong > 0, wrong, np.nan))
    ax.imshow(shown, cmap=MISTAKES, vmin=0, vmax=1.15 * max(most, 1.0))
    few = len(classes) <= MOST_CLASSES
    for row, column in np.argwhere(counts > 0) if few else []:
        right = row == column
        dark = not right and counts[row, column] > 0.7 * most
        ax.text(
            column,
            row,
            str(counts[row, column]),
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if dark else GRAY if right else BLACK,
        )
    every = range(len(classes)) if few else range(0, len(classes), 10)
    names = [short(classes[label]) for label in every]
    ax.set_xticks(every, names, rotation=45 if max(map(len, names)) > 3 else 0)
    ax.set_yticks(every, names)
    ax.set_xlabel("classified as")
    ax.set_ylabel("true class")
    right = np.trace(counts) / max(counts.sum(), 1)
    ax.set_title(_confusion_title(counts, classes, float(right)), loc="left", fontsize=11)
    ax.tick_params(length=0, labelsize=9)
    ax.spines[:].set_color("#DDDDDD")
    return ax


def _confusion_title(counts: Integers, classes: tuple[str, ...], right: float) -> str:
    wrong = counts - np.diag(np.diag(counts))
    share = f"{percent(right)} of {counts.sum():,} correct"
    if not wrong.any():
        return share
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    times = f"{wrong.max()} of {counts[row].sum():,}"
    return (
        f"{share}\nmost common mistake: {short(classes[row])} → {short(classes[column])} ({times})"
    )


def plot_mistakes(scored: Scored, ax: Axes) -> Axes:
    """Draw the worst mistakes as pictures, each with its true class and what it was taken for."""
    assert scored.dataset.image_shape is not None
    worst = worst_mistakes(scored.outputs, scored.labels, MOST_MISTAKES)
    if not len(worst):
        return say(ax, NO_MISTAKES)
    raw = scored.dataset.scaling.undo(np.asarray(scored.dataset.validation.x[worst]))
    images = raw.reshape(-1, *scored.dataset.image_shape)
    wide, tall = draw_tiles(ax, images, MISTAKES_PER_ROW, MISTAKE_GAPS, cmap=INK)
    names = scored.dataset.classes
    for place, example in enumerate(worst):
        row, column = divmod(place, MISTAKES_PER_ROW)
        true, taken = (short(names[k]) for k in (scored.labels[example], scored.predicted[example]))
        ax.text(column * wide - 0.5, row * tall - 0.8, f"{true} → {taken}", fontsize=9, va="bottom")
    wrong = int((scored.labels != scored.predicted).sum())
    ax.set_title(
        f"The worst {len(worst)} of {wrong} mistakes: true class → predicted class",
        loc="left",
        fontsize=11,
        pad=16,
    )
    return ax


def plot_hidden_units(scored: Scored, ax: Axes) -> Axes:
    """Draw the weights from the picture to each unit of the first layer; white is 0.

    Where there is no hidden layer, these are the outputs. Of an ensemble, the first network is
    drawn.
    """
    assert scored.dataset.image_shape is not None
    network = scored.networks[0]
    images = unit_images(network, scored.dataset.image_shape, MOST_UNITS)
    limit = float(np.quantile(np.abs(images), 0.995)) or 1.0
    draw_tiles(ax, images, UNITS_PER_ROW, UNIT_GAPS, cmap=WEIGHTS, vmin=-limit, vmax=limit)
    _, count, *later = network.sizes
    kind = "units of the first hidden layer" if later[1:] else "hidden units"
    which = f"the {len(images)} of {count} {kind} with the largest effect"
    which = which if len(images) < count else f"all {count} {kind}, largest effect first"
    which = which if later else f"the first {len(images)} of {count} outputs (no hidden layers)"
    several = len(scored.networks) > 1
    start = f"Network 1 of {len(scored.networks)}: weights" if several else "Weights"
    title = f"{start}, orange < 0 < purple, into\n{which}"
    ax.set_title(title, loc="left", fontsize=11)
    return ax


def tiles_height(
    count: int, per_row: int, shape: tuple[int, int], gaps: tuple[float, float], width: float
) -> float:
    """Return the height in inches of a mosaic of `count` images, `(h, w)`, that is `width` wide."""
    height, across = (side * (1 + gap) for side, gap in zip(shape, reversed(gaps), strict=True))
    return width * -(-count // per_row) * height / (per_row * across)


def draw_tiles(
    ax: Axes, images: Images, per_row: int, gaps: tuple[float, float], **options: Any
) -> tuple[int, int]:
    """Draw `images`, `(n, h, w)`, as one mosaic; return width and height of a tile with its gap."""
    count, height, width = images.shape
    rows = -(-count // per_row)
    between = (max(1, round(gaps[1] * height)), max(1, round(gaps[0] * width)))
    padded = np.full((rows * per_row, height + between[0], width + between[1]), np.nan)
    padded[:count, :height, :width] = images
    tall, wide = padded.shape[1:]
    mosaic = padded.reshape(rows, per_row, tall, wide).transpose(0, 2, 1, 3)
    flat = mosaic.reshape(rows * tall, per_row * wide)[: -between[0], : -between[1]]
    ax.imshow(flat, interpolation="nearest", **options)
    ax.set_axis_off()
    return wide, tall
