"""Asks for the trials of a sweep: first the start points, then the points of its sampler.

A proposal depends on the known results, on the results of earlier generations and on the parameters
of the earlier trials of its own generation. It never depends on which results happen to be ready.
"""

from collections.abc import Sequence

from nncore.errors import InputError, shown
from sweeps.samplers.protocol import Sampler
from sweeps.space.dimensions import Params
from sweeps.trial import Result


class Proposer:
    """Asks for the trials of a sweep, in the order of their numbers.

    For each trial, call `ask`, or `add` if an earlier run has proposed it; call `tell` at the end
    of each generation.

    Parameters
    ----------
    sampler
        A new sampler.
    start
        The start points.
    known
        Points with results, as scores, of trials that are not of this sweep.
    """

    def __init__(
        self,
        sampler: Sampler,
        start: Sequence[Params],
        known: Sequence[tuple[Params, Result]] = (),
    ) -> None:
        self._sampler, self._start = sampler, start
        self._number = 0
        for params, _ in known:
            sampler.add(params)
        if known:
            sampler.tell([result for _, result in known])

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
                f"trial {self._number - 1} in the storage must equal what the sampler proposes, "
                f"{shown(proposed)}, got {shown(params)}; start again in another run folder"
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
