"""The trials of each worker over time, one bar per trial.

Long pauses between an interruption and its resume are cut out and marked.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import MaxNLocator

from results.analysis.timeline import Timeline
from results.drawing.style import (
    BLACK,
    BLUE,
    GRAY,
    MANY,
    PURPLE,
    SKY,
    dress,
    say,
)
from results.number_text import duration, whole_percent
from sweeps.trial import StopReason, TrialState

NO_TIMINGS = "no timings yet"
STYLES = {  # told apart by lightness and hatching as well
    TrialState.COMPLETE: (BLUE, ""),
    TrialState.PRUNED: (SKY, "////"),
    StopReason.DIVERGED: (BLACK, ""),
    TrialState.FAILED: (PURPLE, "xxxx"),
}
MOST_PAUSES = 4  # that are marked, the longest
UNITS = {"s": 1, "min": 60, "h": 3600}


def plot_timeline(timeline: Timeline | None, ax: Axes) -> Axes:
    """Draw each trial as a bar in its worker's row, in the color of how it ended; return axes."""
    if timeline is None:
        return say(ax, NO_TIMINGS)
    unit = max(
        (name for name in UNITS if timeline.length >= 2 * UNITS[name]),
        key=UNITS.__getitem__,
        default="s",
    )
    bars = timeline.bars.assign(
        start=timeline.bars["start"] / UNITS[unit], seconds=timeline.bars["seconds"] / UNITS[unit]
    )
    crowded = len(bars) > MANY
    for kind, (color, hatch) in STYLES.items():
        of_kind = bars[bars["kind"] == kind]
        if not of_kind.empty:
            ax.add_collection(
                PolyCollection(
                    list(_corners(of_kind)),
                    facecolor=color,
                    edgecolor="white",
                    linewidth=0.0 if crowded else 0.8,
                    hatch=None if crowded else hatch,
                    rasterized=crowded,
                    label=kind,
                )
            )
    for at, seconds in timeline.pauses.nlargest(MOST_PAUSES, "seconds").itertuples(index=False):
        ax.axvline(at / UNITS[unit], color=GRAY, linestyle=(0, (2, 2)), linewidth=1)
        ax.annotate(
            f"pause of {duration(seconds)}",
            (at / UNITS[unit], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            va="top",
            rotation=90,
            fontsize=8,
            color=GRAY,
        )
    ax.set_xlim(0, 1.01 * timeline.length / UNITS[unit] or 1.0)
    ax.set_ylim(timeline.lanes - 0.4, -0.6)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_yticks(range(timeline.lanes), [str(lane + 1) for lane in range(timeline.lanes)])
    ax.set_ylabel("worker")
    ax.set_xlabel(f"time ({unit})")
    who = "One worker was" if timeline.lanes == 1 else f"{timeline.lanes} workers were"
    dress(
        ax,
        f"{who} busy for {whole_percent(timeline.busy)} of {duration(timeline.length)}",
        grid="x",
    )
    return ax


def _corners(bars: pd.DataFrame) -> "np.ndarray[tuple[int, int, int], np.dtype[np.float64]]":
    """Return the corners of each bar, `(n, 4, 2)`."""
    left = bars["start"].to_numpy(dtype="float64")
    right = left + bars["seconds"].to_numpy(dtype="float64")
    low = bars["lane"].to_numpy(dtype="float64") - 0.36
    xs, ys = (
        np.stack([left, right, right, left], 1),
        np.stack([low, low, low + 0.72, low + 0.72], 1),
    )
    corners: np.ndarray[tuple[int, int, int], np.dtype[np.float64]] = np.stack([xs, ys], axis=2)
    return corners
