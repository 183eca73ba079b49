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
from experiments.book.figures.colors import color_of
from experiments.book.intervals import mean_and_intervals
from experiments.book.study import Panel
from nncore.arrays.layout import Array
from results.drawing.style import BLACK, GRAY, count_axis, dress, percent_ticks, say

FEWEST_FOR_INTERVAL = 5
"""The number of seeds from which on a 95% prediction interval is drawn; of fewer, each run is.

With two seeds the interval is 16 standard deviations wide to each side, with five it is 3.
"""

BOOK = "the book"
"""How the legend names the author's numbers; they have the color of the arm they belong to."""

DASHES = (0, (3, 2))
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
    labels: Sequence[str] | None = None,
    book: Sequence[BookCurve] = (),
    low: float | None = None,
    xlabel: str = "epoch",
) -> Panel:
    """Return a panel of a metric over the epochs: the mean, and the 95% prediction interval.

    Of fewer than `FEWEST_FOR_INTERVAL` seeds it shows each run in place of the interval.

    Parameters
    ----------
    metric
        As in `ArmRuns.curve`.
    title, xlabel
        Text above and below the panel.
    arms
        Names of the arms to draw, all if None.
    labels
        What the legend calls these arms, their names if None.
    book
        The author's curves, drawn dashed in the color of their arms.
    low
        The lowest value to show. It has no effect if a mean is lower after the first quarter of its
        epochs: then the limit comes from the data.
    """

    def draw(ax: Axes, runs: Runs, book_files: BookFiles) -> None:
        names = list(runs) if arms is None else arms
        shown = dict(zip(names, labels or names, strict=True))
        measured = {name: _complete(runs[name].curve(metric)) for name in names}
        for name, rows in measured.items():
            highest = 1.0 if metric.endswith("accuracy") else np.inf
            _mean_and_spread(ax, rows, color_of(ax, shown[name]), shown[name], highest)
        for arm, file, read in book:
            figure = book_files[file]
            if figure is not None:
                values = read(figure)
                xs = np.arange(1, len(values) + 1)
                color = color_of(ax, shown[arm])
                ax.plot(xs, values, color=color, linestyle=DASHES, linewidth=1.2)
                ax.plot([], [], color=GRAY, linestyle=DASHES, linewidth=1.2, label=BOOK)
        _accuracy(ax, metric)
        ax.set(xlabel=xlabel, ylabel=LABELS.get(metric, metric))
        if low is not None and all(_stays_above(low, rows) for rows in measured.values()):
            ax.set_ylim(bottom=low)
        count_axis(ax, 1, max([1, *(rows.shape[1] for rows in measured.values())]))
        dress(ax, title)

    return draw


def _complete(rows: NDArray[Any]) -> NDArray[Any]:
    """Return `rows`, `(seeds, epochs)`, up to the first epoch that some run did not reach."""
    reached = np.isfinite(rows).all(axis=0)
    return rows[:, : int(np.argmin(reached)) if not reached.all() else len(reached)]


