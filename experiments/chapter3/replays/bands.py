"""Where rounding decides a replay: the author's numbers within the band of our own seeds.

From the first epoch that differs in its last bits on, a run is one of many possible ones.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from experiments.chapter3.replays.catalogue import REPLAYS
from experiments.chapter3.replays.replay import Band, Comparison
from experiments.chapter3.training.engine import Plan
from experiments.chapter3.verdicts import spread

HEADER = ("replay", "series", "exact", "first difference", "largest", "where rounding decides")


def replay_rows(
    results: Mapping[str, Sequence[Comparison]],
    seeds: int,
    train: Callable[[Plan], int],
    folder: Path,
) -> tuple[Sequence[str], list[list[str]]]:
    """Return header and rows of the table of all comparisons.

    Where a series that rounding decides differs, `train` runs our seeds of its setting.
    """
    bands = {
        (name, series.name): REPLAYS[name].chaotic[series.name]
        for name, comparisons in results.items()
        for series in comparisons
        if series.name in REPLAYS[name].chaotic and series.first_difference
    }
    plan = Plan([band.arm for band in bands.values()], seeds, folder)
    trained = not bands or train(plan) == 0
    rows = []
    for name, comparisons in results.items():
        for series in comparisons:
            band = bands.get((name, series.name))
            note = "" if band is None else _inside(series, band, plan) if trained else "no band"
            rows.append([*_row(name, series), note])
    return HEADER, rows


def _row(name: str, series: Comparison) -> list[str]:
    first = "none" if series.first_difference is None else f"number {series.first_difference}"
    exact = f"{series.exact} of {series.of}"
    gap = series.largest_difference
    return [name, series.name, exact, first, str(gap) if isinstance(gap, int) else f"{gap:.2g}"]


def _inside(series: Comparison, band: Band, plan: Plan) -> str:
    """Return how many of the author's numbers, from the first difference on, lie in our band."""
    runs = plan.arm_runs(band.arm)
    assert runs is not None
    assert series.first_difference is not None
    start = series.first_difference - 1
    if len(runs.outcomes) < 2:
        return "one seed has no band"
    columns = band.scale * runs.curve(band.metric)[:, start : series.of]
    statistics = [spread(column) for column in columns.T]
    inside = sum(
        abs(number - mean) <= reach
        for number, (mean, _, reach) in zip(series.book[start:], statistics, strict=True)
    )
    mean, _, reach = statistics[-1]
    shown = (
        "{:.0f} ± {:.0f}"
        if np.all([isinstance(n, int) for n in series.book])
        else "{:.3f} ± {:.3f}"
    )
    return (
        f"from number {start + 1} on: {inside} of {len(columns.T)} in the band of our "
        f"{len(runs.outcomes)} seeds, which ends at {shown.format(mean, reach)}"
    )
