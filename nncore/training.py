"""Training, an epoch at a time: a generator that trains the network and yields a record per epoch.

The caller does the rest: logging, early stopping, pruning, keeping the best weights.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy import random
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from nncore.components.class_weights import CLASS_WEIGHTS
from nncore.components.metrics import ACCURACY, Metric
from nncore.components.schedules import SCHEDULES, ScheduleState, warmed_up
from nncore.config import WARPS, TrialConfig
from nncore.datasets.dataset import Split
from nncore.descent.expansion import Expansion
from nncore.descent.sgd import Sgd
from nncore.errors import require
from nncore.network import Network
from nncore.scoring import Score, penalty, score, score_and_metric
from nncore.task import check_task


class Shuffler(Protocol):
    """A generator that can shuffle, such as NumPy's `Generator` and `RandomState`."""

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x` in place."""


@dataclass(frozen=True)
class EpochRecord:
    """The scores of the network after one epoch; a score that was not monitored is None.

    Parameters
    ----------
    epoch
        The number of the epoch, from 1.
    learning_rate
        η in this epoch.
    train_cost, validation_cost, test_cost
        Means per example, without the regularizer.
    train_accuracy, validation_accuracy, test_accuracy
        Fractions, 0 to 1; None for regression.
    validation_metric
        The value of the metric by which the training is judged; by default the accuracy.
    penalty
        The value of the regularizer.
    diverged
        Whether a weight, a bias or a cost is no longer finite.
    train_seconds, evaluation_seconds
        Durations in seconds, the only fields that depend on the clock.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import TrialConfig, load_dataset, new_network, train
    >>> digits, config = load_dataset("digits"), TrialConfig(monitor_training=False)
    >>> rng = np.random.default_rng(1)
    >>> network = new_network(config, 64, 10, rng)
    >>> record = next(train(network, config, rng, training=digits.train))
    >>> record.epoch, record.learning_rate, record.train_cost, record.diverged
    (1, 0.5, None, False)
    """

    epoch: int
    learning_rate: float
    train_cost: float | None
    train_accuracy: float | None
    validation_cost: float | None
    validation_accuracy: float | None
    validation_metric: float | None
    test_cost: float | None
    test_accuracy: float | None
    penalty: float
    diverged: bool
    train_seconds: float
    evaluation_seconds: float


Training = Generator[EpochRecord, float | None, None]


def train(
    network: Network,
    config: TrialConfig,
    rng: Shuffler,
    *,
    training: Split,
    validation: Split | None = None,
    test: Split | None = None,
    order: NDArray[np.int64] | None = None,
    noise: random.Generator | None = None,
    image_shape: tuple[int, int] | None = None,
    metric: Metric = ACCURACY,
    example_weights: NDArray[Any] | None = None,
) -> Training:
    """Return a generator that trains `network` in place, one epoch for each record.

    It ends after `config.epochs` epochs, or earlier if the schedule ends training. The caller
    decides on early stopping. One BLAS thread computes, however many the caller allows.

    A number passed to the generator's `send` replaces the score that the schedule reads, which is
    the `metric` on validation data with the sign that makes greater better: for example the mean
    over several networks that are trained in lockstep.

    Parameters
    ----------
    network
        The network to train; its arrays change in place.
    config
        The hyperparameters of the run.
    rng
        Shuffles the training rows before each epoch.
    training
        The examples to train on.
    validation, test
        Examples to score after each epoch, if given.
    order
        The row numbers of `training`, shuffled in place: each epoch starts from the order of the
        epoch before, and so does a later run that is given the same array. The default is a new
        array in the order of the rows.
    noise
        Draws dropout masks and warps; needed only for these.
    image_shape
        `(height, width)` of the images; needed only for expansion.
    metric
        The metric that is computed on validation data after each epoch.
    example_weights
        The weight of each row of `training` in the cost that training minimizes, `(n,)`, each
        >= 0. The default are the weights of `config.class_weight`. Records are not weighted.

    Returns
    -------
    Generator
        Yields an `EpochRecord` after each epoch.

    Raises
    ------
    InputError
        Immediately, if a mini-batch is larger than the training set, `order` or `example_weights`
        has another length, the config expands data that are not images, or it does not fit
        targets that are numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import TrialConfig, load_dataset, new_network, train
    >>> digits, config = load_dataset("digits"), TrialConfig(epochs=10)
    >>> rng = np.random.default_rng(1)
    >>> network = new_network(config, 64, 10, rng)
    >>> for record in train(
    ...     network, config, rng, training=digits.train, validation=digits.validation
    ... ):
    ...     pass
    >>> record.epoch, record.validation_accuracy > 0.9
    (10, True)
    """
    size, rule = config.mini_batch_size, f"be <= {len(training)}, the size of the training set"
    require(size <= len(training), "mini_batch_size", rule, size)
    check_task(vars(config), regression=training.targets is not None)
    rows = np.arange(len(training)) if order is None else order
    require(len(rows) == len(training), "order", f"have {len(training)} rows", len(rows))
    warp = None
    if config.expands:
        check_images(config, image_shape)
        assert image_shape is not None
        warp = Expansion(config, image_shape, _given(noise))
    if example_weights is None:
        example_weights = CLASS_WEIGHTS[config.class_weight](training.labels)
    else:
        given = len(example_weights)
        require(given == len(training), "example_weights", f"have {len(training)} rows", given)
    descent = Sgd(network, config, len(training), noise, warp, example_weights)
    return _epochs(descent, network, config, rng, training, validation, test, rows, metric)


def check_images(config: TrialConfig, image_shape: tuple[int, int] | None) -> None:
    """Raise `InputError` if `config` expands data that are not images."""
    if image_shape is None:
        for warp in WARPS:
            amount = getattr(config, warp)
            require(amount == 0, warp, "be 0 for data that are not images", amount)


def _given(noise: random.Generator | None) -> random.Generator:
    if noise is None:
        raise ValueError("expansion must have a generator to draw from")
    return noise


def _epochs(
    descent: Sgd,
    network: Network,
    config: TrialConfig,
    rng: Shuffler,
    training: Split,
    validation: Split | None,
    test: Split | None,
    order: NDArray[np.int64],
    metric: Metric,
) -> Training:
    advance = SCHEDULES[config.schedule]
    state = ScheduleState(
        initial=config.learning_rate,
        learning_rate=config.learning_rate,
        epochs=config.epochs - config.warmup,
        decay=config.schedule_decay,
        patience=config.schedule_patience,
    )
    for epoch in range(1, config.epochs + 1):
        started = perf_counter()
        learning_rate = warmed_up(state.learning_rate, epoch, config.warmup)
        with _computing():
            rng.shuffle(order)
            descent.epoch(training, order, learning_rate)
        trained = perf_counter()
        with _computing():
            monitored = training if config.monitor_training else None
            train_cost, train_accuracy = _score_if_given(network, monitored)
            validation_cost, validation_accuracy, value = _measure(network, validation, metric)
            test_cost, test_accuracy = _score_if_given(network, test)
            price = penalty(network, config.regularizer, config.lmbda, len(training))
        received = yield EpochRecord(
            epoch=epoch,
            learning_rate=learning_rate,
            train_cost=train_cost,
            train_accuracy=train_accuracy,
            validation_cost=validation_cost,
            validation_accuracy=validation_accuracy,
            validation_metric=value,
            test_cost=test_cost,
            test_accuracy=test_accuracy,
            penalty=price,
            diverged=_has_diverged(network, train_cost, validation_cost, test_cost),
            train_seconds=trained - started,
            evaluation_seconds=perf_counter() - trained,
        )
        if epoch <= config.warmup:
            continue  # the schedule begins after the warm-up
        own = None if value is None else metric.score(value)
        following = advance(state, own if received is None else received)
        if following is None:
            return
        state = following


def _score_if_given(network: Network, split: Split | None) -> tuple[float | None, float | None]:
    if split is None:
        return None, None
    scored = score(network, split)
    return scored.cost, _accuracy_of(scored, split)


def _accuracy_of(scored: Score, split: Split) -> float | None:
    return scored.accuracy if split.targets is None else None


def _measure(
    network: Network, split: Split | None, metric: Metric
) -> tuple[float | None, float | None, float | None]:
    """Return cost, accuracy and metric on a split, if it is given."""
    if split is None:
        return None, None, None
    scored, value = score_and_metric(network, split, metric)
    return scored.cost, _accuracy_of(scored, split), value


@contextmanager
def _computing() -> Iterator[None]:
    # A network that diverges overflows at every step; `EpochRecord.diverged` reports it once.
    with one_blas_thread(), np.errstate(all="ignore"):
        yield


def _has_diverged(network: Network, *costs: float | None) -> bool:
    """Return whether a parameter of the network or a known cost is not finite."""
    known = np.array([cost for cost in costs if cost is not None])
    return not all(bool(np.isfinite(a).all()) for a in (known, *network.weights, *network.biases))
