"""The sweep over its space: where the good values of each hyperparameter lie.

One panel per hyperparameter, and all of them side by side as parallel coordinates.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from results.analysis.trials import best_trial, bulk_limits, settled, top_trials, valued
from results.drawing.scales import choice_indices, places, tick_values, ticks
from results.drawing.style import (
    BLACK,
    BLUE,
    CROWD,
    GREY,
    GRID,
    MANY,
    VERMILLION,
    accuracy_axis,
    colour_bar,
    draw_best_point,
    dress,
    fade,
    literal,
    mark_below,
    number,
    parameter_text,
    percent,
    say,
    short,
    value_colours,
)
from results.figures.best_so_far import why_no_best
from results.figures.learning_curves import kind_of_trial
from sweeps.space.dimensions import Choices, Dimension, Space
from sweeps.trial import StopReason, TrialState

Floats = NDArray[np.float64]
FAN = 0.1  # the height, on an axis from 0 to 1, that the lines through one choice may take
FEWEST_FOR_MEDIAN = 3
NO_TRIAL_HAS = "no trial with a value has {}"
NOT_SET = -0.22  # the height of a line where its trial does not have that hyperparameter


def plot_slice(
    trials: pd.DataFrame, name: str, dimension: Dimension, ax: Axes, pruner: str = "none"
) -> Axes:
    """Draw the value of each trial that has one over its hyperparameter `name`; return the axes.

    x is in the hyperparameter's own units, logarithmic where the space is; choices lie at 0, 1, …
    in their order, each with its median as a short line if it has three trials or more that the
    run's `pruner` did not cut short. y has the limits of all trials, also where few have this
    hyperparameter.
    """
    every, best = valued(trials), best_trial(trials)
    if best is None:
        return say(ax, why_no_best(every))
    low, high = bulk_limits(every["value"])
    ended = every.dropna(subset=[name])
    if ended.empty:
        return say(ax, NO_TRIAL_HAS.format(literal(name)))
    choices = isinstance(dimension, Choices)
    points = pd.DataFrame({"x": _across(ended[name], dimension), "value": ended["value"]})
    points = points.astype("float64")
    kinds = kind_of_trial(ended).to_numpy()
    diverged, pruned = kinds == StopReason.DIVERGED, kinds == TrialState.PRUNED
    below = points["value"] < low
    if choices:
        final = ended["number"].isin(settled(trials, pruner)["number"]).to_numpy()
        _draw_medians(ax, points[final], low)
    edge = f"below {percent(low)}"
    _draw_points(ax, points[~below & ~diverged & ~pruned], "o", BLUE, "trial")
    _draw_points(ax, points[~below & pruned], "|", BLUE, "pruned")
    _draw_points(ax, points[~below & diverged], "x", BLACK, "diverged")
    mark_below(ax, points.loc[below & ~diverged, "x"], edge)
    mark_below(ax, points.loc[below & diverged, "x"], f"diverged, {edge}", "x")
    is_best = (ended["number"] == best["number"]).to_numpy()
    if is_best.any():
        draw_best_point(ax, points["x"].iloc[int(is_best.argmax())], best["value"], "best trial")
    accuracy_axis(ax, low, high)
    _scale_x(ax, dimension)
    ax.set_xlabel(literal(name) + (" (log scale)" if ax.get_xscale() == "log" else ""))
    title = f"best at {parameter_text(best[name])}" if is_best.any() else "the best has none"
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
    """Draw each trial with a value as a line across one vertical axis per hyperparameter.

    The axes are returned. Each vertical one has its own scale, from its low end at 0 to its high
    end at 1; the lines through one choice fan out around it, the better the higher. The colour is
    the value, a better line lies over a worse one, and the best is drawn thick. Where a trial does
    not have a hyperparameter, its line runs below the axis.
    """
    ended = valued(trials)
    best = best_trial(ended)
    if best is None:
        return say(ax, why_no_best(ended))
    ranked = top_trials(ended, len(ended)).iloc[::-1]
    heights = np.column_stack([_heights(ranked[name], space[name]) for name in space])
    _draw_lines(ax, heights, ranked["value"])
    _draw_best_line(ax, heights[(ranked["number"] == best["number"]).argmax()])
    for x, (name, dimension) in enumerate(space.items()):
        unset = [(NOT_SET, "not set")] if ranked[name].isna().any() else []
        _draw_vertical_axis(ax, x, [*unset, *ticks(dimension)])
    ax.set_xticks(range(len(space)), [short(name) for name in space])
    ax.set_yticks([])
    ax.set_xlim(-0.6, len(space) - 0.9)
    ax.set_ylim(min(-FAN, np.min(heights) - FAN / 2), 1 + FAN)
    title = f"Trial {best['number']} is best with {percent(best['value'])}, drawn thick"
    dress(ax, title, grid="")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.tick_params(length=0, labelsize=10, pad=8)
    return ax


def _heights(ranked: "pd.Series[Any]", dimension: Dimension) -> Floats:
    """Return where each line, worst first, crosses an axis; lines through one choice fan out."""
    given = ranked.notna().to_numpy()
    at = np.full(len(ranked), NOT_SET)
    at[given] = places(ranked[given], dimension)
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


def _draw_vertical_axis(ax: Axes, x: int, named: list[tuple[float, str]]) -> None:
    ax.plot([x, x], [0, 1], color=GREY, linewidth=1, zorder=2)
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
