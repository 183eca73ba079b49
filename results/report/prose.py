"""A run in words: the sentences that open its report, each from numbers computed elsewhere.

They are plain text; whoever shows them escapes them.
"""

import math

from results.analysis.confirmation import params_of
from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.analysis.trials import epochs_spent, valued
from results.drawing.style import count_of_trials, parameter_text
from results.figures.best_so_far import why_no_best
from results.figures.importance_bars import leader, whole_percent
from results.figures.learning_curves import kind_of_trial
from results.figures.timeline import timeline
from sweeps.duration import duration
from sweeps.trial import StopReason, TrialState

CUT_SHORT = (TrialState.PRUNED, StopReason.DIVERGED, TrialState.FAILED)


def state_of(found: Findings) -> str:
    """Return how far the run is, in one sentence."""
    run = found.run
    asked, ended = run.config.sweep.trials, len(run.trials)
    if ended < asked and run.over:
        budget = f"the epochs that they may train, {run.config.sweep.epoch_budget:,}, are spent"
        return f"{ended:,} of {asked:,} trials have ended: {budget}."
    if ended < asked:
        return f"{ended:,} of {asked:,} trials have ended: the run is under way or was interrupted."
    return f"{'The only trial has' if ended == 1 else f'All {ended:,} trials have'} ended."


def summary(found: Findings) -> list[str]:
    """Return what the run says: the best, how trials ended, what mattered, and the price."""
    return [
        state_of(found),
        *_about_best(found),
        *_about_endings(found),
        *_about_importance(found),
        *_about_price(found),
    ]


def _about_best(found: Findings) -> list[str]:
    best, space = found.best, found.run.space
    if best is None:
        sentence = why_no_best(valued(found.run.trials))
        return [f"{sentence[0].upper()}{sentence[1:]}."]
    given = params_of(best, space).items()
    values = ", ".join(f"{name} {parameter_text(value)}" for name, value in given)
    seeds = "" if found.replicates == 1 else f", the mean of {found.replicates} seeds"
    return [
        f"The best is trial {best['number']} with a validation accuracy of "
        f"{100 * best['value']:.2f} %{seeds}, reached after epoch {best['best_epoch']}: {values}."
    ]


def _about_endings(found: Findings) -> list[str]:
    counts = kind_of_trial(found.run.trials).value_counts()
    bad = [f"{counts[kind]:,} {kind}" for kind in CUT_SHORT if kind in counts]
    if not bad:
        return []
    parts = " and ".join(filter(None, [", ".join(bad[:-1]), bad[-1]]))
    return [f"Of {count_of_trials(len(found.run.trials))}, {parts}."]


def _about_importance(found: Findings) -> list[str]:
    top, everywhere = found.importance
    if top.shares.empty:
        return [f"Which hyperparameters mattered cannot be said: {top.method} {top.basis}."]
    said = _about_leader(top)
    if len(everywhere.shares) and everywhere.shares.index[0] != top.shares.index[0]:
        other = _share(everywhere, str(everywhere.shares.index[0]))
        said += f" {everywhere.method}, which looks at all trials, has another first: {other}."
    return [said]


def _about_leader(found: Importance) -> str:
    """Return what mattered most, or which two might have."""
    first, *others = map(str, found.shares.index)
    if leader(found) is not None:
        return f"What told the best trials from the rest was {_share(found, first)}."
    rival = max(
        others, key=found.shares["high"].fillna(found.shares["share"]).to_dict().__getitem__
    )
    return (
        "What told the best trials from the rest cannot be said yet: "
        f"{_share(found, first)} and {_share(found, rival)} cannot be told apart."
    )


def _share(found: Importance, name: str) -> str:
    share, low, high = (float(found.shares[end][name]) for end in ("share", "low", "high"))
    spread = "" if math.isnan(low) else f", bootstrap spread {100 * low:.0f} to {100 * high:.0f} %"
    return f"{name} ({whole_percent(share)}{spread})"


def _about_price(found: Findings) -> list[str]:
    when = timeline(found.run.timings, found.run.trials)
    if when is None or found.climb.empty:
        return []
    epochs = int(epochs_spent(found.run.trials, found.replicates).iloc[-1])
    who = "1 worker" if when.lanes == 1 else f"{when.lanes} workers"
    share = f"{100 * when.busy:.0f} %"
    return [
        f"It took {duration(when.length)} on {who}, busy for {share} of it, and {epochs:,} epochs "
        "of training."
    ]
