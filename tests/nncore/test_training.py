"""The generator of epochs: what each record says, in which order rows are met, what is monitored
and when a network counts as diverged.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES, ScheduleState
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import sgd_step
from nncore.errors import InputError
from nncore.network import Network, new_network
from nncore.scoring import penalty, score
from nncore.training import EpochRecord, train

CONFIG = TrialConfig(
    learning_rate=0.5, lmbda=0.3, hidden_units=(5,), epochs=4, dtype="float64", mini_batch_size=4
)


class Reverse:
    """A shuffler that turns the order round, and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def shuffle(self, x: NDArray[np.int64], /) -> None:
        self.calls += 1
        x[:] = x[::-1].copy()


@pytest.fixture
def training() -> Split:
    rng = np.random.default_rng(0)
    return make_split(rng.random((23, 6), np.float32), rng.integers(0, 3, 23), 3)


@pytest.fixture
def validation() -> Split:
    rng = np.random.default_rng(1)
    return make_split(rng.random((11, 6), np.float32), rng.integers(0, 3, 11), 3)


@pytest.fixture
def network() -> Network:
    return new_network(CONFIG, 6, 3, np.random.default_rng(2))


def assert_same(one: Network, other: Network, tolerance: float = 0.0) -> None:
    for a, b in zip((*one.weights, *one.biases), (*other.weights, *other.biases), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def test_one_record_per_epoch_counted_from_one(network: Network, training: Split) -> None:
    records = list(train(network, CONFIG, np.random.default_rng(3), training=training))
    assert [record.epoch for record in records] == [1, 2, 3, 4]
    assert {record.learning_rate for record in records} == {0.5}
    assert all(record.train_seconds >= 0 for record in records)
    assert all(record.evaluation_seconds >= 0 for record in records)
    assert not any(record.diverged for record in records)


def test_nothing_is_trained_before_or_beyond_what_is_asked(
    network: Network, training: Split
) -> None:
    before, shuffler = network.copy(), Reverse()
    records = train(network, CONFIG, shuffler, training=training)
    assert_same(network, before)
    assert shuffler.calls == 0
    next(records)
    after_one = network.copy()
    assert shuffler.calls == 1
    assert (network.weights[0] != before.weights[0]).all()
    del records
    assert_same(network, after_one)


def test_epochs_are_readable_steps_in_the_shuffled_order(network: Network, training: Split) -> None:
    """n of λ/n is the size of the training set, and the short last mini-batch is divided by its
    own size.
    """
    plain, shuffler = network.copy(), Reverse()
    order = np.random.default_rng(4).permutation(23)
    rows = order.copy()
    for _ in train(network, CONFIG, shuffler, training=training, order=order):
        rows = rows[::-1]
        for batch in (rows[start : start + 4] for start in range(0, 23, 4)):
            sgd_step(
                plain,
                training.x[batch].astype(np.float64),
                training.y[batch].astype(np.float64),
                TrialConfig(learning_rate=0.5, lmbda=0.3, regularizer="l2"),
                23,
            )
        assert_same(network, plain, 1e-12)
    np.testing.assert_array_equal(order, rows)
    assert shuffler.calls == 4


def test_orders_accumulate_in_the_array_passed(network: Network, training: Split) -> None:
    """One array shared by two runs goes on from where the first run left it."""
    order, alone, rng = np.arange(23), np.arange(23), np.random.RandomState(5)
    shared = np.random.RandomState(5)
    for _ in range(2):
        for _ in train(network, CONFIG, shared, training=training, order=order):
            rng.shuffle(alone)
            np.testing.assert_array_equal(order, alone)


def test_the_order_starts_from_the_rows_as_they_are(network: Network, training: Split) -> None:
    given, default = network.copy(), network.copy()
    list(train(given, CONFIG, np.random.default_rng(6), training=training, order=np.arange(23)))
    list(train(default, CONFIG, np.random.default_rng(6), training=training))
    assert_same(given, default)


def test_records_hold_the_scores_after_the_epoch(
    network: Network, training: Split, validation: Split
) -> None:
    test = validation.first(7)
    for record in train(
        network,
        CONFIG,
        np.random.default_rng(7),
        training=training,
        validation=validation,
        test=test,
    ):
        assert (record.train_cost, record.train_accuracy) == score(network, training)
        assert (record.validation_cost, record.validation_accuracy) == score(network, validation)
        assert (record.test_cost, record.test_accuracy) == score(network, test)
        assert record.penalty == penalty(network, "l2", 0.3, 23)
        squares = sum(float((w**2).sum()) for w in network.weights)
        assert record.penalty == pytest.approx(0.3 / (2 * 23) * squares, rel=1e-12)


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_the_regularizer_of_the_config_is_used(
    network: Network, training: Split, regularizer: str
) -> None:
    """With η so small that the data hardly matter and λ so large that the penalty does."""
    config = replace(CONFIG, regularizer=regularizer, learning_rate=1e-9, lmbda=23e6, epochs=1)
    before = network.copy()
    (record,) = train(network, config, np.random.default_rng(8), training=training)
    assert record.penalty == penalty(network, regularizer, 23e6, 23)
    expected = before.weights[0].copy()
    for _ in range(6):
        expected -= 1e-3 * (np.sign(expected) if regularizer == "l1" else expected)
    np.testing.assert_allclose(network.weights[0], expected, atol=1e-7)


def test_what_is_not_monitored_is_none(
    network: Network, training: Split, validation: Split
) -> None:
    config = replace(CONFIG, monitor_training=False)
    record = next(train(network, config, np.random.default_rng(9), training=training))
    scores = ("train", "validation", "test")
    for name in scores:
        assert getattr(record, f"{name}_cost") is getattr(record, f"{name}_accuracy") is None
    record = next(
        train(network, config, np.random.default_rng(9), training=training, test=validation)
    )
    assert record.train_cost is record.validation_cost is None
    assert record.test_cost is not None
    record = next(
        train(network, config, np.random.default_rng(9), training=training, validation=validation)
    )
    assert record.train_cost is record.test_cost is None
    assert record.validation_cost is not None


def test_monitoring_does_not_change_the_training(
    network: Network, training: Split, validation: Split
) -> None:
    watched, unwatched = network.copy(), network.copy()
    quiet = replace(CONFIG, monitor_training=False)
    list(train(watched, CONFIG, np.random.default_rng(1), training=training, validation=validation))
    list(train(unwatched, quiet, np.random.default_rng(1), training=training))
    assert_same(watched, unwatched)


def test_a_mini_batch_larger_than_the_training_set_is_refused_at_once(
    network: Network, training: Split
) -> None:
    config = replace(CONFIG, mini_batch_size=24)
    with pytest.raises(InputError) as caught:
        train(network, config, np.random.default_rng(0), training=training)
    assert str(caught.value) == (
        "`mini_batch_size` must be <= 23, the size of the training set, got 24"
    )
    whole = replace(CONFIG, mini_batch_size=23)
    assert len(list(train(network, whole, np.random.default_rng(0), training=training))) == 4


def test_the_schedule_moves_the_learning_rate_and_may_end_training(
    network: Network, training: Split, validation: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float | None] = []

    def halve_then_stop(state: ScheduleState, accuracy: float | None) -> ScheduleState | None:
        told.append(accuracy)
        return replace(state, learning_rate=state.learning_rate / 2) if len(told) < 3 else None

    plain, order, rng = network.copy(), np.arange(23), np.random.default_rng(0)
    for rate in (0.5, 0.25, 0.125):
        config = replace(CONFIG, learning_rate=rate, epochs=1)
        next(train(plain, config, rng, training=training, order=order))
    monkeypatch.setitem(SCHEDULES, "constant", halve_then_stop)
    records = list(
        train(network, CONFIG, np.random.default_rng(0), training=training, validation=validation)
    )
    assert [record.learning_rate for record in records] == [0.5, 0.25, 0.125]
    assert told == [record.validation_accuracy for record in records]
    assert_same(network, plain)


def test_the_schedule_begins_after_the_warm_up(network: Network, training: Split) -> None:
    """Four of the six epochs are left to the cosine, the first of them at the full rate."""
    config = replace(CONFIG, learning_rate=0.6, schedule="cosine", epochs=6, warmup=2)
    records = train(network, config, np.random.default_rng(0), training=training)
    half = 0.3 / sqrt(2)
    expected = [0.2, 0.4, 0.6, 0.3 + half, 0.3, 0.3 - half]
    assert [record.learning_rate for record in records] == pytest.approx(expected)


def test_a_warm_up_is_trained_at_its_learning_rates(network: Network, training: Split) -> None:
    plain, order, rng = network.copy(), np.arange(23), np.random.default_rng(0)
    for rate in (0.125, 0.25, 0.375, 0.5):
        config = replace(CONFIG, learning_rate=rate, epochs=1)
        next(train(plain, config, rng, training=training, order=order))
    config = replace(CONFIG, warmup=3)
    assert len(list(train(network, config, np.random.default_rng(0), training=training))) == 4
    assert_same(network, plain)


def test_scores_of_the_warm_up_do_not_reach_the_schedule(network: Network, training: Split) -> None:
    """A plateau of two epochs halves η; without the warm-up it would be halved earlier."""
    settings = {"schedule": "halve-on-plateau", "schedule_patience": 2, "epochs": 8}
    rates = {}
    for warmup in (0, 3):
        config = replace(CONFIG, warmup=warmup, **settings)
        records = train(network.copy(), config, np.random.default_rng(0), training=training)
        rates[warmup] = [next(records).learning_rate]
        rates[warmup] += [records.send(0.5).learning_rate for _ in range(7)]
    assert rates[0] == [0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625]
    assert rates[3] == [0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_two_runs_taken_in_turn_are_each_as_if_alone(
    network: Network, training: Split, validation: Split
) -> None:
    def runs() -> tuple[list[Network], list[Iterator[EpochRecord]]]:
        networks = [network.copy(), network.copy()]
        configs = [CONFIG, replace(CONFIG, learning_rate=2.0, mini_batch_size=5)]
        return networks, [
            train(n, c, np.random.default_rng(k), training=training, validation=validation)
            for k, (n, c) in enumerate(zip(networks, configs, strict=True))
        ]

    alone, iterators = runs()
    one_by_one = [[costs(record) for record in records] for records in iterators]
    mixed, iterators = runs()
    in_turn = [tuple(map(costs, pair)) for pair in zip(*iterators, strict=True)]
    assert list(zip(*one_by_one, strict=True)) == in_turn
    for a, b in zip(alone, mixed, strict=True):
        assert_same(a, b)


def costs(record: EpochRecord) -> tuple[float | None, ...]:
    return record.train_cost, record.validation_cost, record.penalty
