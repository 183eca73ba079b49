"""Trials on many cores: the one module that knows joblib.

One job is a plain loop in this process; more are worker processes that live as long as the sweep.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import resource_tracker as mp_resource_tracker

import joblib
from joblib import Parallel, delayed
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import BrokenProcessPool

from nncore.config import TrialConfig
from nncore.datasets import DataSource
from sweeps.trial import Seed, TrialOutcome, attempt

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def available_cores() -> int:
    """Return how many cores this process may use, by affinity and container limits."""
    return int(joblib.cpu_count())


@dataclass(frozen=True)
class Task:
    """A trial to be run: its number in the sweep and the arguments of `attempt`."""

    number: int
    config: TrialConfig
    data: str | DataSource
    seeds: tuple[Seed, ...]


class WorkerDiedError(RuntimeError):
    """A worker process ended without an answer: killed, or out of memory."""


Runner = Callable[[Sequence[Task]], Iterator[tuple[int, TrialOutcome]]]


@contextmanager
def runner(jobs: int, stop_requested: Callable[[], bool]) -> Iterator[Runner]:
    """Give a function that runs tasks and yields (number, outcome) as each one finishes.

    Tasks start in the order given. Once `stop_requested()` is true none is started any more, and
    those that run are finished. The workers are kept from one call to the next.

    Raises
    ------
    WorkerDiedError
        If a worker process dies.
    """
    if jobs == 1:
        yield lambda tasks: map(_run, _until(stop_requested, tasks))
        return
    # The arguments are small and the data are mapped from files: joblib has nothing to share.
    with Parallel(
        n_jobs=jobs,
        return_as="generator_unordered",
        pre_dispatch=jobs,
        batch_size=1,
        max_nbytes=None,
    ) as parallel:

        def run(tasks: Sequence[Task]) -> Iterator[tuple[int, TrialOutcome]]:
            parent = os.getpid()
            wanted = _until(stop_requested, tasks)
            try:
                with _interrupts_held():
                    outcomes = parallel(delayed(_run_in_worker)(task, parent) for task in wanted)
                yield from outcomes
            except BrokenProcessPool as error:
                raise WorkerDiedError(
                    "a worker process died (killed, or out of memory); what had finished is kept"
                ) from error

        yield run


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold a stop back while workers start: they inherit that, and this process gets it after.

    Ctrl-C reaches the whole process group: the parent decides, workers finish what they run.
    """
    # Started first: while they start, these helpers of the pool would let the signals through.
    mp_resource_tracker.ensure_running()
    resource_tracker.ensure_running()
    former = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _until(stop_requested: Callable[[], bool], tasks: Sequence[Task]) -> Iterator[Task]:
    for task in tasks:
        if stop_requested():
            return
        yield task


def _run(task: Task) -> tuple[int, TrialOutcome]:
    return task.number, attempt(task.config, task.data, task.seeds)


def _run_in_worker(task: Task, parent: int) -> tuple[int, TrialOutcome]:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    _follow(parent)
    return _run(task)


@cache
def _follow(parent: int) -> None:
    """End this worker soon after its parent does, however that ends; once per worker."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
