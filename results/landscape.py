"""The sweep over its space: where good values of each hyperparameter lie, and which ones matter.

One panel per hyperparameter, all of them side by side as parallel coordinates, and their shares.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from results.curves import NO_TRIALS, kind_of_trial
from results.drawing import (
    ACCURACY,
    BLACK,
    BLUE,
    GREY,
    MANY,
    PALE,
    VALUES,
    VERMILLION,
    accuracy_axis,
    dress,
    fade,
    literal,
    mark_below,
    number,
    parameter_text,
    percent,
    percent_ticks,
    say,
    short,
)
from results.importance import FEWEST_TRIALS
from results.scales import choice_indices, places, tick_values, ticks
from results.statistics import bulk_limits, completed, top_trials
from sweeps.space import Choices, Dimension, Space

Floats = NDArray[np.float64]
FAN = 0.1  # the height, on an axis from 0 to 1, that the lines through one choice may take
NO_SHARES = f"importance needs {FEWEST_TRIALS} complete trials of differing accuracy"


def plot_slice(trials: pd.DataFrame, name: str, dimension: Dimension, ax: Axes) -> Axes:
    """Draw the value of each complete trial over its hyperparameter `name`; return the axes.

    x is in the hyperparameter's own units, logarithmic where the space is; choices lie at 0, 1, …
    in their order, each with its median as a short line.
    """
    ended = completed(trials).dropna(subset=[name])
    if ended.empty:
        return say(ax, NO_TRIALS)
    low, high = bulk_limits(ended["value"])
    choices = isinstance(dimension, Choices)
    points = pd.DataFrame({"x": _across(ended[name], dimension), "value": ended["value"]})
    points = points.astype("float64")
    diverged = kind_of_trial(ended).to_numpy() == "diverged"
    below = points["value"] < low
    if choices:
        _draw_medians(ax, points, low)
    edge = f"below {percent(low)}"
    _draw_points(ax, points[~below & ~diverged], "o", BLUE, "trial")
    _draw_points(ax, points[~below & diverged], "x", BLACK, "diverged")
    mark_below(ax, points.loc[below & ~diverged, "x"], low, edge)
    mark_below(ax, points.loc[below & diverged, "x"], low, f"diverged, {edge}", "x")
    best = int(points["value"].to_numpy().argmax())
    _draw_best_point(ax, points["x"].iloc[best], points["value"].iloc[best])
    accuracy_axis(ax, low, high)
    _scale_x(ax, dimension)
    ax.set_xlabel(literal(name) + (" (log scale)" if ax.get_xscale() == "log" else ""))
    title = f"best at {parameter_text(ended[name].iloc[best])}"
    dress(ax, title, grid="y" if choices else "xy")
    return ax


def _across(values: "pd.Series[Any]", dimension: Dimension) -> "pd.Series[Any] | NDArray[np.int64]":
    """Return the x of each value: itself, or its index among the choices."""
    return choice_indices(values, dimension) if isinstance(dimension, Choices) else values


def _draw_points(ax: Axes, points: pd.DataFrame, marker: str, colour: str, label: str) -> None:
    if points.empty:
        return
    ax.plot(
        points["x"],
        points["value"],
        linestyle="none",
        marker=marker,
        markersize=5.5,
        color=colour,
        alpha=fade(len(points), 0.55),
        markeredgewidth=0.0 if marker == "o" else 1.2,
        label=label,
        rasterized=len(points) > MANY,
    )


def _draw_best_point(ax: Axes, x: float, value: float) -> None:
    ax.plot(
        [x],
        [value],
        linestyle="none",
        marker="o",
        markersize=8,
        color=VERMILLION,
        markeredgecolor="white",
        zorder=5,
        label="best trial",
    )


def _draw_medians(ax: Axes, points: pd.DataFrame, low: float) -> None:
    medians = points.groupby("x")["value"].median()
    medians = medians[medians >= low]
    ax.hlines(
        medians,
        medians.index.to_numpy() - 0.25,
        medians.index.to_numpy() + 0.25,
        color=GREY,
        linewidth=1.5,
        label="median of a choice",
    )


def _scale_x(ax: Axes, dimension: Dimension) -> None:
    """Let x span the whole dimension, so that what was not tried is seen too."""
    if isinstance(dimension, Choices):
        labels = [parameter_text(choice) for choice in dimension.choices]
        slanted = sum(len(label) for label in labels) > 36
        ax.set_xticks(range(len(labels)), labels)
        if slanted:
            ax.tick_params(axis="x", labelrotation=30)
            for label in ax.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
        ax.set_xlim(-0.6, len(labels) - 0.4)
        return
    low, high = float(dimension.low), float(dimension.high)
    if dimension.log:
        ax.set_xscale("log")
        margin = (high / low) ** 0.04
        ax.set_xlim(low / margin, high * margin)
    else:
        margin = 0.04 * (high - low)
        ax.set_xlim(low - margin, high + margin)
    values = tick_values(dimension)
    ax.set_xticks(values, [number(value) for value in values])
    ax.xaxis.set_minor_formatter(NullFormatter())


def plot_parallel_coordinates(trials: pd.DataFrame, space: Space, ax: Axes) -> Axes:
    """Draw each complete trial as a line across one vertical axis per hyperparameter; return axes.

    Each axis has its own scale, from its low end at 0 to its high end at 1; the lines through one
    choice fan out around it, the better the higher. The colour is the value, a better line lies
    over a worse one, and the best is drawn thick.
    """
    ended = completed(trials).dropna(subset=list(space))
    if ended.empty:
        return say(ax, NO_TRIALS)
    ranked = top_trials(ended, len(ended)).iloc[::-1]
    heights = np.column_stack([_heights(ranked[name], space[name]) for name in space])
    _draw_lines(ax, heights, ranked["value"])
    _draw_best_line(ax, heights[-1])
    for x, dimension in enumerate(space.values()):
        _draw_vertical_axis(ax, x, dimension)
    ax.set_xticks(range(len(space)), [short(name) for name in space])
    ax.set_yticks([])
    ax.set_xlim(-0.1, len(space) - 0.6)
    ax.set_ylim(-FAN, 1 + FAN)
    best = ranked.iloc[-1]
    title = f"Trial {best['number']} is best with {percent(best['value'])}, drawn thick"
    dress(ax, title, grid="")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, labelsize=10, pad=8)
    return ax


def _heights(ranked: "pd.Series[Any]", dimension: Dimension) -> Floats:
    """Return where each line, worst first, crosses an axis; lines through one choice fan out."""
    at = places(ranked, dimension)
    if not isinstance(dimension, Choices):
        return at
    choices = pd.Series(at).groupby(at)
    count = choices.transform("count").to_numpy()
    rank = choices.cumcount().to_numpy()
    width = min(FAN, 0.4 / max(len(dimension.choices) - 1, 1))
    return np.asarray(at + width * ((rank + 0.5) / count - 0.5), dtype="float64")


def _draw_lines(ax: Axes, heights: Floats, values: "pd.Series[float]") -> None:
    worst, best = values.min(), values.max()
    low = max(bulk_limits(values)[0], worst)
    lines = LineCollection(
        [np.column_stack([np.arange(len(line)), line]) for line in heights],
        array=values.to_numpy(),
        cmap=VALUES,
        norm=Normalize(low, best if best > low else low + 0.01),
        linewidths=1.1,
        alpha=0.85,
        rasterized=len(values) > MANY,
    )
    ax.add_collection(lines)
    assert ax.figure is not None
    bar = ax.figure.colorbar(
        lines,
        ax=ax,
        label=ACCURACY,
        extend="min" if worst < low else "neither",
        format=percent_ticks(),
        pad=0.02,
        aspect=30,
    )
    bar.outline.set_visible(False)


def _draw_best_line(ax: Axes, heights: Floats) -> None:
    ax.plot(heights, color="white", linewidth=5, zorder=3)
    ax.plot(heights, color=VERMILLION, linewidth=2.8, marker="o", zorder=3, label="best trial")


def _draw_vertical_axis(ax: Axes, x: int, dimension: Dimension) -> None:
    ax.axvline(x, color=GREY, linewidth=1, zorder=2)
    for place, label in ticks(dimension):
        ax.annotate(
            label,
            (x, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=BLACK,
            zorder=6,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )


def plot_importance(shares: "pd.Series[float]", ax: Axes) -> Axes:
    """Draw each hyperparameter's share of the importance as a bar, largest on top; return axes.

    `shares` is what `importance.ped_anova` returns.
    """
    if shares.empty:
        return say(ax, NO_SHARES)
    rows = np.arange(len(shares))
    colours = [BLUE, *[PALE] * (len(shares) - 1)]
    bars = ax.barh(rows, shares, color=colours, height=0.62)
    ax.bar_label(bars, [percent(share) for share in shares], padding=4, fontsize=9)
    ax.set_yticks(rows, [literal(str(name)) for name in shares.index])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15 * shares.max())
    ax.set_xlabel("share of the importance (%), PED-ANOVA")
    ax.xaxis.set_major_formatter(percent_ticks())
    first, share = str(shares.index[0]), shares.iloc[0]
    dress(ax, f"{literal(first)} matters most: {percent(share)}", grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax
