"""Workers on this machine: processes of joblib.

One job is a plain loop in this process. With more, each job has a worker process that lives as long
as the sweep.
"""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import resource_tracker as mp_resource_tracker
from tempfile import NamedTemporaryFile
from typing import Generic, Self

import joblib
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import BrokenProcessPool

from nncore.datasets import DataSet
from nncore.errors import InputError, shown
from sweeps.environment import Environment
from sweeps.trial import TrialOutcome
from sweeps.workers.dead_workers import WorkerDiedError, retry_lost_tasks
from sweeps.workers.tasks import (
    AnyTask,
    Outcome,
    Runner,
    StopRequested,
    longest_first,
    run_task,
    until_stopped,
)

MOST_JOBS = 1000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
RunOne = Callable[[AnyTask], tuple[int, Outcome]]


def available_cores() -> int:
    """Return the number of cores that this process may use, by affinity and container limits."""
    return int(joblib.cpu_count())


@dataclass(frozen=True)
class LocalWorkers:
    """Worker processes on this machine.

    Parameters
    ----------
    jobs
        The number of trials that run at the same time, >= 1. With 1, they run in this process.

    Raises
    ------
    InputError
        If `jobs` is not a whole number from 1 to 1,000.

    Examples
    --------
    >>> from sweeps import LocalWorkers
    >>> LocalWorkers(2).parallel_trials()
    2
    """

    jobs: int = 1

    def __post_init__(self) -> None:
        if isinstance(self.jobs, bool) or not isinstance(self.jobs, int) or self.jobs < 1:
            raise InputError(
                f"`jobs` must be a whole number >= 1, got {shown(self.jobs)}", argument="jobs"
            )
        if self.jobs > MOST_JOBS:
            raise InputError(
                f"`jobs` must be <= {MOST_JOBS}, got {shown(self.jobs)}", argument="jobs"
            )

    @contextmanager
    def start(
        self,
        datasets: Sequence[DataSet],
        environment: Environment,
        stop_requested: StopRequested,
    ) -> Iterator[Runner]:
        """Give a runner that takes all tasks before it starts the first; see `Workers.start`.

        Local workers read the data themselves and share this environment by nature.
        """
        with local_runner(self.jobs, stop_requested, run_task) as run:
            yield lambda tasks: run(longest_first(tasks))

    def parallel_trials(self) -> int:
        """Return the number of trials that run at the same time."""
        return self.jobs


IN_THIS_PROCESS = LocalWorkers(1)
"""The default workers: trials run one after another in this process."""


@contextmanager
def local_runner(
    jobs: int, stop_requested: StopRequested, run_one: RunOne[AnyTask, Outcome]
) -> Iterator[Callable[[Sequence[AnyTask]], Iterator[tuple[int, Outcome | TrialOutcome]]]]:
    """Give a runner with `jobs` workers on this machine, which are kept from call to call.

    Each task is run by `run_one`. The outcome of a task whose worker dies each time is a failed
    `TrialOutcome`. The runner raises `OutageError` if the data cannot be read.
    """
    if jobs == 1:
        yield lambda tasks: map(run_one, until_stopped(stop_requested, tasks))
        return
    with (
        own_modules_hidden(),
        _worker_output() as output,
        _ProcessPool(jobs, run_one, output) as pool,
    ):
        yield lambda tasks: retry_lost_tasks(pool.run, stop_requested, tasks)


class _ProcessPool(Generic[AnyTask, Outcome]):
    """A pool of worker processes; they are started with the first task and killed at the end."""

    def __init__(self, jobs: int, run_one: RunOne[AnyTask, Outcome], output: str) -> None:
        self._jobs, self._run_one, self._output = jobs, run_one, output
        self._parallel: Parallel | None = None
        self._close_parallel = ExitStack()
        self._used = False
        self._outcomes: Generator[tuple[int, Outcome]] | None = None

    def run(self, tasks: Iterator[AnyTask]) -> Iterator[tuple[int, Outcome]]:
        """Run `tasks` and yield the number and outcome of each as it finishes."""
        parallel = self._parallel or self._new_parallel()
        parent = os.getpid()
        running: set[int] = set()
        try:
            with interrupts_held():
                self._outcomes = outcomes = parallel(
                    delayed(_run_in_worker)(self._run_one, task, parent, self._output)
                    for task in _recorded_in(running, tasks)
                )
            for number, outcome in outcomes:
                running.remove(number)
                yield number, outcome
        except BrokenProcessPool as error:  # it does not say which of the workers died
            # A used `Parallel` could still return the answers to earlier tasks.
            self._parallel = None
            self._close_parallel.close()
            raise WorkerDiedError(sorted(running)) from error

    def _new_parallel(self) -> Parallel:
        # The arguments are small and the data are mapped from files: joblib has nothing to share.
        parallel = Parallel(
            n_jobs=self._jobs,
            return_as="generator_unordered",
            pre_dispatch=self._jobs,
            batch_size=1,
            max_nbytes=None,
        )
        self._parallel, self._used = self._close_parallel.enter_context(parallel), True
        return parallel

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with ExitStack() as at_end:
            if self._used:
                at_end.callback(_kill_idle_workers)
            at_end.enter_context(self._close_parallel)
            if self._outcomes:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # joblib warns that some tasks still run
                    self._outcomes.close()


def _kill_idle_workers() -> None:
    """Kill joblib's workers, which are idle now, instead of asking them to exit.

    joblib would ask them one after another. If one had died while it waited and held the lock, the
    others would never get the request, and this process would never end.
    """
    get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


@contextmanager
def own_modules_hidden() -> Iterator[None]:
    """Let the Python processes that are started meanwhile not import from the working folder.

    A worker is started as `python -m`, which looks there first: a user's `random.py` would be
    imported in the place of Python's. The worker then gets the import path of this process.
    """
    former = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if former is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = former


@contextmanager
def _worker_output() -> Iterator[str]:
    """Give the path of a file for the workers' output, and print the output at the end.

    Printed at once, it would break the progress bar of this process.
    """
    with NamedTemporaryFile(prefix="nnsweep-workers-") as file:
        try:
            yield file.name
        finally:
            if text := file.read().decode(errors="replace"):
                sys.stderr.write(f"output of the workers:\n{text}")


@cache
def _redirect_output(path: str) -> None:
    """Redirect the standard output and error of this worker to a file; once per worker."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
    os.close(file)


def _recorded_in(running: set[int], tasks: Iterator[AnyTask]) -> Iterator[AnyTask]:
    for task in tasks:
        running.add(task.number)
        yield task


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Block stop signals while workers start; this process receives them afterwards.

    The workers inherit the block. Ctrl-C reaches the whole process group, but only the parent
    decides: the workers finish their trials.
    """
    # These helper processes of the pool would unblock the signals when they start: start them now.
    mp_resource_tracker.ensure_running()
    resource_tracker.ensure_running()
    former = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _run_in_worker(
    run_one: RunOne[AnyTask, Outcome], task: AnyTask, parent: int, output: str
) -> tuple[int, Outcome]:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    _exit_after(parent)
    _redirect_output(output)
    try:
        return run_one(task)
    finally:
        sys.stdout.flush()


@cache
def _exit_after(parent: int) -> None:
    """Exit this worker soon after its parent process ends, for any reason; once per worker."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
