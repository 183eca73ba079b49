"""The time of a TPE proposal after many trials: ours, and that of Optuna's own sampler.

`python -m benchmarks.proposals` fills both with the same random trials, then asks in turns for the
trials of one generation, and prints the medians of the processor time.
"""

import argparse
import math
import statistics
from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np
import optuna
from optuna.samplers import TPESampler

from benchmarks.scale import scale_config
from nncore.arrays.blas import one_blas_thread
from sweeps.samplers.optuna_samplers import new_study, random_points, seed_of
from sweeps.samplers.protocol import Search
from sweeps.samplers.tpe import TpeSampler
from sweeps.space.dimensions import Params
from sweeps.space.distributions import distributions
from sweeps.trial import Result, TrialState

GENERATION, SEED = 64, 1
TRIALS = (1_000, 3_000, 10_000, 30_000, 100_000)
MOST_OF_OPTUNA = 10_000
"""The number of trials up to which Optuna's sampler is measured, too."""


def filled(trials: int) -> tuple[TpeSampler, optuna.Study]:
    """Return our sampler and Optuna's study with the same random trials, all complete."""
    space = scale_config("tpe", 1).space
    ours, study = TpeSampler(Search(space, SEED, GENERATION, ())), new_study()
    point, rng, given = (
        random_points(space, SEED),
        np.random.default_rng(SEED),
        distributions(space),
    )
    for first in range(0, trials, GENERATION):
        points = [point(number) for number in range(first, min(first + GENERATION, trials))]
        values = rng.random(len(points)).tolist()
        for params, value in zip(points, values, strict=True):
            ours.add(params)
            if trials <= MOST_OF_OPTUNA:
                known = optuna.create_trial(params=params, distributions=given, value=value)
                study.add_trial(known)
        ours.tell([Result(TrialState.COMPLETE, value, 10) for value in values])
    return ours, study


def asked_of_optuna(study: optuna.Study, number: int) -> Params:
    """Return the proposal of Optuna's sampler."""
    study.sampler = TPESampler(seed=seed_of(SEED, number))
    with one_blas_thread():
        return study.ask(distributions(scale_config("tpe", 1).space)).params


def medians(trials: int) -> tuple[float, float]:
    """Return the milliseconds of our proposals after so many trials, and of Optuna's if measured.

    Raises
    ------
    RuntimeError
        If a proposal differs from Optuna's.
    """
    ours, study = filled(trials)
    asks: list[Callable[[int], Params]] = [ours.ask]
    if trials <= MOST_OF_OPTUNA:
        asks.append(partial(asked_of_optuna, study))
    spent: list[list[float]] = [[] for _ in asks]
    for number in range(trials, trials + GENERATION):
        proposed = []
        for ask, times in zip(asks, spent, strict=True):
            start = process_time()
            proposed.append(ask(number))
            times.append(1e3 * (process_time() - start))
        if proposed[0] != proposed[-1]:
            raise RuntimeError(f"point {number} must be that of Optuna, {proposed[-1]}")
    return statistics.median(spent[0]), statistics.median(spent[1]) if spent[1:] else math.nan


def main() -> None:
    """Print one line for each number of trials."""
    parser = argparse.ArgumentParser(description="The time of a TPE proposal.")
    parser.add_argument("--trials", type=int, nargs="+", default=TRIALS)
    print(f"{'trials':>8} {'ours, ms':>10} {'Optuna, ms':>11} {'ratio':>7}")
    for trials in parser.parse_args().trials:
        ours, optunas = medians(trials)
        print(f"{trials:>8} {ours:>10.1f} {optunas:>11.1f} {optunas / ours:>7.1f}", flush=True)


if __name__ == "__main__":
    main()
