"""The part of a sweep that runs on a Dask worker: it checks its environment and runs trials.

A worker uses the data that the sweep's client sent to it, or reads them if it can.
"""

import asyncio
from functools import cache
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.workers.tasks import FinishedTrial, TrialTask, run_task

Worker = Any  # Dask has no types for it


class MissingDataError(Exception):
    """The worker at `address` has no copy of the data set and cannot read it.

    The worker has just joined, or its process has replaced the one that was checked earlier.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class DifferentEnvironmentError(InputError):
    """The worker at `address` would compute other bytes; `reason` names the differences."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)  # unpickling calls this constructor with these
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"Dask worker {self.address} has a different environment: {self.reason}"


def sent_key(client: str, address: str) -> str:
    """Return the key of the data that a sweep's client sent to the worker at `address`."""
    return f"nnsweep-{client}-{address}"


def run_remotely(task: TrialTask, home: Environment, client: str) -> FinishedTrial:
    """Run `task` on this worker, on the data that `client` sent or that the worker can read.

    Raises
    ------
    DifferentEnvironmentError
        If the environment of this worker differs from `home`.
    MissingDataError
        If the worker has no copy of the data and cannot read them.
    """
    from distributed import get_worker

    worker: Worker = get_worker()
    dataset = worker.data.get(sent_key(client, worker.address)) or _read(task.data)
    if dataset is None:
        raise MissingDataError(worker.address)
    _check_environment(worker.address, home, data_facts(dataset))
    return run_task(task, dataset)


async def can_read_data(data: DataSource, home: Environment, dask_worker: Worker) -> bool:
    """Return whether this worker can read the data.

    Raises
    ------
    DifferentEnvironmentError
        If the environment of this worker differs from `home`.
    """

    def check() -> bool:
        dataset = _read(data)
        _check_environment(
            dask_worker.address, home, data_facts(dataset) if dataset else home["data"]
        )
        return dataset is not None

    return await asyncio.to_thread(check)  # meanwhile the worker answers other requests


def _check_environment(address: str, home: Environment, data: dict[str, str]) -> None:
    changed = differences(home, {**_machine(tuple(home["packages"])), "data": data})
    if changed:
        raise DifferentEnvironmentError(address, "; ".join(changed))


def _read(data: str | DataSource) -> DataSet | None:
    try:
        return load_dataset(data, verify=False)
    except (InputError, OSError):
        return None


@cache
def _machine(packages: tuple[str, ...]) -> Environment:
    return machine(packages)
