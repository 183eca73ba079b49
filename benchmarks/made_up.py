"""Trials that are made up, not trained: to measure the sweep around them.

A curve rises to a level that falls off on both sides of a best learning rate.
"""

import math
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from nncore.training import EpochRecord
from sweeps.pruners.rules import should_prune
from sweeps.trial import StopReason, TrialOutcome, TrialState
from sweeps.workers.tasks import Task

BEST_LEARNING_RATE = 0.5


def made_up_curve(task: Task) -> list[float]:
    """Return the validation accuracies that `task` would have, all its epochs."""
    level = 0.95 - 0.2 * abs(math.log10(task.config.learning_rate / BEST_LEARNING_RATE))
    return [level * (1 - math.exp(-epoch / 3)) for epoch in range(1, task.config.epochs + 1)]


def made_up_outcome(task: Task, seconds: float = 0.0) -> TrialOutcome:
    """Return the outcome of `task`, pruned as a real one would be, without training."""
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


def run_made_up(tasks: Sequence[Task]) -> Iterator[tuple[int, TrialOutcome]]:
    """Run `tasks` one after the other: a runner for `run_sweep`."""
    for task in tasks:
        yield task.number, made_up_outcome(task)


def _record(epoch: int, accuracy: float) -> EpochRecord:
    return EpochRecord(
        epoch=epoch,
        learning_rate=0.5,
        train_cost=1 - accuracy,
        train_accuracy=accuracy,
        validation_cost=1 - accuracy,
        validation_accuracy=accuracy,
        test_cost=None,
        test_accuracy=None,
        penalty=0.0,
        diverged=False,
        train_seconds=0.0,
        evaluation_seconds=0.0,
    )
