"""The table of replays: how many of the author's numbers are equal, and where the first differs.

Where rounding decides, a run is one of many possible runs after the first epoch that differs in its
last bits; its numbers are compared with the prediction interval of our seeds.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from experiments.book.intervals import mean_and_intervals
from experiments.book.replays.catalogue import REPLAYS
from experiments.book.replays.replay import ReplayedSeries, SeededRuns
from experiments.book.training.study_runner import StudyRunner

HEADER = ("replay", "series", "equal", "first difference", "largest", "where rounding decides")


def replay_rows(
    replayed: Mapping[str, Sequence[ReplayedSeries]],
    seeds: int,
    train: Callable[[StudyRunner], bool],
    folder: Path,
) -> tuple[Sequence[str], list[list[str]]]:
    """Return header and rows of the table of all replayed series.

    Parameters
    ----------
    replayed
        The series of each replay, by its name.
    seeds
        Runs behind each prediction interval.
    train
        Trains the runs of our own seeds, which only series need that differ from the author's
        through rounding; returns whether all of them finished.
    folder
        Folder of all studies, where those runs are stored.
    """
    seeded = {
        (name, series.name): REPLAYS[name].rounding_sensitive[series.name]
        for name, all_series in replayed.items()
        for series in all_series
        if series.name in REPLAYS[name].rounding_sensitive and series.first_difference
    }
    runner = StudyRunner([runs.arm for runs in seeded.values()], seeds, folder)
    trained = not seeded or train(runner)
    rows = []
    for name, all_series in replayed.items():
        for series in all_series:
            runs = seeded.get((name, series.name))
            note = "" if runs is None else "runs are missing"
            if runs is not None and trained:
                note = _inside(series, runs, runner)
            rows.append([*_row(name, series), note])
    return HEADER, rows


def _row(name: str, series: ReplayedSeries) -> list[str]:
    first = "none" if series.first_difference is None else f"number {series.first_difference}"
    equal = f"{series.exact} of {series.of}"
    gap = series.largest_difference
    return [name, series.name, equal, first, str(gap) if isinstance(gap, int) else f"{gap:.2g}"]


def _inside(series: ReplayedSeries, seeded: SeededRuns, runner: StudyRunner) -> str:
    """Return how many of the author's numbers after the first difference lie in our interval."""
    runs = runner.arm_runs(seeded.arm)
    if runs is None or series.first_difference is None:
        return ""
    if len(runs.outcomes) < 2:
        return "one seed has no prediction interval"
    start = series.first_difference - 1
    columns = seeded.scale * runs.curve(seeded.metric)[:, start : series.of]
    intervals = [mean_and_intervals(column) for column in columns.T]
    inside = sum(
        abs(number - interval.mean) <= interval.prediction
        for number, interval in zip(series.book[start:], intervals, strict=True)
    )
    decimals = 0 if all(isinstance(number, int) for number in series.book) else 3
    last = intervals[-1]
    return (
        f"from number {start + 1} on, {inside} of {len(intervals)} lie in the 95% prediction "
        f"interval of our {len(runs.outcomes)} seeds, at the end {last.mean:.{decimals}f} "
        f"± {last.prediction:.{decimals}f}"
    )
