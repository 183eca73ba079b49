"""The verdict of a confirmation: the winner, the significance of its lead, the selection bias.

`sweeps.confirmation` trains and records; here its rows become numbers with intervals.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nncore.components.metrics import ACCURACY, Metric
from nncore.errors import InputError
from results.analysis.selection_bias import lead_over, selection_bias, winner_estimate
from results.analysis.trials import learned, top_trials
from results.analysis.uncertainty import Interval, distinguishable, known, mean_interval
from results.frames import Run, params_of
from sweeps.records.confirmation_record import (
    CandidateRecord,
    ConfirmationRecord,
    Lead,
    SelectionBias,
    Verdict,
    WinnerEstimate,
)
from sweeps.records.confirmed_networks import Confirmed
from sweeps.records.file_names import CONFIRMATION_RECORD
from sweeps.records.record_format import read_if_there
from sweeps.trial import StopReason

if TYPE_CHECKING:
    from sweeps.confirmation import Candidate


def best_candidates(run: Run, top: int) -> "list[Candidate]":
    """Return the `top` best trials of a run, best first, as the search left them.

    Raises `InputError` if no trial has learned anything.
    """
    from sweeps.confirmation import Candidate  # loads the workers, which others do not need

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
    """Return the mean over the replicates of each one's best value, as fresh seeds are scored.

    The value of a trial is the best of its mean curve: no replicate need be at its own best there.
    """
    epochs = run.epochs[run.epochs["trial"] == trial["number"]]
    if trial["stop_reason"] == StopReason.DIVERGED:  # the epoch in which one did counts for none
        epochs = epochs[epochs["epoch"] < trial["epochs"]]
    own = run.metric.score(epochs.groupby("replicate")["score"].max())
    replicates = run.config.sweep.replicates
    whole = replicates > 1 and own.count() == replicates
    return float(own.mean()) if whole else float(trial["value"])


def judge(
    candidates: "Sequence[Candidate]",
    rows: Sequence[Confirmed],
    sweep_seed: int,
    finished_trials: int,
    metric: Metric = ACCURACY,
    *,
    overlap: float = 0.0,
    grouped: bool = False,
) -> Verdict:
    """Return the verdict over complete `rows`, whose values are those of `metric`.

    `candidates` are in the order of the search; `finished_trials` is the number of trials that the
    run had when they were chosen; `overlap`, above 0 for splits, and `grouped` are as in `Verdict`.
    """
    values = {c.trial: [row.value for row in rows if row.trial == c.trial] for c in candidates}
    scores = {trial: metric.score(np.array(of_trial)) for trial, of_trial in values.items()}
    possible = possible_scores(metric)
    from sweeps.confirmation import ranking

    first, *others = ranking(rows, metric)
    # A candidate has no mean if a seed diverged and the worst value is infinite.
    others = [trial for trial in others if np.isfinite(scores[trial]).all()]
    of_others = [scores[trial] for trial in others]
    best = candidates[0]
    lead = (
        lead_over(scores[first], of_others[0], of_others[1:], overlap=overlap) if others else None
    )
    estimate = (
        winner_estimate(scores[first], of_others, possible, overlap=overlap)
        if np.isfinite(scores[first]).all()
        else None
    )
    bias = selection_bias(
        float(metric.score(best.in_search_estimate)), scores[best.trial], possible, overlap=overlap
    )
    return Verdict(
        sweep_seed=sweep_seed,
        metric=metric.name,
        finished_trials=finished_trials,
        seeds=sorted({row.seed for row in rows}),
        splits=overlap > 0,
        overlap=overlap,
        grouped=grouped,
        candidates=[
            CandidateRecord(
                trial=candidate.trial,
                params=candidate.params,
                search_value=candidate.search_value,
                in_search_estimate=candidate.in_search_estimate,
                values=values[candidate.trial],
                mean=float(np.mean(values[candidate.trial])),
                ci=values_of(
                    metric, mean_interval(scores[candidate.trial], possible, overlap=overlap)
                ),
            )
            for candidate in candidates
        ],
        winner=first,
        winner_estimate=WinnerEstimate(
            optimism=estimate["optimism"],
            mean=metric.score(estimate["mean"]),
            ci=values_of(metric, estimate["ci"]),
        )
        if estimate
        else None,
        runner_up=others[0] if others else None,
        difference=Lead(**{**lead, "ci": known(lead["ci"])}) if lead else None,
        distinguishable=lead is not None and distinguishable(lead),
        selection_bias=SelectionBias(
            trial=best.trial,
            in_search_estimate=best.in_search_estimate,
            mean=bias["mean"],
            ci=known(bias["ci"]),
        ),
    )


def possible_scores(metric: Metric) -> Interval:
    """Return the worst and the best possible score."""
    return float(metric.score(metric.worst)), float(metric.score(metric.best))


def values_of(metric: Metric, scores: Interval) -> Interval | None:
    """Return an interval of scores as one of values, None if there is none."""
    low, high = sorted(metric.score(end) for end in scores)
    return known((low, high))


def read_confirmation(folder: Path) -> ConfirmationRecord | None:
    """Return the record of a run's confirmation, or None if there was none yet.

    Raises `InputError` if the file holds anything else.
    """
    return read_if_there(ConfirmationRecord, folder / CONFIRMATION_RECORD)


def finished_since(verdict: Verdict, run: Run) -> int:
    """Return how many trials have finished since the run was confirmed."""
    return max(len(run.trials) - verdict.finished_trials, 0)
