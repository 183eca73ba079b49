"""One trial: a pure function from a config to an outcome, in whichever process it runs.

Replicates train in lockstep, so early stopping and pruning can read their mean curve.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from time import perf_counter
from typing import NamedTuple

import numpy as np

from nncore.arguments import require_type
from nncore.components.metrics import ACCURACY, Metric
from nncore.components.stopping import Progress, no_improvement
from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from nncore.model import Model
from nncore.network import Network, new_network
from nncore.training import EpochRecord, Training, train

Seed = tuple[int, int]
"""(sweep seed, replicate): all trials of a sweep use the same seeds, so they compare in pairs."""

OnEpoch = Callable[[EpochRecord], None]

OnValue = Callable[[int, float], None]
"""Called with an epoch and the mean value of the metric over the replicates after it."""

Data = str | DataSource | DataSet
"""A data set, or the name or source of a stored one."""

Prune = Callable[[Sequence[float]], bool]
"""Whether to end a trial, given its mean scores so far, one per epoch."""


class TrialState(StrEnum):
    """How a trial ended, as the column `state` of `trials.csv` names it.

    Examples
    --------
    >>> from sweeps import TrialState
    >>> [state.value for state in TrialState]
    ['complete', 'pruned', 'failed']
    """

    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"


class StopReason(StrEnum):
    """Why a trial stopped training, as the column `stop_reason` of `trials.csv` names it.

    Examples
    --------
    >>> from sweeps import StopReason
    >>> StopReason("diverged") is StopReason.DIVERGED
    True
    """

    MAX_EPOCHS = "max_epochs"
    NO_IMPROVEMENT = "no_improvement"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    SCHEDULE_END = "schedule_end"
    TIMEOUT = "timeout"
    ERROR = "error"
    REPEATED = "repeated"
    """It did not train: it has the config, the state and the value of an earlier trial."""


@dataclass(frozen=True)
class Result:
    """The part of an outcome that samplers, pruners and the Optuna study receive.

    `value` is the best mean of the metric on validation data, None if the trial failed; samplers
    and pruners receive it as a score, of which a greater one is better. `epochs` is the number of
    epochs it trained, 0 if it failed or repeated an earlier trial.
    """

    state: TrialState
    value: float | None
    epochs: int

    @property
    def repeated(self) -> bool:
        """Whether the trial repeated an earlier one: it has a value without having trained."""
        return self.value is not None and self.epochs == 0


class TimeSpan(NamedTuple):
    """When and where a trial was trained; the fields are those of `TrialOutcome`."""

    started: str
    seconds: float
    worker: int


@dataclass(frozen=True)
class Course:
    """The course of a trial: its mean value after each epoch, and the times of its trainings.

    It is what the Optuna study stores of a trial besides its result.
    """

    curve: Sequence[float]
    spans: Sequence[TimeSpan]

    @property
    def started(self) -> datetime:
        """When its first training started."""
        return datetime.fromisoformat(self.spans[0].started)

    @property
    def ended(self) -> datetime:
        """When its last training ended."""
        last = self.spans[-1]
        return datetime.fromisoformat(last.started) + timedelta(seconds=last.seconds)


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
    """The outcome of a trial.

    Parameters
    ----------
    state
        How the trial ended.
    value
        The best mean over the replicates of the metric on validation data; the metric's worst value
        if it diverged in its first epoch, None if it failed.
    best_epoch
        The epoch of `value`, from 1; 0 if there is none.
    epochs
        The number of epochs trained.
    stop_reason
        Why it stopped training.
    curves
        For each replicate, the records of its epochs.
    model
        The network of replicate 0 at the best epoch, None if there is none.
    error
        The traceback of a failed trial, or "".
    started
        When it started: UTC, ISO 8601.
    seconds
        How long it took.
    worker
        The id of the process that ran it.
    earlier
        The earlier trainings of the same trial, each up to an earlier rung of the promotion pruner.

    Examples
    --------
    >>> from nncore import trial_config
    >>> from sweeps import evaluate
    >>> outcome = evaluate(trial_config({"epochs": 1, "hidden_units": 5}), "digits", [(0, 0)])
    >>> outcome.stop_reason.value, outcome.best_epoch
    ('max_epochs', 1)
    """

    state: TrialState
    value: float | None
    best_epoch: int
    epochs: int
    stop_reason: StopReason
    curves: tuple[tuple[EpochRecord, ...], ...]
    model: Model | None
    error: str
    started: str
    seconds: float
    worker: int
    earlier: tuple[TimeSpan, ...] = ()

    @property
    def mean_curve(self) -> list[float]:
        """The mean of the metric on validation data after each epoch that did not diverge."""
        values = [[record.validation_metric for record in curve] for curve in self.curves]
        return mean_curve(values, self.stop_reason)

    @property
    def result(self) -> Result:
        """The part that samplers, pruners and the Optuna study receive."""
        return Result(self.state, self.value, self.epochs)

    @property
    def time_spans(self) -> tuple[TimeSpan, ...]:
        """When and where it was trained: the earlier trainings, then the last."""
        return (*self.earlier, TimeSpan(self.started, self.seconds, self.worker))

    @property
    def course(self) -> Course:
        """What the Optuna study stores besides the result."""
        return Course(self.mean_curve, self.time_spans)


def evaluate(
    config: TrialConfig,
    data: Data | Sequence[Data],
    seeds: Sequence[Seed],
    on_epoch: OnEpoch | None = None,
    *,
    on_value: OnValue = lambda epoch, value: None,
    prune: Prune | None = None,
    timeout: float | None = None,
    evaluation: str = "validation",
    metric: Metric = ACCURACY,
) -> TrialOutcome:
    """Train `config` once per seed on the data set `data` and return the outcome.

    Parameters
    ----------
    config
        The hyperparameters.
    data
        A data set, or the name or source of a stored one; or a sequence of them, one for each
        replicate, such as the folds of a data set.
    seeds
        One seed for each replicate.
    on_epoch
        Called with each record of replicate 0.
    on_value
        Called with each epoch, from 1, in which no replicate diverged, and with the mean of the
        metric on validation data.
    prune
        Called after each epoch but the last; the trial ends if it returns true.
    timeout
        The trial ends with the first epoch that ends more than this many seconds after its start.
    evaluation
        "validation", or "test" to score the test set after each epoch as well, as the book does.
        The value is that of the validation data in both cases.
    metric
        The metric of the value, which decides the best epoch and early stopping.

    Returns
    -------
    TrialOutcome
        The outcome; its state is never "failed".

    Raises
    ------
    InputError
        If the data set is not stored, or the config does not fit it.

    Examples
    --------
    >>> from nncore import trial_config
    >>> from sweeps import evaluate
    >>> config = trial_config({"hidden_units": 10, "epochs": 2})
    >>> outcome = evaluate(config, "digits", seeds=[(0, 0), (0, 1)])
    >>> (outcome.state.value, outcome.epochs, len(outcome.curves))
    ('complete', 2, 2)
    """
    _check_types(config, seeds)
    started, clock = datetime.now(UTC), perf_counter()
    datasets = _one_for_each(data, seeds)
    starts = (
        new_replicate(config, dataset, seed, evaluation, metric)
        for dataset, seed in zip(datasets, seeds, strict=True)
    )
    networks, trainings = zip(*starts, strict=True)
    curves: list[list[EpochRecord]] = [[] for _ in seeds]
    scores: list[float] = []
    progress, best = Progress(), None
    for records in _lockstep(trainings, metric):
        for curve, record in zip(curves, records, strict=True):
            curve.append(record)
        if on_epoch:
            on_epoch(records[0])
        if any(record.diverged for record in records):
            stop_reason = StopReason.DIVERGED
            break
        scores.append(_mean_score(records, metric))
        on_value(len(scores), metric.score(scores[-1]))
        progress = progress.after(scores[-1])
        if progress.best_epoch == progress.epoch:
            best = networks[0].copy()
        if no_improvement(progress, config.early_stopping):
            stop_reason = StopReason.NO_IMPROVEMENT
            break
        if len(scores) == config.epochs:  # pruning would save nothing
            continue
        if prune and prune(scores):
            stop_reason = StopReason.PRUNED
            break
        if timeout is not None and perf_counter() - clock > timeout:
            stop_reason = StopReason.TIMEOUT
            break
    else:
        all_epochs = len(scores) == config.epochs
        stop_reason = StopReason.MAX_EPOCHS if all_epochs else StopReason.SCHEDULE_END
    pruned = stop_reason == StopReason.PRUNED
    return TrialOutcome(
        state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
        value=metric.score(progress.best_value) if progress.best_epoch else metric.worst,
        best_epoch=progress.best_epoch,
        epochs=len(curves[0]),
        stop_reason=stop_reason,
        curves=tuple(map(tuple, curves)),
        model=trained_model(best, datasets[0]) if best else None,
        error="",
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=os.getpid(),
    )


def _check_types(config: TrialConfig, seeds: Sequence[Seed]) -> None:
    """Raise `InputError` if a program passed something else, for example a dict for a config."""
    require_type(config, TrialConfig, "config", "a TrialConfig, which trial_config makes of a dict")
    require_type(seeds, Sequence, "seeds", "a list of pairs (seed, replicate)")
    if not seeds:
        raise InputError("`seeds` must have at least one pair (seed, replicate), got none")


def trained_model(network: Network, dataset: DataSet) -> Model:
    """Return a network that was trained on `dataset` as a model that takes raw inputs."""
    return Model(network, dataset.classes, dataset.scaling, dataset.targets)


def _one_for_each(data: Data | Sequence[Data], seeds: Sequence[Seed]) -> list[DataSet]:
    """Return a data set for each seed; a single one is loaded once."""
    if isinstance(data, Data):
        return [_loaded(data)] * len(seeds)
    return [_loaded(one) for one in data]


def _loaded(data: Data) -> DataSet:
    return data if isinstance(data, DataSet) else load_dataset(data, verify=False)


def new_replicate(
    config: TrialConfig,
    dataset: DataSet,
    seed: Seed,
    evaluation: str = "validation",
    metric: Metric = ACCURACY,
) -> tuple[Network, Training]:
    """Return the network of a replicate and its training, not yet started.

    `evaluation` and `metric` are as in `evaluate`; `evaluation` may be "none" too.
    """
    # Separate streams: networks of different width draw different numbers of weights, but see the
    # data in the same order.
    streams = np.random.SeedSequence(seed).spawn(3)
    weights, order, noise = map(np.random.default_rng, streams)
    network = new_network(config, dataset.train.x.shape[1], dataset.n_out, weights)
    training = train(
        network,
        config,
        order,
        training=dataset.train,
        validation=None if evaluation == "none" else dataset.validation,
        test=dataset.test if evaluation == "test" else None,
        noise=noise,
        image_shape=dataset.image_shape,
        metric=metric,
    )
    return network, training


def _lockstep(trainings: Sequence[Training], metric: Metric) -> Iterator[tuple[EpochRecord, ...]]:
    """Yield the records of all replicates by epoch; all schedules receive the mean score."""
    mean = None
    while True:
        try:
            records = [training.send(mean) for training in trainings]
        except StopIteration:  # the schedules received the same values and end together
            return
        mean = _mean_score(records, metric)
        yield tuple(records)


def _mean_score(records: Sequence[EpochRecord], metric: Metric) -> float:
    return metric.score(_mean([record.validation_metric for record in records]))


def mean_curve(values: Sequence[Sequence[float | None]], stop_reason: StopReason) -> list[float]:
    """Return the mean curve of replicates, each a sequence by epoch.

    The epoch in which a trial diverged is left out.
    """
    epochs = list(zip(*values, strict=True))
    return list(map(_mean, epochs[:-1] if stop_reason == StopReason.DIVERGED else epochs))


def _mean(values: Sequence[float | None]) -> float:
    return sum(value or 0.0 for value in values) / len(values)
