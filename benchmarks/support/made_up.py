"""Made-up trials that take no time, to measure the sweep around them.

A curve rises to a level that is highest at one learning rate and falls on both sides of it.
"""

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from nncore.datasets import DataSet
from nncore.training import EpochRecord
from sweeps.environment import Environment
from sweeps.pruners.rules import should_prune
from sweeps.trial import StopReason, TrialOutcome, TrialState
from sweeps.workers.tasks import FinishedTrial, Runner, StopRequested, TrialTask

BEST_LEARNING_RATE = 0.5


def made_up_curve(task: TrialTask) -> list[float]:
    """Return made-up validation accuracies of `task`, one for each epoch."""
    level = 0.95 - 0.2 * abs(math.log10(task.config.learning_rate / BEST_LEARNING_RATE))
    return [level * (1 - math.exp(-epoch / 3)) for epoch in range(1, task.config.epochs + 1)]


def made_up_outcome(task: TrialTask, seconds: float = 0.0) -> TrialOutcome:
    """Return a made-up outcome of `task`, pruned as a real trial would be."""
    curve, state = made_up_curve(task), TrialState.COMPLETE
    for epoch in range(1, len(curve)):
        if task.pruning and should_prune(task.pruning, task.number, curve[:epoch]):
            curve, state = curve[:epoch], TrialState.PRUNED
            break
    records = tuple(_record(epoch, accuracy) for epoch, accuracy in enumerate(curve, 1))
    return TrialOutcome(
        state=state,
        value=max(curve),
        best_epoch=1 + curve.index(max(curve)),
        epochs=len(curve),
        stop_reason=StopReason.MAX_EPOCHS if state == TrialState.COMPLETE else StopReason.PRUNED,
        curves=(records,) * len(task.seeds),
        model=None,
        error="",
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        seconds=seconds,
        worker=os.getpid(),
    )


def run_made_up(tasks: Iterable[TrialTask]) -> Iterator[FinishedTrial]:
    """Yield made-up outcomes of `tasks`, one after the other."""
    for task in tasks:
        yield task.number, made_up_outcome(task)


@dataclass(frozen=True)
class RunnerWorkers:
    """Workers that are the function `runner` in this process."""

    runner: Runner = run_made_up

    def start(
        self, datasets: Sequence[DataSet], environment: Environment, stop_requested: StopRequested
    ) -> AbstractContextManager[Runner]:
        """Return a context manager that gives the runner."""
        return nullcontext(self.runner)

    def parallel_trials(self) -> int:
        """Return the number of trials that run at the same time."""
        return 1


def _record(epoch: int, accuracy: float) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        learning_rate=0.5,
        train_cost=1 - accuracy,
        train_accuracy=accuracy,
        validation_cost=1 - accuracy,
        validation_accuracy=accuracy,
        validation_metric=accuracy,
        test_cost=None,
        test_accuracy=None,
        penalty=0.0,
        diverged=False,
        train_seconds=0.0,
        evaluation_seconds=0.0,
    )
