"""What a Dask worker does for a sweep: it tells of what kind it is, finds the data, runs a trial.

It takes the data that it was sent, or reads them where it is if it can see them there.
"""

import asyncio
from functools import cache
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.workers.tasks import Done, Task, run_task

Worker = Any  # Dask has no types for it


class UnseenDataError(Exception):
    """The worker at `address` neither sees the data set nor holds it.

    It has just joined, or is another process than the one that was asked there, which is lost.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class OtherKindError(InputError):
    """The worker at `address` would give other bytes; `reason` is the difference."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)  # as they are: it comes from the worker pickled
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"Dask worker {self.address} must be of the kind that runs the sweep: {self.reason}"


def sent_key(client: str, address: str) -> str:
    """Return under which key the worker at `address` holds the data that a sweep's client sent."""
    return f"nnsweep-{client}-{address}"


def run_remotely(task: Task, home: Environment, client: str) -> Done:
    """Run `task` on the worker on which this runs, on the data that `client` sent or that it sees.

    Raises
    ------
    OtherKindError
        If it is not of the kind of `home`.
    UnseenDataError
        If it neither holds nor sees the data.
    """
    from distributed import get_worker

    worker: Worker = get_worker()
    dataset = worker.data.get(sent_key(client, worker.address)) or _seen(task.data)
    if dataset is None:
        raise UnseenDataError(worker.address)
    _check_kind(worker.address, home, data_facts(dataset))
    return run_task(task, dataset)


async def sees_data(data: DataSource, home: Environment, dask_worker: Worker) -> bool:
    """Return whether the worker on which this runs sees the data.

    Raises
    ------
    OtherKindError
        If it is of another kind.
    """

    def check() -> bool:
        seen = _seen(data)
        _check_kind(dask_worker.address, home, data_facts(seen) if seen else home["data"])
        return seen is not None

    return await asyncio.to_thread(check)  # the worker goes on answering meanwhile


def _check_kind(address: str, home: Environment, data: dict[str, str]) -> None:
    changed = differences(home, {**_machine(), "data": data})
    if changed:
        raise OtherKindError(address, "; ".join(changed))


def _seen(data: str | DataSource) -> DataSet | None:
    try:
        return load_dataset(data, verify=False)
    except (InputError, OSError):
        return None


@cache
def _machine() -> Environment:
    return machine()
