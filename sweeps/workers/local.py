"""Work on many cores, by joblib: the trials of a sweep, or one computation beside this process.

One job is a plain loop in this process; more are worker processes that live as long as the sweep.
"""

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from multiprocessing import resource_tracker as mp_resource_tracker
from tempfile import NamedTemporaryFile
from typing import ParamSpec, TypeVar

import joblib
from joblib import Parallel, delayed
from joblib.externals.loky import ProcessPoolExecutor, get_reusable_executor
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import BrokenProcessPool

from sweeps.workers.tasks import (
    Done,
    Pool,
    Runner,
    Task,
    WorkerDiedError,
    run_task,
    survive,
    until_stopped,
)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
Given = ParamSpec("Given")
Found = TypeVar("Found")


def available_cores() -> int:
    """Return how many cores this process may use, by affinity and container limits."""
    return int(joblib.cpu_count())


@contextmanager
def runner(
    jobs: int, stop_requested: Callable[[], bool], run_one: Callable[[Task], Done] | None = None
) -> Iterator[Runner]:
    """Give a function that runs tasks and yields (number, outcome) as each one finishes.

    Tasks start in the order given. Once `stop_requested()` is true none is started any more, and
    those that run are finished. The workers are kept from one call to the next. `run_one` takes the
    place of `run_task`. `OutageError` comes from it if the data cannot be read.
    """
    if jobs == 1:
        yield lambda tasks: map(run_one or run_task, until_stopped(stop_requested, tasks))
        return
    with _processes(jobs, run_one or run_task) as pool:
        yield lambda tasks: survive(pool, stop_requested, tasks)


@contextmanager
def _processes(jobs: int, run_one: Callable[[Task], Done]) -> Iterator[Pool]:
    """Give a pool of `jobs` processes on this machine."""
    with _said_by_workers() as said, _killed_at_the_end(), ExitStack() as stack:
        parallel: Parallel | None = None
        outcomes: Generator[Done] | None = None

        def run(tasks: Iterator[Task]) -> Iterator[Done]:
            nonlocal parallel, outcomes
            parallel = parallel or stack.enter_context(_new_parallel(jobs))
            parent = os.getpid()
            running: dict[int, Task] = {}
            try:
                with interrupts_held():
                    outcomes = parallel(
                        delayed(_run_in_worker)(run_one, task, parent, said)
                        for task in _noted(tasks, running)
                    )
                for number, outcome in outcomes:
                    del running[number]
                    yield number, outcome
            except BrokenProcessPool as error:  # it does not say which of the workers died
                # Asked again, joblib could give answers to what was asked before it broke.
                parallel = None
                stack.close()
                raise WorkerDiedError(list(running.values())) from error

        try:
            yield run
        finally:
            if outcomes:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # that some are still running is known
                    outcomes.close()


@contextmanager
def _killed_at_the_end() -> Iterator[None]:
    """Kill the workers at the end, which are idle then, instead of asking them to leave.

    They would hear it one after another; one that had died while it waited, with the lock in its
    hand, would keep the rest from hearing it, and this process from ever ending.
    """
    try:
        yield
    finally:
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _new_parallel(jobs: int) -> Parallel:
    # The arguments are small and the data are mapped from files: joblib has nothing to share.
    return Parallel(
        n_jobs=jobs,
        return_as="generator_unordered",
        pre_dispatch=jobs,
        batch_size=1,
        max_nbytes=None,
    )


@contextmanager
def _said_by_workers() -> Iterator[str]:
    """Give the path of a file for what workers print, and print that when they are done.

    Printed at once, it would tear the parent's progress bar.
    """
    with NamedTemporaryFile(prefix="nnsweep-workers-") as file:
        try:
            yield file.name
        finally:
            if text := file.read().decode(errors="replace"):
                sys.stderr.write(f"printed by the workers:\n{text}")


@cache
def _speak_into(said: str) -> None:
    """Let all that this worker prints go to the file `said`; once per worker."""
    file = os.open(said, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file, stream.fileno())
    os.close(file)


def _noted(tasks: Iterator[Task], running: dict[int, Task]) -> Iterator[Task]:
    for task in tasks:
        running[task.number] = task
        yield task


@contextmanager
def interrupts_held() -> Iterator[None]:
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


def _run_in_worker(run_one: Callable[[Task], Done], task: Task, parent: int, said: str) -> Done:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    _follow(parent)
    _speak_into(said)
    try:
        return run_one(task)
    finally:
        sys.stdout.flush()


@cache
def _follow(parent: int) -> None:
    """End this worker soon after its parent does, however that ends; once per worker."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def beside(
    function: Callable[Given, Found], *arguments: Given.args, **settings: Given.kwargs
) -> Iterator[Callable[[], Found]]:
    """Begin to compute `function` of what follows in another process; give one that awaits it.

    Where there is but one core, or the other process dies, it is computed here when asked for.
    """
    here = partial(function, *arguments, **settings)
    if available_cores() == 1:
        yield here
        return
    other = ProcessPoolExecutor(max_workers=1)
    try:
        with interrupts_held():
            answer = other.submit(here)

        def awaited() -> Found:
            try:
                found: Found = answer.result()
            except BrokenProcessPool:
                return here()
            return found

        yield awaited
    finally:
        other.shutdown(wait=True, kill_workers=True)
