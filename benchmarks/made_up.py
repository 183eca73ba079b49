"""Made-up trials that take no time, to measure the sweep around them.

A curve rises to a level that is highest at one learning rate and falls on both sides of it.
"""

import math
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from nncore.training import EpochRecord
from sweeps.pruners.rules import should_prune
from sweeps.trial import TrialOutcome
from sweeps.workers.tasks import Task

BEST_LEARNING_RATE = 0.5


def made_up_curve(task: Task) -> list[float]:
    """Return made-up validation accuracies of `task`, one for each epoch."""
    level = 0.95 - 0.2 * abs(math.log10(task.config.learning_rate / BEST_LEARNING_RATE))
    return [level * (1 - math.exp(-epoch / 3)) for epoch in range(1, task.config.epochs + 1)]


def made_up_outcome(task: Task, seconds: float = 0.0) -> TrialOutcome:
    """Return a made-up outcome of `task`, pruned as a real trial would be."""
    curve, state = made_up_curve(task), "complete"
    for epoch in range(1, len(curve)):
        if task.pruning and should_prune(task.pruning, task.number, curve[:epoch]):
            curve, state = curve[:epoch], "pruned"
            break
    records = tuple(_record(epoch, accuracy) for epoch, accuracy in enumerate(curve, 1))
    return TrialOutcome(
        state=state,
        value=max(curve),
        best_epoch=1 + curve.index(max(curve)),
        epochs=len(curve),
        stop_reason="pruned" if state == "pruned" else "max_epochs",
        curves=(records,) * len(task.seeds),
        model=None,
        error="",
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        seconds=seconds,
        worker=os.getpid(),
    )


def run_made_up(tasks: Sequence[Task]) -> Iterator[tuple[int, TrialOutcome]]:
    """Yield the made-up outcomes of `tasks`: a runner for `run_sweep`."""
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
