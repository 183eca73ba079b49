"""A run in prose: its progress, its best trial, and the summary in its report.

The numbers are computed in `results.analysis`; the sentences are plain text, escaped by the page.
"""

import math

from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.analysis.predictions import predictions_of
from results.analysis.timeline import timeline
from results.analysis.trials import (
    completed,
    epochs_spent,
    kind_of_trial,
    valued,
    why_no_best,
)
from results.number_text import (
    count_of_trials,
    duration,
    in_four_digits,
    listed,
    value_text,
    whole_percent,
)
from sweeps.progress import SweepProgress
from sweeps.run_status import RunState
from sweeps.trial import StopReason, TrialState

MOST_TARGETS = 4  # of more, the first ones are told
STATES = {
    RunState.RUNNING: "the run is under way",
    RunState.STOPPED: "the run was stopped",
    RunState.KILLED: "the run was killed",
    RunState.FINISHED: "the run has finished",
}
CUT_SHORT = (TrialState.PRUNED, StopReason.DIVERGED, TrialState.FAILED)


def state_of(findings: Findings) -> str:
    """Return how far the run is, in one sentence, and how many of its trials are not shown yet."""
    run, progress = findings.run, findings.run.status.progress
    asked, ended = progress.trials, progress.done
    if len(run.trials) >= asked:
        return f"{'The only trial has' if ended == 1 else f'All {ended:,} trials have'} finished."
    how = STATES[run.status.state]
    if run.budget_spent:
        how = f"the epoch budget of {run.config.sweep.epoch_budget:,} is spent"
    waiting = _waiting_text(progress)
    return f"{ended:,} of {asked:,} trials have finished: {how}.{waiting}"


def _waiting_text(progress: SweepProgress) -> str:
    """Return how many of the finished trials wait for an earlier one."""
    if not progress.waiting:
        return ""
    verb = "waits" if progress.waiting == 1 else "wait"
    return (
        f" {progress.waiting:,} of them {verb} for an earlier trial; this page shows them once it "
        "has finished."
    )


def opening_sentences(findings: Findings) -> list[str]:
    """Return the summary: predictions, trials cut short, importance, and cost.

    If the sweep began with known results, it says so.
    """
    return [
        *_about_known(findings),
        *_about_predictions(findings),
        *_about_endings(findings),
        *_about_importance(findings),
        *_about_price(findings),
    ]


def _about_known(findings: Findings) -> list[str]:
    """Return how many results of other runs the sweep began with, and the best of them."""
    known, metric = findings.run.config.known, findings.metric
    if not known:
        return []
    best = value_text(metric, max((one.value for one in known), key=metric.score))
    results = "1 result" if len(known) == 1 else f"{len(known):,} results"
    return [
        f"The sweep began with {results} of other runs, the best {best}. They are not among its "
        "trials."
    ]


def about_search(findings: Findings) -> str:
    """Return what the shipped trial reached in the search, or why there is none."""
    own, best, metric = findings.shipped, findings.best, findings.metric
    if own is None or best is None:
        sentence = why_no_best(valued(findings.run.trials))
        return f"{sentence[0].upper()}{sentence[1:]}."
    seeds = "" if findings.replicates == 1 else f", the mean of {findings.replicates_text}"
    reached = f"a validation {metric.title} of {value_text(metric, own['value'])}{seeds}"
    after = f"reached after epoch {own['best_epoch']}"
    if findings.certified is None:
        return f"The best is trial {own['number']} with {reached}, {after}."
    leader = f"; the best value is that of trial {best['number']}, "
    leader += value_text(metric, best["value"])
    is_best = own["number"] == best["number"]
    return f"In the search it had {reached}, {after}{', the best value' if is_best else leader}."


def _about_predictions(findings: Findings) -> list[str]:
    """Return how far the predictions of each target are from the truth, on validation data."""
    scored = findings.scored
    if isinstance(scored, str):
        return []
    return [
        f"On {len(one.true):,} validation rows, half of the predictions of {one.target} are within "
        f"{in_four_digits(one.within(0.5))} of the true value, nine in ten within "
        f"{in_four_digits(one.within(0.9))}."
        for one in predictions_of(scored)[:MOST_TARGETS]
    ]


def _about_endings(findings: Findings) -> list[str]:
    counts = kind_of_trial(findings.run.trials).value_counts()
    bad = [
        f"{counts[kind]:,} {'was' if counts[kind] == 1 else 'were'} pruned"
        if kind == "pruned"
        else f"{counts[kind]:,} {kind}"
        for kind in CUT_SHORT
        if kind in counts
    ]
    if not bad:
        return []
    return [f"Of {count_of_trials(len(findings.run.trials))}, {listed(bad)}."]


def _about_importance(findings: Findings) -> list[str]:
    top, everywhere = findings.importance
    if top.shares.empty:
        return [f"The importance of the hyperparameters could not be estimated: it {top.basis}."]
    sentence = f"Over {top.over}, {_about_leaders(top)}."
    if everywhere.leaders and set(everywhere.leaders) != set(top.leaders):
        sentence += f" Over {everywhere.over}, {_about_leaders(everywhere)}."
    if findings.run.config.brackets:
        count = len(completed(findings.run.trials))
        sentence += (
            f" This is based on the {count_of_trials(count)} that were not pruned, which do not "
            "represent the space: the pruner chose them by their values."
        )
    return [sentence]


def _about_leaders(importance: Importance) -> str:
    """Return which hyperparameter matters most, or which may."""
    names = importance.leaders or [str(name) for name in importance.shares.index[:2]]
    shares = [_share(importance, name) for name in names]
    if not importance.leaders:
        return (
            "no hyperparameter is clearly the most important; the largest "
            f"{'share is that' if len(names) == 1 else 'shares are those'} of {listed(shares)}"
        )
    if len(shares) == 1:
        return f"the most important hyperparameter is {shares[0]}"
    if importance.ahead:
        return f"{listed(shares)} are more important than the other hyperparameters"
    return f"the most important hyperparameter is {', '.join(shares[:-1])} or {shares[-1]}"


def _share(importance: Importance, name: str) -> str:
    share, low, high = (float(importance.shares[end][name]) for end in ("share", "low", "high"))
    interval = (
        "" if math.isnan(low) else f", 95% interval {whole_percent(low)} to {whole_percent(high)}"
    )
    return f"{name} ({whole_percent(share)}{interval})"


def _about_price(findings: Findings) -> list[str]:
    when = timeline(findings.run.timings, findings.run.trials)
    if when is None or findings.incumbent.empty:
        return []
    epochs = int(epochs_spent(findings.run.trials, findings.replicates).iloc[-1])
    who = "1 worker" if when.lanes == 1 else f"{when.lanes} workers"
    share = whole_percent(when.busy)
    several = findings.replicates > 1
    seeds = f", counting each of the {findings.replicates_text} of a trial" if several else ""
    again = ""
    if findings.run.config.brackets:
        again = " Trials that went on to a later rung trained their earlier epochs again."
    return [
        f"Training took {duration(when.length)} on {who} (busy for {share} of the time) and "
        f"covered {epochs:,} epochs{seeds}.{again}"
    ]
