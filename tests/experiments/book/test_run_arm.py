"""One run of each type of arm, against the training, the sweep or the classifier behind it."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.svm import SVC

from experiments.book.arm_runs import ArmOutcome, ArmRuns
from experiments.book.arms import (
    SEED,
    Arm,
    DarknessArm,
    NetworkArm,
    SearchArm,
    SpeedArm,
    SvmArm,
    describe_arm,
    parse_arm,
    run_count,
    scored_on,
)
from experiments.book.training.darkness import fit_darkness, mean_darkness
from experiments.book.training.run_arm import ArmTask, arm_outcome, run_arm
from experiments.book.training.search import grid_choices, sweep_config
from experiments.book.training.speed import (
    GRADIENT_DIFFERENCE,
    LOOP_SECONDS,
    MATRIX_SECONDS,
    gradient_sums,
    sums_by_example,
)
from nncore.config import TrialConfig
from nncore.datasets import Split, load_dataset
from nncore.descent.backprop import sgd_step
from nncore.errors import InputError
from nncore.network import new_network
from nncore.scoring import score
from sweeps.sweep import run_sweep
from sweeps.trial import evaluate

SHORT = TrialConfig(epochs=2, hidden_units=(8,), monitor_training=True)
ONE = NetworkArm(name="one", config=SHORT, data="digits")
TESTED = replace(ONE, name="tested", evaluation="test")
SVM = SvmArm(name="svm", data="digits", training_size=100)
DARKNESS = DarknessArm(name="darkness", data="digits", training_size=100)
SPEED = SpeedArm(
    name="speed",
    data="digits",
    training_size=60,
    config=replace(SHORT, cost="quadratic", dtype="float64", mini_batch_size=8),
)
SEARCH = SearchArm(name="TPE", data="digits", sampler="tpe", trials=6, epochs=2, fresh_seeds=3)


def run(arm: Arm, seed: int = 0) -> ArmOutcome:
    return arm_outcome(arm, load_dataset("digits"), (SEED, seed))


@pytest.mark.parametrize(
    "arm", [ONE, TESTED, SVM, DARKNESS, SPEED, SEARCH], ids=lambda arm: arm.name
)
def test_an_arm_is_read_back_from_its_description(arm: Arm) -> None:
    assert parse_arm(describe_arm(arm)) == arm


def test_an_unknown_evaluation_is_refused() -> None:
    with pytest.raises(InputError, match=r"`evaluation` must be one of .*, got 'tests'"):
        replace(ONE, evaluation="tests")


def test_a_support_vector_machine_is_scored_on_validation_or_test() -> None:
    with pytest.raises(InputError, match=r"`evaluation` must be one of .*, got 'end'"):
        replace(SVM, evaluation="end")


def test_a_network_arm_is_one_trial_of_a_sweep() -> None:
    """The curves are the fields of the trial's records; its value and its end are the trial's."""
    outcome, trial = run(ONE, 3), evaluate(SHORT, load_dataset("digits"), [(SEED, 3)])
    records = trial.curves[0]
    assert outcome.steps == tuple(record.epoch for record in records)
    for metric in ("learning_rate", "train_cost", "validation_cost", "validation_accuracy"):
        assert outcome.curves[metric] == tuple(getattr(record, metric) for record in records)
    assert "test_cost" not in outcome.curves
    assert (outcome.value, outcome.best_step) == (trial.value, trial.best_epoch)
    assert outcome.stop_reason == trial.stop_reason


def test_a_score_at_the_end_is_that_of_the_same_training() -> None:
    each = run(replace(ONE, training_size=200))
    end = run(replace(ONE, training_size=200, evaluation="end", keeps_networks=True))
    for metric in ("validation_accuracy", "validation_cost"):
        assert end.curves[metric] == each.curves[metric][-1:]
    assert (end.steps, end.best_step) == ((2,), 2)
    assert end.model is not None
    expected = score(end.model.network, load_dataset("digits").validation)
    assert end.value == expected.accuracy


def test_scoring_the_test_set_changes_nothing_else() -> None:
    outcome, other = run(TESTED), run(ONE)
    assert "test_accuracy" not in other.curves
    assert None not in outcome.curves["test_accuracy"]
    assert outcome.value == other.value


def test_the_objective_is_the_cost_that_the_book_publishes() -> None:
    """The L2 terms of the two costs, from the sum of the squared weights at the end."""
    arm = replace(TESTED, config=replace(SHORT, lmbda=3.0), keeps_networks=True)
    outcome = run(arm)
    n_train = len(load_dataset("digits").train)
    runs = ArmRuns(arm, n_train, (outcome,))
    assert (outcome.best_step, outcome.model is not None) == (2, True)
    assert outcome.model is not None
    squares = sum(float((weights**2).sum()) for weights in outcome.model.network.weights)
    train_cost, test_cost = (outcome.curve(f"{name}_cost")[-1] for name in ("train", "test"))
    train, test = (runs.last(f"{name}_objective")[0] for name in ("train", "test"))
    assert train == pytest.approx(train_cost + 3.0 / (2 * n_train) * squares, rel=1e-5)
    assert test == pytest.approx(test_cost + 3.0 / (2 * 10_000) * squares, rel=1e-5)


def test_a_metric_that_was_not_measured_is_nan() -> None:
    runs = ArmRuns(ONE, 100, (run(ONE),))
    assert np.isnan(runs.curve("test_objective")).all()
    assert runs.curve("test_accuracy").shape == (1, 2)


def test_a_support_vector_machine_has_one_value() -> None:
    data = load_dataset("digits")
    machine = SVC(C=1.0, gamma="auto").fit(data.train.x[:100], data.train.labels[:100])
    expected = machine.score(data.validation.x, data.validation.labels)
    outcome = run(SVM)
    assert outcome.curves == {"validation_accuracy": (expected,)}
    assert (outcome.value, outcome.steps, outcome.model) == (expected, (1,), None)


def test_a_support_vector_machine_may_score_the_test_set_too() -> None:
    data = load_dataset("digits")
    machine = SVC(C=1.0, gamma="auto").fit(data.train.x[:100], data.train.labels[:100])
    outcome = run(replace(SVM, evaluation="test"))
    assert outcome.curves == {
        "validation_accuracy": (machine.score(data.validation.x, data.validation.labels),),
        "test_accuracy": (machine.score(data.test.x, data.test.labels),),
    }
    assert outcome.value == outcome.curves["validation_accuracy"][0]


def test_arms_without_random_numbers_are_fitted_once() -> None:
    counts = [run_count(arm, 7) for arm in (ONE, SPEED, SEARCH, SVM, DARKNESS)]
    assert counts == [7, 7, 7, 1, 1]
    assert [scored_on(arm) for arm in (SVM, DARKNESS, ONE, TESTED, SPEED)] == [
        "validation",
        "test",
        "validation",
        "test",
        "validation",
    ]


def split(images: list[list[float]], labels: list[int], classes: int) -> Split:
    x, y = np.array(images, np.float32), np.eye(classes, dtype=np.float32)[labels]
    return Split(x, y, np.array(labels))


def test_mean_darkness_by_hand() -> None:
    """Class 0 has sums 1 and 2, class 2 has the sum 4, and class 1 has no image at all.

    The means are 1.5 and 4, so the guess changes from 0 to 2 at (1.5 + 4)/2 = 2.75.
    """
    train = split([[1, 0], [0.5, 1.5], [2, 2]], [0, 0, 2], classes=3)
    assert mean_darkness(train).tolist() == [1.5, pytest.approx(np.nan, nan_ok=True), 4.0]
    images = np.array([[0, 0], [2.7, 0], [1.4, 1.4], [9, 9]], np.float32)
    assert fit_darkness(train)(images).tolist() == [0, 0, 2, 2]


def test_the_darkness_of_an_arm_is_learned_from_its_first_images() -> None:
    """The plain loop of the book: a mean for each digit, then the nearest mean."""
    data = load_dataset("digits")
    sums: dict[int, list[float]] = {}
    for image, label in zip(data.train.x[:100], data.train.labels[:100], strict=True):
        sums.setdefault(int(label), []).append(sum(map(float, image)))
    means = {digit: sum(values) / len(values) for digit, values in sums.items()}
    right = 0
    for image, label in zip(data.test.x, data.test.labels, strict=True):
        dark = sum(map(float, image))
        right += min(means, key=lambda digit: abs(means[digit] - dark)) == label
    outcome = run(DARKNESS)
    assert outcome.curves["test_accuracy"] == (right / len(data.test),)
    assert 0.1 < right / len(data.test) < 0.5
    assert set(outcome.curves) == {"validation_accuracy", "test_accuracy"}


def test_the_gradient_of_the_matrix_form_by_finite_differences() -> None:
    rng = np.random.default_rng(2)
    network = new_network(replace(SPEED.config, hidden_units=(4,)), 3, 2, rng)
    x, y = rng.standard_normal((3, 5)), np.eye(2)[rng.integers(0, 2, 5)].T

    def cost() -> float:
        a = x
        for w, b in zip(network.weights, network.biases, strict=True):
            a = 1 / (1 + np.exp(-(w.T @ a + b[:, None])))
        return float(((a - y) ** 2).sum() / 2)

    sums = gradient_sums(network, x, y)
    for (dw, db), w, b in zip(sums, network.weights, network.biases, strict=True):
        for gradient, parameter in ((dw.T, w), (db[:, 0], b)):
            for place in np.ndindex(parameter.shape):
                ends = []
                for change in (1e-6, -2e-6):
                    parameter[place] += change
                    ends.append(cost())
                parameter[place] += 1e-6
                assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-7)
    for one, whole in zip(sums_by_example(network, x, y), sums, strict=True):
        assert all(np.allclose(a, b, rtol=0, atol=1e-14) for a, b in zip(one, whole, strict=True))


def test_a_timed_epoch_trains_the_network_of_plain_gradient_descent() -> None:
    """`sgd_step`, the readable step, on the same weights and in the same order."""
    data = load_dataset("digits")
    weights, order = map(np.random.default_rng, np.random.SeedSequence((SEED, 4)).spawn(2))
    network = new_network(SPEED.config, 64, 10, weights)
    rows = order.permutation(60)
    for start in range(0, 60, 8):
        x, y = (part[:60][rows[start : start + 8]] for part in (data.train.x, data.train.y))
        sgd_step(network, x.astype(float), y.astype(float), SPEED.config, 60)
    outcome = run(SPEED, 4)
    assert outcome.value == score(network, data.validation).accuracy
    loop, matrix, difference = (
        outcome.curves[name][0] for name in (LOOP_SECONDS, MATRIX_SECONDS, GRADIENT_DIFFERENCE)
    )
    assert loop is not None
    assert matrix is not None
    assert difference is not None
    assert min(loop, matrix) > 0
    assert difference < 1e-13


def test_a_search_is_recorded_as_its_best_so_far_and_its_winner(tmp_path: Path) -> None:
    """One curve is the running maximum of the sweep's values, in the order of its trials.

    The other is the mean of three trainings of its best trial, on seeds that no search uses.
    """
    outcome = run(SEARCH, 3)
    run_sweep(sweep_config(SEARCH, (SEED, 3)), load_dataset("digits"), tmp_path / "run")
    rows = list(csv.DictReader((tmp_path / "run" / "trials.csv").read_text().splitlines()))
    values = [float(row["value"]) for row in rows]
    winner = rows[values.index(max(values))]
    settings = TrialConfig(
        learning_rate=float(winner["learning_rate"]),
        lmbda=float(winner["lmbda"]),
        mini_batch_size=int(winner["mini_batch_size"]),
        hidden_units=(int(winner["hidden_units"]),),
        epochs=2,
        monitor_training=False,
    )
    again = [
        evaluate(settings, load_dataset("digits"), [(1_000 * SEED + 3, 2**32 + k)]).value
        for k in range(3)
    ]
    best = tuple(max(values[: k + 1]) for k in range(6))
    assert outcome.curves["validation_accuracy"] == best
    assert outcome.curves["winner_accuracy"][:-1] == (None,) * 5
    assert outcome.curves["winner_accuracy"][-1] == pytest.approx(np.mean(again), abs=1e-12)
    assert len(set(again)) > 1
    assert outcome.steps == (1, 2, 3, 4, 5, 6)
    assert outcome.value == best[-1]


def test_a_grid_has_the_centers_of_equal_parts() -> None:
    assert grid_choices("learning_rate")["choices"] == pytest.approx([10**-1.5, 10**-0.5, 10**0.5])
    assert grid_choices("hidden_units")["choices"] == [32, 78]  # 32.5 and 77.5, to the even number


def test_an_error_gives_a_failed_outcome() -> None:
    impossible = replace(ONE, training_size=5)  # mini-batches of 10
    task = ArmTask(7, impossible, 0, load_dataset("digits").source)
    number, outcome = run_arm(task)
    assert number == 7
    assert not isinstance(outcome, ArmOutcome)
    assert (outcome.state, "mini_batch_size" in outcome.error) == ("failed", True)
