"""When which worker trained which trial: the sweep as the clock saw it.

Hours in which nothing ran, between an interruption and its resume, are cut out and said.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import MaxNLocator

from results.drawing.style import BLACK, BLUE, GREY, MANY, PURPLE, SKY, dress, say
from results.figures.learning_curves import kind_of_trial
from sweeps.duration import duration
from sweeps.trial import StopReason, TrialState

NO_TIMINGS = "no timings yet"
LONGEST_PAUSE = 60.0  # seconds without any trial running, beyond which the time is cut out
LOOKS = {  # told apart by lightness and hatching as well
    TrialState.COMPLETE: (BLUE, ""),
    TrialState.PRUNED: (SKY, "////"),
    StopReason.DIVERGED: (BLACK, ""),
    TrialState.FAILED: (PURPLE, "xxxx"),
}
MOST_PAUSES = 4  # that are marked, the longest
UNITS = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True, eq=False)
class Timeline:
    """When trials ran, in seconds since the first began, without the long pauses.

    `bars` has `number, kind, lane, start, seconds`; `lanes` counts the rows that workers share if
    one ended before the other began. `pauses` has `at`, where the time was cut, and `seconds`.
    """

    bars: pd.DataFrame
    lanes: int
    pauses: pd.DataFrame

    @property
    def length(self) -> float:
        """Seconds from the first start to the last end."""
        return float((self.bars["start"] + self.bars["seconds"]).max())

    @property
    def busy(self) -> float:
        """The share of all lanes' time in which a trial was running."""
        total = self.length * self.lanes
        return min(1.0, float(self.bars["seconds"].sum()) / total) if total > 0 else 1.0


def timeline(timings: pd.DataFrame, trials: pd.DataFrame) -> Timeline | None:
    """Return when the trials of `trials` ran, by `timings`; None if that is not known of any."""
    kinds = kind_of_trial(trials)
    known = timings[timings["number"].isin(kinds.index)].dropna(subset=["started", "seconds"])
    if known.empty:
        return None
    known = known.sort_values(["started", "number"], ignore_index=True)
    start = (known["started"] - known["started"].iloc[0]).dt.total_seconds()
    ends = (start + known["seconds"]).cummax()
    idle = (start - ends.shift(fill_value=0.0)).clip(lower=0.0)
    cut = idle.where(idle > LONGEST_PAUSE, 0.0)
    start = start - cut.cumsum()
    bars = pd.DataFrame(
        {
            "number": known["number"],
            "kind": known["number"].map(kinds),
            "start": start,
            "seconds": known["seconds"],
        }
    )
    lanes = _lanes(known["worker"].tolist(), bars)
    pauses = pd.DataFrame({"at": start[cut > 0], "seconds": cut[cut > 0]}).reset_index(drop=True)
    return Timeline(bars.assign(lane=lanes), max(lanes) + 1, pauses)


def _lanes(workers: list[str], bars: pd.DataFrame) -> list[int]:
    """Return a row for each bar: a worker keeps its row, and takes the first that is free."""
    spans = bars.assign(worker=workers, end=bars["start"] + bars["seconds"])
    spans = spans.groupby("worker", sort=False).agg(start=("start", "min"), end=("end", "max"))
    free: list[float] = []  # when the last worker of each lane ended
    lane_of: dict[str, int] = {}
    for worker, start, end in spans.sort_values("start").itertuples():
        open_lanes = [lane for lane, until in enumerate(free) if until <= start + 1e-3]
        lane = open_lanes[0] if open_lanes else len(free)
        free[lane : lane + 1] = [end]
        lane_of[str(worker)] = lane
    return [lane_of[worker] for worker in workers]


def plot_timeline(found: Timeline | None, ax: Axes) -> Axes:
    """Draw each trial as a bar in its worker's row, in the colour of how it ended; return axes."""
    if found is None:
        return say(ax, NO_TIMINGS)
    unit = max(
        (name for name in UNITS if found.length >= 2 * UNITS[name]),
        key=UNITS.__getitem__,
        default="s",
    )
    bars = found.bars.assign(
        start=found.bars["start"] / UNITS[unit], seconds=found.bars["seconds"] / UNITS[unit]
    )
    crowded = len(bars) > MANY
    for kind, (colour, hatch) in LOOKS.items():
        of_kind = bars[bars["kind"] == kind]
        if not of_kind.empty:
            ax.add_collection(
                PolyCollection(
                    list(_corners(of_kind)),
                    facecolor=colour,
                    edgecolor="white",
                    linewidth=0.0 if crowded else 0.8,
                    hatch=None if crowded else hatch,
                    rasterized=crowded,
                    label=kind,
                )
            )
    for at, seconds in found.pauses.nlargest(MOST_PAUSES, "seconds").itertuples(index=False):
        ax.axvline(at / UNITS[unit], color=GREY, linestyle=(0, (2, 2)), linewidth=1)
        ax.annotate(
            f"pause of {duration(seconds)}",
            (at / UNITS[unit], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            va="top",
            rotation=90,
            fontsize=8,
            color=GREY,
        )
    ax.set_xlim(0, 1.01 * found.length / UNITS[unit] or 1.0)
    ax.set_ylim(found.lanes - 0.4, -0.6)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.set_yticks(range(found.lanes), [str(lane + 1) for lane in range(found.lanes)])
    ax.set_ylabel("worker")
    ax.set_xlabel(f"time ({unit})")
    who = "One worker was" if found.lanes == 1 else f"{found.lanes} workers were"
    dress(ax, f"{who} busy for {100 * found.busy:.0f} % of {duration(found.length)}", grid="x")
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
