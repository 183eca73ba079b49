"""TPE: Optuna's proposals, in a time that hardly grows with the number of trials.

Optuna would sort and fit all trials anew for each proposal. Here the trials are kept in arrays and
ranked once per generation, and an estimate replaces the costly density of the worse trials.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import create_trial

from nncore.arrays.blas import one_blas_thread
from sweeps.samplers.log_density import can_estimate, log_density
from sweeps.samplers.optuna_samplers import common_dimensions, new_study, seed_of
from sweeps.samplers.protocol import Search
from sweeps.space.dimensions import Params, exists
from sweeps.space.distributions import distributions
from sweeps.trial import Result, TrialState

Array: TypeAlias = NDArray[np.float64]
Points: TypeAlias = dict[str, Array]

STARTUP = 10
"""The number of trials with a value before which points are drawn at random: Optuna's default."""

CANDIDATES = 24
"""The number of points from which a proposal is chosen: Optuna's default."""

MOST_GOOD = 25
"""The largest number of good trials: Optuna's default."""

FEW = 500
"""The number of points up to which Optuna's own density is fast."""

CLOSE = 1e-6
"""A difference between two candidates that the estimate does not resolve safely."""


@dataclass(frozen=True)
class _Densities:
    """The densities of some dimensions: Optuna's of the good points, and the points of the others.

    Neither changes within a generation, except that its own points join the others.
    """

    good: Any
    others: Points


class TpeSampler:
    """Tree-structured Parzen estimator: the points that Optuna's `TPESampler` would propose.

    Trials of the generation without a result count as bad, so that the points of a generation
    spread. Source: Bergstra et al., 2011; the multivariate form of Falkner et al., 2018.
    """

    replays = False

    def __init__(self, search: Search) -> None:
        self._space, self._seed = search.space, search.seed
        self._distributions = {
            name: one for name, one in distributions(search.space).items() if not one.single()
        }
        self._together = tuple(common_dimensions(search.space, numbers_only=False))
        self._optuna = TPESampler(seed=0)
        self._points = np.empty((len(self._distributions), 0))  # those with a value, by dimension
        self._best: list[tuple[tuple[int, int, float], int]] = []  # ranks and columns of `_points`
        self._running = self._points  # those of the current generation
        self._densities: dict[tuple[str, ...], _Densities] = {}

    def ask(self, number: int) -> Params:
        """Return the next point, which joins the current generation."""
        seed = seed_of(self._seed, number)
        with one_blas_thread():
            enough = self._points.shape[1] >= STARTUP
            params = self._point(self._proposals(seed) if enough else self._at_random(seed))
        self.add(params)
        return params

    def add(self, params: Params) -> None:
        """Add a point from elsewhere to the current generation."""
        values = [
            float(one.to_internal_repr(params[name])) if name in params else math.nan
            for name, one in self._distributions.items()
        ]
        self._running = np.column_stack([self._running, values])

    def tell(self, results: Sequence[Result]) -> None:
        """End the current generation with the results of its points, in their order."""
        if len(results) != self._running.shape[1]:
            raise ValueError(f"must have {self._running.shape[1]} results, got {len(results)}")
        learned = [k for k, result in enumerate(results) if result.value is not None]
        ranks = [_rank(results[k]) for k in learned]
        self._best = sorted([*self._best, *zip(ranks, count(self._points.shape[1]))])[:MOST_GOOD]
        self._points = np.concatenate([self._points, self._running[:, learned]], axis=1)
        self._running, self._densities = self._running[:, :0], {}

    def _point(self, value: Callable[[str], Any]) -> Params:
        params: Params = {}
        for name, dimension in self._space.items():
            if exists(dimension, params):
                single = name not in self._distributions
                params[name] = dimension.nth(0) if single else dimension.member(value(name))
        return params

    def _at_random(self, seed: int) -> Callable[[str], Any]:
        sampler, study, trial = RandomSampler(seed=seed), new_study(), create_trial(value=0.0)
        given = self._distributions
        return lambda name: sampler.sample_independent(study, trial, name, given[name])

    def _proposals(self, seed: int) -> Callable[[str], Any]:
        """Return a function that proposes a value; only conditional ones are drawn on a call."""
        rng = np.random.RandomState(seed)
        joint = self._propose(self._together, rng) if self._together else {}
        return lambda name: joint[name] if name in joint else self._propose((name,), rng)[name]

    def _propose(self, names: tuple[str, ...], rng: np.random.RandomState) -> dict[str, Any]:
        """Return the best of some candidates: where good points are dense and others are rare."""
        if names not in self._densities:
            self._densities[names] = self._new_densities(names)
        good, others = self._densities[names].good, self._densities[names].others
        running = self._select(names, self._running)
        others = {name: np.append(others[name], running[name]) for name in names}
        candidates: Points = good.sample(rng, CANDIDATES)
        best = self._best_of(candidates, good.log_pdf(candidates), others)
        given = self._distributions
        return {name: given[name].to_external_repr(candidates[name][best].item()) for name in names}

    def _best_of(self, candidates: Points, good: Array, others: Points) -> int:
        """Return the candidate with the largest ratio of the densities; of ties the first."""
        dimensions = {name: self._space[name] for name in candidates}
        size = len(next(iter(others.values())))
        if size > FEW and all(map(can_estimate, dimensions.values())):
            weights = self._optuna._parzen_estimator_parameters.weights(size)
            ratios = good - log_density(others, dimensions, weights, candidates)
            if _is_clear(ratios, candidates):
                return int(ratios.argmax())
        return int((good - self._fit(others).log_pdf(candidates)).argmax())

    def _new_densities(self, names: tuple[str, ...]) -> _Densities:
        size = self._points.shape[1]
        is_good = np.zeros(size, dtype=bool)
        is_good[[column for _, column in self._best[: math.ceil(0.1 * size)]]] = True
        good = self._select(names, self._points[:, is_good])
        return _Densities(self._fit(good), self._select(names, self._points[:, ~is_good]))

    def _fit(self, points: Points) -> Any:
        """Return Optuna's density of the points."""
        return self._optuna._parzen_estimator_cls(
            points,
            {name: self._distributions[name] for name in points},
            self._optuna._parzen_estimator_parameters,
        )

    def _select(self, names: tuple[str, ...], points: Array) -> Points:
        """Return the values of the dimensions at those of the points that have all of them."""
        rows = [list(self._distributions).index(name) for name in names]
        chosen = points[rows]
        chosen = chosen[:, ~np.isnan(chosen).any(axis=0)]
        return dict(zip(names, chosen, strict=True))


def _rank(result: Result) -> tuple[int, int, float]:
    """Return the rank of a result: complete trials first, then pruned ones, the longest first."""
    assert result.value is not None
    pruned = result.state == TrialState.PRUNED
    return (1, -result.epochs, -result.value) if pruned else (0, 0, -result.value)


def _is_clear(ratios: Array, candidates: Points) -> bool:
    """Return whether the best candidate is clearly better than all that differ from it."""
    best = int(ratios.argmax())
    close = ratios > ratios[best] - CLOSE
    equal = [values[close] == values[best] for values in candidates.values()]
    return bool(np.isfinite(ratios).all() and np.all(equal))
