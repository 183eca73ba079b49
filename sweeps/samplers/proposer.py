"""Where the next points come from: the start points, then the sampler that the sweep names.

A proposal sees the results of earlier generations and the parameters of lower numbers of its own,
never a result that merely happened to be ready.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.samplers.coordinate import Coordinate
from sweeps.samplers.grid import grid_points
from sweeps.samplers.optuna_samplers import Learner, load_torch, qmc_points, random_points
from sweeps.space.dimensions import Choices, Params
from sweeps.trial import Result


class Sampler(Protocol):
    """What proposes: points by their number, from 0 after the start points, in rising order.

    If it `replays`, it is to propose again what it proposed before, and else that is entered.
    """

    @property
    def replays(self) -> bool: ...  # noqa: D102

    def propose(self, number: int) -> Params: ...  # noqa: D102

    def enter(self, params: Params) -> None: ...  # noqa: D102

    def report(self, results: Sequence[Result]) -> None: ...  # noqa: D102


class Drawn:
    """A sampler that learns nothing: point `number` is what it was from the start."""

    replays = False

    def __init__(self, point: Callable[[int], Params]) -> None:
        self._point = point

    def propose(self, number: int) -> Params:
        """Return point `number`."""
        return self._point(number)

    def enter(self, params: Params) -> None:
        """Pass over a point that comes from elsewhere."""

    def report(self, results: Sequence[Result]) -> None:
        """Pass over the results of a generation."""


def check_sampler(config: SweepConfig) -> None:
    """Raise `InputError` if the sampler needs a package that is not installed."""
    if config.sweep.sampler == "gp":
        load_torch()


def new_sampler(config: SweepConfig) -> Sampler:
    """Return the sampler that `config` names, at its beginning."""
    name, space, seed = config.sweep.sampler, config.space, config.sweep.seed
    if name == "random":
        return Drawn(random_points(space, seed))
    if name == "qmc":
        return Drawn(qmc_points(space, seed))
    if name == "grid":
        return Drawn(grid_points(space, seed, without=config.start))
    if name == "coordinate":
        return Coordinate(space, random_points(space, seed))
    return Learner(name, space, seed, config.sweep.generation)


class Proposer:
    """What proposes the trials of a sweep, and is told of those that are there already.

    Trials come strictly in the order of their numbers, by `propose`, or by `enter` if an earlier
    run proposed them already; `report` ends a generation.
    """

    def __init__(self, config: SweepConfig) -> None:
        self._start = config.start
        self._sampler = new_sampler(config)
        self._number = 0

    def enter(self, params: Params) -> None:
        """Take in a trial of the current generation that was proposed before.

        Raises
        ------
        InputError
            If the sampler has to propose it again, and proposes another.
        """
        if self._number < len(self._start) or not self._sampler.replays:
            self._sampler.enter(params)
            self._number += 1
        elif (proposed := self.propose()) != params:
            raise InputError(
                f"trial {self._number - 1} in the storage must be what the sampler proposes after "
                f"those before it, {proposed}, got {params}; begin in another run folder"
            )

    def propose(self) -> Params:
        """Return the parameters of the next trial of the current generation."""
        number = self._number - len(self._start)
        self._number += 1
        if number >= 0:
            return self._sampler.propose(number)
        params = dict(self._start[number])
        self._sampler.enter(params)
        return params

    def report(self, results: Sequence[Result]) -> None:
        """End the current generation with the results of its trials."""
        self._sampler.report(results)


def left_to_chance(config: SweepConfig) -> list[str]:
    """Return the dimensions that the sampler of `config` draws at random, whatever it learns."""
    if config.sweep.sampler != "cmaes":
        return []
    space = config.space.items()
    return [name for name, d in space if d.when or (isinstance(d, Choices) and d.count > 1)]
