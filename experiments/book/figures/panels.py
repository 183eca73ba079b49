"""Panels of the figures: curves over epochs, points over a setting, and one value per seed.

Each function returns a panel, which draws on given axes and knows no particular study.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from experiments.book.arm_runs import ArmRuns, Runs
from experiments.book.book_files import BookFiles
from experiments.book.intervals import mean_and_intervals
from experiments.book.study import Panel
from results.drawing.style import (
    BLACK,
    BLUE,
    GRAY,
    PALE,
    PURPLE,
    SKY,
    VERMILLION,
    dress,
    percent_ticks,
)

COLORS = (BLUE, VERMILLION, SKY, PURPLE, BLACK, PALE, "#009E73", "#E69F00", GRAY)
LONGEST_LEVEL_LABEL = 8
"""Labels with more letters are rotated, so that neighbors do not overlap."""

FileReader = Callable[[Any], Sequence[float]]
BookCurve = tuple[str, str, FileReader]
"""The arm that a curve of the author's belongs to, its file, and the function that reads it."""

LABELS = {
    "test_accuracy": "test accuracy (%)",
    "train_accuracy": "training accuracy (%)",
    "validation_accuracy": "validation accuracy (%)",
    "test_cost": "test cost",
    "test_objective": "test cost with L2 term",
    "train_cost": "training cost",
    "train_objective": "training cost with L2 term",
    "validation_cost": "validation cost",
}


def curves(
    metric: str,
    *,
    title: str = "",
    arms: Sequence[str] | None = None,
    book: Sequence[BookCurve] = (),
    low: float | None = None,
    high: float | None = None,
    last: int | None = None,
    xlabel: str = "epoch",
) -> Panel:
    """Return a panel of a metric over the epochs: the mean and the 95% prediction interval.

    Parameters
    ----------
    metric
        As in `ArmRuns.curve`.
    title, xlabel
        Text above and below the panel.
    arms
        Names of the arms to draw, all if None.
    book
        The author's curves, drawn dashed in the color of their arms.
    low, high, last
        Limits of the axes: lowest and highest value, last epoch.
    """

    def draw(ax: Axes, runs: Runs, book_files: BookFiles) -> None:
        names = list(runs) if arms is None else [name for name in arms if name in runs]
        for place, name in enumerate(names):
            curve = runs[name].curve(metric)
            highest = 1.0 if metric.endswith("accuracy") else np.inf
            _mean_with_interval(ax, curve, _color(place), name, highest)
        _book_curves(ax, book, names, book_files)
        _accuracy(ax, metric)
        ax.set(xlabel=xlabel, ylabel=LABELS.get(metric, metric))
        ax.set_ylim(bottom=low, top=high)
        ax.set_xlim(right=last)
        dress(ax, title)
        _legend(ax)

    return draw


def _book_curves(ax: Axes, book: Sequence[BookCurve], names: list[str], files: BookFiles) -> None:
    for arm, file, read in book:
        figure = files[file]
        if figure is not None and arm in names:
            values = read(figure)
            ax.plot(
                np.arange(1, len(values) + 1),
                values,
                color=_color(names.index(arm)),
                linestyle=(0, (3, 2)),
                linewidth=1.2,
                label=f"the book, {arm}",
            )


