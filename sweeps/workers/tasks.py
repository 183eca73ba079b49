"""The tasks that workers run, one trial each, and the protocol that all kinds of workers follow.

`run_task` runs a task in the process that calls it; an error in a trial becomes a failed outcome.
"""

import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from heapq import heappop, heappush
from itertools import islice
from time import perf_counter
from typing import Protocol, TypeVar

from nncore.components.metrics import ACCURACY, METRICS, Metric
from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment
from sweeps.errors import OutageError
from sweeps.pruners.rules import PrunerSnapshot, should_prune
from sweeps.trial import (
    Data,
    OnValue,
    Prune,
    Result,
    Seed,
    StopReason,
    TrialOutcome,
    TrialState,
    evaluate,
)
from sweeps.under_way import epoch_reports
from sweeps.workers.cost_model import expected_seconds


class Task(Protocol):
    """A task for a worker, identified by its number."""

    @property
    def number(self) -> int:
        """The number of the task, unique within a call of the runner."""


AnyTask = TypeVar("AnyTask", bound=Task)
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class TrialTask:
    """A trial to run: its number in the sweep and the arguments of `attempt`.

    `data` is one data set for all seeds, or one for each. `pruning` is the snapshot that prunes the
    trials of its generation; `timeout` is in seconds. `expected_seconds` is relative to other tasks
    and decides their order. `report` is the file to which the worker reports each epoch.
    """

    number: int
    config: TrialConfig
    data: DataSource | tuple[DataSource, ...]
    seeds: tuple[Seed, ...]
    pruning: PrunerSnapshot | None = None
    timeout: float | None = None
    metric: str = ACCURACY.name
    expected_seconds: float = 0.0
    report: str | None = None


def with_expected_seconds(tasks: Iterable[TrialTask], dataset: DataSet) -> Iterator[TrialTask]:
    """Yield the tasks with their expected seconds on a data set of this size."""
    n_in, n_out = dataset.train.x.shape[1], dataset.n_out
    for task in tasks:
        seconds = expected_seconds(task.config, n_in, n_out, len(dataset.train))
        yield replace(task, expected_seconds=seconds)


def longest_first(tasks: Iterable[TrialTask]) -> list[TrialTask]:
    """Return the tasks, longest expected first: none ends long after the others."""
    return sorted(tasks, key=lambda task: -task.expected_seconds)


def longest_ready_first(tasks: Iterable[TrialTask], at_once: int) -> Iterator[TrialTask]:
    """Yield the first `at_once` tasks in their order, then the longest of those that are ready.

    It may take long to make a task. At first one is made for each that is taken: no free worker
    waits for the tasks of others. Later three are made, so that the last tasks are short ones.
    """
    source, ready = iter(tasks), list[tuple[float, int, TrialTask]]()
    yield from islice(source, at_once)
    while True:
        for task in islice(source, 3):
            heappush(ready, (-task.expected_seconds, task.number, task))
        if not ready:
            return
        yield heappop(ready)[-1]


FinishedTrial = tuple[int, TrialOutcome]
"""The number of a trial and its outcome."""

Runner = Callable[[Iterable[TrialTask]], Iterator[FinishedTrial]]
"""Runs tasks and yields each trial as it finishes; the tasks may be made while others run."""

StopRequested = Callable[[], bool]
"""Returns whether no further trial should start."""


class Workers(Protocol):
    """The workers that run the trials of a sweep.

    `LocalWorkers` and `DaskWorkers` follow this protocol; so can the workers of a test.
    """

    def start(
        self,
        datasets: Sequence[DataSet],
        environment: Environment,
        stop_requested: StopRequested,
    ) -> AbstractContextManager[Runner]:
        """Return a context manager that starts the workers, gives a `Runner` and stops them.

        The runner starts tasks that are expected to take long before shorter ones. It may take a
        task, in the thread that called it, only when a worker is free. Once `stop_requested()` is
        true it starts no further task and finishes the running ones.

        Parameters
        ----------
        datasets
            The data sets of all tasks.
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

    def parallel_trials(self) -> int:
        """Return the number of trials that run at the same time, at least 1."""


def attempt(
    config: TrialConfig,
    data: Data | Sequence[Data],
    seeds: Sequence[Seed],
    *,
    on_value: OnValue = lambda epoch, value: None,
    prune: Prune | None = None,
    timeout: float | None = None,
    metric: Metric = ACCURACY,
) -> TrialOutcome:
    """Return the outcome of `evaluate`, or a failed outcome with the traceback of its error.

    Raises
    ------
    OutageError
        If the data set cannot be read. This is not an outcome: the trial can be run again.
    """
    started, clock = datetime.now(UTC), perf_counter()
    loaded = _read(data) if isinstance(data, Data) else [_read(one) for one in data]
    try:
        return evaluate(
            config,
            loaded,
            seeds,
            on_value=on_value,
            prune=prune,
            timeout=timeout,
            metric=metric,
        )
    except Exception:
        return failed(traceback.format_exc(), started, perf_counter() - clock)


def _read(data: Data) -> DataSet:
    if isinstance(data, DataSet):
        return data
    try:
        return load_dataset(data, verify=False)
    except (InputError, OSError) as error:
        name = data if isinstance(data, str) else data.name
        raise OutageError(f"data set {name} can no longer be read: {error}") from error


def failed(error: str, started: datetime, seconds: float) -> TrialOutcome:
    """Return the outcome of a trial that failed after `seconds` with the traceback `error`."""
    return TrialOutcome(
        state=TrialState.FAILED,
        value=None,
        best_epoch=0,
        epochs=0,
        stop_reason=StopReason.ERROR,
        curves=(),
        model=None,
        error=error,
        started=started.isoformat(timespec="milliseconds"),
        seconds=seconds,
        worker=os.getpid(),
    )


def repeat_of(original: Result) -> TrialOutcome:
    """Return the outcome of a trial that repeats one with the result `original`."""
    return TrialOutcome(
        state=original.state,
        value=original.value,
        best_epoch=0,
        epochs=0,
        stop_reason=StopReason.REPEATED,
        curves=(),
        model=None,
        error="",
        started=datetime.now(UTC).isoformat(timespec="milliseconds"),
        seconds=0.0,
        worker=os.getpid(),
    )


def run_task(task: TrialTask, loaded: DataSet | Sequence[DataSet] | None = None) -> FinishedTrial:
    """Run `task` and return its number and outcome, on its data, `loaded` here or elsewhere."""
    prune = partial(should_prune, task.pruning, task.number) if task.pruning else None
    with epoch_reports(task.report) as on_value:
        outcome = attempt(
            task.config,
            task.data if loaded is None else loaded,
            task.seeds,
            on_value=on_value,
            prune=prune,
            timeout=task.timeout,
            metric=METRICS[task.metric],
        )
    return task.number, outcome


def until_stopped(stop_requested: StopRequested, tasks: Iterable[AnyTask]) -> Iterator[AnyTask]:
    """Yield the tasks in their order, until a stop is requested."""
    for task in tasks:
        if stop_requested():
            return
        yield task
