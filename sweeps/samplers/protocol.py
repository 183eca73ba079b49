"""The protocol of all samplers, and the search for which a sampler is made.

`sweeps.samplers.catalogue` lists all samplers by name; most are in `optuna_samplers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sweeps.space.dimensions import Params, Space
from sweeps.trial import Result


@dataclass(frozen=True)
class Search:
    """The part of a sweep that its proposals depend on, except the results.

    `generation` is the number of trials proposed together, `start` are the start points.
    """

    space: Space
    seed: int
    generation: int
    start: Sequence[Params]


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
