"""The progress of a sweep: trials are counted as they finish, and the counts go to a display.

The time to count a trial does not depend on the number of trials before it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from nncore.components.metrics import ACCURACY, Metric
from sweeps.generations import generation_end
from sweeps.space.dimensions import Params
from sweeps.trial import Result, TrialOutcome, TrialState


class SweepEnd(StrEnum):
    """Why a run of a sweep ended.

    Examples
    --------
    >>> from sweeps import SweepEnd
    >>> SweepEnd("timeout") is SweepEnd.TIMEOUT
    True
    """

    TRIALS = "trials"
    """All trials are done."""
    EPOCH_BUDGET = "epoch_budget"
    """The trials have trained `sweep.epoch_budget` epochs."""
    TIMEOUT = "timeout"
    """The `timeout` of `run_sweep` is over."""
    STOPPED = "stopped"
    """A stop was requested, or the workers ended early."""


@dataclass(frozen=True)
class TrialDone:
    """A trial that has just finished, with its hyperparameters."""

    number: int
    outcome: TrialOutcome
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class RungProgress:
    """The progress of trials that compete, with the pruner "promotion".

    `reached` of `trials` trials have reached the rung after `epoch` epochs, or have ended; `epoch`
    is None for the last of the bracket, which train to their end.
    """

    epoch: int | None
    reached: int
    trials: int


@dataclass(frozen=True)
class SweepProgress:
    """The progress of a sweep.

    Parameters
    ----------
    done
        The number of finished trials, including pruned and failed ones.
    trials
        The number of trials that the config asks for.
    expected
        The number of trials after which the sweep is expected to end. It is less than `trials` if
        the epoch budget is expected to be spent earlier.
    pruned
        The number of pruned trials.
    failed
        The number of trials that ended with an error.
    repeated
        The number of trials that took the result of an earlier trial with the same config.
    epochs
        The number of epochs that the finished trials have trained.
    epoch_budget
        The `sweep.epoch_budget` of the config, None if there is none.
    best_number
        The trial with the best value, which may be a pruned one; None as long as none learned.
    best_value
        Its value of the metric; None as long as no trial has learned.
    metric
        The metric of the sweep.
    waiting
        How many of the finished trials are not in the tables yet, because a trial of lower number
        has not finished.
    undecided
        The number of trials that have reached a rung, or ended, in a generation that is not
        decided, with the pruner "promotion". They are not among the finished ones.
    latest
        The trial that has just finished; None at the start and the end of a run, and if a trial
        has reached a rung.
    rung
        How far the trials of a generation that compete are, if one of them has reached a rung.
    end
        Why the run ended; None until then.

    Examples
    --------
    `run_sweep` makes it; a display formats it.

    >>> from sweeps import SweepProgress
    >>> progress = SweepProgress(
    ...     done=3, trials=8, expected=8, pruned=1, failed=0, repeated=0, epochs=12,
    ...     epoch_budget=None, best_number=2, best_value=0.97,
    ... )
    >>> f"{progress.done} of {progress.trials} trials, best {progress.best_value:.2%}"
    '3 of 8 trials, best 97.00%'
    """

    done: int
    trials: int
    expected: int
    pruned: int
    failed: int
    repeated: int
    epochs: int
    epoch_budget: int | None
    best_number: int | None
    best_value: float | None
    metric: Metric = ACCURACY
    waiting: int = 0
    undecided: int = 0
    latest: TrialDone | None = None
    rung: RungProgress | None = None
    end: SweepEnd | None = None


OnProgress = Callable[[SweepProgress], None]


def seconds_left(progress: SweepProgress, before: int, elapsed: float) -> float | None:
    """Return the time that a run still needs, if trials go on as fast as in `elapsed` seconds.

    It began with `before` finished trials. None if no trial has finished since.
    """
    done = progress.done - before
    return elapsed / done * (progress.expected - progress.done) if done > 0 else None


class Tally:
    """Counts of the finished trials, which may be added in any order."""

    def __init__(
        self, trials: int, generations: Sequence[int], epoch_budget: int | None, metric: Metric
    ) -> None:
        self._trials = trials
        self._generations = generations
        self._epoch_budget = epoch_budget
        self._metric = metric
        self._done = self._epochs = self._repeated = 0
        self._states = dict.fromkeys(TrialState, 0)
        self._best: tuple[float, int] | None = None

    def add(self, number: int, result: Result) -> None:
        """Count a trial; of equal values the lowest number is best."""
        self._done += 1
        self._epochs += result.epochs
        self._repeated += result.repeated
        self._states[result.state] += 1
        # The worst value was never measured: the trial diverged in its first epoch.
        if result.value not in (None, self._metric.worst):
            assert result.value is not None
            candidate = self._metric.score(result.value), -number
            self._best = max(self._best or candidate, candidate)

    def progress(
        self,
        latest: TrialDone | None = None,
        end: SweepEnd | None = None,
        rung: RungProgress | None = None,
        *,
        waiting: int = 0,
        undecided: int = 0,
    ) -> SweepProgress:
        """Return the progress so far; the arguments are fields of `SweepProgress`."""
        return SweepProgress(
            done=self._done,
            trials=self._trials,
            expected=self._expected(),
            pruned=self._states[TrialState.PRUNED],
            failed=self._states[TrialState.FAILED],
            repeated=self._repeated,
            epochs=self._epochs,
            epoch_budget=self._epoch_budget,
            best_number=-self._best[1] if self._best else None,
            best_value=self._metric.score(self._best[0]) if self._best else None,
            metric=self._metric,
            waiting=waiting,
            undecided=undecided,
            latest=latest,
            rung=rung,
            end=end,
        )

    def _expected(self) -> int:
        """Return the number of trials after which the sweep is expected to end.

        The estimate assumes that trials go on training as many epochs as so far. When the budget is
        spent, the sweep ends with the current generation.
        """
        if self._epoch_budget is None or not self._epochs:
            return self._trials
        affordable = self._epoch_budget * self._done / self._epochs
        begun = math.ceil(max(affordable, self._done))
        return min(self._trials, generation_end(self._generations, begun))
