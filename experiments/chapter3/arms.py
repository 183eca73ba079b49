"""An arm: one setting that studies train once per seed, and how a worker trains it.

Arms are data; two studies that name the same setting share its outcomes.
"""

import traceback
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from os import getpid
from time import perf_counter
from typing import Any

from nncore.arrays.blas import one_blas_thread
from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import require
from nncore.model import Model
from nncore.scoring import score
from nncore.training import EpochRecord
from sweeps.trial import Seed, StopReason, TrialOutcome, TrialState, evaluate, failed, start
from sweeps.workers.cost_model import expected_seconds
from sweeps.workers.tasks import FinishedTrial, TrialTask

SEED = 1
"""Seed of all studies: run r of every arm has the luck (SEED, r), so that arms pair up."""

DEFAULTS = TrialConfig()
EVALUATIONS = ("validation", "test", "end")
CLASSIFIERS = ("network", "svm")


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One setting of a study.

    `training_size` takes the first so many training images. `evaluation` "validation" scores the
    validation set after each epoch, "test" the test set as well, as the book does, and "end" the
    validation set after the last epoch alone. `classifier` "svm" is scikit-learn's, with the
    settings of the book's time: it has no epochs, uses no seed and is fitted once. `keeps_networks`
    keeps the network of each run's best epoch, for a study that looks at weights. A `sampler` makes
    each run a whole search of so many `trials`.
    """

    name: str
    config: TrialConfig = DEFAULTS
    data: str = "mnist"
    training_size: int | None = None
    evaluation: str = "validation"
    classifier: str = "network"
    keeps_networks: bool = False
    sampler: str = ""
    trials: int = 0

    def __post_init__(self) -> None:
        for key, known in (("evaluation", EVALUATIONS), ("classifier", CLASSIFIERS)):
            require(getattr(self, key) in known, key, f"be one of {known}", getattr(self, key))

    def runs(self, seeds: int) -> int:
        """Return how many runs this arm has where others have `seeds`."""
        return 1 if self.classifier == "svm" else seeds

    def content(self) -> dict[str, Any]:
        """Return what decides the outcome besides seed, data and machine; the name does not."""
        content = {key: value for key, value in asdict(self).items() if key != "name"}
        if self.classifier == "svm":
            del content["config"]
        return content

    def expected_seconds(self, n_in: int, n_out: int, n_train: int) -> float:
        """Return about how long one run takes on one core."""
        size = min(self.training_size or n_train, n_train) * max(1, self.trials)
        if self.classifier == "svm":
            return 4e-3 * size
        return expected_seconds(self.config, n_in, n_out, size)


def shrunk(arm: Arm) -> Arm:
    """Return the arm as `--quick` runs it: on `mnist-5k`, with fewer images and epochs.

    λ shrinks with the number of images, so that it weighs as much per image.
    """
    if arm.sampler:
        return replace(arm, config=replace(arm.config, epochs=2), trials=8)
    full = arm.training_size or 50_000
    size = full * 3 // 10 if full <= 1_000 else min(3_500, max(300, full * 7 // 100))
    epochs = min(12, max(3, arm.config.epochs // 10))
    units = tuple(min(width, 100) for width in arm.config.hidden_units)
    config = replace(
        arm.config, epochs=epochs, lmbda=arm.config.lmbda * size / full, hidden_units=units
    )
    if config.mini_batch_size > size:
        config = replace(config, mini_batch_size=size)
    return replace(arm, config=config, data="mnist-5k", training_size=size)


@dataclass(frozen=True, kw_only=True)
class ArmTask(TrialTask):
    """One run of an arm, as a worker gets it."""

    arm: Arm


def task(number: int, arm: Arm, seed: int, source: DataSource) -> ArmTask:
    """Return run `seed` of `arm` on `source`, the loaded data set that the arm names."""
    return ArmTask(number, arm.config, source, ((SEED, seed),), arm=arm)


def run_arm(given: TrialTask) -> FinishedTrial:
    """Return the number of an `ArmTask` and the outcome of its run; it raises nothing."""
    assert isinstance(given, ArmTask)
    arm, started, clock = given.arm, datetime.now(UTC), perf_counter()
    try:
        dataset = _first(load_dataset(given.data, verify=False), arm.training_size)
        if arm.classifier == "svm":
            from experiments.chapter3.training.svm import support_vectors

            outcome = support_vectors(dataset)
        elif arm.sampler:
            from experiments.chapter3.training.search import search

            outcome = search(arm, dataset, given.seeds[0])
        elif arm.evaluation == "end":
            outcome = _scored_at_the_end(arm.config, dataset, given.seeds[0])
        else:
            outcome = evaluate(arm.config, dataset, given.seeds, evaluation=arm.evaluation)
    except Exception:
        outcome = failed(traceback.format_exc(), started, perf_counter() - clock)
    return given.number, outcome


def _first(dataset: DataSet, training_size: int | None) -> DataSet:
    if training_size is None:
        return dataset
    return replace(dataset, train=dataset.train.first(training_size))


def _scored_at_the_end(config: TrialConfig, dataset: DataSet, seed: Seed) -> TrialOutcome:
    """Return the outcome of all epochs without a score, and one of the validation set after them.

    Its one record is that of the last epoch. Thousands of epochs on a hundred images would spend
    nearly all of their time on scores that no one reads.
    """
    started, clock = datetime.now(UTC), perf_counter()
    with one_blas_thread():
        network, training = start(replace(config, monitor_training=False), dataset, seed, "none")
        for record in training:
            if record.diverged:
                break
        cost, accuracy = score(network, dataset.validation)
    last = replace(record, validation_cost=cost, validation_accuracy=accuracy)
    return outcome_of(last, Model(network, dataset.classes, dataset.scaling), started, clock)


def outcome_of(
    last: EpochRecord, model: Model | None, started: datetime, clock: float
) -> TrialOutcome:
    """Return the outcome of a run that `last` tells all about; `clock` is when it started."""
    return TrialOutcome(
        state=TrialState.COMPLETE,
        value=last.validation_accuracy,
        best_epoch=last.epoch,
        epochs=last.epoch,
        stop_reason=StopReason.DIVERGED if last.diverged else StopReason.MAX_EPOCHS,
        curves=((last,),),
        model=model,
        error="",
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )
