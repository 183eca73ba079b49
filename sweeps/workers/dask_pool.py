"""The pool of a Dask cluster's workers: it checks them, sends them data, and runs tasks on them.

Workers may join and leave at any time; a worker with a different environment gets no trials.
"""

import logging
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts
from sweeps.errors import OutageError
from sweeps.workers.dask_client import Client
from sweeps.workers.dask_worker import (
    DifferentEnvironmentError,
    MissingDataError,
    can_read_data,
    run_remotely,
    sent_key,
)
from sweeps.workers.dead_workers import WorkerDiedError
from sweeps.workers.tasks import FinishedTrial, StopRequested, TrialTask, failed

Future = Any  # Dask has no types for it
Allowed = list[str] | None  # addresses of the workers that may run a task; None means all

LOG = logging.getLogger(__name__)
ANSWER_SECONDS = 10
SEND_SECONDS = 1  # for the worker to respond, not for the transfer
NO_WORKER_SECONDS = 60
"""The time without any worker after which a sweep ends with an error."""


class DaskPool:
    """A pool of the scheduler's workers that have the environment of the sweep."""

    def __init__(
        self,
        client: Client,
        scheduler: str,
        datasets: Sequence[DataSet],
        home: Environment,
        stop_requested: StopRequested,
    ) -> None:
        self._client = client
        self._scheduler = scheduler
        self._datasets = {dataset.source: dataset for dataset in datasets}
        self._home = home
        self._facts = {source: data_facts(one) for source, one in self._datasets.items()}
        self._stop_requested = stop_requested
        self._started = False
        self._checked: dict[str, InputError | None] = {}  # address: the refusal, None if accepted
        self._copies: dict[str, Future] = {}  # address: the copy of the data, freed with its future

    def wait_for_first_worker(self) -> None:
        """Wait for a worker; raise `InputError` if a connected one has a different environment."""
        self._threads(idle=True)
        self._started = True

    def threads(self) -> int:
        """Return the number of trials that the accepted workers can run at the same time."""
        return sum(self._threads(idle=True).values())

    def run(self, tasks: Iterator[TrialTask]) -> Iterator[FinishedTrial]:
        """Run `tasks` and yield each trial as it finishes.

        If a worker is lost, Dask gives its task to another worker; it gives up on a task after
        several workers in turn were lost with it. A task whose allowed workers are all gone is
        canceled and submitted again.
        """
        from distributed import KilledWorker

        running: dict[Future, tuple[TrialTask, Allowed]] = {}
        suspects: list[TrialTask] = []
        again: list[TrialTask] = []
        deaths = 1
        while threads := self._threads(idle=not running):
            _cancel_stuck(running, threads)
            free = max(0, sum(threads.values()) - len(running))
            # A worker that has just joined may lack the data or have a different environment.
            allowed = list(threads) if self._copies or any(self._checked.values()) else None
            for task in islice(chain(_emptied(again), tasks), free):
                running[self._submit(task, allowed)] = task, allowed
            if not running:
                break
            for future in _finished(running):
                task, where = running.pop(future)
                try:
                    yield _answer(future, task)
                except TimeoutError:  # late, or lost: then Dask runs the task again
                    running[future] = task, where
                except (
                    DifferentEnvironmentError,
                    MissingDataError,
                    KilledWorker,
                    CancelledError,
                ) as error:
                    lost_workers = self._lost_workers(error)
                    (suspects if lost_workers else again).append(task)
                    deaths = max(deaths, lost_workers)
        if suspects:
            raise WorkerDiedError([task.number for task in suspects], deaths)

    def _lost_workers(self, error: Exception) -> int:
        """Return the number of workers that were lost with the task that ended with `error`.

        0 if the task was given to an unsuitable worker. Raise `error` again if the scheduler is
        gone.
        """
        if isinstance(error, DifferentEnvironmentError):
            self._refuse(error.address, error)
            return 0
        if isinstance(error, MissingDataError):
            if error.address not in self._checked:
                return 0
            # The other workers with copies may have been restarted too.
            self._forget({error.address, *self._copies})
        if isinstance(error, CancelledError) and not self._connected():
            raise error
        failures: int = getattr(error, "allowed_failures", 0)
        return failures + 1

    def _threads(self, *, idle: bool) -> dict[str, int]:
        """Return the number of threads of each accepted worker, by address.

        Check new workers first, and wait until a worker is accepted. If `idle`, a requested stop
        ends the wait.
        """
        end = time.monotonic() + NO_WORKER_SECONDS
        while time.monotonic() < end:
            there = self._client.nthreads()
            self._forget([address for address in self._checked if self._is_lost(address, there)])
            self._check([address for address in there if address not in self._checked])
            known = {address: n for address, n in there.items() if address in self._checked}
            accepted = {address: n for address, n in known.items() if not self._checked[address]}
            if accepted or (idle and self._stop_requested()):
                return accepted
            time.sleep(0.1)
        lack = (
            f"has had no worker{' with the same environment' if known else ''} "
            f"for {NO_WORKER_SECONDS} seconds"
        )
        refusals = "".join(f"; {self._checked[address]}" for address in known)
        raise OutageError(f"the Dask scheduler at {self._scheduler} {lack}{refusals}")

    def _is_lost(self, address: str, there: Mapping[str, int]) -> bool:
        """Return whether a checked worker is gone, or a new process has lost its copy of the data.

        A new process at the same address that needs no copy goes unnoticed; `run_remotely` checks.
        """
        copy = self._copies.get(address)
        return address not in there or (copy is not None and copy.status != "finished")

    def _forget(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._checked.pop(address, None)
            self._copies.pop(address, None)

    def _check(self, addresses: list[str]) -> None:
        """Check the environment of new workers; send the data to those that cannot read them.

        A worker that is lost meanwhile is not recorded. If it returns, it is checked again.
        """
        if not addresses:
            return
        answers = self._client.run(
            can_read_data, self._facts, self._home, workers=addresses, on_error="return"
        )
        for address, answer in answers.items():
            if answer is True or (answer is False and self._send_data(address)):
                self._checked[address] = None
            elif isinstance(answer, InputError):
                self._refuse(address, answer)
            elif isinstance(answer, Exception) and not isinstance(answer, OSError):
                reason = f"{type(answer).__name__}: {answer}"
                self._refuse(address, DifferentEnvironmentError(address, reason))

    def _refuse(self, address: str, error: InputError) -> None:
        if not self._started:
            raise error
        if not self._checked.get(address):
            LOG.warning("%s; it gets no trials", error)
        self._checked[address] = error

    def _send_data(self, address: str) -> bool:
        """Send the data to a worker; return False if the worker was lost meanwhile.

        The tasks do not depend on the copy in Dask's sense: such a task would wait forever if the
        copy were lost during the transfer.
        """
        key = sent_key(self._client.id, address)
        try:
            copies = self._client.scatter(
                {key: self._datasets}, workers=[address], timeout=SEND_SECONDS
            )
        except (OSError, KeyError):  # KeyError: the scheduler has just noticed the loss
            if not self._connected():
                raise
            return False
        self._copies[address] = copies[key]
        return True

    def _submit(self, task: TrialTask, allowed: Allowed) -> Future:
        arguments = (task, self._facts, self._home, self._client.id)
        return self._client.submit(run_remotely, *arguments, pure=False, workers=allowed)

    def _connected(self) -> bool:
        return bool(self._client.status == "running")


def _cancel_stuck(
    running: Mapping[Future, tuple[TrialTask, Allowed]], threads: Mapping[str, int]
) -> None:
    """Cancel the tasks whose allowed workers are all gone; Dask would keep them waiting."""
    for future, (_, allowed) in running.items():
        if allowed and not future.done() and threads.keys().isdisjoint(allowed):
            future.cancel()


def _finished(running: Iterable[Future]) -> list[Future]:
    """Return the finished futures of `running`, in their order; wait for one up to a second."""
    import distributed

    wait: Any = distributed.wait
    with suppress(TimeoutError, CancelledError):  # `_answer` raises the error of each future
        wait(list(running), timeout=1, return_when="FIRST_COMPLETED")
    return [future for future in running if future.done()]


def _emptied(tasks: list[TrialTask]) -> Iterator[TrialTask]:
    while tasks:
        yield tasks.pop(0)


def _answer(future: Future, task: TrialTask) -> FinishedTrial:
    """Return the finished trial; if its worker raised an error, the trial has failed with it.

    Raise `TimeoutError` if the answer is not available now.
    """
    from distributed import KilledWorker

    available = future.status == "error"
    try:
        finished: FinishedTrial = future.result(timeout=ANSWER_SECONDS)
    except (InputError, KilledWorker, MissingDataError):
        raise
    except Exception as error:
        no_worker_raised_it = future.status != "error"
        if no_worker_raised_it or (isinstance(error, TimeoutError) and not available):
            raise
        text = "".join(traceback.format_exception(error))
        return task.number, failed(text, datetime.now(UTC), 0.0)
    return finished
