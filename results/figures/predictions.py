"""The predictions of a network for regression on validation data, against the truth.

The test set is never used. A residual is the true value minus the prediction.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nncore.components.metrics import R2, RMSE
from results.analysis.best_network import Scored
from results.analysis.predictions import Floats, Predictions, residual_bands, worst_rows
from results.drawing.style import (
    BLACK,
    BLUE,
    INK,
    MANY,
    PALE,
    SKY,
    dress,
    number_ticks,
    short,
)
from results.figures.best_network import (
    MISTAKE_GAPS,
    MISTAKES_PER_ROW,
    MOST_MISTAKES,
    draw_tiles,
)
from results.number_text import in_four_digits, parameter_text, value_text

MOST_TARGETS = 4  # of more, the first ones are drawn
MARGIN = 0.04  # of the range of the values, beyond both of its ends
MOST_BANDS = 12
MOST_BARS = 30


def plot_predicted(one: Predictions, ax: Axes) -> Axes:
    """Draw each prediction against its true value, on equal axes; return the axes.

    On the line, the prediction is the true value.
    """
    ends = np.array(
        [min(one.true.min(), one.predicted.min()), max(one.true.max(), one.predicted.max())]
    )
    margin = MARGIN * (ends[1] - ends[0]) or 1.0
    ax.plot(ends, ends, color=BLACK, linewidth=1, zorder=1, label="prediction = true value")
    _draw_rows(ax, one.true, one.predicted)
    for axis, set_limits in ((ax.xaxis, ax.set_xlim), (ax.yaxis, ax.set_ylim)):
        set_limits(ends[0] - margin, ends[1] + margin)
        axis.set_major_locator(MaxNLocator(nbins=5))
        axis.set_major_formatter(number_ticks())
    ax.set_aspect("equal", "box")
    ax.set_xlabel(f"true {short(one.target)}")
    ax.set_ylabel(f"predicted {short(one.target)}")
    r2 = "" if np.isnan(one.r2) else f", {R2.title} {value_text(R2, one.r2)}"
    dress(ax, f"{short(one.target)}: {RMSE.title} {value_text(RMSE, one.rmse)}{r2}")
    return ax


def plot_residuals(one: Predictions, ax: Axes) -> Axes:
    """Draw each residual against its prediction, with their middle 80% and median; return the axes.

    The band and the line are taken in parts of equally many rows.
    """
    bands = residual_bands(one, MOST_BANDS)
    ax.axhline(0, color=BLACK, linewidth=1, zorder=1)
    _draw_rows(ax, one.predicted, one.residuals)
    if len(bands) > 1:
        ax.fill_between(
            bands["predicted"],
            bands["low"],
            bands["high"],
            color=PALE,
            alpha=0.35,
            linewidth=0,
            zorder=2,
            label="middle 80%",
        )
        ax.plot(bands["predicted"], bands["median"], color=BLUE, linewidth=2, label="median")
    ax.xaxis.set_major_locator(MaxNLocator(nbins=7))
    ax.xaxis.set_major_formatter(number_ticks())
    ax.yaxis.set_major_formatter(number_ticks())
    ax.set_xlabel(f"predicted {short(one.target)}")
    ax.set_ylabel("residual (true − predicted)")
    half, most = (in_four_digits(one.within(share)) for share in (0.5, 0.9))
    dress(
        ax, f"{short(one.target)}: half of the predictions within {half}, nine in ten within {most}"
    )
    return ax


def plot_residual_histogram(one: Predictions, ax: Axes) -> Axes:
    """Draw how many residuals are of which size, as bars from the left; return the axes."""
    bars = int(np.clip(2 * np.sqrt(len(one.residuals)), 5, MOST_BARS))
    ax.hist(one.residuals, bins=bars, orientation="horizontal", color=SKY, edgecolor="white")
    ax.axhline(0, color=BLACK, linewidth=1)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    ax.set_xlabel("rows")
    dress(ax, "", grid="x")
    return ax


def plot_worst_images(scored: Scored, ax: Axes) -> Axes:
    """Draw the images with the largest residuals, each with its true and its predicted value.

    Of several targets, the first is written.
    """
    assert scored.dataset.image_shape is not None
    worst = worst_rows(scored, MOST_MISTAKES)
    raw = scored.dataset.scaling.undo(np.asarray(scored.dataset.validation.x[worst]))
    images = raw.reshape(-1, *scored.dataset.image_shape)
    wide, tall = draw_tiles(ax, images, MISTAKES_PER_ROW, MISTAKE_GAPS, cmap=INK)
    for place, example in enumerate(worst.tolist()):
        row, column = divmod(place, MISTAKES_PER_ROW)
        true, taken = (parameter_text(v[example, 0]) for v in (scored.labels, scored.outputs))
        ax.text(column * wide - 0.5, row * tall - 0.8, f"{true} → {taken}", fontsize=9, va="bottom")
    ax.set_title(
        f"The {len(worst)} largest residuals of {len(scored.labels):,} images: true → predicted",
        loc="left",
        fontsize=11,
        pad=16,
    )
    return ax


def _draw_rows(ax: Axes, x: Floats, y: Floats) -> None:
    ax.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        markersize=5 if len(x) < MANY else 3,
        markerfacecolor=SKY,
        markeredgecolor="white",
        markeredgewidth=0.4,
        alpha=0.9 if len(x) < MANY else 0.4,
        zorder=3,
        rasterized=len(x) > MANY,
        label="one row",
    )
