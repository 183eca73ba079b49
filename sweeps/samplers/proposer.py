"""Proposes the trials of a sweep: first the start points, then those of the sweep's sampler.

A proposal depends on the results of earlier generations and on the parameters of lower numbers of
its own generation, never on a result that merely happens to be ready.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.samplers.coordinate import Coordinate
from sweeps.samplers.grid import grid_points
from sweeps.samplers.optuna_samplers import OptunaSampler, load_torch, qmc_points, random_points
from sweeps.space.dimensions import Choices, Params
from sweeps.trial import Result


class Sampler(Protocol):
    """A source of points, numbered from 0 after the start points and asked for in that order."""

    @property
    def replays(self) -> bool:
        """Whether a resume must ask for the earlier points again instead of adding them."""

    def ask(self, number: int) -> Params:
        """Return point `number`, which joins the current generation."""

    def add(self, params: Params) -> None:
        """Add a point from elsewhere to the current generation."""

    def tell(self, results: Sequence[Result]) -> None:
        """End the current generation with the results of its points, in their order."""


class NonAdaptiveSampler:
    """A sampler that does not learn: its points depend only on their numbers."""

    replays = False

    def __init__(self, point: Callable[[int], Params]) -> None:
        self._point = point

    def ask(self, number: int) -> Params:
        """Return point `number`."""
        return self._point(number)

    def add(self, params: Params) -> None:
        """Ignore a point from elsewhere."""

    def tell(self, results: Sequence[Result]) -> None:
        """Ignore the results of a generation."""


def check_sampler(config: SweepConfig) -> None:
    """Raise `InputError` if the sampler needs a package that is not installed."""
    if config.sweep.sampler == "gp":
        load_torch()


def new_sampler(config: SweepConfig) -> Sampler:
    """Return the sampler that `config` names, before its first point."""
    name, space, seed = config.sweep.sampler, config.space, config.sweep.seed
    if name == "random":
        return NonAdaptiveSampler(random_points(space, seed))
    if name == "qmc":
        return NonAdaptiveSampler(qmc_points(space, seed))
    if name == "grid":
        return NonAdaptiveSampler(grid_points(space, seed, without=config.start))
    if name == "coordinate":
        return Coordinate(space, random_points(space, seed))
    return OptunaSampler(name, space, seed, config.sweep.generation)


class Proposer:
    """Proposes the trials of a sweep, in the order of their numbers.

    For each trial, call `ask`, or `add` if an earlier run has proposed it; call `tell` at the end
    of each generation.
    """

    def __init__(self, config: SweepConfig) -> None:
        self._start = config.start
        self._sampler = new_sampler(config)
        self._number = 0

    def add(self, params: Params) -> None:
        """Add the next trial of the current generation, which an earlier run has proposed.

        Raises
        ------
        InputError
            If the sampler must replay its proposals and now proposes a different trial.
        """
        if self._number < len(self._start) or not self._sampler.replays:
            self._sampler.add(params)
            self._number += 1
        elif (proposed := self.ask()) != params:
            raise InputError(
                f"trial {self._number - 1} in the storage must be the sampler's proposal after the "
                f"trials before it, {proposed}, got {params}; start again in another run folder"
            )

    def ask(self) -> Params:
        """Return the parameters of the next trial of the current generation."""
        number = self._number - len(self._start)
        self._number += 1
        if number >= 0:
            return self._sampler.ask(number)
        params = dict(self._start[number])
        self._sampler.add(params)
        return params

    def tell(self, results: Sequence[Result]) -> None:
        """End the current generation with the results of its trials, in their order."""
        self._sampler.tell(results)


def dimensions_left_to_chance(config: SweepConfig) -> list[str]:
    """Return the dimensions that the sampler of `config` always draws at random."""
    if config.sweep.sampler != "cmaes":
        return []
    space = config.space.items()
    return [name for name, d in space if d.when or (isinstance(d, Choices) and d.count > 1)]
