"""The panels of the figures: curves over epochs with their bands, points over a setting, and bars.

Each function returns a panel, which draws on the axes it is given and knows no study.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from experiments.chapter3.book_files import Book
from experiments.chapter3.runs import ArmRuns, Runs
from experiments.chapter3.study import Panel
from experiments.chapter3.verdicts import spread
from results.drawing.style import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    PURPLE,
    SKY,
    VERMILLION,
    dress,
    percent_ticks,
)

COLOURS = (BLUE, VERMILLION, SKY, PURPLE, BLACK, PALE, "#009E73", "#E69F00", GREY)
FLAT = 8
"""The most letters that names below a panel may have to stand upright beside each other."""

FromBook = Callable[[Any], Sequence[float]]
BookCurve = tuple[str, str, FromBook]
"""The arm that a curve of the book's belongs to, its file, and how the file is read."""

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
    """Return the panel of a metric over the epochs: mean, and the band of 95 % of single runs.

    `arms` are all unless named. `book` draws the author's curve, dashed, in the colour of its arm.
    `low`, `high` and `last` cut the axes.
    """

    def draw(ax: Axes, runs: Runs, book_files: Book) -> None:
        names = list(runs) if arms is None else [name for name in arms if name in runs]
        for place, name in enumerate(names):
            curve = runs[name].curve(metric)
            most = 1.0 if metric.endswith("accuracy") else np.inf
            _band(ax, np.arange(1, curve.shape[1] + 1), curve, _colour(place), name, most)
        _book_curves(ax, book, names, book_files)
        _accuracy(ax, metric)
        ax.set(xlabel=xlabel, ylabel=LABELS.get(metric, metric))
        ax.set_ylim(bottom=low, top=high)
        ax.set_xlim(right=last)
        dress(ax, title)
        _legend(ax)

    return draw


def _book_curves(ax: Axes, book: Sequence[BookCurve], names: list[str], files: Book) -> None:
    for arm, file, read in book:
        figure = files[file]
        if figure is not None and arm in names:
            values = read(figure)
            ax.plot(
                np.arange(1, len(values) + 1),
                values,
                color=_colour(names.index(arm)),
                linestyle=(0, (3, 2)),
                linewidth=1.2,
                label=f"the book, {arm}",
            )


def points(
    metric: str,
    places: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    *,
    title: str = "",
    xlabel: str,
    log: bool = False,
    best: bool = True,
    book: Sequence[tuple[str, str, FromBook]] = (),
) -> Panel:
    """Return the panel of a metric over a setting: each line is a label and its arms with places.

    `best` takes the best epoch, else the last. Bars are the bands of 95 % of single runs. `book`
    draws the author's numbers over the places of the line that it names.
    """

    def draw(ax: Axes, runs: Runs, book_files: Book) -> None:
        for number, (label, line) in enumerate(places):
            values = [runs[arm].best(metric) if best else runs[arm].last(metric) for arm, _ in line]
            stats = [spread(value) for value in values]
            ax.errorbar(
                [x for _, x in line],
                [mean for mean, _, _ in stats],
                yerr=[0.0 if np.isnan(reach) else reach for _, _, reach in stats],
                color=_colour(number),
                marker="o",
                markersize=4,
                capsize=3,
                label=label,
            )
        for label, file, read in book:
            number = [line for line, _ in places].index(label)
            if book_files[file] is not None:
                xs = [x for _, x in places[number][1]]
                read_values = list(read(book_files[file]))[: len(xs)]
                ax.plot(
                    xs,
                    read_values,
                    color=_colour(number),
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


def bars(
    measure: Callable[[ArmRuns], NDArray[Any]],
    *,
    title: str = "",
    ylabel: str,
    arms: Sequence[str] | None = None,
    fraction: bool = False,
) -> Panel:
    """Return the panel of one number per arm and seed: each seed a dot, the mean a line."""

    def draw(ax: Axes, runs: Runs, book_files: Book) -> None:
        names = list(runs) if arms is None else list(arms)
        for place, name in enumerate(names):
            values = measure(runs[name])
            ax.plot([place] * len(values), values, "o", color=_colour(place), alpha=0.6)
            ax.plot([place - 0.25, place + 0.25], [np.mean(values)] * 2, color=BLACK)
        if fraction:
            ax.yaxis.set_major_formatter(percent_ticks())
        ax.set_xticks(range(len(names)), names, fontsize=8)
        if max(map(len, names)) > FLAT:
            for label in ax.get_xticklabels():
                label.set(rotation=25, horizontalalignment="right")
        ax.set_ylabel(ylabel)
        dress(ax, title, grid="y")

    return draw


def _band(
    ax: Axes, xs: NDArray[Any], rows: NDArray[Any], colour: str, label: str, most: float
) -> None:
    """Draw the mean of `rows` and their band up to `most`, as far as every run goes."""
    whole = np.isfinite(rows).all(axis=0)
    xs, rows = xs[whole], rows[:, whole]
    if not len(xs):
        ax.plot([], [], color=colour, label=label)
        return
    marker = "o" if len(xs) == 1 else None
    ax.plot(xs, rows.mean(axis=0), color=colour, linewidth=1.6, marker=marker, label=label)
    if len(rows) > 1:
        reach = np.array([spread(column)[2] for column in rows.T])
        mean = rows.mean(axis=0)
        top = np.minimum(mean + reach, most)
        ax.fill_between(xs, mean - reach, top, color=colour, alpha=0.18, linewidth=0)


def _accuracy(ax: Axes, metric: str) -> None:
    if metric.endswith("accuracy"):
        ax.yaxis.set_major_formatter(percent_ticks())
        bottom, top = ax.get_ylim()
        ax.set_ylim(max(bottom, -0.02), min(top, 1.02))  # a band may reach beyond what there is


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _legend(ax: Axes) -> None:
    if ax.get_legend_handles_labels()[0]:
        ax.legend(fontsize=7, framealpha=0.8, edgecolor="none")
