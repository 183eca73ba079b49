"""Workers on many machines: those of a Dask scheduler, over TCP.

Dask's own client is used because joblib's Dask backend waits forever if a trial kills its workers
or the scheduler is gone.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass

from nncore.datasets import DataSet
from nncore.errors import InputError, shown
from sweeps.environment import Environment
from sweeps.errors import OutageError
from sweeps.workers.dask_client import connected
from sweeps.workers.dask_pool import DaskPool
from sweeps.workers.dead_workers import retry_lost_tasks
from sweeps.workers.tasks import (
    FinishedTrial,
    Runner,
    StopRequested,
    TrialTask,
    longest_ready_first,
)


@dataclass(frozen=True)
class DaskWorkers:
    """The workers of a Dask cluster, which may be on other machines.

    Needs the optional dependency `nnsweep[dask]`. The workers must have the package versions of the
    sweep. They read the data themselves, or get a copy if they cannot.

    Parameters
    ----------
    scheduler
        The address of the Dask scheduler, such as "tcp://host:8786".

    Raises
    ------
    InputError
        If `scheduler` is not a text, or is empty.

    Examples
    --------
    >>> from sweeps import DaskWorkers
    >>> DaskWorkers("tcp://host:8786")
    DaskWorkers(scheduler='tcp://host:8786')
    """

    scheduler: str

    def __post_init__(self) -> None:
        if not isinstance(self.scheduler, str) or not self.scheduler.strip():
            raise InputError(
                "`scheduler` must be the address of a Dask scheduler, such as tcp://host:8786, "
                f"got {shown(self.scheduler)}",
                argument="scheduler",
            )

    @contextmanager
    def start(
        self,
        datasets: Sequence[DataSet],
        environment: Environment,
        stop_requested: StopRequested,
    ) -> Iterator[Runner]:
        """Connect to the scheduler, wait for a first worker and give a runner.

        See `Workers.start` for the parameters.

        Raises
        ------
        InputError
            If Dask is not installed, the scheduler cannot be reached, or a worker has a different
            environment. Such a worker that joins later gets no trials, and a warning is logged.
        OutageError
            If the scheduler is gone, or has had no suitable worker for a minute.
        """
        with connected(self.scheduler) as client:
            pool = DaskPool(client, self.scheduler, datasets, environment, stop_requested)
            with _outages(self.scheduler):
                pool.wait_for_first_worker()
            yield lambda tasks: self._run(pool, stop_requested, tasks)

    def parallel_trials(self) -> int:
        """Return the number of trials that run at the same time, at least 1.

        Raises
        ------
        InputError
            If Dask is not installed or the scheduler cannot be reached.
        OutageError
            If the scheduler goes away before it answers.
        """
        with connected(self.scheduler) as client, _outages(self.scheduler):
            threads: dict[str, int] = client.nthreads()
            return max(1, sum(threads.values()))

    def _run(
        self, pool: "DaskPool", stop_requested: StopRequested, tasks: Iterable[TrialTask]
    ) -> Iterator[FinishedTrial]:
        with _outages(self.scheduler):
            ordered = longest_ready_first(tasks, pool.threads())
            yield from retry_lost_tasks(pool.run, stop_requested, ordered)


@contextmanager
def _outages(scheduler: str) -> Iterator[None]:
    try:
        yield
    except (OSError, CancelledError) as error:
        raise OutageError(f"the Dask scheduler at {scheduler} is gone") from error
