"""The importance of each hyperparameter over the search space, and which matter most.

A model of the values is asked, not the trials: a sampler tries the good parts of the space more
often than the rest, so what it settled early hardly varies among the later trials.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from results.analysis.gaussian_process import GaussianProcess
from results.analysis.space_basis import Effects, effects_at, uniform_points
from results.analysis.trials import valued
from results.analysis.value_scale import ValueScale, value_scales
from sweeps.space.dimensions import Space
from sweeps.trial import TrialState

Floats = NDArray[np.float64]

FEWEST_TRIALS = 20  # of fewer, nothing can be told
MOST_TRIALS = 256  # that are modelled; the time grows with their cube
LEVEL = 0.95  # of the intervals, and of the probability that what is named is right
MOST_NAMED = 3  # hyperparameters; one of more says little
SIGNAL = 0.7  # of the noise's variance, below which the values may be nothing but noise
POINTS = 512  # of the space at which each function is evaluated; a power of two
SEED = 0  # the same frame gives the same numbers
BETTER_HALF, WHOLE = "the better half of the space", "the whole space"


@dataclass(frozen=True, eq=False)
class Importance:
    """Each hyperparameter's share in the variance of the value over a part of the space.

    Attributes
    ----------
    over
        The part of the space: `BETTER_HALF` or `WHOLE`.
    shares
        A row per hyperparameter, by name, the largest share first. The column `share` sums to 1;
        `low` and `high` are the ends of its 95% interval, NaN if the hyperparameter never varied.
        Without rows if the importance cannot be computed.
    basis
        The trials on which the shares rest, or the reason why there are none.
    leaders
        One of them is the most important with a probability of 95% or more; empty if that would
        take more than three hyperparameters, or more than half of them.
    ahead
        Whether, with the same probability, each of `leaders` is ahead of all others.
    """

    over: str
    shares: pd.DataFrame
    basis: str
    leaders: tuple[str, ...] = ()
    ahead: bool = False


def importances(trials: pd.DataFrame, space: Space) -> tuple[Importance, Importance]:
    """Return the importance over the better half of the space, and over the whole space.

    `trials` are the settled trials; of more than 256, a seeded sample is used. A Gaussian process
    says which functions of the hyperparameters agree with them. The importance of a hyperparameter
    is the variance, over the space, of the mean of the function at each of its values, as a share
    of the sum over all hyperparameters (fANOVA: Hutter, Hoos & Leyton-Brown 2014). A conditional
    hyperparameter counts where it exists.

    For the better half, each function is first raised to its median over the space: how bad the
    worse half is does not count, but which points belong to it does.
    """
    sample, taken = _sampled(trials)
    reason = _too_little(sample, space)
    if reason:
        nothing = pd.DataFrame(columns=["share", "low", "high"], dtype="float64")
        return Importance(BETTER_HALF, nothing, reason), Importance(WHOLE, nothing, reason)
    varied = {name: d for name, d in space.items() if sample[name].nunique() > 1}
    with one_blas_thread():
        functions, effects, clear = _likely_functions(sample, space, varied)
        medians = np.median(functions, axis=1, keepdims=True)
        halves = np.maximum(functions, medians), functions
        better, whole = (_variances(one, effects) for one in halves)
    basis = f"by a model of {taken}"
    return (
        _importance(BETTER_HALF, better, list(varied), list(space), basis, clear=clear),
        _importance(WHOLE, whole, list(varied), list(space), basis, clear=clear),
    )


def _likely_functions(
    trials: pd.DataFrame, space: Space, varied: Space
) -> tuple[Floats, list[Effects], bool]:
    """Return values of functions that agree with the trials, at points spread over the space.

    Beside these, `(DRAWS, POINTS)`, return the effects at the points, and whether the trials show
    more than noise.
    """
    points = uniform_points(space, POINTS, SEED)
    active = {name: max(points[name].notna().mean(), 1 / POINTS) for name in varied}
    here, there = (
        [effects_at(frame, name, dimension, active[name]) for name, dimension in varied.items()]
        for frame in (trials, points)
    )
    scores = trials["score"].to_numpy(dtype="float64")
    values = (scores - scores.min()) / np.ptp(scores)  # no square of them overflows
    scale, process, mode = _best_scale(values, here)
    scales = process.likely_scales(mode, SEED)
    bent = process.functions(scales, there, SEED)
    clear = np.mean(bent.var(axis=1) > SIGNAL * np.exp(scales[:, -1])) >= LEVEL
    return scale.straight(bent), there, bool(clear)


def _best_scale(
    values: Floats, effects: Sequence[Effects]
) -> tuple[ValueScale, GaussianProcess, Floats]:
    """Return the scale of the values on which a process explains them best, and its mode."""
    fits: list[tuple[float, ValueScale, GaussianProcess, Floats]] = []
    for scale in value_scales(values):
        process = GaussianProcess(scale.bent(values), effects)
        mode, loss = process.mode(fits[-1][3] if fits else None)  # near that of the scale before
        fits.append((loss - scale.log_slopes(values), scale, process, mode))
    return min(fits, key=lambda fit: fit[0])[1:]


def _variances(functions: Floats, effects: Sequence[Effects]) -> Floats:
    """Return the variance of each hyperparameter's own effect in each function, `(n, d)`.

    Least squares divide a function into the effects; the functions of an effect are uncorrelated
    and have variance 1, so its variance is the sum of the squared coefficients.
    """
    columns = np.concatenate([np.ones((POINTS, 1)), *(one.values for one in effects)], axis=1)
    squares = (functions @ np.linalg.pinv(columns).T) ** 2
    ends = 1 + np.cumsum([0, *(one.values.shape[1] for one in effects)])
    parts = [squares[:, low:high].sum(axis=1) for low, high in pairwise(ends)]
    return np.stack(parts, axis=1)


def _importance(
    over: str, variances: Floats, varied: list[str], names: list[str], basis: str, *, clear: bool
) -> Importance:
    shares = variances / variances.sum(axis=1, keepdims=True).clip(min=np.finfo(float).tiny)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(shares, [tail, 1 - tail], axis=0)
    columns = {"share": shares.mean(axis=0), "low": low, "high": high}
    table = pd.DataFrame(columns, index=varied).reindex(names)
    table["share"] = table["share"].fillna(0.0)
    ranked = table.sort_values("share", ascending=False, kind="stable")
    leaders, ahead = _leaders(variances) if clear else ([], False)
    return Importance(over, ranked, basis, tuple(varied[i] for i in leaders), ahead)


def _leaders(variances: Floats) -> tuple[list[int], bool]:
    """Return the fewest columns that hold a row's largest value in 95% of the rows.

    Beside them, return whether all of them exceed all others in 95% of the rows.
    """
    count = variances.shape[1]
    first = np.bincount(variances.argmax(axis=1), minlength=count) / len(variances)
    order = np.argsort(-first, kind="stable")
    needed = int((first[order].cumsum() < LEVEL).sum()) + 1
    if needed > max(1, min(MOST_NAMED, count // 2)):
        return [], False
    leaders, others = order[:needed], order[needed:]
    ahead = variances[:, leaders].min(axis=1) > variances[:, others].max(axis=1, initial=0.0)
    return [int(i) for i in leaders], bool(ahead.mean() >= LEVEL)


def _sampled(trials: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the trials with a value, or a seeded sample of them, and a text that names them."""
    ended = valued(trials)
    taken = f"{len(ended):,} trials"
    if len(ended) > MOST_TRIALS:
        rows = np.random.default_rng(SEED).choice(len(ended), MOST_TRIALS, replace=False)
        ended, taken = ended.iloc[np.sort(rows)], f"{MOST_TRIALS} of {taken}"
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
