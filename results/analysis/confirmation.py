"""What a confirmation says: who won, whether that is sure, and how much of the search was luck.

`sweeps.confirmation` trains and records; here its rows become numbers with intervals, and words.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nncore.errors import InputError
from results.analysis.inference import (
    bootstrap_interval,
    bootstrap_rng,
    distinguishable,
    luck,
    paired_difference,
)
from results.analysis.trials import best_trial, learned, top_trials
from results.drawing.style import count_of_trials
from results.frames import Run
from sweeps.confirmation import RECORD, Candidate, ranking
from sweeps.records.atomic_files import read_json
from sweeps.records.confirmed_networks import Confirmed
from sweeps.space.dimensions import Choices, Dimension, Params, Space, column
from sweeps.trial import StopReason

SURE_FROM = 6  # pairs, below which no Wilcoxon test comes under 5 %


def best_candidates(run: Run, top: int) -> list[Candidate]:
    """Return the `top` best trials of a run, best first, as the search left them.

    Raises `InputError` if no trial has learned anything.
    """
    best = top_trials(learned(run.trials), top)
    if best.empty:
        raise InputError(f"`{run.folder}` must have a trial that learned, got none")
    return [
        Candidate(
            int(row["number"]),
            params_of(row, run.config.space),
            float(row["value"]),
            _promised(row, run),
        )
        for _, row in best.iterrows()
    ]


def _promised(trial: "pd.Series[Any]", run: Run) -> float:
    """Return the mean over the replicates of each one's best accuracy, as fresh seeds are scored.

    The value of a trial is the best of its mean curve: no replicate need be at its own best there.
    """
    epochs = run.epochs[run.epochs["trial"] == trial["number"]]
    if trial["stop_reason"] == StopReason.DIVERGED:  # the epoch in which one did counts for none
        epochs = epochs[epochs["epoch"] < trial["epochs"]]
    own = epochs.groupby("replicate")["validation_accuracy"].max()
    replicates = run.config.sweep.replicates
    whole = replicates > 1 and own.count() == replicates
    return float(own.mean()) if whole else float(trial["value"])


def params_of(row: "pd.Series[Any]", space: Space) -> Params:
    """Return the hyperparameters that a trial had, as they were proposed."""
    return {
        name: _proposed(row[column(name)], dimension)
        for name, dimension in space.items()
        if not pd.isna(row[column(name)])
    }


def _proposed(value: Any, dimension: Dimension) -> Any:
    if isinstance(dimension, Choices):  # of equals, the one that the space names: 30 and not 30.0
        return next((choice for choice in dimension.choices if choice == value), value)
    return int(value) if dimension.whole else float(value)


def judge(
    candidates: Sequence[Candidate], rows: Sequence[Confirmed], sweep_seed: int, told: int
) -> dict[str, Any]:
    """Return the verdict over complete `rows`, plain data for JSON.

    `told` is how many trials the run had when the candidates were taken from it.
    `candidates` are in the order of the search, with their `values` over the `seeds`, mean and
    interval; `winner` and `runner_up` go by the mean. `difference` is the winner's lead, paired
    over the seeds, `luck` how much the search's own best lost on fresh seeds of what was
    `promised`. All are fractions.
    With one candidate there is no `runner_up` and no `difference`.
    """
    values = {c.trial: [row.value for row in rows if row.trial == c.trial] for c in candidates}
    first, *others = ranking(rows)
    best = candidates[0]
    difference = None
    if others:
        difference = paired_difference(values[first], values[others[0]], bootstrap_rng())
    return {
        "sweep_seed": sweep_seed,
        "told": told,
        "seeds": sorted({row.seed for row in rows}),
        "candidates": [
            {
                "trial": candidate.trial,
                "params": candidate.params,
                "search_value": candidate.search_value,
                "promised": candidate.in_search_estimate,
                "values": values[candidate.trial],
                "mean": float(np.mean(values[candidate.trial])),
                "ci": bootstrap_interval(values[candidate.trial], bootstrap_rng()),
            }
            for candidate in candidates
        ],
        "winner": first,
        "runner_up": others[0] if others else None,
        "difference": difference,
        "distinguishable": difference is not None and distinguishable(difference),
        "luck": {
            "trial": best.trial,
            **luck(best.in_search_estimate, values[best.trial], bootstrap_rng()),
        },
    }


def read_confirmation(folder: Path) -> dict[str, Any] | None:
    """Return the record of a run's confirmation, or None if there was none yet.

    Raises `InputError` if the file holds anything else.
    """
    record = read_json(folder / RECORD, missing_ok=True)
    if record and not _is_whole(record):
        raise InputError(f"`{folder / RECORD}` must be as `nnsweep confirm` wrote it")
    return record or None


def _is_whole(record: dict[str, Any]) -> bool:
    """Return whether a record has what is read of it here and in figures and reports."""
    try:
        candidates, seeds = record["candidates"], len(record["seeds"])
        trials = [candidate["trial"] for candidate in candidates]
        values = [number for one in candidates for number in (*one["values"], *one["ci"])]
        values += [one[key] for one in candidates for key in ("search_value", "mean")]
        values += [one.get("promised", 0.0) for one in candidates]  # once it was not recorded
        values += [record["luck"]["mean"], *record["luck"]["ci"], record["luck"]["trial"]]
        values += [record["sweep_seed"], *record["seeds"], record.get("told", 0)]
        if lead := record["difference"]:
            values += [lead["mean"], *lead["ci"], lead["p_value"], record["runner_up"]]
        if test := record.get("test"):
            values += [test["accuracy"], test["std"], *test["values"]]
        return (
            trials.count(record["winner"]) == 1
            and isinstance(record["distinguishable"], bool)
            and all(len(one["values"]) == seeds and len(one["ci"]) == 2 for one in candidates)
            and all(isinstance(value, int | float) for value in values)
        )
    except (AttributeError, KeyError, TypeError):
        return False


def told_since(record: dict[str, Any], run: Run) -> int:
    """Return how many trials the run has told since it was confirmed, 0 if that is not recorded."""
    told = len(run.trials)
    return max(told - int(record.get("told", told)), 0)


def staleness(record: dict[str, Any], run: Run) -> str:
    """Return that the verdict is older than the run, and how to confirm it again; "" if it is not.

    The verdict stays true of the trials that it is about; the best may be another by now.
    """
    more = told_since(record, run)
    if not more:
        return ""
    return (
        f"Confirmed when the run had {count_of_trials(record['told'])}; {more:,} more since, of "
        f"which this says nothing: {_now_best(record, run)}. To confirm the best of all of them: "
        f"`nnsweep confirm {shlex.quote(str(run.folder))} --again`, which opens the test set again."
    )


def _now_best(record: dict[str, Any], run: Run) -> str:
    best = best_trial(run.trials)
    number = None if best is None else int(best["number"])
    if number in [candidate["trial"] for candidate in record["candidates"]]:
        return f"the search's best, trial {number}, is still among those confirmed"
    return f"the search's best is now trial {number}, which was not confirmed"


def sentences(record: dict[str, Any]) -> list[str]:
    """Return what the record of a confirmation says, a sentence at a time."""
    mean = {c["trial"]: c["mean"] for c in record["candidates"]}
    winner, seeds = record["winner"], len(record["seeds"])
    said = [f"Trial {winner} wins: {mean[winner]:.2%} on validation data, mean of {seeds} seeds."]
    if record["difference"]:
        said.append(_about_lead(record["runner_up"], record["difference"], seeds, record))
    said.append(_about_luck(record["luck"], record["candidates"][0]))
    test = record.get("test")
    if test:
        said.append(
            f"On test data its networks reach {test['accuracy']:.2%} ± {test['std']:.2%} "
            f"(mean and standard deviation of {len(test['values'])})."
        )
    if len(record.get("history", [])) > 1:
        said.append(
            f"The test set was opened {len(record['history'])} times: "
            "choosing by what it said flatters what was chosen."
        )
    return said


def _about_lead(runner_up: int, lead: dict[str, Any], seeds: int, record: dict[str, Any]) -> str:
    words = "distinguishable" if record["distinguishable"] else "not distinguishable"
    few = f"; fewer than {SURE_FROM} seeds cannot tell" if seeds < SURE_FROM else ""
    return (
        f"It is {words} from trial {runner_up}: {_points(lead['mean'])}, "
        f"95 % interval {_between(lead['ci'])}, Wilcoxon p = {lead['p_value']:.2g}{few}."
    )


def _about_luck(found: dict[str, Any], best: dict[str, Any]) -> str:
    points, interval = _points(found["mean"]), f"95 % interval {_between(found['ci'])}"
    promised = f"{best.get('promised', best['search_value']):.2%}"
    if promised != f"{best['search_value']:.2%}":
        interval += f", against {promised}, the mean of its replicates' own best epochs"
    if found["ci"][0] <= 0:
        return f"No luck shows in the search's best (trial {found['trial']}): {points}, {interval}."
    return f"Of the search's best value (trial {found['trial']}), {points} were luck, {interval}."


def luck_text(candidate: dict[str, Any]) -> str:
    """Return what a candidate of a record lost on fresh seeds, in points, and whether it shows."""
    promised = candidate.get("promised", candidate["search_value"])
    shows = promised > candidate["ci"][1]
    return f"{100 * (promised - candidate['mean']):+.2f}" + ("" if shows else ", none shows")


def _points(fraction: float) -> str:
    return f"{100 * fraction:+.2f} points"


def _between(ends: Sequence[float]) -> str:
    return f"{100 * ends[0]:+.2f} to {100 * ends[1]:+.2f}"
