"""The values of the trials: the best so far against its cost, and the distribution of all.

Both figures keep the interesting range of values readable and show how many lie below it.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.trials import bulk_limits, unit_of, why_no_best
from results.drawing.style import (
    BLUE,
    CROWD,
    GRAY,
    MANY,
    SKY,
    VERMILLION,
    count_axis,
    draw_best_point,
    dress,
    mark_below,
    percent_ticks,
    say,
    score_axis,
    score_ticks,
    unit,
)
from results.number_text import count_of_trials, score_text, worse_text

NONE_COMPLETE = "no complete trial has learned anything yet"
PRICES = {"number": "trial", "spent": "epochs trained by all trials so far"}
MEDIAN, TOP_TENTH = 0.5, 0.9
FEWEST_FOR_TENTH = 10


def plot_best_so_far(
    frame: pd.DataFrame,
    ax: Axes,
    price: str = "number",
    metric: Metric = ACCURACY,
    certified: int | None = None,
) -> Axes:
    """Draw the score of each trial that has one and the best up to there; return the axes.

    `frame` is what `trials.best_so_far` returns, with the column `price` that is x. Scores
    below the bulk are marked at the edge, and the line of the best begins with the first that is
    not among them. The search's best is marked, and the certified trial if it is another.
    """
    known = frame.dropna(subset=["best"])
    if known.empty:
        return say(ax, why_no_best(frame))
    low, high = bulk_limits(frame["score"], metric)
    shown, below = frame[frame["score"] >= low], frame[frame["score"] < low]
    ax.plot(
        shown[price],
        shown["score"],
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
    best = known.iloc[int(known["score"].to_numpy().argmax())]
    draw_best_point(ax, best[price], best["score"], f"best: trial {best['number']:.0f}")
    _mark_certified(ax, shown[shown["number"] == certified], price, best["number"])
    mark_below(ax, below[price], f"{worse_text(metric, low)}: {count_of_trials(len(below))}")
    score_axis(ax, low, high, metric)
    count_axis(ax, frame[price].min() if price == "number" else 0, frame[price].max())
    ax.set_xlabel(PRICES[price])
    when = f"trial {best['number']:.0f}" if price == "number" else f"{best[price]:,.0f} epochs"
    before = "at" if price == "number" else "after"
    dress(ax, f"Best so far: {score_text(metric, best['score'])} {before} {when}")
    return ax


def _mark_certified(ax: Axes, own: pd.DataFrame, price: str, best: float) -> None:
    """Mark the row of the certified trial as a diamond, unless it is the best."""
    if own.empty or own["number"].iloc[0] == best:
        return
    ax.plot(
        own[price],
        own["score"],
        linestyle="none",
        marker="D",
        markersize=7,
        markerfacecolor=VERMILLION,
        markeredgecolor="white",
        zorder=6,
        label=f"certified: trial {own['number'].iloc[0]:.0f}",
    )


def plot_value_distribution(frame: pd.DataFrame, ax: Axes, metric: Metric = ACCURACY) -> Axes:
    """Draw `value_distribution` as steps from 0 to 1, with its median and best tenth; return axes.

    x starts with the bulk of the values: the line begins at the share that lies below, and a corner
    counts those trials. Fewer than ten trials have no best tenth.
    """
    if frame.empty:
        return say(ax, NONE_COMPLETE)
    scores, shares = frame["score"].to_numpy(), frame["share"].to_numpy()
    low, high = bulk_limits(frame["score"], metric)
    margin = 0.04 * max(high - low, 0.02 * unit_of(metric, high))
    ax.plot(
        [min(scores[0], low) - margin, *scores, high + margin],
        [0.0, *shares, 1.0],
        drawstyle="steps-post",
        color=BLUE,
        linewidth=2,
    )
    wanted = (MEDIAN, TOP_TENTH) if len(scores) >= FEWEST_FOR_TENTH else (MEDIAN,)
    reached = [float(scores[np.searchsorted(shares, share - 1e-9)]) for share in wanted]
    for score, share in zip(reached, wanted, strict=True):
        ax.plot([low - margin, score, score], [share, share, 0], color=GRAY, linewidth=1, zorder=1)
    draw_best_point(ax, high, 1.0, "_")
    _count_cut(ax, scores, low - margin, metric)
    distribution_axes(ax, low - margin, high + margin, metric)
    dress(ax, _distribution_title(scores, reached, metric))
    return ax


def _count_cut(ax: Axes, scores: NDArray[np.float64], left: float, metric: Metric) -> None:
    """Say in a corner how many scores lie beyond the left end of the axis, if any."""
    if cut := int((scores < left).sum()):
        said = f"{worse_text(metric, left)}: {count_of_trials(cut)}"
        ax.text(0.98, 0.04, said, ha="right", color=GRAY, transform=ax.transAxes)


def _distribution_title(scores: NDArray[np.float64], reached: list[float], metric: Metric) -> str:
    """Return what half of the trials or more, and a tenth or more, came up to."""
    if scores[0] == scores[-1]:
        return f"Every trial that learned reached {score_text(metric, scores[0])}"
    half, *tenth = (score_text(metric, score) for score in reached)
    more = f", a tenth {tenth[0]}" if tenth else ""
    return f"Of {count_of_trials(len(scores))} that learned, half reached {half}{more}"


def distribution_axes(ax: Axes, left: float, right: float, metric: Metric) -> None:
    """Make x the scores from `left` to `right`, and y the share of trials."""
    ax.set_xlim(left, right)
    ax.set_ylim(0, 1.04)
    ax.xaxis.set_major_formatter(score_ticks(metric))
    ax.yaxis.set_major_formatter(percent_ticks())
    ax.set_xlabel(f"best validation {metric.title} of a trial{unit(metric)}")
    ax.set_ylabel("trials that are no better (%)")
