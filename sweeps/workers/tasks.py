"""The tasks that workers run, one trial each, and the protocol that all kinds of workers follow.

If a worker dies, its trials run again, one at a time, so that no trial fails because of another.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeVar

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource
from sweeps.environment import Environment
from sweeps.pruners.rules import PrunerSnapshot, should_prune
from sweeps.trial import Seed, TrialOutcome, attempt, failed

LOG = logging.getLogger(__name__)
STRIKES = 3
"""A trial has failed once its worker has died this often while the trial ran alone."""


class Task(Protocol):
    """A task for a worker; a finished one is recognised by its number."""

    @property
    def number(self) -> int:
        """The number of the task, different from that of every other task of the call."""


AnyTask = TypeVar("AnyTask", bound=Task)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class TrialTask:
    """A trial to run: its number in the sweep and the arguments of `attempt`.

    `pruning` is the snapshot that prunes the trials of its generation; `timeout` is in seconds.
    """

    number: int
    config: TrialConfig
    data: str | DataSource
    seeds: tuple[Seed, ...]
    pruning: PrunerSnapshot | None = None
    timeout: float | None = None


FinishedTrial = tuple[int, TrialOutcome]
"""The number of a trial and its outcome."""

Runner = Callable[[Sequence[TrialTask]], Iterator[FinishedTrial]]
"""Runs tasks and yields each trial as it finishes."""

StopRequested = Callable[[], bool]
"""Returns whether no further trial should start."""


class Workers(Protocol):
    """The workers that run the trials of a sweep.

    `LocalWorkers` and `DaskWorkers` follow this protocol; so can the workers of a test.
    """

    def start(
        self, dataset: DataSet, environment: Environment, stop_requested: StopRequested
    ) -> AbstractContextManager[Runner]:
        """Return a context manager that starts the workers, gives a `Runner` and stops them.

        The runner starts its tasks in the order given. Once `stop_requested()` is true it starts no
        further task and finishes the running ones.

        Parameters
        ----------
        dataset
            The data set of all tasks.
        environment
            The environment of the sweep, which the workers must share.
        stop_requested
            Returns whether no further trial should start.

        Raises
        ------
        InputError
            On entering: if the workers cannot be reached, or have a different environment.
        OutageError
            On entering or from the runner: if the data cannot be read or the workers are gone.
        """

    def threads(self) -> int:
        """Return the number of trials that run at the same time, at least 1."""


Pool = Callable[[Iterator[AnyTask]], Iterator[tuple[int, Outcome]]]
"""Runs tasks like a `Runner`, but raises `WorkerDiedError` if a worker dies."""


class WorkerDiedError(RuntimeError):
    """A worker was killed or ran out of memory.

    One of the `suspects` may have caused it: the numbers of the tasks that the worker may have run.
    """

    def __init__(self, suspects: Sequence[int], deaths: int = 1) -> None:
        trials = ", ".join(f"trial {number}" for number in suspects)
        super().__init__(
            f"a worker died (killed, or out of memory); to be run again, one at a time: {trials}"
        )
        self.suspects = suspects
        self.deaths = deaths


def run_task(task: TrialTask, dataset: DataSet | None = None) -> FinishedTrial:
    """Run `task` and return its number and outcome; read the data if no `dataset` is given."""
    prune = partial(should_prune, task.pruning, task.number) if task.pruning else None
    data = dataset or task.data
    return task.number, attempt(task.config, data, task.seeds, prune=prune, timeout=task.timeout)


def until_stopped(stop_requested: StopRequested, tasks: Sequence[AnyTask]) -> Iterator[AnyTask]:
    """Yield the tasks in their order, until a stop is requested."""
    for task in tasks:
        if stop_requested():
            return
        yield task


def retry_lost_tasks(
    pool: Pool[AnyTask, Outcome], stop_requested: StopRequested, tasks: Sequence[AnyTask]
) -> Iterator[tuple[int, Outcome | TrialOutcome]]:
    """Run `tasks` in `pool` and yield the number and outcome of each, even if workers die.

    If a worker dies, the suspects run again, one at a time. A task has failed once its worker has
    died `STRIKES` times while the task ran alone; its outcome is then a failed `TrialOutcome`.
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
                for answer in _run_alone(pool, stop_requested, waiting[suspect]):
                    del waiting[suspect]
                    yield answer
        else:
            return


def _run_alone(
    pool: Pool[AnyTask, Outcome], stop_requested: StopRequested, task: AnyTask
) -> Iterator[tuple[int, Outcome | TrialOutcome]]:
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
