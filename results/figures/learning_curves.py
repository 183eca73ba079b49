"""How each trial learned, epoch by epoch: every curve of a sweep at once, and one alone.

The figure of all curves shows the interesting range of values and counts the curves below it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.trials import bulk_limits, completed, kind_of_trial, shipped_trial
from results.drawing.style import (
    BLACK,
    BLUE,
    CROWD,
    GRAY,
    MANY,
    PALE,
    PURPLE,
    VALUES,
    VERMILLION,
    axis_label,
    color_bar,
    count_axis,
    draw_best_point,
    dress,
    fade,
    legend_below,
    mark_below,
    percent_ticks,
    say,
    score_axis,
    score_colors,
    shown_as,
)
from results.number_text import (
    count_of_trials,
    format_number,
    percent,
    value_text,
    worse_text,
)
from sweeps.trial import StopReason, TrialState

NO_CURVES = "no values on validation data yet"
NO_BEST_CURVE = "no best trial with a curve yet"
NOT_MEASURED = "the {} was not measured"


@dataclass(frozen=True)
class _CurveStyle:
    """How the curves of one kind of trial are drawn; `marker` shows where a curve ends."""

    color: str
    dashes: str
    marker: str
    width: float


COMPLETE = _CurveStyle(to_hex(VALUES(0.5)), "solid", ".", 1.0)  # but each in the color of its value
_STYLES = {  # drawn in this order, the later over the earlier
    TrialState.COMPLETE: COMPLETE,
    TrialState.PRUNED: _CurveStyle(BLUE, "dashdot", "|", 0.8),
    TrialState.FAILED: _CurveStyle(PURPLE, "dotted", "+", 1.4),
    StopReason.DIVERGED: _CurveStyle(BLACK, "dashed", "x", 1.0),
}


def plot_learning_curves(
    curves: pd.DataFrame,
    trials: pd.DataFrame,
    ax: Axes,
    metric: Metric = ACCURACY,
    certified: int | None = None,
) -> Axes:
    """Draw every trial's score over its epochs; return the axes.

    The certified trial, or the best if none is, is drawn thick on top of the others.
    `curves` is what `trials.mean_curves` returns. A complete trial has the color of its
    value. A marker shows where a curve ends; ends below the bulk are marked at the edge and
    counted in the legend. Which trial is best, and when, is what `trials` says: the epoch in
    which a trial diverged may have a value too, but it does not count.
    """
    drawn = curves.dropna(subset=["score"])
    drawn = drawn[drawn["trial"].isin(trials["number"])]
    if drawn.empty:
        return say(ax, NO_CURVES)
    low, high = bulk_limits(drawn["score"], metric)
    lines = _lines(drawn)
    ends = _ends(drawn, trials)
    scores = completed(trials)["score"]
    for kind, style in _STYLES.items():
        of_kind = ends[ends["kind"] == kind].sort_values(["reached", "trial"])
        if not of_kind.empty:
            colors = _colors(style, of_kind["reached"], scores, metric)
            _draw_lines(ax, [lines[trial] for trial in of_kind["trial"]], style, colors)
            _draw_ends(ax, of_kind, low, style, colors)
            _add_to_legend(ax, style, f"{kind} ({len(of_kind)})")
    _mark_ends_below(ax, ends, low, metric)
    best = shipped_trial(trials, certified)
    if best is not None:
        _draw_best(ax, lines.get(best["number"]), best, shown_as(certified))
    if TrialState.COMPLETE in ends["kind"].to_numpy():
        color_bar(ax, scores, metric, f"best {axis_label(metric)}")
    score_axis(ax, low, high, metric)
    count_axis(ax, 1, drawn["epoch"].max())
    ax.set_xlabel("epoch")
    dress(ax, _curves_title(completed(trials), best, metric, certified))
    legend_below(ax, columns=2)
    return ax


def _lines(drawn: pd.DataFrame) -> dict[int, NDArray[Any]]:
    """Return each trial's curve as rows (epoch, score); `drawn` is by trial."""
    points = drawn[["epoch", "score"]].to_numpy(dtype="float64")
    trials, starts = np.unique(drawn["trial"].to_numpy(), return_index=True)
    return dict(zip(trials.tolist(), np.split(points, starts[1:]), strict=True))


