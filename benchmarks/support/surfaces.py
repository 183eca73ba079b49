"""Search spaces with a known best value, on which a search costs no training.

Six are formulas. Two are real sweeps: random trials on two data sets, recorded once, whose accuracy
between the recorded points is that of a random forest (Eggensperger et al., 2015).
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from benchmarks.support.recorded import trained
from sweeps.config import SweepConfig, parse_config
from sweeps.scores import new_proposer
from sweeps.space.dimensions import Choices, Params, Space
from sweeps.trial import Result, TrialState

UNIT_AXES: dict[str, tuple[float, float]] = {
    "momentum": (0.0, 0.9),
    "dropout": (0.0, 0.9),
    "shift": (0.0, 3.0),
    "rotation": (0.0, 20.0),
    "elastic": (0.0, 40.0),
    "shear": (0.0, 0.3),
}
"""Ranges that a formula over the unit cube uses as its axes, in this order."""


@dataclass(frozen=True)
class Surface:
    """A search space, a value over it that a search maximizes, and the largest value there is."""

    space: dict[str, Any]
    value: Callable[[Params], float]
    best: float


def _on_unit_cube(formula: Callable[[Sequence[float]], float], axes: int, best: float) -> Surface:
    names = list(UNIT_AXES)[:axes]
    space = {name: {"low": UNIT_AXES[name][0], "high": UNIT_AXES[name][1]} for name in names}
    return Surface(space, lambda params: formula([_unit(params, name) for name in names]), best)


def _unit(params: Params, name: str) -> float:
    low, high = UNIT_AXES[name]
    return float((params[name] - low) / (high - low))


def _bowl(u: Sequence[float]) -> float:
    return 1.0 - sum((0.9 * at - center) ** 2 for at, center in zip(u, (0.21, 0.67), strict=True))


def _branin(u: Sequence[float]) -> float:
    """Return minus the function of Branin, 1972, whose least value is 5 / (4π)."""
    x, y = 15 * u[0] - 5, 15 * u[1]
    across = y - 5.1 * x**2 / (4 * math.pi**2) + 5 * x / math.pi - 6
    return -(across**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10)


_HARTMANN_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_HARTMANN_SCALES = np.array(
    [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ]
)
_HARTMANN_CENTERS = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann(u: Sequence[float]) -> float:
    """Return minus the function of Hartmann, 1973, in six dimensions."""
    distances = (_HARTMANN_SCALES * (np.asarray(u) - _HARTMANN_CENTERS) ** 2).sum(axis=1)
    return float(_HARTMANN_HEIGHTS @ np.exp(-distances))


def _ackley(u: Sequence[float]) -> float:
    """Return minus the function of Ackley, 1987, on [-5, 10]^d: one optimum among many waves."""
    x = 15 * np.asarray(u) - 5
    far = -20 * math.exp(-0.2 * math.sqrt(float(np.mean(x**2))))
    waves = -math.exp(float(np.mean(np.cos(2 * math.pi * x))))
    return -(far + waves + 20 + math.e)


def _valley(params: Params) -> float:
    along = math.log10(params["lmbda"]) - 0.6
    across = math.log10(params["learning_rate"]) + 1.3 - 0.3 * along
    return 1.0 - across**2 / 9 - along**2 / 90


def _conditional(params: Params) -> float:
    """Return a value to which a decay of the learning rate adds, if there is one."""
    rate = float((math.log10(params["learning_rate"]) + 0.5) ** 2 / 10)
    units = abs(params["hidden_units"] - 70) / 500
    kind = {"relu": 0.0, "tanh": 0.02, "sigmoid": 0.05}[params["activation"]]
    decay = 0.06 if params["schedule"] == "constant" else abs(params["schedule_decay"] - 0.9) / 4
    return 1.0 - rate - float(units + kind + decay)


FORMULAS = {
    "bowl": _on_unit_cube(_bowl, 2, 1.0),
    "Branin": _on_unit_cube(_branin, 2, -5 / (4 * math.pi)),
    "Ackley 4": _on_unit_cube(_ackley, 4, 0.0),
    "Hartmann 6": _on_unit_cube(_hartmann, 6, 3.322368),
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
        1.0,
    ),
    "conditional": Surface(
        {
            "learning_rate": {"low": 1e-3, "high": 10.0, "log": True},
            "hidden_units": {"low": 10, "high": 100, "step": 10},
            "activation": {"choices": ["sigmoid", "tanh", "relu"]},
            "schedule": {"choices": ["constant", "exponential"]},
            "schedule_decay": {"low": 0.7, "high": 0.99, "when": {"schedule": ["exponential"]}},
        },
        _conditional,
        1.0,
    ),
}
"""Surfaces that are formulas, by name."""


RECORDED: dict[str, dict[str, Any]] = {
    "mnist-5k": {
        "training": {"epochs": 30, "early_stopping": 10},
        "space": {
            "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
            "lmbda": {"low": 0.01, "high": 100.0, "log": True},
            "mini_batch_size": {"choices": [5, 10, 20, 50, 100]},
            "hidden_units": {"low": 10, "high": 100, "step": 10},
            "cost": {"choices": ["quadratic", "cross-entropy"]},
            "init": {"choices": ["large", "scaled"]},
        },
    },
    "digits": {
        "training": {"epochs": 30, "output": "softmax", "cost": "log-likelihood", "init": "he"},
        "space": {
            "learning_rate": {"low": 1e-3, "high": 10.0, "log": True},
            "lmbda": {"low": 1e-3, "high": 100.0, "log": True},
            "momentum": {"low": 0.0, "high": 0.95},
            "dropout": {"low": 0.0, "high": 0.6},
            "hidden_units": {"low": 4, "high": 64, "log": True},
            "activation": {"choices": ["sigmoid", "tanh", "relu"]},
        },
    },
}
"""The recorded sweeps by the names of their data sets; the first has the space of `nnsweep run`."""

RECORDED_TRIALS = 400
SAMPLE = 100_000  # points among which the largest value of a forest is sought


def search_config(name: str) -> SweepConfig:
    """Return the sweep of random trials that was recorded on the data set `name`."""
    sweep = {"name": name, "trials": RECORDED_TRIALS, "sampler": "random", "generation": 50}
    return parse_config({"sweep": sweep, "data": {"name": name}, **RECORDED[name]})


@cache
def recorded_surface(name: str) -> Surface:
    """Return the accuracy of a recorded sweep, as a random forest fitted to its trials."""
    space, rows = search_config(name).space, _rows(name)
    points = np.array([[float(row[axis]) for axis in space] for row in rows])
    values = np.array([float(row["value"]) for row in rows])
    forest = RandomForestRegressor(100, min_samples_leaf=2, random_state=0).fit(points, values)

    def value(params: Params) -> float:
        return float(forest.predict([_coordinates(params, space)])[0])

    rng = np.random.default_rng(0)
    sample = points[rng.integers(len(points), size=(SAMPLE, len(space))), range(len(space))]
    best = forest.predict(np.concatenate([points, sample])).max()
    return Surface(RECORDED[name]["space"], value, float(best))


def searched(config: SweepConfig, value: Callable[[Params], float]) -> list[tuple[Params, float]]:
    """Return the points that a sweep proposes and their values, in the order of its trials."""
    proposer, trials = new_proposer(config), list[tuple[Params, float]]()
    total, size = config.sweep.trials, config.sweep.generation
    for first in range(0, total, size):
        points = [proposer.ask() for _ in range(first, min(first + size, total))]
        values = [value(params) for params in points]
        proposer.tell([Result(TrialState.COMPLETE, each, 1) for each in values])
        trials += zip(points, values, strict=True)
    return trials


def regret(surface: Surface, *, seed: int, trials: int, generation: int, sampler: str) -> float:
    """Return how far the best of `trials` proposals is below the largest value."""
    section = {"name": "surface", "sampler": sampler, "seed": seed, "trials": trials}
    section["generation"] = generation
    config = parse_config({"sweep": section, "space": surface.space})
    return surface.best - max(value for _, value in searched(config, surface.value))


def surfaces() -> Mapping[str, Surface]:
    """Return the surfaces that are formulas, then those of recorded sweeps, by name."""
    return {**FORMULAS, **{name: recorded_surface(name) for name in RECORDED}}


def _coordinates(params: Params, space: Space) -> list[float]:
    """Return a point as numbers: a number as it is, a choice as its place among the choices."""
    return [
        float(d.choices.index(params[name]) if isinstance(d, Choices) else params[name])
        for name, d in space.items()
    ]


def recorded_curves(name: str) -> list[tuple[float, ...]]:
    """Return the validation accuracies of each recorded trial, by epoch."""
    columns = [f"epoch_{epoch}" for epoch in range(1, search_config(name).most_epochs + 1)]
    return [tuple(float(row[c]) for c in columns if row[c]) for row in _rows(name)]


def _file(name: str) -> Path:
    return Path(__file__).with_name(f"recorded_{name}.csv")


def _rows(name: str) -> list[dict[str, str]]:
    with _file(name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def record(name: str) -> None:
    """Run the sweep on the data set `name` and write its file."""
    config = search_config(name)
    trials, curves, _ = trained(config)
    epochs = config.most_epochs
    with _file(name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*config.space, "value", *(f"epoch_{e}" for e in range(1, epochs + 1))])
        for (params, result), curve in zip(trials, curves, strict=True):
            coordinates = [f"{at:.6g}" for at in _coordinates(params, config.space)]
            accuracies = [f"{accuracy:.4g}" for accuracy in curve]
            value = f"{result.value or 0.0:.6g}"
            blanks = [""] * (epochs - len(curve))
            writer.writerow([*coordinates, value, *accuracies, *blanks])


if __name__ == "__main__":
    for each in RECORDED:
        record(each)
