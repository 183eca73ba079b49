"""The nine published files, each with a replay of the author's script that wrote it.

Settings and random numbers are the author's; our own code does the training.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from experiments.book.arms import SEED, NetworkArm, SvmArm
from experiments.book.book_files import SIZES
from experiments.book.replays.replay import BookScript, Replay, SeededRuns, Series
from experiments.book.training.run_arm import arm_outcome
from nncore.config import TrialConfig
from nncore.datasets import DataSet
from nncore.scoring import score

BASE = TrialConfig(dtype="float64")
"""30 hidden units, cross-entropy, mini-batches of 10, in the book's precision."""


def _counts(accuracies: Sequence[float | None], n: int) -> list[int]:
    return [round((accuracy or 0.0) * n) for accuracy in accuracies]


def _four_lists(
    lmbda: float, epochs: int, training_size: int
) -> Callable[[DataSet, int | None], Series]:
    """Return a player of overfitting.py: large weights, η 0.5, the test set scored each epoch."""

    def play(dataset: DataSet, limit: int | None) -> Series:
        config = TrialConfig(
            dtype="float64", init="large", learning_rate=0.5, lmbda=lmbda, epochs=limit or epochs
        )
        script = BookScript(dataset, training_size)
        script.new_network(
            BASE
        )  # the book's Network(sizes) draws scaled weights before the large ones
        network = script.new_network(config)
        records = list(script.train(network, config, test=dataset.test))
        n_train, n_test = training_size, len(dataset.test)
        # The book divides λ by the size of the scored set, `penalty` by that of the training set.
        on_test = n_train / n_test
        return {
            "test cost": [(r.test_cost or 0.0) + on_test * r.penalty for r in records],
            "test count": _counts([r.test_accuracy for r in records], n_test),
            "training cost": [(r.train_cost or 0.0) + r.penalty for r in records],
            "training count": _counts([r.train_accuracy for r in records], n_train),
        }

    return play


def _read_four_lists(figure: Any) -> Series:
    names = ("test cost", "test count", "training cost", "training count")
    return dict(zip(names, figure, strict=True))


def _weight_init(units: int) -> Callable[[DataSet, int | None], Series]:
    """Return a player of weight_initialization.py: scaled, then large weights on the same list."""

    def play(dataset: DataSet, limit: int | None) -> Series:
        script, series = BookScript(dataset), Series()
        for init in ("scaled",) if limit else ("scaled", "large"):
            config = TrialConfig(
                dtype="float64",
                hidden_units=(units,),
                init=init,
                learning_rate=0.1,
                lmbda=5.0,
                epochs=limit or 30,
                monitor_training=False,
            )
            network = script.new_network(config)
            records = script.train(network, config, validation=dataset.validation)
            accuracies = [record.validation_accuracy for record in records]
            series[f"{init} validation count"] = _counts(accuracies, len(dataset.validation))
        return series

    return play


def _read_weight_init(figure: Any) -> Series:
    arms = {"scaled": "default", "large": "large"}
    return {
        f"{init} validation count": figure[f"{arm}_weight_initialization"][1]
        for init, arm in arms.items()
    }


ETAS = (0.025, 0.25, 2.5)


def _play_learning_rates(dataset: DataSet, limit: int | None) -> Series:
    """Play multiple_eta.py: a new network for each η, all on one list."""
    script, series = BookScript(dataset), Series()
    for eta in ETAS[: 1 if limit else None]:
        config = TrialConfig(dtype="float64", learning_rate=eta, lmbda=5.0, epochs=limit or 30)
        records = script.train(script.new_network(config), config)
        series[f"η {eta} training cost"] = [(r.train_cost or 0.0) + r.penalty for r in records]
    return series


def _read_learning_rates(figure: Any) -> Series:
    return {f"η {eta} training cost": lists[2] for eta, lists in zip(ETAS, figure, strict=True)}


def _play_more_data(dataset: DataSet, limit: int | None) -> Series:
    """Play more_data.py: new large weights for each size, 1,500,000 image presentations each."""
    script = BookScript(dataset)
    script.new_network(BASE)
    counts = []
    for size in SIZES[: 1 if limit else None]:
        config = TrialConfig(
            dtype="float64",
            init="large",
            lmbda=size * 0.0001,
            epochs=limit or 1_500_000 // size,
            monitor_training=False,
        )
        script.reset_order(size)
        network = script.new_network(config)
        for _ in script.train(network, config):
            pass
        counts.append(_counts([score(network, dataset.validation).accuracy], 10_000)[0])
    return {"validation count": counts}


def _play_svm(dataset: DataSet, limit: int | None) -> Series:
    arms = [SvmArm(name="svm", training_size=size) for size in SIZES[:limit]]
    outcomes = [arm_outcome(arm, dataset, (SEED, 0)) for arm in arms]
    return {"validation count": _counts([outcome.value for outcome in outcomes], 10_000)}


def _read_percent(figure: Any) -> Series:
    return {"validation count": [round(100 * percent) for percent in figure]}


_FULL = TrialConfig(init="large", learning_rate=0.5, epochs=30)


def _seeded_four_lists(lmbda: float) -> dict[str, SeededRuns]:
    arm = NetworkArm(
        name=f"λ {lmbda:g}, 50,000 images",
        config=replace(_FULL, lmbda=lmbda),
        evaluation="test",
    )
    return {
        "test cost": SeededRuns(arm, "test_objective"),
        "test count": SeededRuns(arm, "test_accuracy", 10_000),
        "training cost": SeededRuns(arm, "train_objective"),
        "training count": SeededRuns(arm, "train_accuracy", 50_000),
    }


_CHAOTIC_ETA = NetworkArm(name="η 2.5", config=TrialConfig(learning_rate=2.5, lmbda=5.0))


REPLAYS = {
    entry.name: entry
    for entry in (
        Replay(
            name="overfitting",
            file="overfitting",
            minutes=0.3,
            play=_four_lists(0.0, 400, 1_000),
            published=_read_four_lists,
        ),
        Replay(
            name="regularization",
            file="regularized",
            minutes=0.3,
            play=_four_lists(0.1, 400, 1_000),
            published=_read_four_lists,
        ),
        Replay(
            name="regularization-full",
            file="regularized_full",
            minutes=0.2,
            play=_four_lists(5.0, 30, 50_000),
            published=_read_four_lists,
            rounding_sensitive=_seeded_four_lists(5.0),
        ),
        Replay(
            name="overfitting-full",
            file="overfitting_full",
            minutes=0.2,
            play=_four_lists(0.0, 30, 50_000),
            published=_read_four_lists,
            rounding_sensitive=_seeded_four_lists(0.0),
        ),
        Replay(
            name="weight-init-30",
            file="weight_initialization_30",
            minutes=0.3,
            play=_weight_init(30),
            published=_read_weight_init,
        ),
        Replay(
            name="weight-init-100",
            file="weight_initialization_100",
            minutes=0.5,
            play=_weight_init(100),
            published=_read_weight_init,
        ),
        Replay(
            name="learning-rates",
            file="multiple_eta",
            minutes=0.5,
            play=_play_learning_rates,
            published=_read_learning_rates,
            rounding_sensitive={"η 2.5 training cost": SeededRuns(_CHAOTIC_ETA, "train_objective")},
        ),
        Replay(
            name="more-data",
            file="more_data",
            minutes=1.0,
            play=_play_more_data,
            published=_read_percent,
        ),
        Replay(
            name="more-data-svm",
            file="more_data_svm",
            minutes=6.0,
            play=_play_svm,
            published=_read_percent,
        ),
    )
}
"""The replays by name."""
