"""Trains the arms of an ablation on fresh seeds and writes their values to `ablation.csv`.

The value of each network is kept as soon as it is trained, so a kill loses only the networks that
are being trained. The results do not depend on the workers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import chain
from pathlib import Path

from nncore.datasets import DataSet
from nncore.errors import InputError, shown
from sweeps.ablation.changes import Arm, Changes, find_changes
from sweeps.ablation.design import (
    Steps,
    Values,
    estimated_arms,
    greedy_path,
    number_of_networks,
)
from sweeps.config import SweepConfig
from sweeps.environment import environment
from sweeps.records.file_names import ABLATION_ROWS, ABLATION_TABLE
from sweeps.records.kept_arms import KeptArms, Measured, write_arms
from sweeps.records.run_folder import check_folder, open_folder
from sweeps.space.dimensions import Params, column
from sweeps.training_data import check_trial
from sweeps.trial import Seed, TrialState
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import Runner, StopRequested, TrialTask, Workers, with_expected_seconds

SELECTION, ESTIMATION = "selection", "estimation"
"""The stages: the path is chosen in the first, and its effects are estimated in the second."""

FIRST_SEEDS = {SELECTION: 2**33, ESTIMATION: 2**34}
"""The first seed of each stage. Replicates of a sweep count from 0 and the fresh seeds of a
confirmation from 2**32, so no seed here has had a part in the choice of the winner."""


@dataclass(frozen=True)
class TrainedArm:
    """A network of an arm: `seed` counts the seeds of the `stage` from 0."""

    stage: str
    arm: Arm
    seed: int
    measured: Measured


@dataclass(frozen=True)
class Ablation:
    """The networks trained so far, and the path, None until all are trained."""

    path: Steps | None
    rows: list[TrainedArm]

    @property
    def estimated(self) -> Values:
        """The values from which the effects are estimated."""
        values: dict[Arm, list[float]] = {}
        for row in self.rows:
            if row.stage == ESTIMATION:
                values.setdefault(row.arm, []).append(row.measured.value)
        return values


@dataclass(frozen=True)
class AblationProgress:
    """The number of networks trained, of all, and the latest of them.

    `latest` is None once: before the first training, when those of an earlier call are counted.
    """

    done: int
    total: int
    latest: TrainedArm | None


OnAblation = Callable[[AblationProgress], None]


def arm_seed(config: SweepConfig, stage: str, number: int) -> Seed:
    """Return seed `number` of a stage, counted from 0."""
    return config.sweep.seed, FIRST_SEEDS[stage] + number


def changes_on(config: SweepConfig, dataset: DataSet, params: Params) -> Changes:
    """Return the changes from the defaults to the point `params`, so that all arms fit the data.

    Raises `InputError` if the winner itself does not.
    """
    return find_changes(config, params, lambda trial: check_trial(trial, [dataset]))


def train_arms(
    config: SweepConfig,
    dataset: DataSet,
    path: Path,
    changes: Changes,
    seeds: int,
    *,
    workers: Workers = IN_THIS_PROCESS,
    anyway: bool = False,
    on_progress: OnAblation = lambda progress: None,
    stop_requested: StopRequested = lambda: False,
) -> Ablation:
    """Find the path from the defaults to the winner and train its arms for the estimates.

    Once all are trained, the rows are written to `ablation.csv`.

    Parameters
    ----------
    config, dataset
        The sweep and its data set; all arms train on its ordinary split, even if the sweep has
        folds.
    path
        The run folder of the sweep.
    changes
        The changes to the winner, at least one.
    seeds
        The number of seeds of each stage, at least 2: one has no interval.
    workers
        Where the trainings run, as in `run_sweep`.
    anyway
        Whether to continue in a different environment.
    on_progress
        Called before the first training and after each.
    stop_requested
        Once it returns true, no training is started and the running ones are finished.

    Returns
    -------
    Ablation
        Without a path if a stop was requested or a training failed. The next call trains the
        missing networks.

    Raises
    ------
    InputError
        If there are fewer than 2 seeds, the run folder is in use, was made in a different
        environment or from other data (unless `anyway`), or the workers are not available.
    OutageError
        If the data or the cluster is gone. Finished rows are kept.
    """
    if isinstance(seeds, bool) or not isinstance(seeds, int) or seeds < 2:
        raise InputError(
            f"`seeds` must be a whole number >= 2, got {shown(seeds)}", argument="seeds"
        )
    here = environment(dataset, config.sweep.seed, metric=config.metric)
    with open_folder(path, config):
        check_folder(path, config, here, anyway=anyway)
        kept = KeptArms(path / ABLATION_ROWS)
        with workers.start([dataset], here, stop_requested) as run:
            work = _Work(config, dataset, changes, seeds, kept, run, on_progress)
            steps = work.find_path_and_train()
        if steps is not None:
            _write_table(path / ABLATION_TABLE, changes, work.rows)
    return Ablation(steps, work.rows)


def _write_table(path: Path, changes: Changes, rows: Sequence[TrainedArm]) -> None:
    names = list(chain(*changes.groups))
    measured = [field.name for field in fields(Measured)]

    def settings(arm: Arm) -> list[object]:
        changed = list(chain(*(changes.groups[number] for number in arm)))
        return list((changes.before(names) | changes.after(changed)).values())

    write_arms(
        path,
        ["stage", "seed", *measured, *map(column, names)],
        ([row.stage, row.seed, *astuple(row.measured), *settings(row.arm)] for row in rows),
    )


class _MissingError(Exception):
    """A network is missing: a stop was requested, or its training failed."""


class _Work:
    """The trainings of one ablation; `rows` holds those that are finished, in a fixed order."""

    def __init__(
        self,
        config: SweepConfig,
        dataset: DataSet,
        changes: Changes,
        seeds: int,
        kept: KeptArms,
        run: Runner,
        on_progress: OnAblation,
    ) -> None:
        self._config = config
        self._dataset = dataset
        self._changes = changes
        self._seeds = range(seeds)
        self._kept = kept
        self._run = run
        self._on_progress = on_progress
        self._total = number_of_networks(len(changes.groups), seeds)
        self._trained_one = False
        self.rows: list[TrainedArm] = []

    def find_path_and_train(self) -> Steps | None:
        """Return the path once all its arms are trained; None if a network is missing."""
        try:
            path = greedy_path(
                len(self._changes.groups),
                lambda arms: self._values(SELECTION, arms),
                self._config.metric,
            )
            self._values(ESTIMATION, estimated_arms(path))
        except _MissingError:
            return None
        return path

    def _values(self, stage: str, arms: Sequence[Arm]) -> Values:
        """Return the values of the arms, of which those that are missing are trained first."""
        pairs = [(arm, seed) for arm in arms for seed in self._seeds]
        found = {pair: row for pair in pairs if (row := self._kept_row(stage, *pair))}
        missing = [pair for pair in pairs if pair not in found]
        done = len(self.rows) + len(found)
        if missing and not self._trained_one:
            self._on_progress(AblationProgress(done, self._total, None))
            self._trained_one = True
        for place, outcome in self._run(self._tasks(stage, missing)):
            arm, seed = missing[place]
            config, whole_seed = self._changes.config(arm), arm_seed(self._config, stage, seed)
            if outcome.state == TrialState.FAILED:
                self._kept.keep_error(config, whole_seed, outcome.error)
                continue
            row = TrainedArm(stage, arm, seed, self._kept.keep(config, whole_seed, outcome))
            found[arm, seed] = row
            done += 1
            self._on_progress(AblationProgress(done, self._total, row))
        self.rows += [found[pair] for pair in pairs if pair in found]
        if len(found) < len(pairs):
            raise _MissingError
        return {arm: [found[arm, seed].measured.value for seed in self._seeds] for arm in arms}

    def _kept_row(self, stage: str, arm: Arm, seed: int) -> TrainedArm | None:
        kept = self._kept.row(self._changes.config(arm), arm_seed(self._config, stage, seed))
        return TrainedArm(stage, arm, seed, kept) if kept else None

    def _tasks(self, stage: str, pairs: Sequence[tuple[Arm, int]]) -> Iterator[TrialTask]:
        """Return the tasks that train `pairs`."""
        tasks = (
            TrialTask(
                place,
                self._changes.config(arm),
                self._dataset.source,
                (arm_seed(self._config, stage, seed),),
                metric=self._config.sweep.metric,
            )
            for place, (arm, seed) in enumerate(pairs)
        )
        return with_expected_seconds(tasks, self._dataset)
