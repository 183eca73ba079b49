"""The sweep over its space: where good values of each hyperparameter lie, and which ones matter.

One panel per hyperparameter, all of them side by side as parallel coordinates, and their shares.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from results.curves import kind_of_trial, why_no_best
from results.drawing import (
    BLACK,
    BLUE,
    CROWD,
    GREY,
    GRID,
    MANY,
    PALE,
    VERMILLION,
    accuracy_axis,
    colour_bar,
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
    value_colours,
)
from results.importance import FEWEST_TRIALS
from results.scales import choice_indices, places, tick_values, ticks
from results.statistics import best_trial, bulk_limits, completed, top_trials
from sweeps.space import Choices, Dimension, Space

Floats = NDArray[np.float64]
FAN = 0.1  # the height, on an axis from 0 to 1, that the lines through one choice may take
FEWEST_FOR_MEDIAN = 3
STANDS_OUT = 1.5  # a share is called the largest if it is so many times the next
NO_SHARES = f"importance needs {FEWEST_TRIALS} complete trials of differing accuracy"


def plot_slice(trials: pd.DataFrame, name: str, dimension: Dimension, ax: Axes) -> Axes:
    """Draw the value of each complete trial over its hyperparameter `name`; return the axes.

    x is in the hyperparameter's own units, logarithmic where the space is; choices lie at 0, 1, …
    in their order, each with its median as a short line if it has three trials or more.
    """
    ended = completed(trials).dropna(subset=[name])
    best = best_trial(ended)
    if best is None:
        return say(ax, why_no_best(ended))
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
    mark_below(ax, points.loc[below & ~diverged, "x"], edge)
    mark_below(ax, points.loc[below & diverged, "x"], f"diverged, {edge}", "x")
    best_x = points["x"].iloc[int((ended["number"] == best["number"]).to_numpy().argmax())]
    _draw_best_point(ax, best_x, best["value"])
    accuracy_axis(ax, low, high)
    _scale_x(ax, dimension)
    ax.set_xlabel(literal(name) + (" (log scale)" if ax.get_xscale() == "log" else ""))
    dress(ax, f"best at {parameter_text(best[name])}", grid="y" if choices else "xy")
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
    """Draw the medians of enough points; those below `low` as dotted lines along the edge."""
    groups = points.groupby("x")["value"]
    medians = groups.median()[groups.count() >= FEWEST_FOR_MEDIAN]
    shown, below = medians[medians >= low], medians[medians < low]
    look: dict[str, Any] = {"color": GREY, "linewidth": 1.5}
    if not shown.empty:
        ax.hlines(shown, shown.index - 0.25, shown.index + 0.25, label="median of a choice", **look)
    if not below.empty:
        ax.hlines(
            np.zeros(len(below)),
            below.index - 0.3,
            below.index + 0.3,
            transform=ax.get_xaxis_transform(),
            linestyles=(0, (1, 0.6)),
            clip_on=False,
            zorder=3,
            label=f"median below {percent(low)}",
            **(look | {"linewidth": 4}),
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
    best = best_trial(ended)
    if best is None:
        return say(ax, why_no_best(ended))
    ranked = top_trials(ended, len(ended)).iloc[::-1]
    heights = np.column_stack([_heights(ranked[name], space[name]) for name in space])
    _draw_lines(ax, heights, ranked["value"])
    _draw_best_line(ax, heights[(ranked["number"] == best["number"]).argmax()])
    for x, dimension in enumerate(space.values()):
        _draw_vertical_axis(ax, x, dimension)
    ax.set_xticks(range(len(space)), [short(name) for name in space])
    ax.set_yticks([])
    ax.set_xlim(-0.6, len(space) - 0.9)
    ax.set_ylim(-FAN, 1 + FAN)
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
    ax.add_collection(
        LineCollection(
            [np.column_stack([np.arange(len(line)), line]) for line in heights],
            array=values.to_numpy(),
            linewidths=1.1 if len(values) < CROWD else 0.6,
            alpha=0.85,
            rasterized=len(values) > MANY,
            **value_colours(values),
        )
    )
    colour_bar(ax, values)


def _draw_best_line(ax: Axes, heights: Floats) -> None:
    ax.plot(heights, color="white", linewidth=5, zorder=3)
    ax.plot(heights, color=VERMILLION, linewidth=2.8, marker="o", zorder=3, label="best trial")


def _draw_vertical_axis(ax: Axes, x: int, dimension: Dimension) -> None:
    ax.axvline(x, color=GREY, linewidth=1, zorder=2)
    for place, label in ticks(dimension):
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


def plot_importance(shares: "pd.Series[float]", top: int, count: int, ax: Axes) -> Axes:
    """Draw each hyperparameter's share of the importance as a bar, largest on top; return axes.

    `shares` is what `importance.ped_anova` returns, `top` and `count` what
    `importance.compared_trials` does.
    """
    if shares.empty:
        return say(ax, NO_SHARES)
    leaders = shares[STANDS_OUT * shares > shares.iloc[0]]
    rows = np.arange(len(shares))
    colours = [BLUE if name in leaders.index else PALE for name in shares.index]
    bars = ax.barh(rows, shares, color=colours, height=0.62)
    ax.bar_label(bars, [_whole_percent(share) for share in shares], padding=4, fontsize=9)
    ax.set_yticks(rows, [literal(str(name)) for name in shares.index])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15 * shares.max())
    ax.set_xlabel(f"PED-ANOVA importance (%): best {top} of {count} trials against all")
    ax.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(percent_ticks())
    dress(ax, _importance_title(leaders), grid="x")
    ax.tick_params(axis="y", length=0, labelsize=10)
    return ax


def _importance_title(leaders: "pd.Series[float]") -> str:
    *others, last = [short(str(name)) for name in leaders.index]
    if not others:
        return f"{last} mattered most: {_whole_percent(leaders.iloc[0])}"
    if len(others) > 2:
        return f"No hyperparameter stood out: {len(leaders)} mattered about as much"
    return f"{', '.join(others)} and {last} mattered most"


def _whole_percent(share: float) -> str:
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"
