"""Where the next points come from: Optuna's sampler, asked so that nothing depends on timing.

A proposal sees the results of earlier generations and the parameters of lower numbers of its own,
never a result that merely happened to be ready.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial

from sweeps.space import Choices, Dimension, Params, Space


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return Optuna's form of `space`."""
    return {name: _distribution(dimension) for name, dimension in space.items()}


class Proposer:
    """An in-memory study that holds exactly what the next proposal may see.

    Trials come strictly in the order of their numbers: those of finished generations by `add`,
    those of the current one by `propose`, or by `enter` if an earlier run proposed them already.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._distributions = distributions(space)
        self._seed = seed
        with quiet():
            self._study = optuna.create_study(direction="maximize")

    def add(self, params: Params, value: float | None) -> None:
        """Take in a trial of a generation that is over; `value` is None if it failed."""
        self._add(_state(value), params, value)

    def enter(self, params: Params) -> None:
        """Take in a trial of the current generation that was proposed before."""
        self._add(TrialState.RUNNING, params, None)

    def propose(self) -> Params:
        """Return the parameters of the next trial of the current generation."""
        number = len(self._study.get_trials(deepcopy=False))
        self._study.sampler = _sampler(self._seed, number)
        return dict(self._study.ask(self._distributions).params)

    def report(self, values: Sequence[float | None]) -> None:
        """End the current generation with the values of its trials, None for one that failed."""
        running = self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        for number, value in zip([trial.number for trial in running], values, strict=True):
            self._study.tell(number, value, state=_state(value))

    def _add(self, state: TrialState, params: Params, value: float | None) -> None:
        trial = create_trial(
            state=state, params=params, distributions=self._distributions, value=value
        )
        self._study.add_trial(trial)


def _state(value: float | None) -> TrialState:
    return TrialState.FAIL if value is None else TrialState.COMPLETE


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from announcing each study on standard error; its warnings still appear."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)


def _sampler(seed: int, number: int) -> optuna.samplers.BaseSampler:
    """Return a sampler of its own for each trial, so that its draws depend on nothing before it."""
    state = np.random.SeedSequence((seed, number)).generate_state(1)
    return optuna.samplers.TPESampler(seed=int(state[0]))


def _distribution(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, Choices):
        return CategoricalDistribution(dimension.choices)
    low, high, log, step = dimension.low, dimension.high, dimension.log, dimension.step
    if dimension.whole:
        return IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return FloatDistribution(float(low), float(high), log=log, step=step)
