"""All trials across all hyperparameters: one line per trial, one vertical axis per hyperparameter.

Each vertical axis has its own scale; the color of a line is the value of its trial.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.positions import places
from results.analysis.trials import shipped_trial, top_trials, valued, why_no_best
from results.drawing.style import (
    BLACK,
    CROWD,
    GRAY,
    GRID,
    MANY,
    VERMILLION,
    axis_label,
    color_bar,
    dress,
    say,
    score_colors,
    short,
    shown_as,
)
from results.drawing.ticks import ticks
from results.number_text import value_text
from sweeps.space.dimensions import Choices, Dimension, Space

Floats = NDArray[np.float64]
FAN = 0.1  # the height, on an axis from 0 to 1, over which the lines through one choice spread
NOT_SET = -0.22  # the height of a line where its trial does not have that hyperparameter


def plot_parallel_coordinates(
    trials: pd.DataFrame,
    space: Space,
    ax: Axes,
    metric: Metric = ACCURACY,
    certified: int | None = None,
) -> Axes:
    """Draw each trial with a value as a line across one vertical axis per hyperparameter.

    The axes are returned. Each vertical one has its own scale, from its low end at 0 to its high
    end at 1; the lines through one choice fan out around it, the better the higher. The color is
    the value, and a better line lies over a worse one. The certified trial, or the best if none is,
    is drawn thick. Where a trial does not have a hyperparameter, its line runs below the axis.
    """
    ended = valued(trials)
    best = shipped_trial(ended, certified)
    if best is None:
        return say(ax, why_no_best(ended))
    ranked = top_trials(ended, len(ended)).iloc[::-1]
    heights = np.column_stack([heights_of(ranked[name], space[name]) for name in space])
    _draw_lines(ax, heights, ranked["score"], metric)
    color_bar(ax, ranked["score"], metric, f"best {axis_label(metric)}")
    at = (ranked["number"] == best["number"]).argmax()
    _draw_best_line(ax, heights[at], f"{shown_as(certified)} trial")
    for x, (name, dimension) in enumerate(space.items()):
        unset = [(NOT_SET, "not set")] if ranked[name].isna().any() else []
        _draw_vertical_axis(ax, x, [*unset, *ticks(dimension)])
    ax.set_xticks(range(len(space)), [short(name) for name in space])
    ax.set_yticks([])
    ax.set_xlim(-0.6, len(space) - 0.9)
    ax.set_ylim(min(-FAN, np.min(heights) - FAN / 2), 1 + FAN)
    reached = "is best with" if certified is None else "is certified; in the search, it reached"
    value = value_text(metric, best["value"])
    title = f"Trial {best['number']} (thick line) {reached} {value}"
    dress(ax, title, grid="")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, labelsize=10, pad=8)
    return ax


def heights_of(ranked: "pd.Series[Any]", dimension: Dimension) -> Floats:
    """Return the height at which the line of each trial, worst first, crosses a vertical axis.

    Lines through one choice fan out around it. A trial without the hyperparameter has `NOT_SET`.
    """
    given = ranked.notna().to_numpy()
    at = np.full(len(ranked), NOT_SET)
    at[given] = places(ranked[given], dimension)
    if not isinstance(dimension, Choices):
        return at
    choices = pd.Series(at).groupby(at)
    count = choices.transform("count").to_numpy()
    rank = choices.cumcount().to_numpy()
    spread = fan_width(dimension) * ((rank + 0.5) / count - 0.5)
    return np.asarray(at + spread, dtype="float64")


def fan_width(dimension: Choices) -> float:
    """Return the height over which the lines through one choice spread."""
    return min(FAN, 0.4 / max(len(dimension.choices) - 1, 1))


def _draw_lines(ax: Axes, heights: Floats, scores: "pd.Series[float]", metric: Metric) -> None:
    ax.add_collection(
        LineCollection(
            [np.column_stack([np.arange(len(line)), line]) for line in heights],
            array=scores.to_numpy(),
            linewidths=1.1 if len(scores) < CROWD else 0.6,
            alpha=0.85,
            rasterized=len(scores) > MANY,
            **score_colors(scores, metric),
        )
    )


def _draw_best_line(ax: Axes, heights: Floats, label: str) -> None:
    ax.plot(heights, color="white", linewidth=5, zorder=3)
    ax.plot(heights, color=VERMILLION, linewidth=2.8, marker="o", zorder=3, label=label)


def _draw_vertical_axis(ax: Axes, x: int, named: list[tuple[float, str]]) -> None:
    ax.plot([x, x], [0, 1], color=GRAY, linewidth=1, zorder=2)
    for place, label in named:
        ax.annotate(
            label,
            (x, place),
            xytext=(-7, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=9,
            color=BLACK,
            zorder=6,
            bbox={
                "boxstyle": "round,pad=0.2",
                "facecolor": "white",
                "edgecolor": GRID,
                "linewidth": 0.7,
            },
        )
