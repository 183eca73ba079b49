"""`summary.json`: the findings of a run as data for programs, in one small file.

Numbers that are unknown or not finite are null.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from nncore.arguments import require_type
from nncore.components.metrics import Metric
from results.analysis.confirmation import finished_since
from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.analysis.trials import epochs_spent
from results.checks.answer import Status
from results.checks.catalogue import Checked, run_checks
from results.frames import Run, params_of
from sweeps.records.confirmation_record import (
    Lead,
    OpenedTestSet,
    SelectionBias,
    WinnerEstimate,
)
from sweeps.records.record_format import Part, Record
from sweeps.space.dimensions import Params

SUMMARY = "summary.json"


class DataSummary(Part):
    """The data set: its name, the hash of its content and the hash of a user's file, if known."""

    name: str
    sha256: str | None = None
    file_sha256: str | None = None


class TrialCounts(Part):
    """The numbers of trials: planned, finished, and by state.

    `waiting` of the finished ones wait for an earlier trial and are not in the tables yet.
    """

    wanted: int
    done: int
    complete: int
    pruned: int
    failed: int
    waiting: int = 0


class BestTrial(Part):
    """The certified trial, or the best of the search if none is certified.

    `value` is its value on validation data in the search, reached after `best_epoch`.
    """

    trial: int
    certified: bool
    value: float
    best_epoch: int
    params: Params


class Improvement(Part):
    """A trial that was the best when it ended, and the epochs that were trained until then."""

    trial: int
    epochs_spent: int
    value: float


class ImportanceShare(Part):
    """The importance of one hyperparameter, a fraction, and its 95% interval if known."""

    name: str
    share: float | None
    low: float | None
    high: float | None


class ImportanceSummary(Part):
    """The importances over a part of the space; `basis` names the trials that they rest on.

    With a probability of 95% or more, one of the `leaders` is the most important. If `ahead`, each
    of them is ahead of all others with that probability.
    """

    over: str
    basis: str
    leaders: list[str]
    ahead: bool
    shares: list[ImportanceShare]


class ConfirmationSummary(Part):
    """The result of a confirmation.

    `finished_trials` had finished when the candidates were chosen; `finished_since` finished later.
    """

    finished_trials: int
    winner: int
    winner_estimate: WinnerEstimate | None
    runner_up: int | None
    distinguishable: bool
    difference: Lead | None
    selection_bias: SelectionBias
    test_set: OpenedTestSet
    finished_since: int


class CheckSummary(Part):
    """A check: `status` is "ok", "warning" or "open"; `advice` follows from a warning."""

    code: str
    question: str
    status: Status
    evidence: str
    advice: str


class RunSummary(Record):
    """The summary of a run, finished or not, as `summary.json` holds it.

    Attributes
    ----------
    name
        The name of the run, that is of its folder.
    data
        The data set.
    metric
        The metric of all values, `sweep.metric`.
    trials
        The numbers of trials.
    stop_reasons
        The number of trials by stop reason.
    epochs_spent
        The number of epochs trained, summed over the replicates.
    best
        The certified trial, or the best of the search; null before a trial has learned.
    best_so_far
        The trials that were the best when they ended.
    importance
        The importances over the better half of the space, and over the whole space.
    confirmation
        The result of the confirmation, if there was one.
    checks
        The checks of the run, as `nnsweep check` prints them.
    """

    name: str
    data: DataSummary
    metric: str
    trials: TrialCounts
    stop_reasons: dict[str, int]
    epochs_spent: int
    best: BestTrial | None
    best_so_far: list[Improvement]
    importance: list[ImportanceSummary]
    confirmation: ConfirmationSummary | None
    checks: list[CheckSummary]


