"""Trials on many machines: Dask workers over TCP, the one module that knows Dask.

A worker gets the data by reference and reads them where it is, or from here if it cannot; one that
would give other bytes is refused. (joblib's own Dask backend waits forever for a trial that took
its workers down, and for a scheduler that is gone, so that Dask's client is used as it is.)
"""

import asyncio
import logging
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.errors import OutageError
from sweeps.parallel import Done, Runner, Task, WorkerDiedError, run_task, survive
from sweeps.trial import failed

Client = Any  # Dask has no types for these, and is not imported before it is asked for
Future = Any
Worker = Any

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
        If Dask is not installed, the scheduler cannot be reached, or a worker is of another kind:
        at once for those that are there, and for one that joins later when it is given a task.
    OutageError
        If the scheduler is gone, or has had no worker for a minute.
    """
    with _connected(scheduler) as client:
        with _outages(scheduler):
            _await_worker(client, scheduler, stop_requested)
            _check_workers(client, dataset.source, home)
        pool = _Workers(client, scheduler, dataset, home).run
        yield lambda tasks: _told(scheduler, survive(pool, stop_requested, tasks))


def _told(scheduler: str, outcomes: Iterator[Done]) -> Iterator[Done]:
    with _outages(scheduler):
        yield from outcomes


@contextmanager
def _outages(scheduler: str) -> Iterator[None]:
    try:
        yield
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


def _await_worker(client: Client, scheduler: str, stop_requested: Callable[[], bool]) -> None:
    for _ in range(NO_WORKER_SECONDS):
        try:
            client.wait_for_workers(1, timeout=1)
        except TimeoutError:
            if not stop_requested():
                continue
        return
    raise _no_worker(scheduler)


def _no_worker(scheduler: str) -> OutageError:
    seconds = f"{NO_WORKER_SECONDS} seconds"
    return OutageError(f"the Dask scheduler at {scheduler} has had no worker for {seconds}")


def _check_workers(client: Client, data: DataSource, home: Environment) -> None:
    told = client.run(_checked_remotely, data, home, on_error="return")
    for address, error in told.items():
        if isinstance(error, InputError):
            raise error
        if error and not isinstance(error, OSError):  # it left just now
            raise _other_kind(address, f"{type(error).__name__}: {error}") from error


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
                    yield _answer(future, task)
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
                    raise _no_worker(self._scheduler) from None
            else:
                return [future for future in running if future in done]


def _emptied(tasks: list[Task]) -> Iterator[Task]:
    while tasks:
        yield tasks.pop(0)


def _answer(future: Future, task: Task) -> Done:
    """Return what `task` came to; an error that its worker raised is the trial's own."""
    from distributed import KilledWorker

    try:
        done: Done = future.result()
    except (InputError, KilledWorker, UnseenDataError):
        raise
    except Exception as error:
        if future.status != "error":  # no worker raised it: the scheduler is gone
            raise
        text = "".join(traceback.format_exception(error))
        return task.number, failed(text, datetime.now(UTC), 0.0)
    return done


def _run_remotely(task: Task, home: Environment, sent: DataSet | None) -> Done:
    from distributed import get_worker

    dataset = sent or _seen(task.data)
    _check_kind(get_worker().address, home, data_facts(dataset))
    return run_task(task, dataset)


async def _checked_remotely(data: DataSource, home: Environment, dask_worker: Worker) -> None:
    """Raise `InputError` if the worker on which this runs is of another kind."""

    def check() -> None:
        try:
            facts = data_facts(_seen(data))
        except UnseenDataError:  # it will be sent them
            facts = home["data"]
        _check_kind(dask_worker.address, home, facts)

    await asyncio.to_thread(check)  # the worker goes on answering meanwhile


def _check_kind(address: str, home: Environment, data: dict[str, str]) -> None:
    changed = differences(home, {**_machine(), "data": data})
    if changed:
        raise _other_kind(address, "; ".join(changed))


def _other_kind(address: str, reason: str) -> InputError:
    return InputError(f"Dask worker {address} must be of the kind that runs the sweep: {reason}")


def _seen(data: str | DataSource) -> DataSet:
    try:
        return load_dataset(data, verify=False)
    except (InputError, OSError) as error:
        raise UnseenDataError from error


@cache
def _machine() -> Environment:
    return machine()
