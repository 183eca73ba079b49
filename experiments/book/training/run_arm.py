"""Runs an arm for one seed: the function that worker processes call.

It dispatches on the type of the arm: a network, another classifier, a timing or a whole search.
"""

import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from os import getpid
from time import perf_counter

from experiments.book.arm_runs import ArmOutcome
from experiments.book.arms import (
    SEED,
    Arm,
    DarknessArm,
    NetworkArm,
    SearchArm,
    SpeedArm,
    SvmArm,
    scored_on,
)
from experiments.book.training.classifiers import classifier_outcome
from nncore.arrays.blas import one_blas_thread
from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.model import Model
from nncore.scoring import score
from nncore.training import EpochRecord
from sweeps.trial import Seed, StopReason, TrialOutcome, evaluate, new_replicate
from sweeps.workers.cost_model import expected_seconds
from sweeps.workers.tasks import failed

_NOT_CURVES = ("epoch", "diverged")


@dataclass(frozen=True)
class ArmTask:
    """Run `seed` of `arm`, for a worker: its number in the study, and where its data set lies."""

    number: int
    arm: Arm
    seed: int
    data: DataSource


Finished = tuple[int, ArmOutcome | TrialOutcome]
"""The number of a task and its outcome; that of a failed run is a `TrialOutcome`."""


def run_arm(task: ArmTask) -> Finished:
    """Return the number of `task` and the outcome of its run; no error is raised."""
    started, clock = datetime.now(UTC), perf_counter()
    try:
        dataset = load_dataset(task.data, verify=False)
        return task.number, arm_outcome(task.arm, dataset, (SEED, task.seed))
    except Exception:
        return task.number, failed(traceback.format_exc(), started, perf_counter() - clock)


def arm_outcome(arm: Arm, dataset: DataSet, seed: Seed) -> ArmOutcome:
    """Return the outcome of one run of `arm` on `dataset`, the whole data set that it names."""
    # Imported here: a worker that trains networks only loads neither scikit-learn nor Optuna.
    match arm:
        case NetworkArm(evaluation="end"):
            return _scored_at_the_end(arm, _first(dataset, arm.training_size), seed)
        case NetworkArm():
            return _scored_each_epoch(arm, _first(dataset, arm.training_size), seed)
        case SvmArm():
            from experiments.book.training.svm import fit_svm

            data, with_test = _first(dataset, arm.training_size), scored_on(arm) == "test"
            return classifier_outcome(fit_svm, data, with_test=with_test)
        case DarknessArm():
            from experiments.book.training.darkness import fit_darkness

            data = _first(dataset, arm.training_size)
            return classifier_outcome(fit_darkness, data, with_test=True)
        case SpeedArm():
            from experiments.book.training.speed import timed_epoch

            return timed_epoch(arm.config, _first(dataset, arm.training_size), seed)
        case SearchArm():
            from experiments.book.training.search import run_search

            return run_search(arm, dataset, seed)


def expected_run_seconds(arm: Arm, dataset: DataSet) -> float:
    """Return a rough estimate of how long one run of `arm` takes on one core."""
    n_train = len(dataset.train)
    n_in, n_out = dataset.train.x.shape[1], dataset.train.y.shape[1]
    match arm:
        case NetworkArm():
            size = min(arm.training_size or n_train, n_train)
            return expected_seconds(arm.config, n_in, n_out, size)
        case SvmArm():
            return 4e-3 * min(arm.training_size or n_train, n_train)
        case DarknessArm():
            return 1.0
        case SpeedArm():
            return 1e-4 * min(arm.training_size or n_train, n_train)
        case SearchArm():
            typical = TrialConfig(epochs=arm.epochs)
            return arm.trials * expected_seconds(typical, n_in, n_out, n_train)


def _first(dataset: DataSet, training_size: int | None) -> DataSet:
    if training_size is None:
        return dataset
    return replace(dataset, train=dataset.train.first(training_size))


def _scored_each_epoch(arm: NetworkArm, dataset: DataSet, seed: Seed) -> ArmOutcome:
    trial = evaluate(arm.config, dataset, [seed], evaluation=arm.evaluation)
    steps, curves = _curves(trial.curves[0])
    return ArmOutcome(
        value=trial.value or 0.0,
        best_step=trial.best_epoch,
        stop_reason=trial.stop_reason,
        steps=steps,
        curves=curves,
        started=trial.started,
        seconds=trial.seconds,
        worker=trial.worker,
        model=trial.model if arm.keeps_networks else None,
    )


def _scored_at_the_end(arm: NetworkArm, dataset: DataSet, seed: Seed) -> ArmOutcome:
    """Return the outcome of a training whose only score is that after the last epoch.

    Thousands of epochs on a hundred images would spend nearly all of their time on scores that no
    one reads.
    """
    started, clock = datetime.now(UTC), perf_counter()
    config = replace(arm.config, monitor_training=False)
    with one_blas_thread():
        network, training = new_replicate(config, dataset, seed, "none")
        for record in training:
            if record.diverged:
                break
        cost, accuracy = score(network, dataset.validation)
    last = replace(record, validation_cost=cost, validation_accuracy=accuracy)
    steps, curves = _curves([last])
    return ArmOutcome(
        value=accuracy,
        best_step=last.epoch,
        stop_reason=StopReason.DIVERGED if last.diverged else StopReason.MAX_EPOCHS,
        steps=steps,
        curves=curves,
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
        model=Model(network, dataset.classes, dataset.scaling) if arm.keeps_networks else None,
    )


def _curves(
    records: Sequence[EpochRecord],
) -> tuple[tuple[int, ...], dict[str, tuple[float | None, ...]]]:
    """Return the epochs of the records, and a curve for each field that was measured."""
    rows = [asdict(record) for record in records]
    names = [name for name in rows[0] if name not in _NOT_CURVES]
    curves = {name: tuple(row[name] for row in rows) for name in names}
    measured = {name: curve for name, curve in curves.items() if set(curve) != {None}}
    return tuple(record.epoch for record in records), measured
