"""Selections of trials (`valued`, `completed`, `settled`, `learned`), the one shown, and epochs.

Each function takes frames and draws nothing, so every number in a figure can be checked by hand.
"""

from typing import Any

import numpy as np
import pandas as pd

from nncore.components.metrics import ACCURACY, Metric
from sweeps.trial import StopReason, TrialState

NO_TRIALS = "no trial has a value yet"
NO_LEARNING = "no trial learned anything before it diverged"


def kind_of_trial(trials: pd.DataFrame) -> "pd.Series[str]":
    """Return `complete`, `pruned`, `failed` or `diverged` for each trial, indexed by number."""
    diverged = trials["stop_reason"] == StopReason.DIVERGED
    kinds = trials["state"].where(~diverged, StopReason.DIVERGED.value)
    return pd.Series(kinds.to_numpy(), index=trials["number"].to_numpy(), name="kind")


def trained(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials but those that repeated an earlier one: equal trials count once."""
    return trials[trials["stop_reason"] != StopReason.REPEATED]


def completed(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trained trials that ended with a value, by number."""
    ended = trained(trials)
    ended = ended[(ended["state"] == TrialState.COMPLETE) & ended["value"].notna()]
    return ended.sort_values("number", ignore_index=True)


def valued(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trained trials with a value, by number; a pruned one has the value it reached.

    Pruned trials count for the run's best network and its progress too, because patience prunes a
    trial after its best epoch.
    """
    ended = trained(trials)
    ended = ended[(ended["state"] != TrialState.FAILED) & ended["value"].notna()]
    return ended.sort_values("number", ignore_index=True)


def settled(trials: pd.DataFrame, pruner: str) -> pd.DataFrame:
    """Return the trials whose values may be compared as final, by number.

    Trials that a `pruner` stopped are left out, because they might have improved. Without a pruner
    ("none"), only patience stops a trial, after epochs without improvement; such trials are kept.
    """
    return valued(trials) if pruner == "none" else completed(trials)


def learned(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that have a value and a best epoch, by number.

    Those that diverged in their first epoch have none: their value 0 was never measured.
    """
    ended = valued(trials)
    return ended[ended["best_epoch"].fillna(0) > 0]


def best_trial(trials: pd.DataFrame) -> "pd.Series[Any] | None":
    """Return the row of the best trial that learned, the first of equals, or None."""
    ranked = learned(trials)
    return None if ranked.empty else ranked.iloc[int(ranked["score"].to_numpy().argmax())]


def shipped_trial(trials: pd.DataFrame, certified: int | None) -> "pd.Series[Any] | None":
    """Return the row of the trial that a run stands for: the `certified` one, else the best."""
    if certified is None:
        return best_trial(trials)
    return trials.loc[trials["number"] == certified].iloc[0]


def best_so_far(trials: pd.DataFrame) -> pd.DataFrame:
    """Return `number, score, best` of the trials with a value; `best` is the best so far.

    It is NaN as long as no trial has learned anything.
    """
    ended = valued(trials)[["number", "score"]]
    measured = ended["score"].where(ended["number"].isin(learned(trials)["number"]))
    return ended.assign(best=measured.cummax().ffill())


def epochs_spent(trials: pd.DataFrame, replicates: int = 1) -> "pd.Series[int]":
    """Return, per trial number, the epochs trained up to there, by trials of every state.

    A trial of several `replicates` trains each of them for its number of epochs.
    """
    by_number = trials.set_index("number")["epochs"].sort_index().fillna(0).astype("int64")
    return replicates * by_number.cumsum()


def best_at(trials: pd.DataFrame, count: int) -> float:
    """Return the best score among the first `count` trials of any state; NaN if none learned."""
    known = best_so_far(trials[trials["number"].rank(method="first") <= count])["best"]
    return float(known.max())


def best_at_epochs(trials: pd.DataFrame, epochs: int, replicates: int = 1) -> float:
    """Return the best score of the trials that had ended after `epochs` epochs in all."""
    spent = epochs_spent(trials, replicates)
    return best_at(trials, int((spent <= epochs).sum()))


def why_no_best(ended: pd.DataFrame) -> str:
    """Return the sentence that says why none of the trials with a value is the best."""
    return NO_TRIALS if ended.empty else NO_LEARNING


def value_distribution(trials: pd.DataFrame) -> pd.DataFrame:
    """Return `score, share` of each trial that learned, worst first: the share that got no further.

    `trials` are the settled ones: of others the value is not how far they would have got. It is the
    empirical distribution function; of equal values, the last row has their share.
    """
    scores = learned(trials)["score"].sort_values(ignore_index=True)
    return pd.DataFrame({"score": scores, "share": (scores.index + 1.0) / max(len(scores), 1)})


def top_trials(trials: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the `k` best trials with a value, best first; of equals the lower number is first."""
    ended = valued(trials)
    ranked = ended.sort_values(["score", "number"], ascending=[False, True], ignore_index=True)
    return ranked.head(k)


def mean_curves(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return `trial, epoch` and the means of all measured columns over the replicates.

    A mean is NaN as soon as one replicate has none: leaving out the replicate that diverged would
    praise the trial for it.
    """
    groups = epochs.drop(columns="replicate").groupby(["trial", "epoch"], sort=True)
    complete = groups.count().eq(groups.size(), axis=0)
    return groups.mean().where(complete).reset_index()


def unit_of(metric: Metric, score: float) -> float:
    """Return what counts as 1 beside a `score`: 1, or its size if it is in units of a target."""
    return abs(score) if metric.in_units and score else 1.0


def bulk_limits(scores: "pd.Series[float]", metric: Metric = ACCURACY) -> tuple[float, float]:
    """Return the low and high end of the scores worth an axis of their own.

    The high end is the best score. The low end is the worst one, but no further below the median
    than four times the best's lead over the median, so that trials which diverged do not squash
    the rest; half of the scores at least are always inside. Infinite scores are left out.
    """
    scores = scores[np.isfinite(scores)]
    if scores.empty:
        return 0.0, 1.0
    best, median, worst = scores.max(), scores.median(), scores.min()
    reach = 4 * max(best - median, 0.005 * unit_of(metric, median))
    return float(max(worst, median - reach)), float(best)
