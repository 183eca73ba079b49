"""What workers are asked to do: tasks of one trial each, which outlive the worker that dies.

A trial whose worker dies is run again, alone, so that none fails for the sake of another.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource
from sweeps.pruners.rules import Table, should_prune
from sweeps.trial import Seed, TrialOutcome, attempt, failed

LOG = logging.getLogger(__name__)
STRIKES = 3
"""How often a trial may take its worker down while it runs alone."""


@dataclass(frozen=True)
class Task:
    """A trial to be run: its number in the sweep and the arguments of `attempt`.

    `pruning` is what its generation is pruned by; `timeout` is in seconds.
    """

    number: int
    config: TrialConfig
    data: str | DataSource
    seeds: tuple[Seed, ...]
    pruning: Table | None = None
    timeout: float | None = None


Done = tuple[int, TrialOutcome]
Runner = Callable[[Sequence[Task]], Iterator[Done]]

Pool = Callable[[Iterator[Task]], Iterator[Done]]
"""Runs tasks and yields what they came to; raises `WorkerDiedError` if a worker dies."""


class WorkerDiedError(RuntimeError):
    """A worker ended without an answer: killed, or out of memory, by one of the `suspects`."""

    def __init__(self, suspects: Sequence[Task], deaths: int = 1) -> None:
        trials = ", ".join(f"trial {task.number}" for task in suspects)
        super().__init__(
            f"a worker died (killed, or out of memory); to be run again, one at a time: {trials}"
        )
        self.suspects = suspects
        self.deaths = deaths


def run_task(task: Task, dataset: DataSet | None = None) -> Done:
    """Return the number of `task` and what its trial comes to, on `dataset` if that is at hand."""
    prune = partial(should_prune, task.pruning, task.number) if task.pruning else None
    data = dataset or task.data
    return task.number, attempt(task.config, data, task.seeds, prune=prune, timeout=task.timeout)


def until_stopped(stop_requested: Callable[[], bool], tasks: Sequence[Task]) -> Iterator[Task]:
    """Give the tasks in their order, until a stop is requested."""
    for task in tasks:
        if stop_requested():
            return
        yield task


def survive(
    pool: Pool, stop_requested: Callable[[], bool], tasks: Sequence[Task]
) -> Iterator[Done]:
    """Yield what `tasks` come to in `pool`, whichever of its workers die.

    When one does, those that it may have died of run alone. One that takes its worker down alone,
    `STRIKES` times, has failed.
    """
    waiting = {task.number: task for task in tasks}
    while waiting:
        try:
            for number, outcome in pool(until_stopped(stop_requested, list(waiting.values()))):
                del waiting[number]
                yield number, outcome
        except WorkerDiedError as died:
            LOG.warning("%s", died)
            for suspect in died.suspects:
                for number, outcome in _alone(pool, stop_requested, suspect):
                    del waiting[number]
                    yield number, outcome
        else:
            return


def _alone(pool: Pool, stop_requested: Callable[[], bool], task: Task) -> Iterator[Done]:
    started, clock, deaths = datetime.now(UTC), time.perf_counter(), 0
    while deaths < STRIKES:
        try:
            yield from pool(until_stopped(stop_requested, [task]))
        except WorkerDiedError as died:
            deaths += died.deaths
        else:
            return
    error = f"its worker died {deaths} times while it ran this trial alone: killed, out of memory\n"
    yield task.number, failed(error, started, time.perf_counter() - clock)
