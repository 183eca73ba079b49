"""The style of all figures: one palette, one style of axes, and text without mathematics.

The functions act on the axes that they get; none reads or changes a global style.
"""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.ticker import FuncFormatter, MaxNLocator

from nncore.components.metrics import ACCURACY, Metric
from results.analysis.trials import bulk_limits, unit_of
from results.number_text import parameter_text, shorten

# Okabe & Ito's palette can be distinguished with any color vision. Values have the colors of
# viridis, darker for better values, without the yellow and light green that white paper hides.
BLUE, SKY, VERMILLION = "#0072B2", "#56B4E9", "#D55E00"
PURPLE, BLACK = "#CC79A7", "#222222"
GRAY, PALE, GRID = "#666666", "#A6A6A6", "#DDDDDD"
VALUES = ListedColormap(colormaps["viridis_r"](np.linspace(0.4, 1, 256)))
VALUES_ON_DARK = ListedColormap(colormaps["viridis"](np.linspace(0.35, 1, 256)))  # brighter: better

CROWD = 100  # from this number on, marks and lines are thinner
MANY = 500  # more marks than this are drawn as pixels, also in an SVG


def color_map(name: str) -> Colormap:
    """Return matplotlib's color map `name` in 256 colors, whatever the user's `image.lut` is."""
    return colormaps[name].resampled(256)


INK = color_map("gray_r")


def literal(text: str) -> str:
    """Return `text` with every `$` escaped, so that matplotlib does not read it as mathematics."""
    return text.replace("$", r"\$")


def short(text: str) -> str:
    """Return `text` for matplotlib, cut with an ellipsis if it is long."""
    return literal(shorten(text))


def parameter_label(value: object) -> str:
    """Return the `parameter_text` of a hyperparameter's value for matplotlib."""
    return literal(parameter_text(value))


def dress(ax: Axes, title: str, grid: str = "xy") -> None:
    """Give axes the common style: title on the left, a thin grid behind, no top and right spine."""
    ax.set_title(title, loc="left", fontsize=11)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(GRAY)
    ax.tick_params(colors=BLACK, labelsize=9, color=GRAY)
    ax.set_axisbelow(True)
    for name, axis in {"x": ax.xaxis, "y": ax.yaxis}.items():
        if name in grid:
            axis.grid(visible=True, color=GRID, linewidth=0.6)


def score_axis(ax: Axes, low: float, high: float, metric: Metric) -> None:
    """Make y a score from `low` to `high`, with a margin beyond both for whole marks.

    Better is up for every metric: the data are scores, and the ticks show their values.
    """
    ax.set_ylim(*score_limits(low, high, metric))
    ax.set_ylabel(axis_label(metric))
    ax.yaxis.set_major_formatter(score_ticks(metric))


def score_limits(low: float, high: float, metric: Metric) -> tuple[float, float]:
    """Return the ends of an axis of scores from `low` to `high`, with a margin for whole marks."""
    margin = 0.05 * max(high - low, 0.04 * unit_of(metric, high))
    return low - margin, high + margin


def axis_label(metric: Metric) -> str:
    """Return the name of the metric on validation data, with its unit."""
    return f"validation {metric.title}{unit(metric)}"


def unit(metric: Metric) -> str:
    """Return the unit of a metric as axes show it: " (%)" or nothing."""
    return " (%)" if metric.percent else ""


def score_ticks(metric: Metric) -> FuncFormatter:
    """Return the formatter that shows a score as its value; the unit is in the axis label."""
    if metric.percent:
        return percent_ticks()
    low, high = sorted((metric.score(metric.worst), metric.score(metric.best)))
    return FuncFormatter(
        lambda score, _: f"{metric.score(score):z.6g}" if low <= score <= high else ""
    )


def number_ticks() -> FuncFormatter:
    """Return the formatter of values of a target: up to six digits, without an offset."""
    return FuncFormatter(lambda value, _: f"{value:z.6g}")


def percent_ticks() -> FuncFormatter:
    """Return the formatter that shows a fraction as percent; the sign is in the axis label.

    Ticks in the margin below 0 or above 1 have no number.
    """
    return FuncFormatter(lambda fraction, _: f"{100 * fraction:g}" if 0 <= fraction <= 1 else "")


def count_axis(ax: Axes, first: int, last: int) -> None:
    """Make x count from `first` to `last`, with ticks on whole numbers within these ends only."""
    ax.set_xlim(*count_limits(first, last))
    ticks = count_ticks(first, last)
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])


def count_limits(first: int, last: int) -> tuple[float, float]:
    """Return the ends of an axis that counts from `first` to `last`, with a margin for marks."""
    margin = max(0.5, 0.02 * (last - first))
    return first - margin, last + margin


def count_ticks(first: int, last: int) -> list[int]:
    """Return round whole numbers from `first` to `last`."""
    candidates = MaxNLocator(nbins=8, integer=True, min_n_ticks=1).tick_values(first, last)
    return [int(tick) for tick in candidates if first <= tick <= last]


def say(ax: Axes, sentence: str) -> Axes:
    """Write a sentence into empty axes if there is nothing to draw; return the axes."""
    ax.set_axis_off()
    ax.text(
        0.5, 0.5, sentence, transform=ax.transAxes, ha="center", va="center", color=GRAY, wrap=True
    )
    return ax


def fade(count: int, most: float) -> float:
    """Return the opacity, at most `most`, at which `count` marks stay visible in dense places."""
    return min(most, max(0.15, 30 / max(count, 1)))


def mark_below(ax: Axes, x: "pd.Series[float]", label: str, marker: str = "v") -> None:
    """Mark points below the shown range at the lower edge, so that none is hidden silently."""
    if x.empty:
        return
    ax.plot(
        x,
        np.zeros(len(x)),
        transform=ax.get_xaxis_transform(),  # y is 0 at the edge, whatever its value
        linestyle="none",
        marker=marker,
        markersize=6,
        markerfacecolor="white",
        markeredgecolor=BLACK,
        clip_on=False,
        zorder=4,
        label=label,
    )


def score_colors(scores: "pd.Series[float]", metric: Metric = ACCURACY) -> dict[str, Any]:
    """Return the color map and norm of scores; those below the bulk share one color."""
    low, high = bulk_limits(scores, metric)
    least = 0.01 * unit_of(metric, low)
    return {"cmap": VALUES, "norm": Normalize(low, high if high > low else low + least)}


def color_bar(ax: Axes, scores: "pd.Series[float]", metric: Metric, label: str) -> None:
    """Put the color bar of `score_colors` beside the axes, unless all scores are equal."""
    if scores.min() == scores.max():
        return
    assert ax.figure is not None
    bar = ax.figure.colorbar(
        ScalarMappable(**score_colors(scores, metric)),
        cax=ax.inset_axes((1.02, 0.0, 0.02, 1.0)),
        label=label,
        extend="min" if scores.min() < bulk_limits(scores, metric)[0] else "neither",
        format=score_ticks(metric),
    )
    bar.outline.set_visible(False)


def legend_below(ax: Axes, columns: int) -> None:
    """Put the legend under the axes, where it covers no data."""
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, -0.17),
        borderaxespad=0.0,
        ncols=columns,
        fontsize=9,
        frameon=False,
    )


def shown_as(certified: int | None) -> str:
    """Return what figures call the trial that they mark: the certified one, or the best."""
    return "best" if certified is None else "certified"


def draw_best_point(ax: Axes, x: float, y: float, label: str) -> None:
    """Mark the shipped trial as all figures do; the label "_" keeps it out of the legend."""
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