def summarize(findings: Findings, checks: Sequence[Checked] = ()) -> RunSummary:
    """Return the summary of a run, finished or not; `checks` are its checks, if they are known."""
    run, trials = findings.run, findings.run.trials
    spent = epochs_spent(trials, findings.replicates)
    reasons = trials["stop_reason"].value_counts().sort_index()
    return RunSummary(
        name=run.name,
        data=_data(findings),
        metric=run.metric.name,
        trials=trial_counts(run),
        stop_reasons={str(reason): int(count) for reason, count in reasons.items()},
        epochs_spent=int(spent.iloc[-1]) if len(spent) else 0,
        best=shipped_trial_of(findings),
        best_so_far=_improvements(findings.incumbent, run.metric),
        importance=[_importance(one) for one in findings.importance],
        confirmation=_confirmation(findings),
        checks=[CheckSummary(**asdict(one)) for one in checks or run_checks(findings)],
    )


def write_summary(findings: Findings, checks: Sequence[Checked] = ()) -> Path:
    """Write `summary.json` into the run folder.

    An interrupted write leaves the earlier file, if there was one, as it was.

    Parameters
    ----------
    findings
        The run, finished or still running.
    checks
        Its checks, if they are known; otherwise they are made.

    Returns
    -------
    Path
        The path of `summary.json`.

    Examples
    --------
    >>> import json
    >>> from results import Findings, read_run, write_summary
    >>> path = write_summary(Findings(read_run("runs/first")))
    >>> json.loads(path.read_text("utf-8"))["trials"]["complete"]
    4
    """
    require_type(findings, Findings, "findings", "Findings, which are made of a run")
    path = findings.run.folder / SUMMARY
    summarize(findings, checks).write(path)
    return path


def _data(findings: Findings) -> DataSummary:
    environment = findings.environment
    if environment is None:
        return DataSummary(name=findings.run.config.data.name)
    return DataSummary(**dict(environment.data))


def trial_counts(run: Run) -> TrialCounts:
    """Return the numbers of trials of a run."""
    progress = run.status.progress
    return TrialCounts(
        wanted=progress.trials,
        done=progress.done,
        complete=progress.done - progress.pruned - progress.failed,
        pruned=progress.pruned,
        failed=progress.failed,
        waiting=progress.waiting,
    )


def shipped_trial_of(findings: Findings) -> BestTrial | None:
    """Return the certified trial, else the best of the search, or None."""
    best = findings.shipped
    if best is None:
        return None
    return BestTrial(
        trial=int(best["number"]),
        certified=findings.certified is not None,
        value=float(best["value"]),
        best_epoch=int(best["best_epoch"]),
        params=params_of(best, findings.run.config.space),
    )


def _improvements(incumbent: pd.DataFrame, metric: Metric) -> list[Improvement]:
    better = incumbent[incumbent["best"].notna() & incumbent["best"].ne(incumbent["best"].shift())]
    return [
        Improvement(
            trial=int(row["number"]),
            epochs_spent=int(row["spent"]),
            value=float(metric.score(row["best"])),
        )
        for _, row in better.iterrows()
    ]


def _importance(importance: Importance) -> ImportanceSummary:
    shares = [
        ImportanceShare(name=str(name), **_finite(row.to_dict()))
        for name, row in importance.shares.iterrows()
    ]
    return ImportanceSummary(
        over=importance.over,
        basis=importance.basis,
        leaders=list(importance.leaders),
        ahead=importance.ahead,
        shares=shares,
    )


def _confirmation(findings: Findings) -> ConfirmationSummary | None:
    record = findings.confirmation
    if record is None:
        return None
    shared = ConfirmationSummary.model_fields.keys() - {"finished_since"}
    return ConfirmationSummary(
        **{key: getattr(record, key) for key in shared},
        finished_since=finished_since(record, findings.run),
    )


def _finite(row: dict[Any, Any]) -> dict[str, float | None]:
    numbers = {key: float(row[key]) for key in ("share", "low", "high")}
    return {key: value if math.isfinite(value) else None for key, value in numbers.items()}
