"""The confirmed trials: the value of each in the search against its values on fresh seeds.

A trial below the diagonal did worse on the fresh seeds than the search said.
"""

import pandas as pd
from matplotlib.axes import Axes

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.fresh_values import fresh_limits
from results.drawing.style import (
    BLUE,
    GRAY,
    PALE,
    VERMILLION,
    dress,
    say,
    score_axis,
    score_limits,
    score_ticks,
    unit,
)
from results.number_text import score_text

NO_MEAN = "no confirmed trial has a mean on fresh seeds"
MOST_NAMED = 12  # of more trials, the numbers would cover each other


def plot_fresh_values(
    frame: pd.DataFrame, ax: Axes, winner: int, fresh: str, metric: Metric = ACCURACY
) -> Axes:
    """Draw what `fresh_scores` returns: search across, fresh seeds up; return the axes.

    Both axes have the same scale. A small dot is one seed, a large one the mean, and a line its 95%
    interval, cut at the edge. `winner` is marked; `fresh` says what the mean is over: "10 fresh
    seeds".
    """
    if frame.empty:
        return say(ax, NO_MEAN)
    low, high = fresh_limits(frame)
    ends = score_limits(low, high, metric)
    ax.plot(ends, ends, color=GRAY, linewidth=1, linestyle=(0, (4, 3)), label="as in the search")
    ax.vlines(
        frame["search"],
        frame["low"].clip(*ends),
        frame["high"].clip(*ends),
        color=PALE,
        linewidth=2,
        label="95% interval of the mean",
    )
    seeds = frame.explode("scores")
    _draw_dots(ax, seeds["search"], seeds["scores"], GRAY, 3.5, "one seed")
    others, own = frame[frame["trial"] != winner], frame[frame["trial"] == winner]
    _draw_dots(ax, others["search"], others["mean"], BLUE, 8, "mean of a trial")
    _draw_dots(ax, own["search"], own["mean"], VERMILLION, 9, f"winner: trial {winner}")
    if len(frame) <= MOST_NAMED:
        for row in frame.itertuples():
            ax.annotate(
                str(row.trial),
                (row.search, row.mean),
                (7, 0),
                textcoords="offset points",
                va="center",
            )
    score_axis(ax, low, high, metric)
    ax.set_xlim(*ends)
    ax.xaxis.set_major_formatter(score_ticks(metric))
    ax.set_xlabel(f"{metric.title} in the search{unit(metric)}")
    ax.set_ylabel(f"{metric.title} on {fresh}{unit(metric)}")
    dress(ax, _title(own, winner, fresh, metric))
    return ax


def _draw_dots(
    ax: Axes,
    x: "pd.Series[float]",
    y: "pd.Series[float]",
    color: str,
    size: float,
    label: str,
) -> None:
    if x.empty:
        return
    ax.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        color=color,
        markersize=size,
        markeredgecolor="white",
        markeredgewidth=0.5,
        label=label,
        zorder=3,
    )


def _title(own: pd.DataFrame, winner: int, fresh: str, metric: Metric) -> str:
    if own.empty:
        return f"Trial {winner} is the winner"
    search, mean = (score_text(metric, own[name].iloc[0]) for name in ("search", "mean"))
    return f"Trial {winner}: {search} in the search, {mean} on {fresh}"
