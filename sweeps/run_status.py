"""How far a run is, read from its folder: under way or ended, and all of its finished trials.

A finished trial may wait outside the tables for one of lower number. It is counted here too, so
every command and the report give the same numbers as the run itself.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sweeps.config import SweepConfig
from sweeps.generations import generation_end
from sweeps.progress import SweepProgress, Tally, seconds_left
from sweeps.records.folder_lock import is_in_use
from sweeps.records.run_folder import RunFolder
from sweeps.space.dimensions import Params, Space
from sweeps.trial import Result
from sweeps.under_way import RunReport, TrialReport, read_reports


class RunState(StrEnum):
    """Whether a run is under way, or how it ended."""

    RUNNING = "running"
    FINISHED = "finished"
    """All trials are recorded, or the epoch budget is spent."""
    STOPPED = "stopped"
    KILLED = "killed"
    """The process of the run ended without stopping the run, for example in a power cut."""


@dataclass(frozen=True)
class RunStatus:
    """How far a run is.

    Parameters
    ----------
    name
        The name of the run: that of its folder.
    state
        Whether it is under way, or how it ended.
    progress
        The counts of its finished trials and the best of them.
    waiting
        The hyperparameters of the finished trials that are not in the tables yet, by number.
    report
        What the run reports while it is under way, or reported when it was killed; else None.
    """

    name: str
    state: RunState
    progress: SweepProgress
    waiting: Mapping[int, Params]
    report: RunReport | None

    @property
    def is_running(self) -> bool:
        """Whether the run is under way."""
        return self.state == RunState.RUNNING

    @property
    def started(self) -> datetime | None:
        """When the run that is under way, or was killed, started; None if that is not known."""
        return self.report.started if self.report else None

    @property
    def training(self) -> tuple[TrialReport, ...]:
        """The trials that train now, by number; those of workers that cannot report are unknown."""
        return self.report.trials if self.report and self.is_running else ()

    def epochs_per_second(self, now: datetime) -> float | None:
        """Return how many epochs the run has trained per second; None if that is not known."""
        elapsed = self._elapsed(now)
        if self.report is None or not elapsed:
            return None
        trained = self.progress.epochs - self.report.epochs
        return max(0, trained + sum(trial.epoch for trial in self.training)) / elapsed

    def seconds_left(self, now: datetime) -> float | None:
        """Return the time that the run is expected to need; None before its first trial ended."""
        elapsed = self._elapsed(now)
        if self.report is None or elapsed is None:
            return None
        return seconds_left(self.progress, self.report.done, elapsed)

    def _elapsed(self, now: datetime) -> float | None:
        return max(0.0, (now - self.started).total_seconds()) if self.started else None


def run_status(folder: Path, config: SweepConfig, results: Sequence[Result]) -> RunStatus:
    """Return the status of the run in `folder`, whose tables hold the trials with these `results`.

    While the run is under way, a trial may move from one file to the next between two reads.
    """
    locked, report = is_in_use(folder), read_reports(folder)
    recorded, progress, waiting = len(results), _tally(config, results), dict[int, Params]()
    undecided = 0
    run = RunFolder(folder, config)
    for number, outcome in sorted(run.kept().items()):
        if number < recorded or number >= config.sweep.trials:
            continue
        if config.brackets:
            undecided += 1
        else:
            progress.add(number, outcome.result)
            waiting[number] = _points(run.kept_params(number), config.space)
    if report is not None and locked:
        state = RunState.RUNNING
    elif is_complete(config, results):
        state = RunState.FINISHED
    elif locked:  # it starts, and reports later
        state = RunState.RUNNING
    else:
        state = RunState.STOPPED if report is None else RunState.KILLED
    counted = progress.progress(waiting=len(waiting), undecided=undecided)
    return RunStatus(folder.resolve().name, state, counted, waiting, report)


def read_run_status(folder: Path, config: SweepConfig) -> tuple[RunStatus, Params]:
    """Return the status of the run in `folder`, and the hyperparameters of its best trial.

    They are empty if there is no best trial, or if they are not known.

    Raises
    ------
    InputError
        If the tables are damaged.
    """
    recorded = RunFolder(folder, config).recorded(config.space)
    status = run_status(folder, config, [result for _, result in recorded])
    best = status.progress.best_number
    if best is None:
        return status, {}
    return status, recorded[best][0] if best < len(recorded) else status.waiting[best]


def _points(params: Params, space: Space) -> Params:
    """Return the hyperparameters in a file that are values of the space."""
    valid: Params = {}
    for name, dimension in space.items():
        with suppress(ValueError):
            valid |= {name: dimension.member(params[name])} if name in params else {}
    return valid


def is_complete(config: SweepConfig, results: Sequence[Result]) -> bool:
    """Return whether the recorded trials are all that the sweep asks for.

    As in the sweep, an epoch that all replicates of a trial train counts as one, and the epochs are
    compared with `sweep.epoch_budget` at the end of a generation.
    """
    sweep, recorded = config.sweep, len(results)
    if recorded >= sweep.trials or sweep.epoch_budget is None:
        return recorded >= sweep.trials
    spent = sum(result.epochs for result in results) >= sweep.epoch_budget
    return spent and generation_end(config.generation_sizes, recorded) == recorded


def _tally(config: SweepConfig, results: Sequence[Result]) -> Tally:
    """Return the counts of the recorded trials."""
    sweep = config.sweep
    tally = Tally(sweep.trials, config.generation_sizes, sweep.epoch_budget, config.metric)
    for number, result in enumerate(results):
        tally.add(number, result)
    return tally
