"""Optuna's samplers, called so that a proposal depends only on the sweep and its earlier trials.

Two samplers draw point k from the seed. Two learn from a study in memory of the trials that a
proposal may depend on; its other contents are never written to disk.
"""

import warnings
from collections.abc import Callable, Sequence
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
from optuna.samplers import BaseSampler, GPSampler, QMCSampler, RandomSampler
from optuna.samplers import CmaEsSampler as OptunaCmaEsSampler
from optuna.trial import FrozenTrial, Trial, create_trial
from optuna.trial import TrialState as OptunaState
from threadpoolctl import threadpool_limits

from nncore.arrays.blas import one_blas_thread
from nncore.errors import InputError
from nncore.extras import install_command
from sweeps.samplers.protocol import Search
from sweeps.space.dimensions import Choices, Params, Space, exists
from sweeps.space.distributions import distributions, quiet
from sweeps.trial import Result

Distributions = dict[str, BaseDistribution]


def seed_of(seed: int, number: int) -> int:
    """Return a separate seed for each proposal: its draws do not depend on earlier ones."""
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0])


def random_points(space: Space, seed: int) -> Callable[[int], Params]:
    """Return a function from k to point k, drawn at random from the space."""
    given, study, trial = distributions(space), new_study(), create_trial(value=0.0)

    def point(number: int) -> Params:
        sampler, params = RandomSampler(seed=seed_of(seed, number)), Params()
        for name, distribution in given.items():
            if exists(space[name], params):
                value = sampler.sample_independent(study, trial, name, distribution)
                params[name] = space[name].member(value)
        return params

    return point


def qmc_points(space: Space, seed: int) -> Callable[[int], Params]:
    """Return a function from k to point k of a scrambled Sobol sequence over all dimensions.

    A point keeps only the dimensions that exist at it. Source: Owen, 1998; Optuna's QMCSampler.
    """
    given, study, trial = distributions(space), new_study(), create_trial(value=0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = QMCSampler(scramble=True, seed=seed_of(seed, 0))
    drawn: list[dict[str, Any]] = []

    def point(number: int) -> Params:
        while len(drawn) <= number:  # the sampler counts its draws in the study
            drawn.append(sampler.sample_relative(study, trial, given))
        params: Params = {}
        for name, dimension in space.items():
            if exists(dimension, params):
                params[name] = dimension.member(drawn[number][name])
        return params

    return point


class _Together(BaseSampler):
    """A sampler that proposes the dimensions named in `together` jointly and all others separately.

    Optuna would use the dimensions that all trials so far happen to share, which depends on the
    order in which trials finish. Its study holds the space's own values, so it holds the same after
    a resume.
    """

    space: Space
    together: Distributions

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> Distributions:
        return self.together

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: Distributions
    ) -> dict[str, Any]:
        values = super().sample_relative(study, trial, search_space)  # type: ignore[safe-super]
        return {name: self.space[name].member(value) for name, value in values.items()}

    def sample_independent(
        self,
        study: optuna.Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        value = super().sample_independent(  # type: ignore[safe-super]
            study, trial, param_name, param_distribution
        )
        return self.space[param_name].member(value)


class _Gp(_Together, GPSampler):
    """Gaussian process with expected improvement. Source: Jones et al., 1998."""


class _CmaEs(_Together, OptunaCmaEsSampler):
    """Covariance matrix adaptation. Source: Hansen, The CMA Evolution Strategy: A Tutorial."""


class OptunaSampler:
    """One of Optuna's learning samplers with its study in memory; its subclasses are below.

    They would ignore a pruned trial and propose it again. For them it counts as complete, with its
    best value.

    Attributes
    ----------
    replays
        Whether a resume must ask for the earlier points again instead of adding them.
    numbers_only
        Whether it learns about ranges only.
    """

    replays = False
    numbers_only = False

    def __init__(self, search: Search) -> None:
        self._space, self._seed = search.space, search.seed
        self._distributions = distributions(search.space)
        self._together = common_dimensions(search.space, numbers_only=self.numbers_only)
        self._population = population(len(self._together), search.generation)
        self._study = new_study()
        self._running: list[Trial] = []

    def ask(self, number: int) -> Params:
        """Return the next point, which joins the current generation."""
        sampler = self._sampler(seed_of(self._seed, number))
        sampler.space, sampler.together = self._space, self._together
        self._study.sampler = sampler
        with one_blas_thread():
            return self._ask()

    def add(self, params: Params) -> None:
        """Add a point from elsewhere to the current generation."""
        self._study.enqueue_trial(params)
        self._study.sampler = RandomSampler()  # not used: the queued point has every parameter
        self._ask()

    def tell(self, results: Sequence[Result]) -> None:
        """End the current generation with the results of its points, in their order."""
        for trial, result in zip(self._running, results, strict=True):
            if result.value is None:
                self._study.tell(trial, state=OptunaState.FAIL)
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

    def _sampler(self, seed: int) -> _Together:
        """Return Optuna's sampler for one point."""
        raise NotImplementedError


class GaussianProcessSampler(OptunaSampler):
    """Optuna's Gaussian process, which uses PyTorch."""

    def __init__(self, search: Search) -> None:
        super().__init__(search)
        load_torch()

    def ask(self, number: int) -> Params:
        """Return the next point, which joins the current generation."""
        with threadpool_limits(1, "openmp"), warnings.catch_warnings():  # PyTorch's threads
            # The score of a training that diverged is infinite; the worst finite one stands for it.
            warnings.filterwarnings("ignore", "Clip non-finite values")
            return super().ask(number)

    def _sampler(self, seed: int) -> _Together:
        return _Gp(seed=seed, warn_independent_sampling=False)


class CmaEsSampler(OptunaSampler):
    """Optuna's CMA-ES. It marks its own points, so a resume must ask for them again."""

    replays = True
    numbers_only = True

    def _sampler(self, seed: int) -> _Together:
        return _CmaEs(
            seed=seed,
            n_startup_trials=0,
            popsize=self._population,
            warn_independent_sampling=False,
        )


def population(dimensions: int, generation: int) -> int:
    """Return the population size of CMA-ES: the number of trials between two of its updates.

    Its usual size, 4 + ⌊3 ln d⌋, is rounded to whole generations, so that every trial is used.
    """
    usual = 4 + int(3 * np.log(max(dimensions, 1)))
    return max(1, round(usual / generation)) * generation


def common_dimensions(space: Space, *, numbers_only: bool) -> Distributions:
    """Return the dimensions that every trial has and that have several values, in a fixed order."""
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
    """Load PyTorch, which Optuna's Gaussian process uses, before its threads are limited to one.

    Raises
    ------
    InputError
        If PyTorch is not installed.
    """
    try:
        import_module("torch")
    except ImportError as error:
        raise InputError(
            f"`sampler` 'gp' needs PyTorch, which is not installed: {install_command('gp')}"
        ) from error


def new_study() -> optuna.Study:
    """Return a study in memory."""
    with quiet():
        return optuna.create_study(direction="maximize")
