"""How close each sampler gets to the best point of eight surfaces, compared with random search.

`python -m benchmarks.samplers` prints the median regret over 20 seeds: how far the best trial is
below the largest value.
"""

import statistics

from benchmarks.support.surfaces import regret, surfaces

SAMPLERS = ("random", "qmc", "tpe", "cmaes", "coordinate", "gp")
SEEDS, TRIALS, GENERATION = 20, (24, 48), 4


def main() -> None:
    """Print a table of medians, one row per surface and sampler."""
    print("surface      sampler    " + "  ".join(f"{trials:>4} trials" for trials in TRIALS))
    for name, surface in surfaces().items():
        for sampler in SAMPLERS:
            medians = [
                statistics.median(
                    regret(surface, seed=s, trials=trials, generation=GENERATION, sampler=sampler)
                    for s in range(SEEDS)
                )
                for trials in TRIALS
            ]
            cells = "  ".join(f"{median:>11.2e}" for median in medians)
            print(f"{name:<12} {sampler:<10} {cells}", flush=True)


if __name__ == "__main__":
    main()