def _ends(drawn: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return the last point of each curve, with the kind of its trial and the score `reached`."""
    last = drawn.groupby("trial").tail(1).set_index("trial")
    reached = trials.set_index("number")["score"]
    return last.assign(kind=kind_of_trial(trials), reached=reached).reset_index()


def _colors(
    style: _CurveStyle, own: "pd.Series[float]", scores: "pd.Series[float]", metric: Metric
) -> Any:
    """Return one color, or one for each trial by its `own` score among all `scores`."""
    if style is COMPLETE:
        return ScalarMappable(**score_colors(scores, metric)).to_rgba(own.to_numpy())
    return style.color


def _draw_lines(ax: Axes, lines: list[NDArray[Any]], style: _CurveStyle, colors: Any) -> None:
    ax.add_collection(
        LineCollection(
            lines,
            colors=colors,
            linestyles=style.dashes,
            linewidths=style.width if len(lines) < CROWD else 0.6 * style.width,
            alpha=0.85 if style is COMPLETE else fade(len(lines), 0.8),
            rasterized=len(lines) > MANY,
        )
    )


def _draw_ends(ax: Axes, ends: pd.DataFrame, low: float, style: _CurveStyle, colors: Any) -> None:
    shown = (ends["score"] >= low).to_numpy()
    ax.scatter(
        ends.loc[shown, "epoch"],
        ends.loc[shown, "score"],
        c=colors[shown] if style is COMPLETE else colors,
        marker=style.marker,
        s=45,
        linewidths=1.2,
        zorder=4,
        rasterized=len(ends) > MANY,
    )


def _add_to_legend(ax: Axes, style: _CurveStyle, label: str) -> None:
    ax.plot(
        [],
        [],
        color=style.color,
        linestyle=style.dashes,
        linewidth=style.width,
        marker=style.marker,
        markersize=7,
        label=label,
    )


def _mark_ends_below(ax: Axes, ends: pd.DataFrame, low: float, metric: Metric) -> None:
    below = ends[ends["score"] < low]
    diverged = below["kind"] == StopReason.DIVERGED
    for which, word, marker in ((~diverged, "ending", "v"), (diverged, "diverged,", "x")):
        epochs = below.loc[which, "epoch"]
        label = f"{word} {worse_text(metric, low)}: {count_of_trials(len(epochs))}"
        mark_below(ax, epochs, label, marker)


def _draw_best(ax: Axes, line: NDArray[Any] | None, best: "pd.Series[Any]", shown: str) -> None:
    label = f"{shown}: trial {best['number']}"
    if line is not None:
        ax.plot(line[:, 0], line[:, 1], color="white", linewidth=4.5, zorder=5)
        ax.plot(line[:, 0], line[:, 1], color=VERMILLION, linewidth=2.6, zorder=5, label=label)
    draw_best_point(ax, best["best_epoch"], best["score"], "_")  # an underscore: not in the legend


def _curves_title(
    ended: pd.DataFrame, best: "pd.Series[Any] | None", metric: Metric, certified: int | None
) -> str:
    if best is not None:
        when = f"{value_text(metric, best['value'])} after epoch {best['best_epoch']}"
        shown = "best" if certified is None else "certified; in the search"
        return f"Trial {best['number']} is {shown}: {when}"
    return "No trial has completed yet" if ended.empty else "No trial learned anything"


def plot_gap(curves: pd.DataFrame, best: "pd.Series[Any] | None", measure: str, ax: Axes) -> Axes:
    """Draw a trial's `measure`, accuracy or cost, on training and validation data.

    `curves` is what `trials.mean_curves` returns, `best` what `shipped_trial` does. The area
    between the two is the gap; its width at the best epoch is said in the title.
    """
    own = curves[curves["trial"] == best["number"]] if best is not None else curves.iloc[:0]
    if best is None or own.empty:
        return say(ax, NO_BEST_CURVE)
    names = {"training": f"train_{measure}", "validation": f"validation_{measure}"}
    shown = own.replace([np.inf, -np.inf], np.nan)
    if not shown[list(names.values())].notna().any(axis=None):
        return say(ax, NOT_MEASURED.format(measure))
    styles = {"training": (BLUE, "dashed"), "validation": (VERMILLION, "solid")}
    for split, name in names.items():
        if shown[name].notna().any():
            color, dashes = styles[split]
            ax.plot(
                shown["epoch"],
                shown[name],
                color=color,
                linestyle=dashes,
                linewidth=2,
                marker="o" if len(shown) == 1 else None,
                label=split,
            )
    train, validation = (shown[name].to_numpy(dtype="float64") for name in names.values())
    ax.fill_between(
        shown["epoch"], train, validation, color=PALE, alpha=0.3, linewidth=0, label="gap"
    )
    ax.axvline(best["best_epoch"], color=GRAY, linestyle=(0, (2, 2)), linewidth=1, zorder=1)
    if measure == "accuracy":
        ax.yaxis.set_major_formatter(percent_ticks())
    else:
        ax.set_ylim(bottom=0)
    count_axis(ax, 1, own["epoch"].max())
    ax.set_xlabel("epoch")
    ax.set_ylabel("accuracy (%)" if measure == "accuracy" else measure)
    dress(ax, _gap_title(shown[shown["epoch"] == best["best_epoch"]], best, measure))
    return ax


def _gap_title(at: pd.DataFrame, best: "pd.Series[Any]", measure: str) -> str:
    who = f"Trial {best['number']}, epoch {best['best_epoch']}"
    pair = at[[f"train_{measure}", f"validation_{measure}"]].to_numpy().ravel()
    if len(pair) < 2 or np.isnan(pair).any():
        return who
    if measure == "accuracy":
        train, validation = map(percent, pair)
        return f"{who}: training {train}, validation {validation}"
    return f"{who}: training {format_number(pair[0])}, validation {format_number(pair[1])}"
