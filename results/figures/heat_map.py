"""Two hyperparameters against each other: in which part of the space the good trials lie.

The space is divided into cells on its own scales; the values are computed first, then drawn.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.importance import FEWEST_TRIALS
from results.analysis.positions import bin_trials, cell_count, has_cell_each, places
from results.analysis.trials import settled, shipped_trial, valued, why_no_best
from results.drawing.style import (
    BLACK,
    VALUES,
    color_bar,
    draw_best_point,
    dress,
    literal,
    say,
    score_colors,
    short,
    shown_as,
    unit,
)
from results.drawing.ticks import ticks
from results.number_text import score_text
from sweeps.space.dimensions import Choices, Dimension, Space

EMPTY = "#F2F2F2"
MOST_NUMBERED = 100  # cells; of more, the numbers would be too small to read
NEVER_BOTH = "no complete trial has both {} and {}"


def enough_trials(settled_trials: pd.DataFrame, space: Space, across: str, up: str) -> bool:
    """Return whether there is a trial for each cell, and no fewer than the importance needs."""
    cells = cell_count(space[across]) * cell_count(space[up])
    return len(settled_trials.dropna(subset=[across, up])) >= max(cells, FEWEST_TRIALS)


def plot_heat_map(
    trials: pd.DataFrame,
    space: Space,
    across: str,
    up: str,
    ax: Axes,
    pruner: str = "none",
    metric: Metric = ACCURACY,
    certified: int | None = None,
) -> Axes:
    """Draw the cells in the colors of their medians, with median and count; return the axes.

    What the run's `pruner` cut short counts in no cell. Cells without a trial stay gray. The
    certified trial, or the best if none is, is marked where it lies, if it has both.
    """
    cells = bin_trials(settled(trials, pruner), space, across, up)
    best = shipped_trial(trials, certified)
    if best is None:
        return say(ax, why_no_best(valued(trials)))
    if cells.empty:
        return say(ax, NEVER_BOTH.format(literal(across), literal(up)))
    shape = (cell_count(space[up]), cell_count(space[across]))
    grid = np.full(shape, np.nan)
    grid[cells["row"], cells["column"]] = cells["median"]
    colors = score_colors(cells["median"], metric)
    edges = (np.arange(shape[1] + 1), np.arange(shape[0] + 1))
    ax.pcolormesh(*edges, np.ma.masked_invalid(grid), edgecolors="white", linewidth=1.5, **colors)
    ax.set_facecolor(EMPTY)
    if grid.size <= MOST_NUMBERED:
        _write_numbers(ax, cells, colors, metric)
    if best[[across, up]].notna().all():
        x, y = (_position(best[name], space[name]) for name in (across, up))
        draw_best_point(ax, x, y, f"{shown_as(certified)}: trial {best['number']}")
        ax.lines[-1].set_clip_on(False)  # it may lie on an edge
    ax.set_xticks(*_cell_ticks(space[across]))
    ax.set_yticks(*_cell_ticks(space[up]))
    ax.set_xlabel(_axis_label(across, space[across]))
    ax.set_ylabel(_axis_label(up, space[up]))
    color_bar(ax, cells["median"], metric, f"median {metric.title} of a cell{unit(metric)}")
    counted = "n trials" if pruner == "none" else "n complete trials"
    dress(
        ax, f"{short(up)} against {short(across)}:\nmedian of the {counted} in each cell", grid=""
    )
    ax.tick_params(length=0, pad=6)
    ax.spines[:].set_visible(False)
    return ax


def _write_numbers(ax: Axes, cells: pd.DataFrame, colors: dict[str, Any], metric: Metric) -> None:
    for column, row, median, count in cells.itertuples(index=False):
        red, green, blue, _ = VALUES(colors["norm"](median))
        bright = 0.3 * red + 0.59 * green + 0.11 * blue > 0.45  # black is read better there
        shown = score_text(metric, median)
        for text, above, size in ((shown, 0.58, 8), (f"n = {count}", 0.27, 7)):
            ax.text(
                column + 0.5,
                row + above,
                text,
                ha="center",
                va="center",
                fontsize=size,
                color=BLACK if bright else "white",
            )


def _position(value: Any, dimension: Dimension) -> float:
    at = float(places(pd.Series([value]), dimension)[0])
    count = cell_count(dimension)
    return at * (count - 1) + 0.5 if has_cell_each(dimension) else at * count


def _cell_ticks(dimension: Dimension) -> tuple[list[float], list[str]]:
    count = cell_count(dimension)
    inside = (count - 1, 0.5) if has_cell_each(dimension) else (count, 0.0)
    named = [(place * inside[0] + inside[1], label) for place, label in ticks(dimension)]
    return [place for place, _ in named], [label for _, label in named]


def _axis_label(name: str, dimension: Dimension) -> str:
    log = not isinstance(dimension, Choices) and dimension.log
    return literal(name) + (" (log scale)" if log else "")