def points(
    metric: str,
    lines: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    *,
    title: str = "",
    xlabel: str,
    log: bool = False,
    best: bool = True,
    book: Sequence[tuple[str, str, FileReader]] = (),
) -> Panel:
    """Return a panel of a metric over a setting: means with 95% prediction intervals.

    Parameters
    ----------
    metric
        As in `ArmRuns.curve`.
    lines
        Each line has a label, and its arms with their places on the x axis.
    title, xlabel
        Text above and below the panel.
    log
        Whether the x axis is logarithmic.
    best
        Whether to take the best epoch of each run, else the last.
    book
        The author's numbers: the label of their line, their file, and the function that reads it.
    """

    def draw(ax: Axes, runs: Runs, book_files: BookFiles) -> None:
        for place, (label, line) in enumerate(lines):
            values = [runs[arm].best(metric) if best else runs[arm].last(metric) for arm, _ in line]
            stats = [mean_and_intervals(value) for value in values]
            ax.errorbar(
                [x for _, x in line],
                [mean for mean, _, _ in stats],
                yerr=[0.0 if np.isnan(prediction) else prediction for _, _, prediction in stats],
                color=_color(place),
                marker="o",
                markersize=4,
                capsize=3,
                label=label,
            )
        for label, file, read in book:
            place = [line for line, _ in lines].index(label)
            if book_files[file] is not None:
                xs = [x for _, x in lines[place][1]]
                ax.plot(
                    xs,
                    list(read(book_files[file]))[: len(xs)],
                    color=_color(place),
                    linestyle="none",
                    marker="x",
                    label=f"the book, {label}",
                )
        if log:
            ax.set_xscale("log")
        _accuracy(ax, metric)
        ax.set(xlabel=xlabel, ylabel=LABELS.get(metric, metric))
        dress(ax, title)
        _legend(ax)

    return draw


def seed_values(
    measure: Callable[[ArmRuns], NDArray[Any]],
    *,
    title: str = "",
    ylabel: str,
    arms: Sequence[str] | None = None,
    fraction: bool = False,
) -> Panel:
    """Return a panel of one number per arm and seed: a dot for each seed, a line for the mean.

    Parameters
    ----------
    measure
        Returns the numbers of an arm, `(seeds,)`.
    title, ylabel
        Text above and beside the panel.
    arms
        Names of the arms to draw, all if None.
    fraction
        Whether the numbers are fractions, to be shown as percentages.
    """

    def draw(ax: Axes, runs: Runs, book_files: BookFiles) -> None:
        names = list(runs) if arms is None else list(arms)
        for place, name in enumerate(names):
            values = measure(runs[name])
            ax.plot([place] * len(values), values, "o", color=_color(place), alpha=0.6)
            ax.plot([place - 0.25, place + 0.25], [np.mean(values)] * 2, color=BLACK)
        if fraction:
            ax.yaxis.set_major_formatter(percent_ticks())
        ax.set_xticks(range(len(names)), names, fontsize=8)
        if max(map(len, names)) > LONGEST_LEVEL_LABEL:
            for label in ax.get_xticklabels():
                label.set(rotation=25, horizontalalignment="right")
        ax.set_ylabel(ylabel)
        dress(ax, title, grid="y")

    return draw


def _mean_with_interval(
    ax: Axes, rows: NDArray[Any], color: str, label: str, highest: float
) -> None:
    """Draw the mean of `rows` over those epochs that every run reached, and its interval.

    The 95% prediction interval is cut at `highest`, the largest value that the metric can have.
    """
    xs = np.arange(1, rows.shape[1] + 1)
    complete = np.isfinite(rows).all(axis=0)
    xs, rows = xs[complete], rows[:, complete]
    if not len(xs):
        ax.plot([], [], color=color, label=label)
        return
    marker = "o" if len(xs) == 1 else None
    mean = rows.mean(axis=0)
    ax.plot(xs, mean, color=color, linewidth=1.6, marker=marker, label=label)
    if len(rows) > 1:
        prediction = np.array([mean_and_intervals(column).prediction for column in rows.T])
        top = np.minimum(mean + prediction, highest)
        ax.fill_between(xs, mean - prediction, top, color=color, alpha=0.18, linewidth=0)


def _accuracy(ax: Axes, metric: str) -> None:
    if metric.endswith("accuracy"):
        ax.yaxis.set_major_formatter(percent_ticks())
        bottom, top = ax.get_ylim()
        ax.set_ylim(max(bottom, -0.02), min(top, 1.02))  # intervals may pass 0 and 100%


def _color(place: int) -> str:
    return COLORS[place % len(COLORS)]


def _legend(ax: Axes) -> None:
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize=7, framealpha=0.8, edgecolor="none")
