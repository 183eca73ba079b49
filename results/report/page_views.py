"""The data of the interactive charts: where each trial lies on each axis, and what the ticks say.

The page's script draws these places and computes no statistics. Every list over trials is in the
order of the table's rows, and None is a trial that is not drawn there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator

from nncore.components.metrics import Metric
from results.analysis.findings import Findings
from results.analysis.fresh_values import fresh_limits, fresh_scores, fresh_text
from results.analysis.positions import choice_medians, evenly, places
from results.analysis.trials import bulk_limits, kind_of_trial, top_trials
from results.drawing.style import (
    VALUES,
    VALUES_ON_DARK,
    axis_label,
    count_limits,
    count_ticks,
    score_limits,
    score_ticks,
    shown_as,
    unit,
)
from results.drawing.ticks import ticks
from results.figures.best_so_far import PRICES
from results.figures.parallel_coordinates import NOT_SET, fan_width, heights_of
from results.number_text import parameter_text, score_text, worse_text
from sweeps.space.dimensions import Choices, Dimension
from sweeps.trial import StopReason, TrialState

KINDS = [
    TrialState.COMPLETE.value,
    TrialState.PRUNED.value,
    StopReason.DIVERGED.value,
    TrialState.FAILED.value,
]
SHADES = 12  # colors of the values, from the worst to the best
BELOW = -1.0  # the place of every score that is below its axis
BESIDE = 0.04  # how far an axis of a range reaches beyond the ends of the range
Places = list[float | None]


@dataclass(frozen=True)
class ScoreAxis:
    """An axis of scores, better up: `low` and `high` are the worst and the best that it shows."""

    low: float
    high: float
    metric: Metric

    def places(self, scores: Iterable[float]) -> Places:
        """Return where scores lie, from 0 to 1 along the axis; what is below has `BELOW`."""
        bottom, top = score_limits(self.low, self.high, self.metric)
        given = np.array([*scores], dtype="float64")
        at = ((given - bottom) / (top - bottom)).round(4)
        return [
            None if np.isnan(score) else float(place) if score >= self.low else BELOW
            for score, place in zip(given, at, strict=True)
        ]

    def drawn(self, label: str) -> dict[str, Any]:
        """Return the axis as the page draws it: `low` and `high` are the values at its ends."""
        wanted = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        text = score_ticks(self.metric)
        named = [
            (place, text(score))
            for score, place in zip(wanted, self.places(wanted), strict=True)
            if place is not None and 0 <= place <= 1
        ]
        bottom, top = score_limits(self.low, self.high, self.metric)
        factor = 100 if self.metric.percent else 1  # values on the page are in percent
        return {
            "label": label,
            "ends": (0, 1),
            "ticks": [one for one in named if one[1]],
            "low": factor * self.metric.score(bottom),
            "high": factor * self.metric.score(top),
        }


def page_views(findings: Findings) -> dict[str, Any]:
    """Return plain data for JSON: what the views share, and `views`, those that can be drawn.

    `kinds` are the indices of how each trial ended among `kind_names`. `values` are the places of
    the trials on the axis `value`, `ranked` the rows of the trials that have one, best first.
    `dimensions` are the hyperparameters, with the place of each trial on their axis.
    """
    trials = findings.run.trials.sort_values("number", ignore_index=True)
    row_of = {number: row for row, number in enumerate(trials["number"].tolist())}
    kinds = [KINDS.index(kind) for kind in kind_of_trial(trials)]
    shared = {"kind_names": KINDS, "kinds": kinds, "parameters": list(findings.run.space)}
    views = {
        "learning_curves": _learning_curves(findings),
        "fresh_values": _fresh_values(findings, row_of),
    }
    if findings.shipped is not None:
        ranked = top_trials(trials, len(trials))
        shared |= _of_values(findings, trials, ranked, row_of)
        views |= {"best_so_far": _best_so_far(findings, row_of)}
        views |= {"slices": {}, "parallel_coordinates": {"not_set": NOT_SET}}
    return {**shared, "views": {name: view for name, view in views.items() if view is not None}}


def _of_values(
    findings: Findings, trials: pd.DataFrame, ranked: pd.DataFrame, row_of: dict[int, int]
) -> dict[str, Any]:
    """Return what the views of the values share."""
    metric, shipped = findings.metric, findings.shipped
    assert shipped is not None
    low, high = bulk_limits(ranked["score"], metric)
    axis = ScoreAxis(low, high, metric)
    scores = trials["score"].where(trials["number"].isin(ranked["number"]))
    span = axis.places([low, high])
    value = axis.drawn(axis_label(metric))
    value |= {"span": span, "worst": score_text(metric, low), "best": score_text(metric, high)}
    value["below"] = worse_text(metric, low) if scores.min() < low else ""
    value["name"] = f"{metric.title}{unit(metric)}"
    return {
        "ranked": [row_of[number] for number in ranked["number"].tolist()],
        "values": axis.places(scores),
        "value": value,
        "shades": _shades(),
        "shipped": {
            "row": row_of[shipped["number"]],
            "name": f"{shown_as(findings.certified)}: trial {shipped['number']}",
        },
        "dimensions": [
            _dimension(name, dimension, trials, ranked, row_of)
            | _medians(findings, name, dimension, axis)
            for name, dimension in findings.run.space.items()
        ],
    }


def _shades() -> dict[str, list[str]]:
    at = np.linspace(0, 1, SHADES)
    maps = {"light": VALUES, "dark": VALUES_ON_DARK}
    return {scheme: [to_hex(colors(place)) for place in at] for scheme, colors in maps.items()}


def _dimension(
    name: str,
    dimension: Dimension,
    trials: pd.DataFrame,
    ranked: pd.DataFrame,
    row_of: dict[int, int],
) -> dict[str, Any]:
    """Return the axis of a hyperparameter, with the `places` of the trials and their `heights`.

    A height differs from a place only where several lines of the parallel coordinates go through
    one choice: they fan out, over `fan` in all.
    """
    given = trials[name].notna()
    at: Places = [None] * len(trials)
    for row, place in zip(
        np.flatnonzero(given), places(trials.loc[given, name], dimension), strict=True
    ):
        at[row] = round(float(place), 4)
    drawn = {
        "name": name,
        "label": f"{name} (log scale)" if _is_log(dimension) else name,
        "ends": _ends(dimension),
        "ticks": [(round(place, 4), text) for place, text in ticks(dimension, parameter_text)],
        "places": at,
    }
    if not isinstance(dimension, Choices):
        return drawn | {"low": dimension.low, "high": dimension.high, "log": dimension.log}
    heights: Places = [None] * len(trials)
    worst_first = ranked.iloc[::-1]
    crossed = heights_of(worst_first[name], dimension).round(4).tolist()
    for number, height in zip(worst_first["number"].tolist(), crossed, strict=True):
        heights[row_of[number]] = height
    named = zip(evenly(len(dimension.choices)), map(parameter_text, dimension.choices), strict=True)
    return drawn | {
        "heights": heights,
        "fan": fan_width(dimension),
        "choices": [(round(float(place), 4), text) for place, text in named],
    }


def _medians(
    findings: Findings, name: str, dimension: Dimension, axis: ScoreAxis
) -> dict[str, Any]:
    """Return the median of each choice that has one: its place across, and the place up."""
    if not isinstance(dimension, Choices):
        return {}
    pruner = findings.run.config.sweep.pruner
    medians = choice_medians(findings.run.trials, name, dimension, pruner)
    across = evenly(len(dimension.choices)).round(4).tolist()
    up = axis.places(medians)
    return {"medians": [(across[i], place) for i, place in zip(medians.index, up, strict=True)]}


def _is_log(dimension: Dimension) -> bool:
    return not isinstance(dimension, Choices) and dimension.log


def _ends(dimension: Dimension) -> tuple[float, float]:
    """Return the ends of the axis of a hyperparameter in places, with a margin for whole marks."""
    if not isinstance(dimension, Choices):
        return -BESIDE, 1 + BESIDE
    margin = 0.5 / max(len(dimension.choices) - 1, 1)
    return -margin, 1 + margin


def _count_axis(label: str, first: int, last: int) -> dict[str, Any]:
    named = [(tick, f"{tick:,}") for tick in count_ticks(first, last)]
    return {"label": label, "ends": count_limits(first, last), "ticks": named}


def _best_so_far(findings: Findings, row_of: dict[int, int]) -> dict[str, Any]:
    """Return a panel for each price: its axis, and the `prices` of the trials with a value.

    `rows` are these trials by number, and `best` the places of the best value up to each.
    """
    frame = findings.incumbent
    axis = ScoreAxis(*bulk_limits(frame["score"], findings.metric), findings.metric)
    panels = []
    for price, label in PRICES.items():
        first = int(frame[price].min()) if price == "number" else 0
        drawn = _count_axis(label, first, int(frame[price].max()))
        panels.append({"x": drawn, "prices": [int(paid) for paid in frame[price]]})
    return {
        "panels": panels,
        "rows": [row_of[number] for number in frame["number"].tolist()],
        "best": axis.places(frame["best"]),
    }


def _learning_curves(findings: Findings) -> dict[str, Any] | None:
    """Return the axes of the learning curves; None if there is no curve."""
    curves, metric = findings.curves, findings.metric
    drawn = curves[np.isfinite(curves["score"])]
    drawn = drawn[drawn["trial"].isin(findings.run.trials["number"])]
    if drawn.empty:
        return None
    axis = ScoreAxis(*bulk_limits(drawn["score"], metric), metric)
    ends = drawn.groupby("trial")["score"].last()
    below = worse_text(metric, axis.low) if ends.min() < axis.low else ""
    return {
        "x": _count_axis("epoch", 1, int(drawn["epoch"].max())),
        "y": axis.drawn(axis_label(metric)) | {"below": below},
    }


def _fresh_values(findings: Findings, row_of: dict[int, int]) -> dict[str, Any] | None:
    """Return the confirmed trials: the search across, the fresh seeds up, on the same scale."""
    record, metric = findings.confirmation, findings.metric
    frame = fresh_scores(record) if record is not None else None
    if record is None or frame is None or frame.empty:
        return None
    axis = ScoreAxis(*fresh_limits(frame), metric)
    columns = {name: axis.places(frame[name]) for name in ("search", "mean", "low", "high")}
    points = [
        {"trial": trial, "row": row_of.get(trial), "scores": axis.places(scores), **dict(place)}
        for trial, scores, *place in zip(
            frame["trial"].tolist(),
            frame["scores"],
            *([(name, at) for at in column] for name, column in columns.items()),
            strict=True,
        )
    ]
    return {
        "x": axis.drawn(f"{metric.title} in the search{unit(metric)}"),
        "y": axis.drawn(f"{metric.title} on {fresh_text(record)}{unit(metric)}"),
        "winner": record.winner,
        "points": points,
    }
