"""The values of the trials: the best so far against its cost, and the distribution of all.

Both figures keep the interesting range of accuracies readable and show how many lie below it.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from results.analysis.trials import bulk_limits, why_no_best
from results.drawing.style import (
    BLUE,
    CROWD,
    GRAY,
    MANY,
    SKY,
    accuracy_axis,
    count_axis,
    draw_best_point,
    dress,
    mark_below,
    percent_ticks,
    say,
)
from results.number_text import count_of_trials, percent

NONE_COMPLETE = "no complete trial has learned anything yet"
PRICES = {"number": "trial", "spent": "epochs trained by all trials so far"}
MEDIAN, TOP_TENTH = 0.5, 0.9
FEWEST_FOR_TENTH = 10


def plot_best_so_far(frame: pd.DataFrame, ax: Axes, price: str = "number") -> Axes:
    """Draw the value of each trial that has one and the best up to there; return the axes.

    `frame` is what `trials.best_so_far` returns, with the column `price` that is x. Values
    below the bulk are marked at the edge, and the line of the best begins with the first that is
    not among them.
    """
    known = frame.dropna(subset=["best"])
    if known.empty:
        return say(ax, why_no_best(frame))
    low, high = bulk_limits(frame["value"])
    shown, below = frame[frame["value"] >= low], frame[frame["value"] < low]
    ax.plot(
        shown[price],
        shown["value"],
        linestyle="none",
        marker="o",
        markersize=5 if len(shown) < CROWD else 3.5,
        markerfacecolor=SKY,
        markeredgecolor="white",
        markeredgewidth=0.5,
        zorder=3,
        label="one trial",
        rasterized=len(shown) > MANY,
    )
    visible = known[known["best"] >= low]
    ax.plot(
        visible[price],
        visible["best"],
        color=BLUE,
        linewidth=2,
        drawstyle="steps-post",
        label="best so far",
    )
    best = known.iloc[int(known["value"].to_numpy().argmax())]
    draw_best_point(ax, best[price], best["value"], f"best: trial {best['number']:.0f}")
    mark_below(ax, below[price], f"below {percent(low)}: {count_of_trials(len(below))}")
    accuracy_axis(ax, low, high)
    count_axis(ax, frame[price].min() if price == "number" else 0, frame[price].max())
    ax.set_xlabel(PRICES[price])
    when = f"trial {best['number']:.0f}" if price == "number" else f"{best[price]:,.0f} epochs"
    before = "at" if price == "number" else "after"
    dress(ax, f"Best so far: {percent(best['value'])} {before} {when}")
    return ax


def plot_value_distribution(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw `value_distribution` as steps from 0 to 1, with its median and best tenth; return axes.

    x starts with the bulk of the values: the line begins at the share that lies below. Fewer than
    ten trials have no best tenth.
    """
    if frame.empty:
        return say(ax, NONE_COMPLETE)
    values, shares = frame["value"].to_numpy(), frame["share"].to_numpy()
    low, high = bulk_limits(frame["value"])
    margin = 0.04 * max(high - low, 0.02)
    ax.plot(
        [min(values[0], low) - margin, *values, high + margin],
        [0.0, *shares, 1.0],
        drawstyle="steps-post",
        color=BLUE,
        linewidth=2,
    )
    wanted = (MEDIAN, TOP_TENTH) if len(values) >= FEWEST_FOR_TENTH else (MEDIAN,)
    reached = [float(values[np.searchsorted(shares, share - 1e-9)]) for share in wanted]
    for value, share in zip(reached, wanted, strict=True):
        ax.plot([low - margin, value, value], [share, share, 0], color=GRAY, linewidth=1, zorder=1)
    draw_best_point(ax, high, 1.0, "_")
    distribution_axes(ax, low - margin, high + margin)
    dress(ax, _distribution_title(values, reached))
    return ax


def _distribution_title(values: NDArray[np.float64], reached: list[float]) -> str:
    """Return what half of the trials or more, and a tenth or more, came up to."""
    if values[0] == values[-1]:
        return f"Every trial that learned reached {percent(values[0])}"
    half, *tenth = map(percent, reached)
    more = f", a tenth {tenth[0]}" if tenth else ""
    return f"Of {count_of_trials(len(values))} that learned, half reached {half}{more}"


def distribution_axes(ax: Axes, left: float, right: float) -> None:
    """Make x the values, accuracies from `left` to `right`, and y the share of trials."""
    ax.set_xlim(left, right)
    ax.set_ylim(0, 1.04)
    ax.xaxis.set_major_formatter(percent_ticks())
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.set_xlabel("best validation accuracy of a trial (%)")
    ax.set_ylabel("trials at or below this accuracy (%)")
