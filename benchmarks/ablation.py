"""How often intervals of an ablation hold the true effects, and how often null effects are called.

`python -m benchmarks.ablation` simulates ablations of a response whose effects are known, without
networks, and prints the table of `docs/explanation/statistics.md` in Markdown.
"""

import argparse
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from benchmarks.support.options import count
from results.analysis.ablation import Difference, effects
from results.analysis.uncertainty import SIGNIFICANT
from sweeps.ablation.changes import Arm
from sweeps.ablation.design import Steps, alone, estimated_arms, greedy_path, path_arms, without_one
from sweeps.workers.local import available_cores

RUNS = 2_000
SEEDS = (5, 10, 20)
SHARED, OWN = 0.005, 0.004  # standard deviations of the noise of a seed, and of a network

Numbers = NDArray[np.float64]
Noise = Callable[[np.random.Generator, int], Numbers]
NOISES: dict[str, Noise] = {
    # Deviations with mean 0 and standard deviation 1; accuracies have their long tail downward.
    "normal": lambda rng, n: rng.normal(size=n),
    "gamma 2": lambda rng, n: (2 - rng.gamma(2, size=n)) / math.sqrt(2),
}


@dataclass(frozen=True)
class Response:
    """A response to changes: the effect of each alone, and what two of them add together."""

    effects: tuple[float, ...]
    pair: Arm = frozenset({0, 1})
    together: float = 0.0

    def of(self, arm: Arm) -> float:
        """Return the true mean value of an arm."""
        own = sum(self.effects[number] for number in sorted(arm))
        return 0.9 + own + self.together * (self.pair <= arm)


RESPONSES = {
    # The third change is worth nothing once the first is made.
    "planted": Response((0.02, 0.01, 0.005, 0, 0, 0), frozenset({0, 2}), -0.005),
    "8 nulls": Response((0,) * 8),
}


class Measured:
    """Values on one set of seeds, drawn when first asked for.

    All arms have one part of their noise in common, that of the seed.
    """

    def __init__(
        self, response: Response, seeds: int, noise: Noise, rng: np.random.Generator
    ) -> None:
        self._draw = partial(noise, rng, seeds)
        self._shared = SHARED * self._draw()
        self._response = response
        self._known: dict[Arm, list[float]] = {}

    def __call__(self, arms: Iterable[Arm]) -> dict[Arm, list[float]]:
        """Return the values of the arms, one for each seed."""
        for arm in arms:
            if arm not in self._known:
                values: Numbers = self._response.of(arm) + self._shared + OWN * self._draw()
                self._known[arm] = values.tolist()
        return self._known


@dataclass
class Tally:
    """The counts of many simulated ablations, of one kind of effect."""

    held: list[bool] = field(default_factory=list)
    null_called: list[bool] = field(default_factory=list)
    any_null_called: list[bool] = field(default_factory=list)
    real_called: list[bool] = field(default_factory=list)

    def add(self, found: Sequence[Difference], truth: Sequence[float]) -> None:
        """Count the effects of one ablation."""
        pairs = list(zip(found, truth, strict=True))
        called = [(one.p_holm < SIGNIFICANT, abs(true) < 1e-12) for one, true in pairs]
        self.held += [one.ci[0] <= true <= one.ci[1] for one, true in pairs]
        self.null_called += [is_called for is_called, null in called if null]
        self.any_null_called.append((True, True) in called)
        self.real_called += [is_called for is_called, null in called if not null]


def simulate(
    response: Response, noise: str, seeds: int, runs: int, start: int = 1
) -> dict[str, Tally]:
    """Return the tallies of so many ablations, by kind of effect.

    "first, reused" is the first step as it would be if the seeds that choose the path gave its
    effect too.
    """
    tallies = {kind: Tally() for kind in ("steps", "alone", "in the winner", "first, reused")}
    changes = len(response.effects)
    for run in range(runs):
        rng = np.random.default_rng((start, seeds, run))
        selection = Measured(response, seeds, NOISES[noise], rng)
        path = greedy_path(changes, selection)
        arms = estimated_arms(path)
        found = effects(path, Measured(response, seeds, NOISES[noise], rng)(arms))
        truth = true_effects(response, path)
        tallies["steps"].add(found.steps, truth["steps"])
        tallies["alone"].add(found.alone, truth["alone"])
        tallies["in the winner"].add(found.in_winner, truth["in the winner"])
        reused = effects(path, selection(arms))
        tallies["first, reused"].add(reused.steps[:1], truth["steps"][:1])
    return tallies


def true_effects(response: Response, path: Steps) -> dict[str, list[float]]:
    """Return the true effects of the changes on a path, by kind."""
    along = list(map(response.of, path_arms(path)))
    return {
        "steps": list(np.diff(along)),
        "alone": [response.of(arm) - along[0] for arm in alone(path)],
        "in the winner": [along[-1] - response.of(arm) for arm in without_one(path)],
    }


def main() -> None:
    """Print the table, a row for each response, noise and number of seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=count, default=RUNS, help="simulated ablations a row")
    runs = parser.parse_args().runs
    cases = [(name, noise, n) for name in RESPONSES for noise in NOISES for n in SEEDS]
    tallies = Parallel(n_jobs=available_cores())(
        delayed(simulate)(RESPONSES[name], noise, n, runs) for name, noise, n in cases
    )
    print(f"{runs:,} ablations a row; in each cell: effects that their 95% interval holds / null")
    print("effects called / ablations that call any null effect / real effects called (%)\n")
    print("| changes | noise | seeds | " + " | ".join(tallies[0]) + " |")
    print("|---|---|---|" + "---|" * len(tallies[0]))
    for case, of_case in zip(cases, tallies, strict=True):
        print("| " + " | ".join([*map(str, case), *map(_cell, of_case.values())]) + " |")


def _cell(tally: Tally) -> str:
    shares = (tally.held, tally.null_called, tally.any_null_called, tally.real_called)
    return " / ".join(f"{100 * np.mean(share):.1f}" if share else "–" for share in shares)


if __name__ == "__main__":
    main()
