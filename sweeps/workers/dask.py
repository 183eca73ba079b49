"""Trials on many machines: the workers of a Dask scheduler, over TCP, as a pool of a sweep.

They come and go; one that would give other bytes gets no trials. (joblib's own Dask backend waits
forever for a trial that took its workers down, and for a scheduler that is gone, so that Dask's
client is used as it is.)
"""

import logging
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.environment import Environment
from sweeps.errors import OutageError
from sweeps.trial import failed
from sweeps.workers.dask_client import Client, connected
from sweeps.workers.dask_worker import (
    OtherKindError,
    UnseenDataError,
    run_remotely,
    sees_data,
    sent_key,
)
from sweeps.workers.tasks import Done, Runner, Task, WorkerDiedError, survive

Future = Any  # Dask has no types for it
Allowed = list[str] | None  # the addresses of the workers that may run a task; None: all

LOG = logging.getLogger(__name__)
ANSWER_SECONDS = 10
SEND_SECONDS = 1  # for the worker to be ready, not for the way of the data
NO_WORKER_SECONDS = 60
"""How long a sweep waits for a first or another worker before it gives up."""


@contextmanager
def cluster_runner(
    scheduler: str, dataset: DataSet, home: Environment, stop_requested: Callable[[], bool]
) -> Iterator[Runner]:
    """Give what `parallel.runner` gives, with the workers of the Dask `scheduler`.

    `dataset` is what the tasks train on, and `home` the environment that workers must share.

    Raises
    ------
    InputError
        If Dask is not installed, the scheduler cannot be reached, or a worker that is there is of
        another kind. One that joins later gets no trials then, and a line in the log.
    OutageError
        If the scheduler is gone, or has had no worker of this kind for a minute.
    """
    with connected(scheduler) as client:
        workers = _Workers(client, scheduler, dataset, home, stop_requested)
        with _outages(scheduler):
            workers.begin()
        yield lambda tasks: _told(scheduler, survive(workers.run, stop_requested, tasks))


def _told(scheduler: str, outcomes: Iterator[Done]) -> Iterator[Done]:
    with _outages(scheduler):
        yield from outcomes


@contextmanager
def _outages(scheduler: str) -> Iterator[None]:
    try:
        yield
    except (OSError, CancelledError) as error:
        raise OutageError(f"the Dask scheduler at {scheduler} is gone") from error


