"""One trial: a pure function from a config to an outcome, whichever process runs it.

Replicates train in lockstep, so that early stopping reads their mean curve.
"""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

import numpy as np

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.network import Model, Network, new_network
from nncore.stopping import Progress, no_improvement
from nncore.training import EpochRecord, Training, train

Seed = tuple[int, int]
"""(sweep seed, replicate): all trials of a sweep meet the same luck, so they compare in pairs."""

OnEpoch = Callable[[EpochRecord], None]


@dataclass(frozen=True, kw_only=True)
class TrialOutcome:
    """What a trial came to.

    `state` is "complete" or "failed"; `value` the best mean validation accuracy, a fraction, 0.0 if
    it diverged in its first epoch, None if it failed; `best_epoch` that epoch, 0 if none; `epochs`
    how many were trained; `stop_reason` one of max_epochs, no_improvement, diverged, schedule_end,
    error. `curves` holds the records of each replicate. `model` is replicate 0 at the best epoch.
    `started` (UTC, ISO 8601), `seconds` and `worker` (process id) depend on the clock.
    """

    state: str
    value: float | None
    best_epoch: int
    epochs: int
    stop_reason: str
    curves: tuple[tuple[EpochRecord, ...], ...]
    model: Model | None
    error: str
    started: str
    seconds: float
    worker: int


def evaluate(
    config: TrialConfig,
    data: str | DataSource,
    seeds: Sequence[Seed],
    on_epoch: OnEpoch | None = None,
) -> TrialOutcome:
    """Return the outcome of training `config` once per seed on the data set `data`.

    `on_epoch` is told each record of replicate 0 as it comes.
    """
    started, clock = datetime.now(UTC), perf_counter()
    dataset = load_dataset(data, verify=False)
    networks, trainings = zip(*(_start(config, dataset, seed) for seed in seeds), strict=True)
    curves: list[list[EpochRecord]] = [[] for _ in seeds]
    progress, best, stop_reason = Progress(), None, ""
    for records in _lockstep(trainings):
        for curve, record in zip(curves, records, strict=True):
            curve.append(record)
        if on_epoch:
            on_epoch(records[0])
        if any(record.diverged for record in records):
            stop_reason = "diverged"
            break
        progress = progress.after(_mean_validation_accuracy(records))
        if progress.best_epoch == progress.epoch:
            best = networks[0].copy()
        if no_improvement(progress, config.early_stopping):
            stop_reason = "no_improvement"
            break
    epochs = len(curves[0])
    return TrialOutcome(
        state="complete",
        value=progress.best_value,
        best_epoch=progress.best_epoch,
        epochs=epochs,
        stop_reason=stop_reason or ("max_epochs" if epochs == config.epochs else "schedule_end"),
        curves=tuple(map(tuple, curves)),
        model=Model(best, dataset.classes, dataset.scaling) if best else None,
        error="",
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=os.getpid(),
    )


def attempt(config: TrialConfig, data: str | DataSource, seeds: Sequence[Seed]) -> TrialOutcome:
    """Return what `evaluate` returns, or a failed outcome with the traceback of its error."""
    started, clock = datetime.now(UTC), perf_counter()
    try:
        return evaluate(config, data, seeds)
    except Exception:
        return TrialOutcome(
            state="failed",
            value=None,
            best_epoch=0,
            epochs=0,
            stop_reason="error",
            curves=(),
            model=None,
            error=traceback.format_exc(),
            started=started.isoformat(timespec="milliseconds"),
            seconds=perf_counter() - clock,
            worker=os.getpid(),
        )


def _start(config: TrialConfig, dataset: DataSet, seed: Seed) -> tuple[Network, Training]:
    # Separate streams: two widths draw different numbers of weights, yet see the data in one order.
    streams = np.random.SeedSequence(seed).spawn(3)
    weights, order, noise = map(np.random.default_rng, streams)
    network = new_network(config, dataset.train.x.shape[1], len(dataset.classes), weights)
    training = train(
        network,
        config,
        order,
        training=dataset.train,
        validation=dataset.validation,
        noise=noise,
        image_shape=dataset.image_shape,
    )
    return network, training


def _lockstep(trainings: Sequence[Training]) -> Iterator[tuple[EpochRecord, ...]]:
    """Yield the records of all replicates, epoch by epoch; all schedules hear the mean accuracy."""
    heard = None
    while True:
        try:
            records = [training.send(heard) for training in trainings]
        except StopIteration:  # the schedules have heard the same and end together
            return
        heard = _mean_validation_accuracy(records)
        yield tuple(records)


def _mean_validation_accuracy(records: Sequence[EpochRecord]) -> float:
    return sum(record.validation_accuracy or 0.0 for record in records) / len(records)
