"""Runs the trials of dead workers again, one at a time, so that no trial fails because of another.

A trial has failed if its worker dies repeatedly while the trial runs alone.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

from nncore.errors import one_line
from sweeps.trial import TrialOutcome
from sweeps.workers.tasks import AnyTask, Outcome, StopRequested, failed, until_stopped

LOG = logging.getLogger(__name__)
STRIKES = 3
"""A trial has failed once its worker has died this often while the trial ran alone."""

Pool = Callable[[Iterator[AnyTask]], Iterator[tuple[int, Outcome]]]
"""Runs tasks like a `Runner`, but raises `WorkerDiedError` if a worker dies."""


class WorkerDiedError(RuntimeError):
    """A worker was killed or ran out of memory.

    `suspects` are the numbers of the tasks that it may have run, one of which may be the cause.
    """

    def __init__(self, suspects: Sequence[int], deaths: int = 1) -> None:
        trials = ", ".join(f"trial {number}" for number in suspects)
        super().__init__(
            one_line(f"a worker died (killed or out of memory); rerunning, one at a time: {trials}")
        )
        self.suspects = suspects
        self.deaths = deaths


def retry_lost_tasks(
    pool: Pool[AnyTask, Outcome], stop_requested: StopRequested, tasks: Iterable[AnyTask]
) -> Iterator[tuple[int, Outcome | TrialOutcome]]:
    """Run `tasks` in `pool` and yield the number and outcome of each, even if workers die.

    If a worker dies, the suspects run again, one at a time. A task has failed once its worker has
    died `STRIKES` times while the task ran alone; its outcome is then a failed `TrialOutcome`. The
    tasks may be made as the pool takes them.
    """
    waiting: dict[int, AnyTask] = {}
    source = _noted(tasks, waiting)
    while waiting or any(True for _ in islice(source, 1)):
        try:
            unfinished = chain(list(waiting.values()), source)
            for number, outcome in pool(until_stopped(stop_requested, unfinished)):
                del waiting[number]
                yield number, outcome
        except WorkerDiedError as died:
            LOG.warning("%s", died)
            for suspect in died.suspects:
                for answer in _run_alone(pool, stop_requested, waiting[suspect]):
                    del waiting[suspect]
                    yield answer
        else:
            return


def _noted(tasks: Iterable[AnyTask], waiting: dict[int, AnyTask]) -> Iterator[AnyTask]:
    """Yield the tasks, each once it is in `waiting`."""
    for task in tasks:
        waiting[task.number] = task
        yield task


def _run_alone(
    pool: Pool[AnyTask, Outcome], stop_requested: StopRequested, task: AnyTask
) -> Iterator[tuple[int, Outcome | TrialOutcome]]:
    started, clock, deaths = datetime.now(UTC), time.perf_counter(), 0
    while deaths < STRIKES:
        try:
            yield from pool(until_stopped(stop_requested, [task]))
        except WorkerDiedError as died:
            deaths += died.deaths
        else:
            return
    error = f"its worker died {deaths} times while running only this trial: killed, out of memory\n"
    yield task.number, failed(error, started, time.perf_counter() - clock)
