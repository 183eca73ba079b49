"""How close each sampler gets to the best point of two fixed surfaces, compared with random search.

`python -m benchmarks.samplers` prints the median shortfall from the best value over 20 seeds.
"""

import math
import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

from sweeps.config import parse_config
from sweeps.loop import new_proposer
from sweeps.space.dimensions import Params
from sweeps.trial import Result, TrialState

SAMPLERS = ("random", "qmc", "tpe", "cmaes", "coordinate", "gp")
SEEDS, TRIALS, GENERATION = 20, (24, 48), 4


class Surface(NamedTuple):
    """A search space, and an accuracy over it whose maximum is 1."""

    space: dict[str, Any]
    value: Callable[[Params], float]


def _bowl(params: Params) -> float:
    momentum, dropout = float(params["momentum"]), float(params["dropout"])
    return 1.0 - (momentum - 0.21) ** 2 - (dropout - 0.67) ** 2


def _valley(params: Params) -> float:
    along = math.log10(params["lmbda"]) - 0.6
    across = math.log10(params["learning_rate"]) + 1.3 - 0.3 * along
    return 1.0 - across**2 / 9 - along**2 / 90


SURFACES = {
    "bowl": Surface(
        {"momentum": {"low": 0.0, "high": 0.9}, "dropout": {"low": 0.0, "high": 0.9}}, _bowl
    ),
    # A diagonal valley on log scales; the other three dimensions have no effect.
    "valley": Surface(
        {
            "learning_rate": {"low": 1e-4, "high": 100.0, "log": True},
            "lmbda": {"low": 1e-4, "high": 100.0, "log": True},
            "shift": {"low": 0.0, "high": 3.0},
            "rotation": {"low": 0.0, "high": 20.0},
            "hidden_units": {"low": 10, "high": 100, "step": 10},
        },
        _valley,
    ),
}


def shortfall(sampler: str, surface: str, seed: int, trials: int) -> float:
    """Return 1 minus the best value of `trials` points, proposed in generations of four."""
    section = {"name": surface, "sampler": sampler, "seed": seed, "trials": trials}
    space, value = SURFACES[surface]
    proposer = new_proposer(
        parse_config({"sweep": {**section, "generation": GENERATION}, "space": space})
    )
    best = 0.0
    for _ in range(trials // GENERATION):
        values = [value(proposer.ask()) for _ in range(GENERATION)]
        proposer.tell([Result(TrialState.COMPLETE, accuracy, 1) for accuracy in values])
        best = max(best, *values)
    return 1 - best


def main() -> None:
    """Print a table of medians, one row per surface and sampler."""
    print("surface  sampler    " + "  ".join(f"{trials:>4} trials" for trials in TRIALS))
    for surface in SURFACES:
        for sampler in SAMPLERS:
            medians = [
                statistics.median(shortfall(sampler, surface, s, trials) for s in range(SEEDS))
                for trials in TRIALS
            ]
            cells = "  ".join(f"{median:>11.2e}" for median in medians)
            print(f"{surface:<8} {sampler:<10} {cells}", flush=True)


if __name__ == "__main__":
    main()
