"""The verdict of a confirmation: the winner, whether its lead is sure, and the selection bias.

`sweeps.confirmation` trains and records; here its rows become numbers with intervals, and prose.
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
    paired_difference,
    selection_bias,
)
from results.analysis.trials import best_trial, learned, top_trials
from results.drawing.style import count_of_trials
from results.frames import Run
from sweeps.confirmation import RECORD, Candidate, ranking
from sweeps.records.confirmation_record import (
    CandidateRecord,
    ConfirmationRecord,
    Lead,
    SelectionBias,
    Verdict,
)
from sweeps.records.confirmed_networks import Confirmed
from sweeps.records.versioned import read_if_there
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
            _in_search_estimate(row, run),
        )
        for _, row in best.iterrows()
    ]


def _in_search_estimate(trial: "pd.Series[Any]", run: Run) -> float:
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
    candidates: Sequence[Candidate],
    rows: Sequence[Confirmed],
    sweep_seed: int,
    finished_trials: int,
) -> Verdict:
    """Return the verdict over complete `rows`.

    `candidates` are in the order of the search; `finished_trials` is the number of trials that the
    run had when they were chosen.
    """
    values = {c.trial: [row.value for row in rows if row.trial == c.trial] for c in candidates}
    first, *others = ranking(rows)
    best = candidates[0]
    lead = None
    if others:
        lead = paired_difference(values[first], values[others[0]], bootstrap_rng())
    return Verdict(
        sweep_seed=sweep_seed,
        finished_trials=finished_trials,
        seeds=sorted({row.seed for row in rows}),
        candidates=[
            CandidateRecord(
                trial=candidate.trial,
                params=candidate.params,
                search_value=candidate.search_value,
                in_search_estimate=candidate.in_search_estimate,
                values=values[candidate.trial],
                mean=float(np.mean(values[candidate.trial])),
                ci=bootstrap_interval(values[candidate.trial], bootstrap_rng()),
            )
            for candidate in candidates
        ],
        winner=first,
        runner_up=others[0] if others else None,
        difference=Lead(**lead) if lead else None,
        distinguishable=lead is not None and distinguishable(lead),
        selection_bias=SelectionBias(
            trial=best.trial,
            **selection_bias(best.in_search_estimate, values[best.trial], bootstrap_rng()),
        ),
    )


def read_confirmation(folder: Path) -> ConfirmationRecord | None:
    """Return the record of a run's confirmation, or None if there was none yet.

    Raises `InputError` if the file holds anything else.
    """
    return read_if_there(ConfirmationRecord, folder / RECORD)


def finished_since(verdict: Verdict, run: Run) -> int:
    """Return how many trials have finished since the run was confirmed."""
    return max(len(run.trials) - verdict.finished_trials, 0)


def staleness(verdict: Verdict, run: Run) -> str:
    """Return that the verdict is older than the run, and how to confirm it again; "" if it is not.

    The verdict stays true of the trials that it is about; the best may be another by now.
    """
    more = finished_since(verdict, run)
    if not more:
        return ""
    return (
        f"Confirmed when the run had {count_of_trials(verdict.finished_trials)}; {more:,} more "
        f"since, of which this says nothing: {_now_best(verdict, run)}. "
        f"To confirm the best of all of them: "
        f"`nnsweep confirm {shlex.quote(str(run.folder))} --again`, which opens the test set again."
    )


def _now_best(verdict: Verdict, run: Run) -> str:
    best = best_trial(run.trials)
    number = None if best is None else int(best["number"])
    if number in [candidate.trial for candidate in verdict.candidates]:
        return f"the search's best, trial {number}, is still among those confirmed"
    return f"the search's best is now trial {number}, which was not confirmed"


def sentences(verdict: Verdict) -> list[str]:
    """Return the prose of a confirmation, a sentence at a time."""
    mean = {candidate.trial: candidate.mean for candidate in verdict.candidates}
    winner, seeds = verdict.winner, len(verdict.seeds)
    said = [f"Trial {winner} wins: {mean[winner]:.2%} on validation data, mean of {seeds} seeds."]
    if verdict.difference:
        said.append(_about_lead(verdict, verdict.difference))
    said.append(_about_selection_bias(verdict.selection_bias, verdict.candidates[0]))
    return said + (_about_test_set(verdict) if isinstance(verdict, ConfirmationRecord) else [])


def _about_lead(verdict: Verdict, lead: Lead) -> str:
    words = "distinguishable" if verdict.distinguishable else "not distinguishable"
    few = len(verdict.seeds) < SURE_FROM
    too_few = f"; fewer than {SURE_FROM} seeds cannot tell" if few else ""
    return (
        f"It is {words} from trial {verdict.runner_up}: {_points(lead.mean)}, "
        f"95 % interval {_between(lead.ci)}, Wilcoxon p = {lead.p_value:.2g}{too_few}."
    )


def _about_selection_bias(bias: SelectionBias, best: CandidateRecord) -> str:
    points, interval = _points(bias.mean), f"95 % interval {_between(bias.ci)}"
    estimate = f"{best.in_search_estimate:.2%}"
    if estimate != f"{best.search_value:.2%}":
        interval += f", against {estimate}, the mean of its replicates' own best epochs"
    if bias.ci[0] <= 0:
        start = f"No selection bias shows in the search's best value (trial {bias.trial})"
    else:
        start = f"Selection bias of the search's best value (trial {bias.trial})"
    return f"{start}: {points}, {interval}."


def _about_test_set(record: ConfirmationRecord) -> list[str]:
    opened, times = record.test_set, len(record.history)
    said = [
        f"On test data its networks reach {opened.accuracy:.2%} ± {opened.std:.2%} "
        f"(mean and standard deviation of {len(opened.values)})."
    ]
    if times > 1:
        said.append(
            f"The test set was opened {times} times: "
            "a choice made after seeing its scores biases them upwards."
        )
    return said


def selection_bias_text(candidate: CandidateRecord) -> str:
    """Return the selection bias of a candidate in points, and whether it shows."""
    bias = candidate.in_search_estimate - candidate.mean
    shows = candidate.in_search_estimate > candidate.ci[1]
    return f"{100 * bias:+.2f}" + ("" if shows else ", none shows")


def _points(fraction: float) -> str:
    return f"{100 * fraction:+.2f} points"


def _between(ends: Sequence[float]) -> str:
    return f"{100 * ends[0]:+.2f} to {100 * ends[1]:+.2f}"
