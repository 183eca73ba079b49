"""The part of a sweep that runs on a Dask worker: it checks its environment and runs trials.

A worker uses the data that the sweep's client sent to it, or reads them if it can.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError, named, one_line
from sweeps.environment import Environment, data_facts, differences, machine
from sweeps.workers.tasks import FinishedTrial, TrialTask, run_task

Worker = Any  # Dask has no types for it

Facts = Mapping[DataSource, dict[str, str]]
"""The `data_facts` of each data set of the sweep."""


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
        where = f"Dask worker {named(self.address)}"
        return one_line(f"{where} has a different environment: {self.reason}")


def sent_key(client: str, address: str) -> str:
    """Return the key of the data that a sweep's client sent to the worker at `address`."""
    return f"nnsweep-{client}-{address}"


def run_remotely(task: TrialTask, facts: Facts, home: Environment, client: str) -> FinishedTrial:
    """Run `task` on this worker, on the data that `client` sent or that the worker can read.

    Raises
    ------
    DifferentEnvironmentError
        If the environment of this worker differs from `home`, or its data from `facts`.
    MissingDataError
        If the worker has no copy of the data and cannot read them.
    """
    from distributed import get_worker

    worker: Worker = get_worker()
    sent: Mapping[DataSource, DataSet] = worker.data.get(sent_key(client, worker.address)) or {}
    sources = (task.data,) if isinstance(task.data, DataSource) else task.data
    datasets = [sent.get(source) or _read(source) for source in sources]
    found = [dataset for dataset in datasets if dataset is not None]
    if len(found) < len(sources):
        raise MissingDataError(worker.address)
    _check_environment(worker.address, home, facts, found)
    return run_task(task, found[0] if isinstance(task.data, DataSource) else found)


async def can_read_data(facts: Facts, home: Environment, dask_worker: Worker) -> bool:
    """Return whether this worker can read all data sets that `facts` describes.

    Raises
    ------
    DifferentEnvironmentError
        If the environment of this worker differs from `home`, or its data from `facts`.
    """

    def check() -> bool:
        datasets = [_read(source) for source in facts]
        found = [dataset for dataset in datasets if dataset is not None]
        _check_environment(dask_worker.address, home, facts, found)
        return len(found) == len(datasets)

    return await asyncio.to_thread(check)  # meanwhile the worker answers other requests


def _check_environment(
    address: str, home: Environment, facts: Facts, datasets: Sequence[DataSet]
) -> None:
    changed = differences(home, {**_machine(tuple(home["packages"])), "data": home["data"]})
    for dataset in datasets:
        wanted, got = facts[dataset.source], data_facts(dataset)
        changed += differences({**home, "data": wanted}, {**home, "data": got})
    if changed:
        raise DifferentEnvironmentError(address, "; ".join(changed))


def _read(source: DataSource) -> DataSet | None:
    try:
        return load_dataset(source, verify=False)
    except (InputError, OSError):
        return None


@cache
def _machine(packages: tuple[str, ...]) -> Environment:
    return machine(packages)
