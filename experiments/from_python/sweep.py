"""Runs a sweep as a program or a notebook wants it: with its data, its folder and a progress bar.

`sweeps.run_sweep` does the work; it is the one to call with a data set made in memory.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sweeps.sweep
from experiments.from_python.progress_bar import progress_bar
from experiments.from_python.sweep_result import SweepResult
from nncore.arguments import as_path, require_type
from nncore.datasets import DataSet, load_dataset
from sweeps.config import SweepConfig, load_config, parse_config
from sweeps.progress import OnProgress, SweepProgress
from sweeps.records.data_file import find_data
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import StopRequested, Workers


def run_sweep(
    config: SweepConfig | Mapping[str, Any] | str | Path,
    dataset: DataSet | None = None,
    folder: str | Path | None = None,
    *,
    progress: bool = False,
    workers: Workers = IN_THIS_PROCESS,
    timeout: float | None = None,
    storage: str | None = None,
    anyway: bool = False,
    on_progress: OnProgress = lambda progress: None,
    stop_requested: StopRequested = lambda: False,
) -> SweepResult:
    """Run a sweep, or resume it, and return its result.

    Parameters
    ----------
    config
        The sweep: a `SweepConfig`, the tables of a sweep file as a dict, or the path of such a
        file.
    dataset
        The data set; by default the one that the config names.
    folder
        The run folder, by default `runs/<name of the sweep>`. It is created, or resumed if it holds
        this sweep.
    progress
        Whether to show a progress bar.
    workers, timeout, storage, anyway, on_progress, stop_requested
        As for `sweeps.run_sweep`.

    Returns
    -------
    SweepResult
        The best trial, the table of all trials, and how the run ended.

    Raises
    ------
    InputError, OutageError, OSError
        As `sweeps.run_sweep` does.

    Examples
    --------
    >>> import nnsweep
    >>> result = nnsweep.run_sweep({
    ...     "sweep": {"name": "small", "trials": 2},
    ...     "data": {"name": "digits"},
    ...     "training": {"epochs": 1},
    ...     "space": {"learning_rate": nnsweep.Range(0.1, 1.0, log=True)},
    ... })
    >>> result.folder.as_posix(), len(result.trials)
    ('runs/small', 2)
    """
    config = _config(config)
    path = Path("runs", config.sweep.name) if folder is None else as_path(folder, "folder")
    if dataset is None:
        dataset = load_dataset(find_data(path, config.data.source))
    with _shown(progress, on_progress) as show:
        end = sweeps.sweep.run_sweep(
            config,
            dataset,
            path,
            workers=workers,
            timeout=timeout,
            storage=storage,
            anyway=anyway,
            on_progress=show,
            stop_requested=stop_requested,
        )
    return SweepResult(path, config, end)


def _config(given: SweepConfig | Mapping[str, Any] | str | Path) -> SweepConfig:
    if isinstance(given, str | Path):
        return load_config(given)
    if isinstance(given, Mapping):
        return parse_config(given)
    require_type(given, SweepConfig, "config", "a SweepConfig, a dict of tables or a path")
    return given


@contextmanager
def _shown(progress: bool, on_progress: OnProgress) -> Iterator[OnProgress]:
    """Give the function that a sweep reports to: `on_progress`, after a bar if there is one."""
    if not progress:
        yield on_progress
        return

    def both(now: SweepProgress) -> None:
        show(now)
        on_progress(now)

    with progress_bar() as show:
        yield both
