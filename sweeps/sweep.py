"""Runs a sweep: checks its arguments, opens its folder and study, and holds them during the loop.

The same call on the same run folder resumes the sweep, however the last run ended.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import monotonic

from nncore.arguments import as_path, require_function, require_type
from nncore.components.metrics import R2, Metric
from nncore.datasets import DataSet
from nncore.errors import InputError, require, shown
from nncore.task import check_metric_of_task
from sweeps.config import SweepConfig, require_config
from sweeps.environment import Environment, environment
from sweeps.errors import OutageError
from sweeps.loop import Loop
from sweeps.progress import OnProgress, SweepEnd, SweepProgress
from sweeps.records.data_file import data_files
from sweeps.records.file_names import ENVIRONMENT, JOURNAL
from sweeps.records.is_run import is_run
from sweeps.records.run_folder import (
    RunFolder,
    check_folder,
    check_kind,
    check_trials,
    open_folder,
    recorded_storage,
)
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.study.database import JOURNALS, check_database, open_database
from sweeps.study.optuna_study import open_journal, open_optuna_study, study_name
from sweeps.training_data import check_trial, fold_datasets
from sweeps.under_way import open_reports
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import StopRequested, Workers


def check_data(config: SweepConfig, datasets: Sequence[DataSet]) -> None:
    """Raise `InputError` if some trial of the sweep could not train on each of `datasets`."""
    for params in config.corners():
        check_trial(config.trial_config(params), datasets)
    for dataset in datasets:
        check_metric(config.metric, dataset)


def check_metric(metric: Metric, dataset: DataSet) -> None:
    """Raise `InputError` if the metric is not defined on the validation rows."""
    check_metric_of_task(metric.name, regression=dataset.targets is not None)
    if metric is R2:
        rule = f"be rmse or mae for a single validation example, as of {dataset.name}"
        require(len(dataset.validation) > 1, "sweep.metric", rule, metric.name)
    if metric.name != "roc_auc":
        return
    present = set(dataset.validation.labels.tolist())
    for label, name in enumerate(dataset.classes):
        if label not in present:
            raise InputError(
                "`sweep.metric` roc_auc must have validation examples of every class, "
                f"got none of `{name}` in {dataset.name}"
            )


def check_sweep(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    *,
    workers: Workers = IN_THIS_PROCESS,
    storage: str | None = None,
    anyway: bool = False,
) -> None:
    """Raise `InputError` if `run_sweep` would refuse these arguments; write nothing.

    The trials in a database are not counted: only `run_sweep` refuses fewer trials than it holds.

    Parameters
    ----------
    config, dataset, path, workers, storage, anyway
        As for `run_sweep`.

    Raises
    ------
    InputError
        If `run_sweep` would raise it, or the workers or the storage are not available.
    """
    parts, here = _check_config(config, dataset)
    check_folder(path, config, here, anyway=anyway)
    storage = _checked_storage(storage, path)
    if storage in JOURNALS:
        check_trials(path, config, _begun_in_journal(path, config))
    try:
        with workers.start(parts, here, lambda: False):
            pass
    except OutageError as error:
        raise InputError(str(error)) from error


def run_sweep(
    config: SweepConfig,
    dataset: DataSet,
    path: str | Path,
    *,
    workers: Workers = IN_THIS_PROCESS,
    timeout: float | None = None,
    storage: str | None = None,
    anyway: bool = False,
    on_progress: OnProgress = lambda progress: None,
    stop_requested: StopRequested = lambda: False,
) -> SweepProgress:
    """Run a sweep, or resume it, until the run folder has `config.sweep.trials` trials.

    Neither the workers nor the storage change a byte of `trials.csv` and `epochs.csv`.

    Parameters
    ----------
    config
        The sweep, from `load_config` or `parse_config`.
    dataset
        The data set that `config.data.source` names.
    path
        The run folder. It is created, or resumed if it holds this sweep.
    workers
        Where the trials run: `LocalWorkers(jobs)` or `DaskWorkers(scheduler)`. By default they run
        in this process.
    timeout
        No trial is started after this many seconds; the running ones are finished. The number of
        trials then depends on the clock.
    storage
        The URL of a database for Optuna's study, or "journal" for a file in the run folder. The
        default is the storage of the last run, and a journal for a new run.
    anyway
        Whether to resume in a different environment, which may change the bytes of the results.
    on_progress
        Called with a `SweepProgress` at the start and after each trial.
    stop_requested
        Once it returns true, no trial is started and the running ones are finished.

    Returns
    -------
    SweepProgress
        The state of the sweep at the end of this run; its `end` is the reason for the end.

    Raises
    ------
    InputError
        Before anything is written: if the config does not fit the data, the folder or the storage,
        or the workers are not available.
    OutageError
        If the storage, the data or the cluster is gone. Finished trials are kept.
    OSError
        If the run folder cannot be written any more. Finished trials are kept.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from nncore import load_dataset
    >>> from sweeps import parse_config, run_sweep
    >>> config = parse_config({
    ...     "sweep": {"name": "first", "trials": 2},
    ...     "data": {"name": "digits"},
    ...     "training": {"epochs": 1},
    ...     "space": {"learning_rate": {"low": 0.1, "high": 1.0, "log": True}},
    ... })
    >>> with TemporaryDirectory() as folder:
    ...     run_sweep(config, load_dataset("digits"), f"{folder}/run").done
    2
    """
    path = as_path(path, "path")
    _check_types(config, dataset, workers, timeout)
    require_function(on_progress, "on_progress")
    require_function(stop_requested, "stop_requested")
    parts, here = _check_config(config, dataset)
    stop = _Stop(stop_requested, timeout)
    with ExitStack() as stack:
        # A run is locked before it is checked. A new folder is created only after all checks.
        folder = stack.enter_context(open_folder(path, config)) if _is_run(path) else None
        check_folder(path, config, here, anyway=anyway)
        storage = _checked_storage(storage, path)
        run_tasks = stack.enter_context(workers.start(parts, here, stop))
        folder = folder or _open_new(stack, path, config)
        database = stack.enter_context(open_database(storage))
        if database is None and not folder.begun:  # a journal alone would be a foreign file
            folder.begin(config, here)
        study = open_optuna_study(database, path, config)
        check_trials(path, config, len(study.trials()))
        folder.begin(config, here)
        folder.record_places(
            database.url if database else JOURNAL, data_files(path, dataset.source)
        )
        study.restore(folder.recorded(config.space), folder.courses)
        reports = stack.enter_context(open_reports(path))
        result = Loop(config, dataset, folder, study, reports, on_progress).run(run_tasks, stop)
    if result.end is SweepEnd.STOPPED and stop.reason:
        return replace(result, end=stop.reason)
    return result


def _check_types(
    config: SweepConfig, dataset: DataSet, workers: Workers, timeout: float | None
) -> None:
    """Raise `InputError` if a program passed something else, for example a name for a data set."""
    require_config(config)
    require_type(dataset, DataSet, "dataset", "a DataSet, which load_dataset returns")
    if not hasattr(workers, "start"):
        rule = "`workers` must be LocalWorkers(jobs) or DaskWorkers(scheduler)"
        raise InputError(f"{rule}, got {shown(workers)}")
    number = isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0
    require(timeout is None or number, "timeout", "be a number of seconds > 0", timeout)


def _check_config(config: SweepConfig, dataset: DataSet) -> tuple[list[DataSet], Environment]:
    """Return the data sets of the trials, loaded, and the environment of the sweep.

    Raises `InputError` if the sweep cannot run on `dataset` here.
    """
    parts = fold_datasets(config, dataset)
    check_data(config, parts)
    sampler = SAMPLERS[config.sweep.sampler]
    sampler.load()
    return parts, environment(dataset, config.sweep.seed, sampler.packages, config.metric)


def _checked_storage(given: str | None, path: Path) -> str | None:
    """Return the `given` storage or else the recorded one; `InputError` if it cannot be opened."""
    storage = given or recorded_storage(path)
    try:
        check_database(storage)
    except InputError as error:
        if given:
            raise
        raise InputError(
            f"{error}; {path / ENVIRONMENT} names it: if the database was moved, `storage` must "
            'name its new place, and "journal" continues the run without it',
            argument="storage",
        ) from error
    return storage


def _is_run(path: Path) -> bool:
    try:
        return is_run(path)
    except OSError:  # `check_folder` refuses it
        return False


def _open_new(stack: ExitStack, path: Path, config: SweepConfig) -> RunFolder:
    """Create and lock a run folder that was checked as new; `InputError` if it is not new now.

    A folder with other files, or one that another run has begun meanwhile, is not new.
    """
    folder = stack.enter_context(open_folder(path, config))
    if folder.begun:
        raise InputError(f"run folder {path} must be new, got a run that has just begun it")
    check_kind(path)  # the workers may have taken a minute to start
    return folder


def _begun_in_journal(path: Path, config: SweepConfig) -> int:
    """Return the number of trials in the journal of the run folder, if there is one."""
    if not (path / JOURNAL).exists():  # opening it would create it
        return 0
    journal, name = open_journal(path), study_name(config, None)
    studies = [study for study in journal.get_all_studies() if study.study_name == name]
    return sum(journal.get_n_trials(study._study_id) for study in studies)


class _Stop:
    """Returns whether no further trial should start, and keeps the first reason for it."""

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
