"""The importance of each hyperparameter by two methods, and its uncertainty.

PED-ANOVA compares the best trials with all; fANOVA explains the value over the whole space.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from results.analysis.ped_anova import ped_anova
from results.analysis.trials import valued
from sweeps.space.dimensions import Space
from sweeps.trial import TrialState

FEWEST_TRIALS = 10  # of fewer, the best trials are too few for a density
TOP_SHARE, FEWEST_TOP = 0.1, 5  # Optuna's default, and the least number that it recommends
LEVEL, RESAMPLES = 0.95, 100
MOST_RESAMPLED, MOST_IN_FOREST = 1000, 300  # trials; more would take minutes and change no digit
SEED = 0  # the same frame gives the same numbers


@dataclass(frozen=True, eq=False)
class Importance:
    """Each hyperparameter's share of the importance by one method.

    `shares` has a row per hyperparameter, by name, the largest share first. The column `share` sums
    to 1; `low` and `high` are the ends of the bootstrap spread, NaN if the method has none. If the
    importance cannot be computed, there are no rows. `basis` names the trials that the shares rest
    on, or the reason why there are no shares.
    """

    method: str
    shares: pd.DataFrame
    basis: str


def importances(trials: pd.DataFrame, space: Space) -> tuple[Importance, Importance]:
    """Return the importance by PED-ANOVA and by fANOVA over `trials`, the settled trials."""
    return ped_anova_importance(trials, space), fanova_importance(trials, space)


def ped_anova_importance(trials: pd.DataFrame, space: Space) -> Importance:
    """Return the importance for being among the best trials, with a bootstrap spread.

    `trials` are the settled trials. The best trials are the best tenth, at least five, with all
    trials that equal the last of them. If there are more than a thousand trials, a seeded sample of
    a thousand is used. A hyperparameter that is active in some trials only is judged by these
    trials. Source: Watanabe, Bansal & Hutter, PED-ANOVA, 2023.

    The spread reaches from the 2.5th to the 97.5th percentile of the shares in resampled trials. It
    is not a confidence interval: copies of a trial make each density steeper, so small shares are
    too large in the resamples and large shares too small, and a share may lie outside its spread.
    The shares themselves also overstate unimportant hyperparameters, most of all with few trials.
    """
    sample, taken = _sampled(trials, MOST_RESAMPLED)
    reason = _too_little(sample, space) or _no_top(sample)
    if reason:
        return Importance("PED-ANOVA", _table(pd.Series(dtype="float64")), reason)
    shares = ped_anova(sample, space, _resampled(len(sample)), _wanted(len(sample)))
    table, tail = pd.DataFrame(shares, columns=list(space)), (1 - LEVEL) / 2
    low, high = (table.iloc[1:].quantile(end) for end in (tail, 1 - tail))
    top, _ = compared_trials(sample)
    basis = f"best {top} of {taken} vs. all; lines: bootstrap spread; small shares are overstated"
    return Importance("PED-ANOVA", _table(_ranked(table.iloc[0]), low, high), basis)


def fanova_importance(trials: pd.DataFrame, space: Space) -> Importance:
    """Return the shares in the variance of the value over the whole space, without a spread.

    A forest is trained on a seeded sample of at most 300 settled trials. A hyperparameter that is
    not active in all of them is left out, and `basis` names it. Source: Hutter, Hoos &
    Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, 2014.
    """
    sample, taken = _sampled(trials, MOST_IN_FOREST)
    always = {name: d for name, d in space.items() if sample[name].notna().all()}
    reason = _too_little(sample, always)
    if reason:
        return Importance("fANOVA", _table(pd.Series(dtype="float64")), reason)
    from results.analysis.fanova import fanova  # loads scikit-learn

    shares = _ranked(fanova(sample, always, SEED))
    left_out = [name for name in space if name not in always]
    without = f", without the conditional {', '.join(left_out)}" if left_out else ""
    return Importance("fANOVA", _table(shares), f"the variance over {taken}{without}")


def leader(importance: Importance) -> str | None:
    """Return the hyperparameter whose spread lies above those of all others, or None.

    The rule is strict because shares of few trials are noisy. On simulated sweeps of 100 trials it
    named the hyperparameter that matters if only one does, and none if two matter equally.
    """
    first, others = importance.shares.iloc[:1], importance.shares.iloc[1:]
    if first.empty or not (others["high"] < first["low"].iloc[0]).all():  # NaN is below nothing
        return None
    return str(first.index[0])


def compared_trials(trials: pd.DataFrame) -> tuple[int, int]:
    """Return the number of best trials that PED-ANOVA compares with all trials, and of all."""
    scores = valued(trials)["score"].to_numpy()
    return _top(scores), len(scores)


def _top(scores: "np.ndarray[Any, Any]") -> int:
    last = np.sort(scores)[::-1][: _wanted(len(scores))]
    return int((scores >= last[-1]).sum()) if len(last) else 0


def _wanted(count: int) -> int:
    return max(FEWEST_TOP, round(TOP_SHARE * count))


def _sampled(trials: pd.DataFrame, most: int) -> tuple[pd.DataFrame, str]:
    """Return the trials with a value, or a seeded sample of `most`, and a text that names them."""
    ended = valued(trials)
    taken = f"{len(ended)} trials"
    if len(ended) > most:
        rows = np.random.default_rng(SEED).choice(len(ended), most, replace=False)
        ended, taken = ended.iloc[np.sort(rows)], f"{most} sampled from {taken}"
    by_patience = int((ended["state"] == TrialState.PRUNED).sum())
    return ended, taken + (f", {by_patience} of them stopped by patience" if by_patience else "")


def _too_little(ended: pd.DataFrame, space: Space) -> str:
    """Return why these trials are too few or too similar for an importance; "" if they are not."""
    if len(ended) < FEWEST_TRIALS:
        return f"needs {FEWEST_TRIALS} complete trials, got {len(ended)}"
    if ended["score"].nunique() < 2:
        return "needs trials that differ in value, but all are equal"
    if not any(ended[name].nunique() > 1 for name in space):
        return "needs a hyperparameter that varies, but none does"
    return ""


def _no_top(ended: pd.DataFrame) -> str:
    top, count = compared_trials(ended)
    return "" if top < count else f"needs a clear best tenth, but {top} trials are equally good"


def _table(shares: "pd.Series[float]", low: Any = np.nan, high: Any = np.nan) -> pd.DataFrame:
    columns = {"share": shares, "low": low, "high": high}
    return pd.DataFrame(columns, shares.index, dtype="float64")


def _resampled(count: int) -> NDArray[np.intp]:
    """Return all row numbers from 0 to `count` once, then those of each resample, in rows."""
    rng = np.random.default_rng(SEED)
    draws = [rng.integers(count, size=count) for _ in range(RESAMPLES)]
    return np.stack([np.arange(count), *draws])


def _ranked(weights: "pd.Series[float]") -> "pd.Series[float]":
    """Return the weights as shares that sum to 1, the largest first; none if all are 0 or NaN."""
    ranked = weights.fillna(0.0).sort_index().sort_values(ascending=False, kind="stable")
    return ranked / ranked.sum() if ranked.sum() > 0 else ranked.iloc[:0]
