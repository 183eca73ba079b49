"""The sweep over time: how the best trial improved, and how each trial learned, epoch by epoch.

Both figures keep the interesting range of accuracies readable and say how much lies below it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from results.drawing import (
    BLACK,
    BLUE,
    MANY,
    PURPLE,
    SKY,
    VERMILLION,
    accuracy_axis,
    dress,
    fade,
    legend_below,
    mark_below,
    percent,
    say,
    whole_numbers,
)
from results.statistics import bulk_limits, top_trials

NO_TRIALS = "no complete trials yet"
NO_CURVES = "no validation accuracies yet"


def plot_best_so_far(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw each complete trial's value and the best up to there; return the axes.

    `frame` is what `statistics.best_so_far` returns. Values below the bulk are marked at the edge.
    """
    if frame.empty:
        return say(ax, NO_TRIALS)
    low, high = bulk_limits(frame["value"])
    shown, below = frame[frame["value"] >= low], frame[frame["value"] < low]
    ax.plot(
        shown["number"],
        shown["value"],
        linestyle="none",
        marker="o",
        markersize=5 if len(shown) < 100 else 3.5,
        markerfacecolor=SKY,
        markeredgecolor="white",
        markeredgewidth=0.5,
        zorder=3,
        label="one trial",
        rasterized=len(shown) > MANY,
    )
    ax.plot(
        frame["number"],
        frame["best"],
        color=BLUE,
        linewidth=2,
        drawstyle="steps-post",
        label="best so far",
    )
    best = frame.iloc[int(frame["value"].to_numpy().argmax())]
    ax.plot(
        [best["number"]],
        [best["value"]],
        linestyle="none",
        marker="o",
        markersize=8,
        markerfacecolor=VERMILLION,
        markeredgecolor="white",
        zorder=5,
        label=f"best: trial {best['number']:.0f}",
    )
    mark_below(ax, below["number"], low, f"below {percent(low)}: {_trials(len(below))}")
    accuracy_axis(ax, low, high)
    ax.set_xlabel("trial")
    whole_numbers(ax.xaxis)
    dress(ax, f"Best so far: {percent(best['value'])} at trial {best['number']:.0f}")
    legend_below(ax, columns=4)
    return ax


@dataclass(frozen=True)
class _Look:
    """How the curves of one kind of trial are drawn; `marker` shows where a curve ends."""

    colour: str
    dashes: str
    marker: str
    width: float


_LOOKS = {  # drawn in this order, the later over the earlier
    "complete": _Look(SKY, "solid", ".", 0.8),
    "pruned": _Look(BLUE, "dashdot", "|", 0.8),
    "failed": _Look(PURPLE, "dotted", "+", 1.4),
    "diverged": _Look(BLACK, "dashed", "x", 1.0),
}


def kind_of_trial(trials: pd.DataFrame) -> "pd.Series[str]":
    """Return `complete`, `pruned`, `failed` or `diverged` for each trial, indexed by number."""
    kinds = trials["state"].where(trials["stop_reason"] != "diverged", "diverged")
    return pd.Series(kinds.to_numpy(), index=trials["number"].to_numpy(), name="kind")


def plot_learning_curves(curves: pd.DataFrame, trials: pd.DataFrame, ax: Axes) -> Axes:
    """Draw every trial's validation accuracy over its epochs, the best one on top; return the axes.

    `curves` is what `statistics.mean_curves` returns. A marker shows where a curve ends; ends
    that lie below the bulk are marked at the edge, and counted in the legend.
    """
    kinds = kind_of_trial(trials)
    drawn = curves.dropna(subset=["validation_accuracy"])
    drawn = drawn[drawn["trial"].isin(kinds.index)]
    if drawn.empty:
        return say(ax, NO_CURVES)
    low, high = bulk_limits(drawn["validation_accuracy"])
    points = {int(c["trial"].iloc[0]): _points(c) for _, c in drawn.groupby("trial")}
    for kind, look in _LOOKS.items():
        lines = [line for trial, line in points.items() if kinds.loc[trial] == kind]
        if lines:
            _draw_lines(ax, lines, look, low, kind)
    best = _best_drawn(trials, drawn)
    if best is not None:
        _draw_best(ax, points[best], f"best: trial {best}")
    accuracy_axis(ax, low, high)
    ax.set_xlim(0.5, drawn["epoch"].max() + 0.5)
    ax.set_xlabel("epoch")
    whole_numbers(ax.xaxis)
    dress(ax, _curves_title(points, best))
    legend_below(ax, columns=2)
    return ax


def _points(curve: pd.DataFrame) -> NDArray[np.float64]:
    """Return one curve as rows (epoch, validation accuracy)."""
    return curve[["epoch", "validation_accuracy"]].to_numpy(dtype="float64")


def _best_drawn(trials: pd.DataFrame, drawn: pd.DataFrame) -> int | None:
    """Return the number of the best complete trial that has a curve, if there is one."""
    best = top_trials(trials[trials["number"].isin(drawn["trial"])], 1)
    return None if best.empty else int(best["number"].iloc[0])


def _draw_lines(
    ax: Axes, lines: list[NDArray[np.float64]], look: _Look, low: float, kind: str
) -> None:
    ax.add_collection(
        LineCollection(
            lines,
            colors=look.colour,
            linestyles=look.dashes,
            linewidths=look.width,
            alpha=fade(len(lines), 0.8),
            rasterized=len(lines) > MANY,
        )
    )
    ends = np.array([line[-1] for line in lines])
    below = int((ends[:, 1] < low).sum())
    marks: dict[str, Any] = {"color": look.colour, "marker": look.marker, "markersize": 7}
    ax.plot(ends[:, 0], ends[:, 1].clip(low), linestyle="none", clip_on=False, zorder=4, **marks)
    label = f"{kind} ({len(lines)})" + (f", {below} ending below {percent(low)}" if below else "")
    ax.plot([], [], linestyle=look.dashes, linewidth=look.width, label=label, **marks)


def _draw_best(ax: Axes, line: NDArray[np.float64], label: str) -> None:
    ax.plot(line[:, 0], line[:, 1], color=VERMILLION, linewidth=2.4, zorder=5, label=label)
    peak = line[np.argmax(line[:, 1])]
    ax.plot(
        peak[:1],
        peak[1:],
        linestyle="none",
        marker="o",
        color=VERMILLION,
        markeredgecolor="white",
        markersize=8,
        zorder=6,
    )


def _curves_title(points: dict[int, NDArray[np.float64]], best: int | None) -> str:
    if best is None:
        return "No trial has completed yet"
    line = points[best]
    epoch, accuracy = line[np.argmax(line[:, 1])]
    return f"Trial {best} learned best: {percent(accuracy)} after epoch {epoch:.0f}"


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"
