"""When each worker trained each trial, computed from the clock times in `timings.csv`.

Long pauses, between an interruption and its resume, are cut out and counted.
"""

from dataclasses import dataclass

import pandas as pd

from results.analysis.trials import kind_of_trial, trained

LONGEST_PAUSE = 60.0  # seconds without any trial running; a longer pause is cut out


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
    """Return when the trained trials ran, by `timings`; None if that is not known of any."""
    kinds = kind_of_trial(trained(trials))
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
