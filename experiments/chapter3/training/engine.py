"""Runs studies: their arms through the sweep engine's workers, each once, then a folder for each.

What had finished is kept, so an interrupted run goes on; the tables do not depend on how it went.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.chapter3.arms import Arm, ArmTask, run_arm, task
from experiments.chapter3.runs import ArmRuns, Runs
from experiments.chapter3.study import Study
from experiments.chapter3.training.cache_key import here, key
from nncore.datasets import DataSet, load_dataset
from nncore.model import load_model
from sweeps.records.outcomes import Outcomes
from sweeps.trial import TrialOutcome, TrialState
from sweeps.workers.local import local_runner

ARMS = "arms"
"""The folder of kept outcomes, beside those of the studies."""


@dataclass(frozen=True)
class RunDone:
    """A run that has just finished: which, as what, and how many are done of all."""

    arm: str
    seed: int
    outcome: TrialOutcome
    done: int
    runs: int


@dataclass(frozen=True)
class Failure:
    """A run that ended with an error, and its traceback."""

    arm: str
    seed: int
    error: str


class Plan:
    """All runs that some arms need, each once, by their keys."""

    def __init__(self, arms: Sequence[Arm], seeds: int, folder: Path) -> None:
        self.seeds = seeds
        self._folder = folder
        self.outcomes = Outcomes(folder / ARMS)
        names = sorted({arm.data for arm in arms})
        self.datasets: dict[str, DataSet] = {name: load_dataset(name) for name in names}
        where = {name: here(dataset) for name, dataset in self.datasets.items()}
        self._runs: dict[str, tuple[Arm, int]] = {}
        self._keys: dict[tuple[Arm, int], str] = {}
        for arm in arms:
            for seed in range(arm.runs(seeds)):
                name = key(arm, seed, where[arm.data])
                self._keys[arm, seed] = name
                self._runs.setdefault(name, (arm, seed))

    def keys(self, arm: Arm) -> list[str]:
        """Return the keys of the runs of `arm`, by seed."""
        return [self._keys[arm, seed] for seed in range(arm.runs(self.seeds))]

    def run(
        self,
        jobs: int,
        on_run: Callable[[RunDone], None],
        stop_requested: Callable[[], bool],
    ) -> list[Failure]:
        """Train what is not kept yet, the longest first; return what failed.

        Raises `WorkerDiedError` if a worker process dies; what had finished is kept.
        """
        missing = [name for name in self._runs if self.outcomes.outcome(name) is None]
        tasks = sorted(map(self._task, range(len(missing)), missing), key=self._longest_first)
        done, failures = len(self._runs) - len(missing), []
        self._folder.mkdir(parents=True, exist_ok=True)
        with local_runner(min(jobs, max(1, len(tasks))), stop_requested, run_arm) as run:
            for number, outcome in run(tasks):
                arm, seed = self._runs[missing[number]]
                done += 1
                if outcome.state == TrialState.FAILED:
                    failures.append(Failure(arm.name, seed, outcome.error))
                else:
                    self.outcomes.keep(missing[number], outcome, with_model=arm.keeps_networks)
                on_run(RunDone(arm.name, seed, outcome, done, len(self._runs)))
        return failures

    def arm_runs(self, arm: Arm) -> ArmRuns | None:
        """Return the runs of `arm`, or None if one is missing."""
        n_train = len(self.datasets[arm.data].train)
        return read_arm(arm, self.keys(arm), self.outcomes, n_train)

    def _task(self, number: int, name: str) -> ArmTask:
        arm, seed = self._runs[name]
        return task(number, arm, seed, self.datasets[arm.data].source)

    def _longest_first(self, waiting: ArmTask) -> float:
        train = self.datasets[waiting.arm.data].train
        return -waiting.arm.expected_seconds(train.x.shape[1], train.y.shape[1], len(train))


def read_arm(arm: Arm, keys: Sequence[str], outcomes: Outcomes, n_train: int) -> ArmRuns | None:
    """Return the runs of `arm` that are kept under `keys`, or None if one is missing."""
    kept = [outcomes.outcome(name) for name in keys]
    found = tuple(outcome for outcome in kept if outcome is not None)
    if len(found) < len(keys):
        return None
    models = tuple(load_model(outcomes.model_path(name)) for name in keys if arm.keeps_networks)
    return ArmRuns(arm, min(arm.training_size or n_train, n_train), found, models)


def study_runs(study: Study, plan: Plan) -> Runs | None:
    """Return the runs of all arms of `study`, or None if one is missing."""
    runs: Mapping[str, ArmRuns | None] = {arm.name: plan.arm_runs(arm) for arm in study.arms}
    whole = {name: arm for name, arm in runs.items() if arm is not None}
    return whole if len(whole) == len(study.arms) else None