class _Workers:
    """The workers of a scheduler, as a pool."""

    def __init__(
        self,
        client: Client,
        scheduler: str,
        dataset: DataSet,
        home: Environment,
        stop_requested: Callable[[], bool],
    ) -> None:
        self._client = client
        self._scheduler = scheduler
        self._dataset = dataset
        self._home = home
        self._stop_requested = stop_requested
        self._begun = False
        self._asked: dict[str, InputError | None] = {}  # address: why it is refused, if it is
        self._sent: dict[str, Future] = {}  # address: the data there, dropped with their future

    def begin(self) -> None:
        """Wait for a first worker; raise `InputError` if one that is there is of another kind."""
        self._threads(idle=True)
        self._begun = True

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Yield what `tasks` come to; a task that a worker was lost with is run by another one.

        Dask gives up on a task once several workers in turn were lost with it; one that is bound to
        workers that are all gone is cancelled.
        """
        from distributed import KilledWorker

        running: dict[Future, tuple[Task, Allowed]] = {}
        killed: list[Task] = []
        again: list[Task] = []
        deaths = 1
        while threads := self._threads(idle=not running):
            _cancel_stuck(running, threads)
            free = max(0, sum(threads.values()) - len(running))
            # A worker that has just joined may have no data yet, or be of another kind.
            allowed = list(threads) if self._sent or any(self._asked.values()) else None
            for task in islice(chain(_emptied(again), tasks), free):
                running[self._submit(task, allowed)] = task, allowed
            if not running:
                break
            for future in _finished(running):
                task, where = running.pop(future)
                try:
                    yield _answer(future, task)
                except TimeoutError:  # it comes late, or is lost: Dask runs the task again then
                    running[future] = task, where
                except (OtherKindError, UnseenDataError, KilledWorker, CancelledError) as error:
                    lost_with = self._deaths(error)
                    (killed if lost_with else again).append(task)
                    deaths = max(deaths, lost_with)
        if killed:
            raise WorkerDiedError(killed, deaths)

    def _deaths(self, error: Exception) -> int:
        """Return how many workers a task was lost with that ended so; 0 if it came to a wrong one.

        Raises it again if it tells that the scheduler is gone.
        """
        if isinstance(error, OtherKindError):
            self._refuse(error.address, error)
            return 0
        if isinstance(error, UnseenDataError):
            if error.address not in self._asked:
                return 0
            self._forget({error.address, *self._sent})  # others may have come back like it
        if isinstance(error, CancelledError) and not self._in_touch():
            raise error
        failures: int = getattr(error, "allowed_failures", 0)
        return failures + 1

    def _threads(self, *, idle: bool) -> dict[str, int]:
        """Return the threads of the workers of this kind, by address, once there are any.

        If `idle`, a stop ends the wait. New workers are asked of what kind they are.
        """
        end = time.monotonic() + NO_WORKER_SECONDS
        while time.monotonic() < end:
            there = self._client.nthreads()
            self._forget([address for address in self._asked if not self._as_asked(address, there)])
            self._ask([address for address in there if address not in self._asked])
            known = {address: n for address, n in there.items() if address in self._asked}
            accepted = {address: n for address, n in known.items() if not self._asked[address]}
            if accepted or (idle and self._stop_requested()):
                return accepted
            time.sleep(0.1)
        lack = (
            f"has had no worker{' of this kind' if known else ''} for {NO_WORKER_SECONDS} seconds"
        )
        refused = "".join(f"; {self._asked[address]}" for address in known)
        raise OutageError(f"the Dask scheduler at {self._scheduler} {lack}{refused}")

    def _as_asked(self, address: str, there: Mapping[str, int]) -> bool:
        """Return whether a worker is there, and not another one in its place as far as is known."""
        return address in there and not (
            address in self._sent and self._sent[address].status != "finished"
        )

    def _forget(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._asked.pop(address, None)
            self._sent.pop(address, None)

    def _ask(self, addresses: list[str]) -> None:
        """Ask new workers of what kind they are, and send the data to those that cannot see them.

        One that is lost meanwhile is not noted, and is asked again should it come back.
        """
        if not addresses:
            return
        data, home = self._dataset.source, self._home
        told = self._client.run(sees_data, data, home, workers=addresses, on_error="return")
        for address, answer in told.items():
            if answer is True or (answer is False and self._send(address)):
                self._asked[address] = None
            elif isinstance(answer, InputError):
                self._refuse(address, answer)
            elif isinstance(answer, Exception) and not isinstance(answer, OSError):
                reason = f"{type(answer).__name__}: {answer}"
                self._refuse(address, OtherKindError(address, reason))

    def _refuse(self, address: str, error: InputError) -> None:
        if not self._begun:
            raise error
        if not self._asked.get(address):
            LOG.warning("%s; it gets no trials", error)
        self._asked[address] = error

    def _send(self, address: str) -> bool:
        """Send the data to a worker; return whether it has them, and was not lost meanwhile.

        No task depends on them as Dask understands it: one that did would wait for ever for data
        that were lost while they were sent.
        """
        key = sent_key(self._client.id, address)
        try:
            sent = self._client.scatter(
                {key: self._dataset}, workers=[address], timeout=SEND_SECONDS
            )
        except (OSError, KeyError):  # a KeyError if the scheduler has just noticed it
            if not self._in_touch():
                raise
            return False
        self._sent[address] = sent[key]
        return True

    def _submit(self, task: Task, allowed: Allowed) -> Future:
        return self._client.submit(
            run_remotely, task, self._home, self._client.id, pure=False, workers=allowed
        )

    def _in_touch(self) -> bool:
        return bool(self._client.status == "running")


def _cancel_stuck(
    running: Mapping[Future, tuple[Task, Allowed]], threads: Mapping[str, int]
) -> None:
    """Cancel what waits for workers that are gone; Dask gives it to no other."""
    for future, (_, allowed) in running.items():
        if allowed and not future.done() and threads.keys().isdisjoint(allowed):
            future.cancel()


def _finished(running: Iterable[Future]) -> list[Future]:
    """Return those of `running` that are over, as they were started, after a second at most."""
    import distributed

    wait: Any = distributed.wait
    with suppress(TimeoutError, CancelledError):  # which are cancelled, their answers tell
        wait(list(running), timeout=1, return_when="FIRST_COMPLETED")
    return [future for future in running if future.done()]


def _emptied(tasks: list[Task]) -> Iterator[Task]:
    while tasks:
        yield tasks.pop(0)


def _answer(future: Future, task: Task) -> Done:
    """Return what `task` came to; an error that its worker raised is the trial's own.

    Raises `TimeoutError` if the answer cannot be had now.
    """
    from distributed import KilledWorker

    at_hand = future.status == "error"
    try:
        done: Done = future.result(timeout=ANSWER_SECONDS)
    except (InputError, KilledWorker, UnseenDataError):
        raise
    except Exception as error:
        no_worker_raised_it = future.status != "error"
        if no_worker_raised_it or (isinstance(error, TimeoutError) and not at_hand):
            raise
        text = "".join(traceback.format_exception(error))
        return task.number, failed(text, datetime.now(UTC), 0.0)
    return done
