"""The figures of a comparison: each run has a line or bar in its own color and pattern.

Color and pattern together distinguish the runs in print and with any color vision.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.importance import Importance
from results.analysis.trials import NO_TRIALS, bulk_limits, unit_of
from results.analysis.uncertainty import SIGNIFICANT
from results.drawing.style import (
    BLACK,
    BLUE,
    GRAY,
    PURPLE,
    SKY,
    VERMILLION,
    count_axis,
    dress,
    literal,
    percent_ticks,
    say,
    score_axis,
    short,
)
from results.figures.best_so_far import PRICES, distribution_axes
from results.number_text import difference_text, p_text, score_text

COLORS = (BLUE, VERMILLION, "#009E73", BLACK, PURPLE, "#E69F00", SKY)  # Okabe & Ito's
DASHES: tuple[Any, ...] = ("solid", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)))
HATCHES = ("", "///", "...", "xxx")
NOTHING_PAIRED = "no two runs have seeds in common"
BY_CHOICE = "trials chosen on these seeds"
NOTHING_SHARED = "no two runs share a hyperparameter whose importance is known"
GROUP = 0.8  # the part of a row that its bars fill


def run_style(place: int) -> dict[str, Any]:
    """Return color and dashes of the run in `place`, counted from 0; they repeat after 28 runs."""
    return {
        "color": COLORS[place % len(COLORS)],
        "linestyle": DASHES[place % len(DASHES)],
        "linewidth": 2,
    }


def plot_incumbents(
    incumbents: pd.DataFrame, ax: Axes, price: str, budget: int, metric: Metric = ACCURACY
) -> Axes:
    """Draw the best value so far of each run over trials or epochs; return the axes.

    `incumbents` is `Comparison.incumbents`, and `price` its column on the x axis. A vertical line
    marks the `budget` that all runs have. Each line begins at its first value within the range of
    most values.
    """
    known = incumbents.dropna(subset=["best"])
    if known.empty:
        return say(ax, NO_TRIALS)
    ends = known.groupby("run", sort=False)["best"].max()
    low, high = bulk_limits(known["best"], metric)
    low = min(low, ends.min())
    last = incumbents[price].max()
    for place, (label, run) in enumerate(incumbents.groupby("run", sort=False)):
        visible = run[run["best"] >= low]
        end = run[price].max()  # trials after the last improvement count too
        ax.plot(
            [*visible[price], end],
            [*visible["best"], ends.get(label, float("nan"))],
            drawstyle="steps-post",
            label=short(str(label)),
            **run_style(place),
        )
    ax.axvline(budget, color=GRAY, linewidth=1, zorder=1, label="equal budgets")
    score_axis(ax, low, high, metric)
    count_axis(ax, 0, max(last, budget))
    ax.set_xlabel(PRICES[price])
    dress(ax, _leader(known[known[price] <= budget], metric))
    return ax


def _leader(known: pd.DataFrame, metric: Metric) -> str:
    """Return the title, which names the run that was best at the budget."""
    scores = known.groupby("run", sort=False)["best"].max()
    leaders = scores[scores == scores.max()]
    if len(leaders) != 1:
        return "At equal budgets no run leads"
    leader, best = short(str(leaders.index[0])), score_text(metric, leaders.iloc[0])
    return f"At equal budgets {leader} leads: {best}"


def plot_distributions(
    distributions: Mapping[str, pd.DataFrame], ax: Axes, metric: Metric = ACCURACY
) -> Axes:
    """Draw the distribution of each run's values, its `value_distribution`; return the axes.

    A lower line means better trials.
    """
    known = {label: frame for label, frame in distributions.items() if not frame.empty}
    if not known:
        return say(ax, NO_TRIALS)
    low, high = bulk_limits(pd.concat([frame["score"] for frame in known.values()]), metric)
    margin = 0.04 * max(high - low, 0.02 * unit_of(metric, high))
    left, right = low - margin, high + margin
    for place, (label, frame) in enumerate(distributions.items()):
        if label in known:
            ax.plot(
                [min(left, frame["score"].iloc[0]), *frame["score"], right],
                [0.0, *frame["share"], 1.0],
                drawstyle="steps-post",
                label=short(label),
                **run_style(place),
            )
    distribution_axes(ax, left, right, metric)
    dress(ax, "Values of all trials: the lower the line, the better")
    return ax


def plot_best_curves(
    curves: Mapping[str, pd.DataFrame], ax: Axes, metric: Metric = ACCURACY
) -> Axes:
    """Draw the score over the epochs of each run's best trial; return the axes.

    Each frame has `epoch` and `score`, means over the replicates.
    """
    known = {label: frame.dropna() for label, frame in curves.items()}
    if all(frame.empty for frame in known.values()):  # also true without frames
        return say(ax, NO_TRIALS)
    low, high = bulk_limits(pd.concat([frame["score"] for frame in known.values()]), metric)
    for place, (label, frame) in enumerate(known.items()):
        if not frame.empty:
            ax.plot(frame["epoch"], frame["score"], label=short(label), **run_style(place))
    score_axis(ax, low, high, metric)
    count_axis(ax, 1, max(frame["epoch"].max() for frame in known.values() if len(frame)))
    ax.set_xlabel("epoch")
    dress(ax, f"Validation {metric.title} of the best trial of each run")
    return ax


def shared_names(importances: Mapping[str, Importance]) -> list[str]:
    """Return the hyperparameters that all runs with shares have, the largest mean share first.

    There are none if fewer than two runs have shares.
    """
    tables = [one.shares["share"] for one in importances.values() if len(one.shares)]
    if len(tables) < 2:
        return []
    mean = pd.concat(tables, axis=1, join="inner").mean(axis=1)
    return [str(name) for name in mean.sort_values(ascending=False, kind="stable").index]


def plot_importances(importances: Mapping[str, Importance], ax: Axes) -> Axes:
    """Draw the importance of the hyperparameters that all runs share; return the axes.

    Each run has a bar per hyperparameter, with a line for its 95% interval. The bars of a run
    need not add up to 100%, because its other hyperparameters are not shown.
    """
    names = shared_names(importances)
    if not names:
        return say(ax, NOTHING_SHARED)
    rows, height = np.arange(len(names)), GROUP / len(importances)
    for place, (label, one) in enumerate(importances.items()):
        if one.shares.empty:
            continue
        shares = one.shares.loc[names]
        at = rows + (place - (len(importances) - 1) / 2) * height
        ax.barh(
            at,
            shares["share"],
            height=0.9 * height,
            color=COLORS[place % len(COLORS)],
            hatch=HATCHES[place % len(HATCHES)],
            edgecolor="white",
            label=short(label),
        )
        ax.hlines(at, shares["low"], shares["high"], color=GRAY, linewidth=1.4)
    ax.set_yticks(rows, [literal(name) for name in names])
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(percent_ticks())
    missing = [f"{label} {one.basis}" for label, one in importances.items() if one.shares.empty]
    over = next(iter(importances.values())).over
    heading = f"share of the single effects over {over} (%); lines: 95% intervals"
    ax.set_xlabel("\n".join([heading, *map(literal, missing)]))
    dress(ax, "Importance of the hyperparameters that all runs searched", grid="x")
    return ax


def plot_differences(differences: pd.DataFrame, ax: Axes, metric: Metric = ACCURACY) -> Axes:
    """Draw each paired difference with its interval in a row of its own; return the axes.

    `differences` is `Comparison.differences`. A mark without a line has no interval: all its pairs
    have the same difference. A mark is filled if the corrected p-value is below
    5%. The label of a row without a test says that its seeds chose the trials.
    """
    known = differences.dropna(subset=["mean"])
    if known.empty:
        return say(ax, NOTHING_PAIRED)
    for row, (_, difference) in enumerate(known.iterrows()):
        sure = difference["p_holm"] < SIGNIFICANT
        ax.plot([difference["low"], difference["high"]], [row, row], color=BLUE, linewidth=2)
        ax.plot(
            [difference["mean"]],
            [row],
            marker="o",
            markersize=8,
            color=BLUE,
            markerfacecolor=BLUE if sure else "white",
            markeredgewidth=2,
        )
    ax.axvline(0, color=BLACK, linewidth=1, zorder=1)
    ax.set_yticks(range(len(known)), [_versus(difference) for _, difference in known.iterrows()])
    ax.set_ylim(len(known) - 0.5, -0.5)
    widest = known[["low", "mean", "high"]].abs().max().max()
    # A difference in units of a target is drawn as large as it is: no size of it is small.
    limit = 1.1 * ((widest or 1.0) if metric.in_units else max(widest, 0.002))
    ax.set_xlim(-limit, limit)
    of = " (points)" if metric.percent else ""
    ax.xaxis.set_major_formatter(_signed_ticks(metric))
    ax.set_xlabel(f"difference in validation {metric.title}{of}, 95% interval")
    dress(ax, _title(known, metric), grid="x")
    return ax


def _versus(difference: "pd.Series[Any]") -> str:
    untested = f"\n({BY_CHOICE})" if np.isnan(difference["p_holm"]) else ""
    return f"{short(str(difference['run']))}\n− {short(str(difference['other']))}{untested}"


def _signed_ticks(metric: Metric) -> FuncFormatter:
    factor = 100 if metric.percent else 1
    return FuncFormatter(lambda value, _: f"{factor * value:+g}" if value else "0")


def _title(known: pd.DataFrame, metric: Metric) -> str:
    sure, tested = int((known["p_holm"] < SIGNIFICANT).sum()), int(known["p_holm"].count())
    if len(known) > 1:
        share = f"{sure} of {tested} differences are significant (filled)"
        return share if tested else f"{len(known)} differences, {BY_CHOICE}"
    difference = known.iloc[0]
    if not tested:
        return f"{difference_text(metric, difference['mean'])}, {BY_CHOICE}"
    words = "significant" if sure else "may be chance"
    mean = difference_text(metric, difference["mean"])
    return f"{mean}, {words} ({p_text(difference['p_holm'])})"