def _stays_above(low: float, rows: NDArray[Any]) -> bool:
    """Return whether the mean of `rows`, `(seeds, epochs)`, is above `low` after a quarter."""
    later = rows.mean(axis=0)[rows.shape[1] // 4 :]
    return bool((later > low).all())


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

    Of fewer than `FEWEST_FOR_INTERVAL` seeds it shows each run in place of the interval.

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
        for label, line in lines:
            values = [runs[arm].best(metric) if best else runs[arm].last(metric) for arm, _ in line]
            _points_and_spread(ax, [x for _, x in line], values, color_of(ax, label), label)
        for label, file, read in book:
            if book_files[file] is not None:
                xs = [x for _, x in dict(lines)[label]]
                ours = list(read(book_files[file]))[: len(xs)]
                ax.plot(xs, ours, "x", color=color_of(ax, label))
                ax.plot([], [], "x", color=GRAY, label=BOOK)
        if log:
            ax.set_xscale("log")
        places = sorted({x for _, line in lines for _, x in line})
        ax.set_xticks(places, [f"{x:,.6g}" for x in places])
        ax.set_xticks([], minor=True)
        _accuracy(ax, metric)
        ax.set(xlabel=xlabel, ylabel=LABELS.get(metric, metric))
        dress(ax, title)

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
        Returns the numbers of an arm, `(seeds,)`; NaN for a seed that has none.
    title, ylabel
        Text above and beside the panel.
    arms
        Names of the arms to draw, all if None.
    fraction
        Whether the numbers are fractions, to be shown as percentages.
    """

    def draw(ax: Axes, runs: Runs, book_files: BookFiles) -> None:
        names = list(runs) if arms is None else list(arms)
        measured = [measure(runs[name]) for name in names]
        dress(ax, title, grid="y")
        if not np.isfinite(np.concatenate(measured)).any():
            say(ax, "no run has this value")
            return
        for place, (name, values) in enumerate(zip(names, measured, strict=True)):
            ax.plot([place] * len(values), values, "o", color=color_of(ax, name), alpha=0.6)
            ax.plot([place - 0.25, place + 0.25], [np.mean(values)] * 2, color=BLACK)
        if fraction:
            ax.yaxis.set_major_formatter(percent_ticks())
        elif _whole(np.concatenate(measured)):
            ax.locator_params(axis="y", integer=True, min_n_ticks=1)
        ax.set_xlim(-0.5, len(names) - 0.5)
        ax.set_xticks(range(len(names)), names, fontsize=8)
        if max(map(len, names)) > LONGEST_LEVEL_LABEL:
            for label in ax.get_xticklabels():
                label.set(rotation=25, horizontalalignment="right", rotation_mode="anchor")
        ax.set_ylabel(ylabel)

    return draw


def _whole(values: NDArray[Any]) -> bool:
    """Return whether all numbers that there are are whole, such as epochs."""
    known = values[np.isfinite(values)]
    return bool((known == np.round(known)).all())


def _mean_and_spread(ax: Axes, rows: NDArray[Any], color: str, label: str, highest: float) -> None:
    """Draw the mean of `rows`, `(seeds, epochs)`, and its interval, or each row if they are few.

    The 95% prediction interval is cut at `highest`, the largest value that the metric can have.
    """
    xs = np.arange(1, rows.shape[1] + 1)
    marker = "o" if len(xs) == 1 else None
    mean = rows.mean(axis=0)
    ax.plot(xs, mean, color=color, linewidth=1.6, marker=marker, label=label)
    if 1 < len(rows) < FEWEST_FOR_INTERVAL:
        ax.plot(xs, rows.T, color=color, linewidth=0.7, alpha=0.5, marker=marker)
    elif len(rows) > 1:
        prediction = np.array([mean_and_intervals(column).prediction for column in rows.T])
        top = np.minimum(mean + prediction, highest)
        ax.fill_between(xs, mean - prediction, top, color=color, alpha=0.18, linewidth=0)


def _points_and_spread(
    ax: Axes, xs: Sequence[float], values: Sequence[Array], color: str, label: str
) -> None:
    """Draw the mean of the `values`, `(seeds,)`, at each x and its interval, or each if few."""
    stats = [mean_and_intervals(of_arm) for of_arm in values]
    means = [mean for mean, _, _ in stats]
    ax.plot(xs, means, "o-", color=color, markersize=4, label=label)
    for x, of_arm, (mean, _, prediction) in zip(xs, values, stats, strict=True):
        if len(of_arm) >= FEWEST_FOR_INTERVAL:
            ax.errorbar([x], [mean], yerr=[prediction], color=color, capsize=3)
        else:
            ax.plot([x] * len(of_arm), of_arm, "o", color=color, markersize=3, alpha=0.5)


def _accuracy(ax: Axes, metric: str) -> None:
    if metric.endswith("accuracy"):
        ax.yaxis.set_major_formatter(percent_ticks())
        bottom, top = ax.get_ylim()
        ax.set_ylim(max(bottom, -0.02), min(top, 1.02))  # intervals may pass 0 and 100%
