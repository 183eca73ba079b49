"""How often a report names the hyperparameter that matters most, and how often a wrong one.

`python -m benchmarks.importance` plants objectives whose importances are known, searches them
without training, and judges what the report would say. Random search and TPE search each of them;
TPE visits some parts of the space more often than others. "named" is the share of sweeps in which
one hyperparameter, or a group of at most three, is called the most important and contains the
planted first; "wrong", that in which it does not. For pure noise, every name is wrong. τ is
Kendall's rank correlation with the planted order, beside that of Optuna's PED-ANOVA, which compares
the best trials with all trials; `--fanova` adds Optuna's fANOVA, which takes longer than the rest.
"""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import optuna
import pandas as pd
from joblib import Parallel, delayed
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from scipy.stats import kendalltau

from benchmarks.support.planted import (
    KINDS,
    plant,
    planted_config,
    planted_sweep,
    true_importance,
)
from results.analysis.importance import importances
from sweeps.space.dimensions import Space
from sweeps.space.distributions import distributions
from sweeps.workers.local import available_cores

SWEEPS, TRIALS, SAMPLERS = 200, (40, 100), ("random", "tpe")
PARTS = ("better half", "whole space")


class Judged(NamedTuple):
    """What one sweep's importance over one part of the space is worth."""

    tau: float
    peers: tuple[float, ...]
    alone: bool
    named: bool
    wrong: bool


def judged(kind: str, sampler: str, seed: int, *, fanova: bool) -> list[list[Judged]]:
    """Return what the report says of one sweep: for each number of trials, of each part."""
    planted, config = plant(kind, seed), planted_config(sampler, max(TRIALS), seed)
    trials = planted_sweep(planted, sampler, max(TRIALS), seed)
    truths = [
        {} if kind == "null" else true_importance(planted, seed, better_half=half)
        for half in (True, False)
    ]
    return [_of_first(trials.head(count), config.space, truths, fanova) for count in TRIALS]


def _of_first(
    trials: pd.DataFrame, space: Space, truths: Sequence[dict[str, float]], fanova: bool
) -> list[Judged]:
    peers = _by_optuna(trials, space, fanova) if truths[0] else []
    found = []
    for importance, truth in zip(importances(trials, space), truths, strict=True):
        leaders = importance.leaders
        right = bool(truth) and max(truth, key=truth.__getitem__) in leaders
        found.append(
            Judged(
                _tau({str(k): float(v) for k, v in importance.shares["share"].items()}, truth),
                tuple(_tau(shares, truth) for shares in peers),
                len(leaders) == 1,
                right,
                bool(leaders) and not right,
            )
        )
    return found


def _tau(shares: dict[str, float], truth: dict[str, float]) -> float:
    if not truth:
        return np.nan
    return float(kendalltau([shares.get(name, 0.0) for name in truth], list(truth.values()))[0])


def _by_optuna(trials: pd.DataFrame, space: Space, fanova: bool) -> list[dict[str, float]]:
    """Return the importances that Optuna's evaluators compute from the same trials."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study, known = optuna.create_study(direction="maximize"), distributions(space)
    for row in trials.to_dict("records"):
        params = {name: row[name] for name in space if not pd.isna(row[name])}
        given = {name: known[name] for name in params}
        study.add_trial(
            optuna.trial.create_trial(params=params, distributions=given, value=row["score"])
        )
    found = [PedAnovaImportanceEvaluator().evaluate(study)]
    if fanova:
        always = [name for name, dimension in space.items() if not dimension.when]
        found.append(FanovaImportanceEvaluator(seed=0).evaluate(study, params=always))
    return found


def main() -> None:
    """Print a table: a row for each kind, sampler, number of trials and part of the space."""
    parser = argparse.ArgumentParser(description="Errors of the importances.")
    parser.add_argument("--sweeps", type=int, default=SWEEPS)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--fanova", action="store_true")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.sweeps)
    headings = ["    τ", "τ PED-ANOVA", *(["τ fANOVA"] if options.fanova else [])]
    print(f"values    sampler  trials  over         {'  '.join(headings)}  alone  named  wrong")
    for kind in KINDS:
        for sampler in SAMPLERS:
            calls = [delayed(judged)(kind, sampler, seed, fanova=options.fanova) for seed in seeds]
            outcomes = Parallel(n_jobs=available_cores())(calls)
            for i, count in enumerate(TRIALS):
                for j, part in enumerate(PARTS):
                    cells = _cells([outcome[i][j] for outcome in outcomes], headings)
                    print(f"{kind:<9} {sampler:<8} {count:>6}  {part:<12} {cells}", flush=True)


def _cells(sweeps: Sequence[Judged], headings: Sequence[str]) -> str:
    """Return the means of τ, of each method, and the shares of sweeps, as a row of the table."""
    taus = np.mean([(one.tau, *one.peers) for one in sweeps], axis=0)
    shares = np.mean([(one.alone, one.named, one.wrong) for one in sweeps], axis=0)
    widths = map(len, headings)
    cells = [f"{tau:>{width}.2f}" for tau, width in zip(taus, widths, strict=False)]
    return "  ".join([*cells, *(f"{share:>5.1%}" for share in shares)])


if __name__ == "__main__":
    main()
