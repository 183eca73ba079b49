"""Trials on many machines: Dask workers over TCP, the one module that knows Dask.

A worker gets the data by reference and reads them where it is, or from here if it cannot; one that
would give other bytes is refused. (joblib's own Dask backend waits forever for a trial that took
its workers down, and for a scheduler that is gone, so that Dask's client is used as it is.)
"""

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache
from itertools import chain, islice
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.errors import OutageError
from sweeps.parallel import Done, Runner, Task, WorkerDiedError, run_task, survive

Client = Any  # Dask has no types for these two, and is not imported before it is asked for
Future = Any

CONNECT_SECONDS = 10
LOGGERS = ("distributed", "distributed.client", "tornado.application")
NO_WORKER_SECONDS = 60
"""How long a sweep waits for a first or another worker before it gives up."""


class UnseenDataError(Exception):
    """A worker has no way to the data set."""


@contextmanager
def cluster_runner(
    scheduler: str, dataset: DataSet, home: Environment, stop_requested: Callable[[], bool]
) -> Iterator[Runner]:
    """Give what `parallel.runner` gives, with the workers of the Dask `scheduler`.

    `dataset` is what the tasks train on, and `home` the environment that workers must share.

    Raises
    ------
    InputError
        If Dask is not installed, the scheduler cannot be reached, or a worker is of another kind.
    OutageError
        While tasks run: if the scheduler is gone, or has had no worker for a minute.
    """
    with _connected(scheduler) as client:
        pool = _Workers(client, scheduler, dataset, home).run
        yield lambda tasks: _told(scheduler, survive(pool, stop_requested, tasks))


def _told(scheduler: str, outcomes: Iterator[Done]) -> Iterator[Done]:
    try:
        yield from outcomes
    except (OSError, CancelledError) as error:
        raise OutageError(f"the Dask scheduler at {scheduler} is gone") from error


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "`--backend dask` needs Dask, which is not installed: pip install 'nnsweep[dask]'"
        ) from error
    with _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            client: Client = distributed.Client(  # type: ignore[no-untyped-call]
                scheduler, timeout=CONNECT_SECONDS
            )
        except (OSError, ValueError) as error:
            raise InputError(
                f"`--scheduler` must be the address of a Dask scheduler, such as tcp://host:8786, "
                f"got {scheduler!r}: {error}"
            ) from error
        with client:
            yield client


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Dask from logging as errors what is told in one line by whoever catches it."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    former = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, former, strict=True):
            logger.setLevel(level)


class _Workers:
    """The workers of a scheduler, as a pool."""

    def __init__(self, client: Client, scheduler: str, dataset: DataSet, home: Environment) -> None:
        self._client = client
        self._scheduler = scheduler
        self._dataset = dataset
        self._home = home
        self._sent: Future = None

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Yield what `tasks` come to; a task that a worker was lost with is run by another one.

        Dask gives up on a task once several workers in turn were lost with it.
        """
        from distributed import KilledWorker

        running: dict[Future, Task] = {}
        killed: list[Task] = []
        again: list[Task] = []
        deaths = 1
        while True:
            free = max(1, sum(self._client.nthreads().values())) - len(running)
            for task in islice(chain(_emptied(again), tasks), free):
                running[self._submit(task)] = task
            if not running:
                break
            for future in self._finished(running):
                task = running.pop(future)
                try:
                    yield future.result()
                except UnseenDataError:
                    again.append(task)
                    self._send()
                except KilledWorker as error:
                    killed.append(task)
                    deaths = error.allowed_failures + 1
        if killed:
            raise WorkerDiedError(killed, deaths)

    def _submit(self, task: Task) -> Future:
        return self._client.submit(_run_remotely, task, self._home, self._sent, pure=False)

    def _send(self) -> None:
        """Make the data themselves part of all tasks to come; a worker gets them once."""
        if self._sent is None:
            self._sent = self._client.scatter(self._dataset, hash=False)

    def _finished(self, running: Iterable[Future]) -> list[Future]:
        """Wait until some of `running` are over, and return them in the order they were started."""
        import distributed

        wait: Any = distributed.wait
        seconds = 0
        while True:
            try:
                done = wait(list(running), timeout=1, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                seconds = 0 if self._client.nthreads() else seconds + 1
                if seconds >= NO_WORKER_SECONDS:
                    raise OutageError(
                        f"the Dask scheduler at {self._scheduler} has had no worker "
                        f"for {NO_WORKER_SECONDS} seconds"
                    ) from None
            else:
                return [future for future in running if future in done]


def _emptied(tasks: list[Task]) -> Iterator[Task]:
    while tasks:
        yield tasks.pop(0)


def _run_remotely(task: Task, home: Environment, sent: DataSet | None) -> Done:
    from distributed import get_worker

    dataset = sent or _seen(task.data)
    changed = differences(home, {**_machine(), "data": data_facts(dataset)})
    if changed:
        raise InputError(
            f"Dask worker {get_worker().address} must be of the kind that runs the sweep: "
            f"{'; '.join(changed)}"
        )
    return run_task(task, dataset)


def _seen(data: str | DataSource) -> DataSet:
    try:
        return load_dataset(data, verify=False)
    except InputError as error:
        raise UnseenDataError from error


@cache
def _machine() -> Environment:
    return machine()
