"""How often the advice to widen a range is false, and how often it is given where it is right.

`python -m benchmarks.advice` searches made-up surfaces whose best point is known. If it lies inside
the space, advice to go beyond an end is false; if one hyperparameter's best value lies beyond its
range, that end should be named. False advice is counted once more without the ends that are nearer
than 5% of the range to the best value, which noisy trials can hardly tell from the end. A second
table has the share of false advice on the formulas of `benchmarks.support.surfaces`.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from benchmarks.support.surfaces import FORMULAS, searched
from results.analysis.evidence import pressed_bounds
from results.analysis.positions import places
from sweeps.config import SweepConfig, parse_config
from sweeps.space.dimensions import Params
from sweeps.trial import StopReason, TrialState
from sweeps.workers.local import available_cores

SEEDS, NOISE, BEYOND, NEAR = 100, 0.003, 0.2, 0.05
SPACE: dict[str, Any] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.01, "high": 100.0, "log": True},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
    "momentum": {"low": 0.0, "high": 0.9},
    "dropout": {"low": 0.0, "high": 0.6},
}
Shape = Callable[[float], float]
SHAPES: dict[str, Shape] = {
    "bowl": lambda distance: distance**2,
    "tent": lambda distance: 0.4 * abs(distance),
    # Flat on one side and steep on the other, like accuracy over the learning rate.
    "cliff": lambda distance: 0.2 * distance**2 if distance < 0 else 2.0 * distance**2,
}


@dataclass(frozen=True)
class Planted:
    """A surface: the position of the best value on each axis, and how much each axis counts."""

    best: tuple[float, ...]
    weights: tuple[float, ...]
    beyond: tuple[str, str] | None
    """The hyperparameter whose best value lies outside its range, and at which end."""


class Judged(NamedTuple):
    """Whether a wrong end is named, one that is far from the best value, and the right one."""

    false: bool
    far: bool
    right: bool


def plant(rng: np.random.Generator, *, inside: bool) -> Planted:
    """Return a random surface, whose best point lies inside the space or beyond one end."""
    best, weights = rng.uniform(size=len(SPACE)), rng.lognormal(sigma=0.7, size=len(SPACE))
    beyond = None
    if not inside:
        axis, high = int(rng.integers(len(SPACE))), bool(rng.integers(2))
        best[axis] = 1 + BEYOND if high else -BEYOND
        weights[axis] = weights.max()
        beyond = list(SPACE)[axis], "high" if high else "low"
    return Planted(tuple(best), tuple(weights / weights.sum()), beyond)


def search(planted: Planted, shape: str, sampler: str, trials: int, seed: int) -> pd.DataFrame:
    """Return the trials of a search of a planted surface, with noise, as a report reads them."""
    config = sweep_config(sampler, trials, seed)
    noise = np.random.default_rng((seed, 1))

    def value(params: Params) -> float:
        loss = 0.0
        axes = zip(config.space.items(), planted.best, planted.weights, strict=True)
        for (name, dimension), best, weight in axes:
            at = places(pd.Series([params[name]]), dimension)[0]
            loss += weight * SHAPES[shape](float(at - best))
        return 0.97 - loss + noise.normal(scale=NOISE)

    return _frame(searched(config, value), config)


def sweep_config(sampler: str, trials: int, seed: int) -> SweepConfig:
    """Return the config of a search."""
    section = {"name": "planted", "sampler": sampler, "trials": trials, "seed": seed}
    return parse_config({"sweep": section, "space": SPACE})


def judged(inside: bool, shape: str, sampler: str, trials: int, seed: int) -> Judged:
    """Return what the advice after one search is worth."""
    planted = plant(np.random.default_rng((seed, int(inside))), inside=inside)
    frame = search(planted, shape, sampler, trials, seed)
    space = sweep_config(sampler, trials, seed).space
    ends = [(one.name, one.end) for one in pressed_bounds(frame, space)]
    false = [end for end in ends if end != planted.beyond]
    far = [end for end in false if _distance(planted, *end) >= NEAR]
    return Judged(bool(false), bool(far), planted.beyond in ends)


def _distance(planted: Planted, name: str, end: str) -> float:
    """Return how far the best value lies from an end, as a part of the range."""
    best = planted.best[list(SPACE).index(name)]
    return 1 - best if end == "high" else best


def false_on_formula(name: str, sampler: str, trials: int, seed: int) -> bool:
    """Return whether advice is given after a search of a formula, whose best point is inside."""
    surface = FORMULAS[name]
    section = {"name": "formula", "sampler": sampler, "trials": trials, "seed": seed}
    config = parse_config({"sweep": section, "space": surface.space})
    return bool(pressed_bounds(_frame(searched(config, surface.value), config), config.space))


def _frame(trials: list[tuple[Params, float]], config: SweepConfig) -> pd.DataFrame:
    """Return complete trials with these points and values, as a report reads them."""
    rows = [{**params, "value": value, "score": value} for params, value in trials]
    frame = pd.DataFrame(rows, columns=[*config.space, "value", "score"])
    ended = {"state": TrialState.COMPLETE.value, "stop_reason": StopReason.MAX_EPOCHS.value}
    return frame.assign(number=range(len(rows)), best_epoch=10, **ended)


def print_formulas(seeds: range) -> None:
    """Print the share of false advice for each formula of `benchmarks.support.surfaces`."""
    print("\nsampler  trials  " + "  ".join(f"{name:>11}" for name in FORMULAS))
    for sampler in ("random", "tpe"):
        for trials in (40, 100):
            calls = [
                delayed(false_on_formula)(name, sampler, trials, seed)
                for name in FORMULAS
                for seed in seeds
            ]
            outcomes = np.reshape(Parallel(n_jobs=available_cores())(calls), (len(FORMULAS), -1))
            cells = "  ".join(f"{share:>11.1%}" for share in outcomes.mean(axis=1))
            print(f"{sampler:<8} {trials:>6}  {cells}", flush=True)


def main() -> None:
    """Print the share of false and of right advice for each shape, sampler and length."""
    parser = argparse.ArgumentParser(description="Errors of the advice to widen a range.")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    seeds, first = options.seeds, options.first_seed
    print("sampler  trials  shape   best inside: false  and far  one beyond: false    right")
    for sampler in ("random", "tpe"):
        for trials in (40, 100):
            for shape in SHAPES:
                calls = [
                    delayed(judged)(inside, shape, sampler, trials, seed)
                    for inside in (True, False)
                    for seed in range(first, first + seeds)
                ]
                outcomes = Parallel(n_jobs=available_cores())(calls)
                within, beyond = (
                    np.mean(outcomes[:seeds], axis=0),
                    np.mean(outcomes[seeds:], axis=0),
                )
                print(
                    f"{sampler:<8} {trials:>6}  {shape:<6} {within[0]:>19.1%} {within[1]:>8.1%}"
                    f" {beyond[0]:>18.1%} {beyond[2]:>8.1%}",
                    flush=True,
                )
    print_formulas(range(first, first + seeds))


if __name__ == "__main__":
    main()
