"""The small computations between the frames and the figures, each frame in and frame out.

They are kept free of drawing so that every number in a figure can be checked by hand.
"""

from typing import Any

import pandas as pd


def completed(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that ended with a value, by number."""
    ended = trials[(trials["state"] == "complete") & trials["value"].notna()]
    return ended.sort_values("number", ignore_index=True)


def learned(trials: pd.DataFrame) -> pd.DataFrame:
    """Return the complete trials that have a best epoch, by number.

    Those that diverged in their first epoch have none: their value 0 was never measured.
    """
    ended = completed(trials)
    return ended[ended["best_epoch"].fillna(0) > 0]


def best_trial(trials: pd.DataFrame) -> "pd.Series[Any] | None":
    """Return the row of the best trial that learned, the first of equals, or None."""
    ranked = learned(trials)
    return None if ranked.empty else ranked.iloc[int(ranked["value"].to_numpy().argmax())]


def best_so_far(trials: pd.DataFrame) -> pd.DataFrame:
    """Return `number, value, best` of the complete trials; `best` is the best value up to there.

    It is NaN as long as no trial has learned anything.
    """
    ended = completed(trials)[["number", "value"]]
    measured = ended["value"].where(ended["number"].isin(learned(trials)["number"]))
    return ended.assign(best=measured.cummax().ffill())


def top_trials(trials: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return the `k` best trials, best first; of equals the lower number comes first.

    Pruned ones count with what they reached, as they do for the run's best network.
    """
    ended = trials[(trials["state"] != "failed") & trials["value"].notna()]
    ranked = ended.sort_values(["value", "number"], ascending=[False, True], ignore_index=True)
    return ranked.head(k)


def mean_curves(epochs: pd.DataFrame) -> pd.DataFrame:
    """Return `trial, epoch` and the means of all measured columns over the replicates.

    A mean is NaN as soon as one replicate has none: leaving out the replicate that diverged would
    praise the trial for it.
    """
    groups = epochs.drop(columns="replicate").groupby(["trial", "epoch"], sort=True)
    complete = groups.count().eq(groups.size(), axis=0)
    return groups.mean().where(complete).reset_index()


def bulk_limits(values: "pd.Series[float]") -> tuple[float, float]:
    """Return the low and high end (fractions) of the accuracies worth an axis of their own.

    The high end is the best value. The low end is the worst one, but no further below the median
    than four times the best's lead over the median, so that trials which diverged do not squash
    the rest; half of the values at least are always inside.
    """
    best, median, worst = values.max(), values.median(), values.min()
    reach = 4 * max(best - median, 0.005)
    return float(max(worst, median - reach)), float(best)
