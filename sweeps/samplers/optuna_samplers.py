"""Optuna's samplers, each asked so that a proposal depends on the sweep and its past alone.

Two draw point k from the seed; three learn, from a study in memory that holds what a proposal may
see. What such a study keeps besides parameters and values is never written down.
"""

import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib import import_module
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)
from optuna.trial import FrozenTrial, Trial, create_trial
from optuna.trial import TrialState as OptunaState
from threadpoolctl import threadpool_limits

from nncore.arrays.blas import one_blas_thread
from nncore.errors import InputError
from sweeps.space.dimensions import Choices, Params, Space, exists
from sweeps.space.distributions import distributions, quiet
from sweeps.trial import Result, TrialState

Distributions = dict[str, BaseDistribution]


def seed_of(seed: int, number: int) -> int:
    """Return a seed of its own for each proposal, so that its draws depend on nothing before it."""
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0])


def random_points(space: Space, seed: int) -> Callable[[int], Params]:
    """Return a function from k to the k-th of points drawn evenly over the space."""
    given, study, trial = distributions(space), _new_study(), create_trial(value=0.0)

    def point(number: int) -> Params:
        sampler, params = RandomSampler(seed=seed_of(seed, number)), Params()
        for name, distribution in given.items():
            if exists(space[name], params):
                params[name] = sampler.sample_independent(study, trial, name, distribution)
        return params

    return point


def qmc_points(space: Space, seed: int) -> Callable[[int], Params]:
    """Return a function from k to point k of a scrambled Sobol sequence over all dimensions.

    A point keeps the dimensions that exist there. Source: Owen, 1998; Optuna's QMCSampler.
    """
    given, study, trial = distributions(space), _new_study(), create_trial(value=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = QMCSampler(scramble=True, seed=seed_of(seed, 0))
    drawn: list[dict[str, Any]] = []

    def point(number: int) -> Params:
        while len(drawn) <= number:  # the sampler counts in its study what it has drawn
            drawn.append(sampler.sample_relative(study, trial, given))
        params: Params = {}
        for name, dimension in space.items():
            if exists(dimension, params):
                params[name] = drawn[number][name]
        return params

    return point


class _Together(BaseSampler):
    """A sampler that proposes the dimensions named in `together` jointly, and all others alone.

    Optuna would take those that all trials so far happen to share, which hangs on the order in
    which they end.
    """

    together: Distributions

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> Distributions:
        return self.together


class _Tpe(_Together, TPESampler):
    """Tree-structured Parzen estimator. Source: Bergstra et al., 2011."""


class _Gp(_Together, GPSampler):
    """Gaussian process with expected improvement. Source: Jones et al., 1998."""


class _CmaEs(_Together, CmaEsSampler):
    """Covariance matrix adaptation. Source: Hansen, The CMA Evolution Strategy: A Tutorial."""


class Learner:
    """One of the samplers that learn, with the study that it learns from.

    A pruned trial ranks below all complete ones for TPE; for the others, which pass over pruned
    trials and would propose them again, it counts with its best value.
    """

    def __init__(self, sampler: str, space: Space, seed: int, generation: int) -> None:
        self._kind, self._space, self._seed = sampler, space, seed
        self._distributions = distributions(space)
        self._together = _together(space, numbers_only=sampler == "cmaes")
        self._population = population(len(self._together), generation)
        self._study = _new_study()
        self._running: list[Trial] = []
        if sampler == "gp":
            load_torch()

    @property
    def replays(self) -> bool:
        """Whether a point that it proposed has to be proposed again: CMA-ES marks its own."""
        return self._kind == "cmaes"

    def propose(self, number: int) -> Params:
        """Return the next point; it joins the current generation."""
        self._study.sampler = self._sampler(seed_of(self._seed, number))
        torch_too = threadpool_limits(1, "openmp") if self._kind == "gp" else nullcontext()
        with one_blas_thread(), torch_too:
            return self._ask()

    def enter(self, params: Params) -> None:
        """Take in a point that comes from elsewhere."""
        self._study.enqueue_trial(params)
        self._study.sampler = RandomSampler()  # of which nothing is left to ask
        self._ask()

    def report(self, results: Sequence[Result]) -> None:
        """End the current generation."""
        for trial, result in zip(self._running, results, strict=True):
            if result.value is None:
                self._study.tell(trial, state=OptunaState.FAIL)
            elif result.state == TrialState.PRUNED and self._kind == "tpe":
                trial.report(result.value, result.epochs)
                self._study.tell(trial, state=OptunaState.PRUNED)
            else:
                self._study.tell(trial, result.value)
        self._running = []

    def _ask(self) -> Params:
        trial = self._study.ask()
        self._running.append(trial)
        params: Params = {}
        for name, distribution in self._distributions.items():
            if exists(self._space[name], params):
                params[name] = _suggest(trial, name, distribution)
        return params

    def _sampler(self, seed: int) -> BaseSampler:
        sampler: _Together
        if self._kind == "tpe":
            sampler = _Tpe(seed=seed)
        elif self._kind == "gp":
            sampler = _Gp(seed=seed, warn_independent_sampling=False)
        else:
            sampler = _CmaEs(
                seed=seed,
                n_startup_trials=0,
                popsize=self._population,
                warn_independent_sampling=False,
            )
        sampler.together = self._together
        return sampler


def population(dimensions: int, generation: int) -> int:
    """Return how many trials CMA-ES learns from at a time.

    That is its usual number, 4 + ⌊3 ln d⌋, but in whole generations, so that no trial is wasted.
    """
    usual = 4 + int(3 * np.log(max(dimensions, 1)))
    return max(1, round(usual / generation)) * generation


def _together(space: Space, *, numbers_only: bool) -> Distributions:
    """Return what every trial has, but for dimensions of a single value; in a fixed order."""
    given = distributions(space)
    return {
        name: given[name]
        for name in sorted(space)
        if not space[name].when
        and not given[name].single()
        and not (numbers_only and isinstance(space[name], Choices))
    }


def _suggest(trial: Trial, name: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, FloatDistribution):
        low, high = distribution.low, distribution.high
        return trial.suggest_float(name, low, high, step=distribution.step, log=distribution.log)
    if isinstance(distribution, IntDistribution):
        low, high = distribution.low, distribution.high
        return trial.suggest_int(name, low, high, step=distribution.step, log=distribution.log)
    assert isinstance(distribution, CategoricalDistribution)
    return trial.suggest_categorical(name, distribution.choices)


def load_torch() -> None:
    """Load what Optuna's Gaussian process is written in, so that its threads can be held to one.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import_module("torch")
    except ImportError as error:
        raise InputError(
            "`sampler` 'gp' needs PyTorch, which is not installed: pip install 'nnsweep[gp]'"
        ) from error


def _new_study() -> optuna.Study:
    with quiet():
        return optuna.create_study(direction="maximize")
