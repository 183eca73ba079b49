"""What a Dask worker does for a sweep: it finds the data, tells of what kind it is, runs a trial.

It gets the data by reference and reads them where it is, or as they were sent if it cannot.
"""

import asyncio
from functools import cache
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.parallel import Done, Task, run_task

Worker = Any  # Dask has no types for it


class UnseenDataError(Exception):
    """A worker has no way to the data set."""


class OtherKindError(InputError):
    """The worker at `address` would give other bytes; `reason` is the difference."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)  # as they are: it comes from the worker pickled
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"Dask worker {self.address} must be of the kind that runs the sweep: {self.reason}"


def run_remotely(task: Task, home: Environment, sent: DataSet | None) -> Done:
    """Run `task` on the worker on which this runs, on the data as `sent` or as it sees them.

    Raises
    ------
    OtherKindError
        If it is not of the kind of `home`.
    UnseenDataError
        If nothing was sent and it cannot see the data.
    """
    from distributed import get_worker

    dataset = sent or _seen(task.data)
    _check_kind(get_worker().address, home, data_facts(dataset))
    return run_task(task, dataset)


async def checked_remotely(data: DataSource, home: Environment, dask_worker: Worker) -> None:
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
        raise OtherKindError(address, "; ".join(changed))


def _seen(data: str | DataSource) -> DataSet:
    try:
        return load_dataset(data, verify=False)
    except (InputError, OSError) as error:
        raise UnseenDataError from error


@cache
def _machine() -> Environment:
    return machine()
