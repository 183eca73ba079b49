"""How good a network a search has found after so many epochs, with each pruner, in simulation.

`python -m benchmarks.promotion` draws random searches from 400 trials that were recorded on each of
two data sets, and prints the mean regret: how many points the best value so far is below the best
of all 400. `--warmup` compares settings of the median pruner in the same way.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.support.recorded import replay
from benchmarks.support.surfaces import RECORDED, recorded_curves
from sweeps.config import SweepConfig, parse_config
from sweeps.generations import generations
from sweeps.pruners.promotion import Entrant, standing

BUDGETS = (135, 270, 540, 1080)
ORDERS = 400

Curves = Sequence[Sequence[float]]
Sections = Mapping[str, Mapping[str, Any]]

PRUNERS: Mapping[str, Sections] = {
    "none": {"sweep": {"pruner": "none"}},
    "median": {"sweep": {"pruner": "median"}},
    "halving": {"sweep": {"pruner": "halving"}},
    "hyperband": {"sweep": {"pruner": "hyperband"}},
    "promotion": {"sweep": {"pruner": "promotion"}},
    "promotion, hyperband": {"sweep": {"pruner": "promotion"}, "pruner": {"hyperband": True}},
    **{
        f"promotion, generation {size}": {"sweep": {"pruner": "promotion", "generation": size}}
        for size in (4, 9, 81)
    },
}
"""Every pruner with its defaults, and promotion with brackets of other sizes."""

MEDIANS: Mapping[str, Sections] = {
    f"start {start}, warm-up {steps}": {
        "sweep": {"pruner": "median"},
        "pruner": {"n_startup_trials": start, "n_warmup_steps": steps},
    }
    for start in (5, 10, 20)
    for steps in (0, 1, 2, 3, 4, 5, 7, 10)
}


def simulated_config(sections: Sections, curves: Curves) -> SweepConfig:
    """Return a sweep of trials that train as long as the longest of `curves`."""
    return parse_config(
        {
            "sweep": {"name": "simulated", **sections["sweep"]},
            "pruner": sections.get("pruner", {}),
            "training": {"epochs": max(map(len, curves))},
            "space": {"learning_rate": {"low": 0.1, "high": 1.0}},
        }
    )


def epochs_in_order(config: SweepConfig, curves: Curves, *, again: bool) -> Iterator[float]:
    """Yield the accuracy after each epoch that one worker trains, trial after trial.

    `again` repeats the earlier epochs of a trial that goes on to the next rung, as a sweep does.
    """
    if not config.brackets:
        for curve, result in zip(curves, replay(config, curves), strict=True):
            yield from curve[: result.epochs]
        return
    brackets = cycle(config.brackets)
    for numbers in generations(config.generation_sizes, len(curves)):
        bracket = next(brackets)
        reached = dict.fromkeys(numbers, 0)
        entrants = {number: Entrant() for number in numbers}
        while to_train := standing(bracket, entrants).to_train:
            for number, rung in to_train.items():
                curve = curves[number][:rung]
                yield from curve if again else curve[reached[number] :]
                reached[number] = len(curve)
                entrants[number] = Entrant(curve, ended=len(curve) == len(curves[number]))


def regrets(sections: Sections, curves: Curves, orders: int, *, again: bool) -> list[float]:
    """Return the mean regret in points for each of `BUDGETS`, over random orders of the trials."""
    config, best = simulated_config(sections, curves), max(map(max, curves))
    found = []
    for seed in range(orders):
        order = np.random.default_rng(seed).permutation(len(curves))
        trained = list(epochs_in_order(config, [curves[at] for at in order], again=again))
        found.append([max(trained[:budget]) for budget in BUDGETS])
    return [100 * fmean(best - value for value in column) for column in zip(*found, strict=True)]


def main() -> None:
    """Print the table that the command line asks for."""
    parser = argparse.ArgumentParser(description="Mean regret by the number of epochs.")
    parser.add_argument("--warmup", action="store_true", help="settings of the median pruner")
    parser.add_argument("--orders", type=int, default=ORDERS, help="random orders of the trials")
    options = parser.parse_args()
    chosen = MEDIANS if options.warmup else PRUNERS
    print(f"{'data set':<10}{'pruner':<36}", *(f"{budget:>6}" for budget in BUDGETS))
    for name in RECORDED:
        curves = recorded_curves(name)
        for pruner, sections in chosen.items():
            competing = simulated_config(sections, curves).brackets
            for again in (True, False) if competing else (False,):
                counted = " (each epoch once)" if competing and not again else ""
                row = regrets(sections, curves, options.orders, again=again)
                cells = (f"{value:6.2f}" for value in row)
                print(f"{name:<10}{pruner + counted:<36}", *cells, flush=True)


if __name__ == "__main__":
    main()
