"""The space as Optuna distributions, for its samplers and its storages.

Besides this module, only the samplers, the study and its database use Optuna.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from sweeps.space.dimensions import Choices, Dimension, Space


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the Optuna distributions of `space`, by name."""
    return {name: _distribution(dimension) for name, dimension in space.items()}


def _distribution(dimension: Dimension) -> BaseDistribution:
    if isinstance(dimension, Choices):
        return CategoricalDistribution(dimension.choices)
    low, high, log, step = dimension.low, dimension.high, dimension.log, dimension.step
    if dimension.whole:
        return IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return FloatDistribution(float(low), float(high), log=log, step=step)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Optuna's messages about each new study; its warnings still appear."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
