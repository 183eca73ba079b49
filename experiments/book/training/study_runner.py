"""Runs the arms of studies in the worker processes of a sweep, each arm and seed once.

Outcomes are stored as they finish, so an interrupted study continues where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.book.arm_runs import ArmOutcome, ArmRuns, Runs
from experiments.book.arms import Arm, NetworkArm, SearchArm, run_count
from experiments.book.study import Study
from experiments.book.training.cache_key import cache_key, decisive_environment
from experiments.book.training.outcome_store import OutcomeStore
from experiments.book.training.run_arm import (
    ArmTask,
    expected_run_seconds,
    run_arm,
)
from nncore.datasets import DataSet, load_dataset
from nncore.model_file import load_single_model
from sweeps.workers.local import local_runner

ARMS = "arms"
"""Name of the folder of stored outcomes, beside the folders of the studies."""


@dataclass(frozen=True)
class RunReport:
    """A run that has just ended, and how many of all `runs` are `done`.

    `outcome` is None if the run failed.
    """

    arm: str
    seed: int
    outcome: ArmOutcome | None
    done: int
    runs: int


@dataclass(frozen=True)
class FailedRun:
    """A run that ended with an error, and the traceback of that error."""

    arm: str
    seed: int
    error: str


class StudyRunner:
    """Trains the runs that some arms need, each once, and reads their stored outcomes.

    Parameters
    ----------
    arms
        The arms of one or more studies; arms with the same setting share their runs.
    seeds
        Runs of each arm.
    folder
        Folder of all studies; outcomes are stored below it.
    """

    def __init__(self, arms: Sequence[Arm], seeds: int, folder: Path) -> None:
        self.seeds = seeds
        self._folder = folder
        self._store = OutcomeStore(folder / ARMS)
        names = sorted({arm.data for arm in arms})
        self.datasets: dict[str, DataSet] = {name: load_dataset(name) for name in names}
        decisive = {name: decisive_environment(data) for name, data in self.datasets.items()}
        self._runs: dict[str, tuple[Arm, int]] = {}
        self._keys: dict[tuple[Arm, int], str] = {}
        for arm in arms:
            for seed in range(run_count(arm, seeds)):
                key = cache_key(arm, seed, decisive[arm.data])
                self._keys[arm, seed] = key
                self._runs.setdefault(key, (arm, seed))

    def cache_keys(self, arm: Arm) -> list[str]:
        """Return the cache keys of the runs of `arm`, by seed."""
        return [self._keys[arm, seed] for seed in range(run_count(arm, self.seeds))]

    def run(
        self,
        jobs: int,
        on_run: Callable[[RunReport], None],
        stop_requested: Callable[[], bool],
    ) -> list[FailedRun]:
        """Train the runs without a stored outcome, the longest first.

        Parameters
        ----------
        jobs
            Worker processes.
        on_run
            Called after each run.
        stop_requested
            Once it returns True no further run starts; those that have started are finished.

        Returns
        -------
        list of FailedRun
            The runs that failed; nothing is stored for them.
        """
        missing = [key for key in self._runs if self._store.get(key) is None]
        tasks = sorted(map(self._task, range(len(missing)), missing), key=self._longest_first)
        done, failures = len(self._runs) - len(missing), []
        self._folder.mkdir(parents=True, exist_ok=True)
        with local_runner(min(jobs, max(1, len(tasks))), stop_requested, run_arm) as run:
            for number, outcome in run(tasks):
                arm, seed = self._runs[missing[number]]
                done += 1
                if isinstance(outcome, ArmOutcome):
                    self._store.add(missing[number], outcome)
                    on_run(RunReport(arm.name, seed, outcome, done, len(self._runs)))
                else:
                    failures.append(FailedRun(arm.name, seed, outcome.error))
                    on_run(RunReport(arm.name, seed, None, done, len(self._runs)))
        return failures

    def arm_runs(self, arm: Arm) -> ArmRuns | None:
        """Return the runs of `arm`, or None if one has no stored outcome."""
        n_train = len(self.datasets[arm.data].train)
        return read_arm(arm, self.cache_keys(arm), self._store, n_train)

    def study_runs(self, study: Study) -> Runs | None:
        """Return the runs of all arms of `study`, or None if one has no stored outcome."""
        runs = {arm.name: self.arm_runs(arm) for arm in study.arms}
        whole = {name: arm for name, arm in runs.items() if arm is not None}
        return whole if len(whole) == len(study.arms) else None

    def _task(self, number: int, key: str) -> ArmTask:
        arm, seed = self._runs[key]
        return ArmTask(number, arm, seed, self.datasets[arm.data].source)

    def _longest_first(self, task: ArmTask) -> float:
        return -expected_run_seconds(task.arm, self.datasets[task.arm.data])


def read_arm(
    arm: Arm, cache_keys: Sequence[str], store: OutcomeStore, n_train: int
) -> ArmRuns | None:
    """Return the runs of `arm` that are stored under `cache_keys`, or None if one is missing."""
    outcomes = [store.get(key) for key in cache_keys]
    stored = tuple(outcome for outcome in outcomes if outcome is not None)
    if len(stored) < len(cache_keys):
        return None
    if not isinstance(arm, SearchArm):
        n_train = min(arm.training_size or n_train, n_train)
    keeps_networks = isinstance(arm, NetworkArm) and arm.keeps_networks
    models = tuple(load_single_model(store.model_path(key)) for key in cache_keys if keeps_networks)
    return ArmRuns(arm, n_train, stored, models)
