"""The sweep over time: how the best trial improved, and how each trial learned, epoch by epoch.

Both figures keep the interesting range of accuracies readable and say how much lies below it.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from results.drawing import (
    BLACK,
    BLUE,
    CROWD,
    MANY,
    PURPLE,
    SKY,
    VALUES,
    VERMILLION,
    accuracy_axis,
    colour_bar,
    count_axis,
    dress,
    fade,
    legend_below,
    mark_below,
    percent,
    say,
    value_colours,
)
from results.statistics import best_trial, bulk_limits, completed

NO_TRIALS = "no complete trials yet"
NO_LEARNING = "no trial learned anything before it diverged"
NO_CURVES = "no validation accuracies yet"


def why_no_best(ended: pd.DataFrame) -> str:
    """Return the sentence that says why none of the complete trials is the best."""
    return NO_TRIALS if ended.empty else NO_LEARNING


def plot_best_so_far(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw each complete trial's value and the best up to there; return the axes.

    `frame` is what `statistics.best_so_far` returns. Values below the bulk are marked at the
    edge, and the line of the best begins with the first that is not among them.
    """
    climbed = frame.dropna(subset=["best"])
    if climbed.empty:
        return say(ax, why_no_best(frame))
    low, high = bulk_limits(frame["value"])
    shown, below = frame[frame["value"] >= low], frame[frame["value"] < low]
    ax.plot(
        shown["number"],
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
    visible = climbed[climbed["best"] >= low]
    ax.plot(
        visible["number"],
        visible["best"],
        color=BLUE,
        linewidth=2,
        drawstyle="steps-post",
        label="best so far",
    )
    best = climbed.iloc[int(climbed["value"].to_numpy().argmax())]
    _draw_best_point(ax, best["number"], best["value"], f"best: trial {best['number']:.0f}")
    mark_below(ax, below["number"], f"below {percent(low)}: {_trials(len(below))}")
    accuracy_axis(ax, low, high)
    count_axis(ax, frame["number"].min(), frame["number"].max())
    ax.set_xlabel("trial")
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


COMPLETE = _Look(VALUES, "solid", ".", 1.0)  # each in the colour of its value
_LOOKS = {  # drawn in this order, the later over the earlier
    "complete": COMPLETE,
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

    `curves` is what `statistics.mean_curves` returns. A complete trial has the colour of its
    value. A marker shows where a curve ends; ends below the bulk are marked at the edge and
    counted in the legend. Which trial is best, and when, is what `trials` says: the epoch in
    which a trial diverged may have an accuracy too, but it does not count.
    """
    drawn = curves.dropna(subset=["validation_accuracy"])
    drawn = drawn[drawn["trial"].isin(trials["number"])]
    if drawn.empty:
        return say(ax, NO_CURVES)
    low, high = bulk_limits(drawn["validation_accuracy"])
    lines = {int(curve["trial"].iloc[0]): _points(curve) for _, curve in drawn.groupby("trial")}
    ends = _ends(drawn, trials)
    values = completed(trials)["value"]
    for kind, look in _LOOKS.items():
        of_kind = ends[ends["kind"] == kind].sort_values(["value", "trial"])
        if not of_kind.empty:
            colours = _colours(look, of_kind["value"], values)
            _draw_lines(ax, [lines[trial] for trial in of_kind["trial"]], look, colours)
            _draw_ends(ax, of_kind, low, look, colours)
            _add_to_legend(ax, look, f"{kind} ({len(of_kind)})")
    _mark_ends_below(ax, ends, low)
    best = best_trial(trials)
    if best is not None:
        _draw_best(ax, lines.get(best["number"]), best)
    if "complete" in ends["kind"].to_numpy():
        colour_bar(ax, values)
    accuracy_axis(ax, low, high)
    count_axis(ax, 1, drawn["epoch"].max())
    ax.set_xlabel("epoch")
    dress(ax, _curves_title(completed(trials), best))
    legend_below(ax, columns=2)
    return ax


def _points(curve: pd.DataFrame) -> NDArray[Any]:
    """Return one curve as rows (epoch, validation accuracy)."""
    return curve[["epoch", "validation_accuracy"]].to_numpy(dtype="float64")


def _ends(drawn: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return the last point of each curve, with the kind and the value of its trial."""
    last = drawn.groupby("trial").tail(1).set_index("trial")
    value = trials.set_index("number")["value"]
    return last.assign(kind=kind_of_trial(trials), value=value).reset_index()


def _colours(look: _Look, own: "pd.Series[float]", values: "pd.Series[float]") -> Any:
    """Return one colour, or one for each trial by its `own` value among all `values`."""
    if look is COMPLETE:
        return ScalarMappable(**value_colours(values)).to_rgba(own.to_numpy())
    return look.colour


def _draw_lines(ax: Axes, lines: list[NDArray[Any]], look: _Look, colours: Any) -> None:
    ax.add_collection(
        LineCollection(
            lines,
            colors=colours,
            linestyles=look.dashes,
            linewidths=look.width if len(lines) < CROWD else 0.6 * look.width,
            alpha=0.85 if look is COMPLETE else fade(len(lines), 0.8),
            rasterized=len(lines) > MANY,
        )
    )


def _draw_ends(ax: Axes, ends: pd.DataFrame, low: float, look: _Look, colours: Any) -> None:
    shown = (ends["validation_accuracy"] >= low).to_numpy()
    ax.scatter(
        ends.loc[shown, "epoch"],
        ends.loc[shown, "validation_accuracy"],
        c=colours[shown] if look is COMPLETE else colours,
        marker=look.marker,
        s=45,
        linewidths=1.2,
        zorder=4,
        rasterized=len(ends) > MANY,
    )


def _add_to_legend(ax: Axes, look: _Look, label: str) -> None:
    colour = colormaps[VALUES](0.5) if look is COMPLETE else look.colour
    ax.plot(
        [],
        [],
        color=colour,
        linestyle=look.dashes,
        linewidth=look.width,
        marker=look.marker,
        markersize=7,
        label=label,
    )


def _mark_ends_below(ax: Axes, ends: pd.DataFrame, low: float) -> None:
    below = ends[ends["validation_accuracy"] < low]
    diverged = below["kind"] == "diverged"
    for which, word, marker in ((~diverged, "ending", "v"), (diverged, "diverged,", "x")):
        epochs = below.loc[which, "epoch"]
        mark_below(ax, epochs, f"{word} below {percent(low)}: {_trials(len(epochs))}", marker)


def _draw_best(ax: Axes, line: NDArray[Any] | None, best: "pd.Series[Any]") -> None:
    label = f"best: trial {best['number']}"
    if line is not None:
        ax.plot(line[:, 0], line[:, 1], color="white", linewidth=4.5, zorder=5)
        ax.plot(line[:, 0], line[:, 1], color=VERMILLION, linewidth=2.6, zorder=5, label=label)
    _draw_best_point(ax, best["best_epoch"], best["value"], "_")  # an underscore: not in the legend


def _draw_best_point(ax: Axes, x: float, y: float, label: str) -> None:
    ax.plot(
        [x],
        [y],
        linestyle="none",
        marker="o",
        markersize=8,
        markerfacecolor=VERMILLION,
        markeredgecolor="white",
        zorder=6,
        label=label,
    )


def _curves_title(ended: pd.DataFrame, best: "pd.Series[Any] | None") -> str:
    if best is not None:
        when = f"{percent(best['value'])} after epoch {best['best_epoch']}"
        return f"Trial {best['number']} learned best: {when}"
    return "No trial has completed yet" if ended.empty else "No trial learned anything"


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"
