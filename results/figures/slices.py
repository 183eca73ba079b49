"""The values of the trials over one hyperparameter: where its good values lie.

One panel shows one hyperparameter; the catalogue puts the panels of all side by side.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.positions import choice_indices, choice_medians
from results.analysis.trials import (
    bulk_limits,
    kind_of_trial,
    shipped_trial,
    valued,
    why_no_best,
)
from results.drawing.style import (
    BLACK,
    BLUE,
    GRAY,
    MANY,
    draw_best_point,
    dress,
    fade,
    literal,
    mark_below,
    parameter_label,
    say,
    score_axis,
    short,
    shown_as,
)
from results.drawing.ticks import tick_values
from results.number_text import format_number, worse_text
from sweeps.space.dimensions import Choices, Dimension
from sweeps.trial import StopReason, TrialState

NEAR = 0.18  # of the width of a panel: ticks closer to an end would run into its label
NO_TRIAL_HAS = "no trial with a value has {}"


def plot_slice(
    trials: pd.DataFrame,
    name: str,
    dimension: Dimension,
    ax: Axes,
    pruner: str = "none",
    metric: Metric = ACCURACY,
    certified: int | None = None,
) -> Axes:
    """Draw the score of each trial that has one over its hyperparameter `name`; return the axes.

    x is in the hyperparameter's own units, logarithmic where the space is; choices lie at 0, 1, …
    in their order, each with its median as a short line if it has three trials or more that the
    run's `pruner` did not cut short. y has the limits of all trials, also where few have this
    hyperparameter. The certified trial, or the best if none is, is marked.
    """
    every, best = valued(trials), shipped_trial(trials, certified)
    if best is None:
        return say(ax, why_no_best(every))
    low, high = bulk_limits(every["score"], metric)
    ended = every.dropna(subset=[name])
    if ended.empty:
        return say(ax, NO_TRIAL_HAS.format(literal(name)))
    points = pd.DataFrame({"x": _across(ended[name], dimension), "score": ended["score"]})
    points = points.astype("float64")
    kinds = kind_of_trial(ended).to_numpy()
    diverged, pruned = kinds == StopReason.DIVERGED, kinds == TrialState.PRUNED
    below = points["score"] < low
    if isinstance(dimension, Choices):
        _draw_medians(ax, choice_medians(trials, name, dimension, pruner), low, metric)
    edge = worse_text(metric, low)
    _draw_points(ax, points[~below & ~diverged & ~pruned], "o", BLUE, "trial")
    _draw_points(ax, points[~below & pruned], "|", BLUE, "pruned")
    _draw_points(ax, points[~below & diverged], "x", BLACK, "diverged")
    mark_below(ax, points.loc[below & ~diverged, "x"], edge)
    mark_below(ax, points.loc[below & diverged, "x"], f"diverged, {edge}", "x")
    is_best = (ended["number"] == best["number"]).to_numpy()
    if is_best.any():
        at = points["x"].iloc[int(is_best.argmax())]
        draw_best_point(ax, at, best["score"], f"{shown_as(certified)} trial")
    score_axis(ax, low, high, metric)
    _scale_x(ax, dimension)
    ax.set_xlabel(literal(name) + (" (log scale)" if ax.get_xscale() == "log" else ""))
    shown = shown_as(certified)
    value = parameter_label(best[name]) if is_best.any() else "not set"
    dress(
        ax, f"{shown} {short(name)}: {value}", grid="y" if isinstance(dimension, Choices) else "xy"
    )
    return ax


def _across(values: "pd.Series[Any]", dimension: Dimension) -> "pd.Series[Any] | NDArray[np.int64]":
    """Return the x of each value: itself, or its index among the choices."""
    return choice_indices(values, dimension) if isinstance(dimension, Choices) else values


def _draw_points(ax: Axes, points: pd.DataFrame, marker: str, color: str, label: str) -> None:
    if points.empty:
        return
    ax.plot(
        points["x"],
        points["score"],
        linestyle="none",
        marker=marker,
        markersize=5.5,
        color=color,
        alpha=fade(len(points), 0.55),
        markeredgewidth=0.0 if marker == "o" else 1.2,
        label=label,
        rasterized=len(points) > MANY,
    )


def _draw_medians(ax: Axes, medians: "pd.Series[float]", low: float, metric: Metric) -> None:
    """Draw the median of each choice; those below `low` as dotted lines along the edge."""
    shown, below = medians[medians >= low], medians[medians < low]
    style: dict[str, Any] = {"color": GRAY, "linewidth": 1.5}
    if not shown.empty:
        ax.hlines(
            shown, shown.index - 0.25, shown.index + 0.25, label="median of a choice", **style
        )
    if not below.empty:
        ax.hlines(
            np.zeros(len(below)),
            below.index - 0.3,
            below.index + 0.3,
            transform=ax.get_xaxis_transform(),
            linestyles=(0, (1, 0.6)),
            clip_on=False,
            zorder=3,
            label=f"median {worse_text(metric, low)}",
            **(style | {"linewidth": 4}),
        )


def _scale_x(ax: Axes, dimension: Dimension) -> None:
    """Let x span the whole dimension, so that what was not tried is seen too."""
    if isinstance(dimension, Choices):
        labels = [parameter_label(choice) for choice in dimension.choices]
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
    values = tick_values(dimension, NEAR)
    ax.set_xticks(values, [format_number(value) for value in values])
    ax.xaxis.set_minor_formatter(NullFormatter())
