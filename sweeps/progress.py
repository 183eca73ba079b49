"""How far a sweep is: what is counted as trials come in, and what is told to whoever shows it.

A trial costs the same to count however many there were before it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sweeps.trial import Result, TrialOutcome, TrialState


class SweepEnd(StrEnum):
    """Why a run of a sweep ended."""

    TRIALS = "trials"
    """All trials are finished."""
    EPOCH_BUDGET = "epoch_budget"
    """The trials have trained `epoch_budget` epochs."""
    TIMEOUT = "timeout"
    """The time limit of the run is over."""
    STOPPED = "stopped"
    """The caller asked for a stop, or the runner ended early."""


@dataclass(frozen=True)
class TrialDone:
    """A trial that has just finished."""

    number: int
    outcome: TrialOutcome


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep is.

    Of `trials`, `done` are over; of these, `pruned` were cut short and `failed` by an error, and
    all that are over trained `epochs`, of `epoch_budget` if there is one. After `expected` trials
    the sweep ends, if they go on training as long as so far. The best is of those that have a
    value, pruned ones included; `best_value` is a fraction; both are None before the first.
    `latest` is None at the start and the end of a run, `end` until then.
    """

    done: int
    trials: int
    expected: int
    pruned: int
    failed: int
    epochs: int
    epoch_budget: int | None
    best_number: int | None
    best_value: float | None
    latest: TrialDone | None = None
    end: SweepEnd | None = None


OnProgress = Callable[[SweepProgress], None]


class Tally:
    """What is counted of the trials that are over, in whatever order they come."""

    def __init__(self, trials: int, generation: int, epoch_budget: int | None) -> None:
        self._trials = trials
        self._generation = generation
        self._epoch_budget = epoch_budget
        self._done = self._epochs = 0
        self._ended = dict.fromkeys(TrialState, 0)
        self._best: tuple[float, int] | None = None

    def add(self, number: int, result: Result) -> None:
        """Count a trial; of equal values the lowest number is best."""
        self._done += 1
        self._epochs += result.epochs
        self._ended[result.state] += 1
        if result.value is not None:
            candidate = result.value, -number
            self._best = max(self._best or candidate, candidate)

    def progress(
        self, latest: TrialDone | None = None, end: SweepEnd | None = None
    ) -> SweepProgress:
        """Return what there is to be told."""
        return SweepProgress(
            done=self._done,
            trials=self._trials,
            expected=self._expected(),
            pruned=self._ended[TrialState.PRUNED],
            failed=self._ended[TrialState.FAILED],
            epochs=self._epochs,
            epoch_budget=self._epoch_budget,
            best_number=-self._best[1] if self._best else None,
            best_value=self._best[0] if self._best else None,
            latest=latest,
            end=end,
        )

    def _expected(self) -> int:
        """Return after how many trials the sweep ends: a budget that is spent ends a generation."""
        if self._epoch_budget is None or not self._epochs:
            return self._trials
        affordable = self._epoch_budget * self._done / self._epochs
        generations = math.ceil(max(affordable, self._done) / self._generation)
        return min(self._trials, generations * self._generation)
