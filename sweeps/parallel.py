"""Trials on many cores: the one module that knows joblib.

One job is a plain loop in this process; more are worker processes that live as long as the sweep.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from nncore.config import TrialConfig
from sweeps.trial import Seed, TrialOutcome, attempt


@dataclass(frozen=True)
class Task:
    """A trial to be run: its number in the sweep and the arguments of `attempt`."""

    number: int
    config: TrialConfig
    data: str
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
    with Parallel(
        n_jobs=jobs, return_as="generator_unordered", pre_dispatch=jobs, batch_size=1
    ) as parallel:

        def run(tasks: Sequence[Task]) -> Iterator[tuple[int, TrialOutcome]]:
            try:
                yield from parallel(
                    delayed(_run_in_worker)(task) for task in _until(stop_requested, tasks)
                )
            except TerminatedWorkerError as error:
                raise WorkerDiedError(
                    "a worker process died (killed, or out of memory); what had finished is kept"
                ) from error

        yield run


def _until(stop_requested: Callable[[], bool], tasks: Sequence[Task]) -> Iterator[Task]:
    for task in tasks:
        if stop_requested():
            return
        yield task


def _run(task: Task) -> tuple[int, TrialOutcome]:
    return task.number, attempt(task.config, task.data, task.seeds)


def _run_in_worker(task: Task) -> tuple[int, TrialOutcome]:
    # Ctrl-C reaches the whole process group: the parent decides, workers finish what they run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _run(task)
