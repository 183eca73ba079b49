"""The tasks that workers run, one trial each, and the protocol that all kinds of workers follow.

`run_task` runs one task, in whichever process it is called.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource
from sweeps.environment import Environment
from sweeps.pruners.rules import PrunerSnapshot, should_prune
from sweeps.trial import Seed, TrialOutcome, attempt


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
