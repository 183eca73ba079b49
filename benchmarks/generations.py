"""What it costs a search that trials are proposed together: regret by the size of a generation.

`python -m benchmarks.generations` prints the median regret of TPE over 30 seeds on eight surfaces,
and each size's mean rank. The regret is how far the best trial is below the largest value.
"""

import argparse
import statistics
from collections.abc import Iterator

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import rankdata

from benchmarks.support.surfaces import regret, surfaces
from sweeps.workers.local import available_cores

SIZES = (1, 2, 4, 8, 16, 32)
SEEDS, TRIALS = 30, 64


def regrets(name: str, size: int, seeds: int, trials: int) -> list[float]:
    """Return the regret of TPE on the surface `name`, one number per seed."""
    surface = surfaces()[name]
    return [
        regret(surface, seed=seed, trials=trials, generation=size, sampler="tpe")
        for seed in range(seeds)
    ]


def rows(seeds: int, trials: int) -> Iterator[tuple[str, list[list[float]]]]:
    """Yield each surface with the regrets of every size, by size and seed."""
    for name in surfaces():
        calls = (delayed(regrets)(name, size, seeds, trials) for size in SIZES)
        yield name, Parallel(n_jobs=available_cores())(calls)


def main() -> None:
    """Print the table, and below it the mean rank of each size, 1 being the best."""
    parser = argparse.ArgumentParser(description="Regret by the size of a generation.")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--trials", type=int, default=TRIALS)
    options = parser.parse_args()
    print("surface      " + "  ".join(f"{size:>9}" for size in SIZES))
    ranks = []
    for name, by_size in rows(options.seeds, options.trials):
        cells = "  ".join(f"{statistics.median(regrets):>9.4g}" for regrets in by_size)
        print(f"{name:<12} {cells}", flush=True)
        ranks.append(rankdata(by_size, axis=0).mean(axis=1))
    print(f"{'mean rank':<12} " + "  ".join(f"{rank:>9.2f}" for rank in np.mean(ranks, axis=0)))


if __name__ == "__main__":
    main()
