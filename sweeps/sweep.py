"""A sweep from its config to its run folder: what is checked, opened and held while the loop runs.

The same call on the same folder goes on where the last one ended, however that ended.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from time import monotonic

from nncore.datasets import DataSet
from nncore.errors import InputError, require, unknown
from nncore.training import check_images
from sweeps.config import SweepConfig
from sweeps.environment import Environment, environment
from sweeps.errors import OutageError
from sweeps.loop import Loop
from sweeps.progress import OnProgress, SweepEnd, SweepProgress
from sweeps.records.database import JOURNAL, JOURNALS, check_database, open_database
from sweeps.records.optuna_study import open_journal, open_storage, study_name
from sweeps.records.run_folder import check_folder, check_trials, open_folder, recorded_storage
from sweeps.samplers.proposer import check_sampler
from sweeps.workers.dask import cluster_runner
from sweeps.workers.local import runner
from sweeps.workers.tasks import Runner


def check_data(config: SweepConfig, dataset: DataSet) -> None:
    """Raise `InputError` if some trial of the sweep could not train on `dataset`."""
    size = len(dataset.train)
    rule = f"be <= {size}, the size of the training set of {dataset.name}"
    for params in config.corners():
        trial = config.trial_config(params)
        require(trial.mini_batch_size <= size, "mini_batch_size", rule, trial.mini_batch_size)
        check_images(trial, dataset.image_shape)


def check_sweep(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    *,
    storage: str | None = None,
    backend: str = "loky",
    scheduler: str | None = None,
    anyway: bool = False,
) -> None:
    """Raise `InputError` if `run_sweep` would refuse these arguments; nothing is written.

    A database is not asked for trials that were begun and are not done: a run refuses to drop them.
    """
    found = _checked(config, dataset, path, storage, anyway=anyway)
    if (storage or recorded_storage(path)) in JOURNALS:
        check_trials(path, config, _begun_in_journal(path, config))
    try:
        with _workers(backend, scheduler, 1, dataset, found, lambda: False):
            pass
    except OutageError as error:
        raise InputError(str(error)) from error


def _begun_in_journal(path: Path, config: SweepConfig) -> int:
    if not (path / JOURNAL).exists():  # to open it would make it
        return 0
    journal, name = open_journal(path), study_name(config, None)
    found = [study for study in journal.get_all_studies() if study.study_name == name]
    return sum(journal.get_n_trials(study._study_id) for study in found)


def run_sweep(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    *,
    jobs: int = 1,
    timeout: float | None = None,
    storage: str | None = None,
    backend: str = "loky",
    scheduler: str | None = None,
    anyway: bool = False,
    on_progress: OnProgress = lambda progress: None,
    stop_requested: Callable[[], bool] = lambda: False,
    run: Runner | None = None,
) -> SweepProgress:
    """Run the sweep in the run folder `path` until it has `config.sweep.trials`, or go on with it.

    `jobs` worker processes change the time, never the bytes of `trials.csv` and `epochs.csv`, and
    nor does anything else that says where the work is done: `storage` is the URL of a database, or
    "journal" for a file in the run folder, which is the default of a new run; one that goes on
    keeps its storage, or moves to the one that is named. With `backend="dask"` the trials run on
    the workers of the Dask `scheduler`.
    `on_progress` is called at the start and after each trial; once `stop_requested()` is true no
    trial is started and those that run are finished. After `timeout` seconds it is the same: what
    is written is then the beginning of the longer run, but how much of it depends on the clock.
    `anyway` resumes in another environment. `run` takes the place of the workers.

    Returns
    -------
    SweepProgress
        Where the sweep stands now.

    Raises
    ------
    InputError
        Before anything is written: if the config does not fit the data, the folder or the storage.
    OutageError
        If the storage, the data or the cluster is gone; the next run goes on from there.
    OSError
        If the run folder cannot be written any more; the next run goes on from there.
    """
    found = _checked(config, dataset, path, storage, anyway=anyway)
    stop = _Stop(stop_requested, timeout)
    workers = nullcontext(run) if run else _workers(backend, scheduler, jobs, dataset, found, stop)
    with workers as run_tasks, open_folder(path, config) as folder:
        check_folder(path, config, found, anyway=anyway)  # another run may have begun it since
        with open_database(storage or recorded_storage(path)) as database:
            if database is None and not folder.begun:  # a journal alone would be a foreign file
                folder.begin(config, found)
            study = open_storage(database, path, config)
            check_trials(path, config, len(study.trials()))
            folder.begin(config, found)
            folder.record_storage(database.url if database else JOURNAL)
            study.restore(folder.recorded(config.space))
            result = Loop(config, dataset, folder, study, on_progress).run(run_tasks, stop)
    return (
        replace(result, end=stop.reason or result.end) if result.end == SweepEnd.STOPPED else result
    )


def _checked(
    config: SweepConfig, dataset: DataSet, path: Path, storage: str | None, *, anyway: bool
) -> Environment:
    """Return the environment of the sweep; `InputError` if it does not fit these."""
    check_data(config, dataset)
    check_sampler(config)
    found = environment(dataset, config.sweep.seed, config.sweep.sampler)
    check_folder(path, config, found, anyway=anyway)
    check_database(storage or recorded_storage(path))
    return found


class _Stop:
    """Whether no further trial should start, and the reason that came first."""

    def __init__(self, requested: Callable[[], bool], timeout: float | None) -> None:
        self.reason: SweepEnd | None = None
        self._requested = requested
        self._deadline = math.inf if timeout is None else monotonic() + timeout

    def __call__(self) -> bool:
        if self.reason is None and self._requested():
            self.reason = SweepEnd.STOPPED
        elif self.reason is None and monotonic() >= self._deadline:
            self.reason = SweepEnd.TIMEOUT
        return self.reason is not None


def _workers(
    backend: str,
    scheduler: str | None,
    jobs: int,
    dataset: DataSet,
    found: Environment,
    stop_requested: Callable[[], bool],
) -> AbstractContextManager[Runner]:
    if backend == "loky":
        require(scheduler is None, "--scheduler", "come with --backend dask", scheduler)
        return runner(jobs, stop_requested)
    if backend != "dask":
        raise unknown("backend", backend, ("dask", "loky"))
    if scheduler is None:
        raise InputError("`--scheduler` must be given with --backend dask, as in tcp://host:8786")
    return cluster_runner(scheduler, dataset, found, stop_requested)
