"""The metrics equal scikit-learn's functions, also on edge inputs, and know which way is better."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sklearn_metrics

from nncore.components.metrics import METRICS, metrics_for, probabilities

OF_CLASSES, OF_NUMBERS = metrics_for(regression=False), metrics_for(regression=True)
CLASSES = st.integers(2, 5)


@st.composite
def outputs_and_labels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw outputs of a sigmoid layer, many of them equal, and labels, some classes without any."""
    rows, classes = draw(st.integers(1, 30)), draw(CLASSES)
    few = st.sampled_from([0.0, 1e-30, 0.25, 0.5, 0.75, 1.0])
    values = st.one_of(few, st.floats(0.0, 1.0, width=32))
    outputs = draw(hnp.arrays(np.float32, (rows, classes), elements=values))
    labels = draw(hnp.arrays(np.int64, rows, elements=st.integers(0, classes - 1)))
    return outputs, labels


def by_scikit_learn(name: str, outputs: np.ndarray, labels: np.ndarray) -> float:
    """Return the metric of the name that users know, written out without our code."""
    wide = outputs.astype(np.float64)
    total = wide.sum(axis=1)
    shares = np.array(
        [row / s if s > 0 else np.full(len(row), 1 / len(row)) for row, s in zip(wide, total)]  # noqa: B905
    )
    predicted = np.array([int(np.flatnonzero(row == row.max())[0]) for row in outputs])
    classes = list(range(outputs.shape[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name == "accuracy":
            return sklearn_metrics.accuracy_score(labels, predicted)
        if name == "balanced_accuracy":
            return sklearn_metrics.balanced_accuracy_score(labels, predicted)
        if name == "f1_macro":
            return sklearn_metrics.f1_score(labels, predicted, average="macro")
        if name == "log_loss":
            return sklearn_metrics.log_loss(labels, shares, labels=classes)
        if len(classes) == 2:
            return sklearn_metrics.roc_auc_score(labels, shares[:, 1])
        return sklearn_metrics.roc_auc_score(labels, shares, multi_class="ovr", labels=classes)


@pytest.mark.parametrize("name", OF_CLASSES)
@given(case=outputs_and_labels())
@settings(deadline=None, max_examples=60)
def test_a_metric_equals_scikit_learns(name: str, case: tuple[np.ndarray, np.ndarray]) -> None:
    outputs, labels = case
    value = METRICS[name].compute(outputs, labels)
    if name == "roc_auc" and len(set(labels.tolist())) < outputs.shape[1]:
        assert np.isnan(value)  # one class against the rest needs examples of both
        return
    assert value == pytest.approx(by_scikit_learn(name, outputs, labels), abs=1e-12)
    low, high = sorted((METRICS[name].worst, METRICS[name].best))
    assert low <= value <= high


def test_hand_worked_values() -> None:
    outputs = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    labels = np.array([0, 0, 1, 1])
    values = {name: METRICS[name].compute(outputs, labels) for name in OF_CLASSES}
    assert values["accuracy"] == 3 / 4
    assert values["balanced_accuracy"] == (1 + 1 / 2) / 2
    assert values["f1_macro"] == pytest.approx((4 / 5 + 2 / 3) / 2)  # 2tp / (2tp + fp + fn)
    assert values["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.3, 0.8]).mean())
    assert values["roc_auc"] == 3 / 4  # of the four pairs, only (0.4, 0.3) is in the wrong order


def test_the_worst_log_loss_is_that_of_certainty_in_the_wrong_class() -> None:
    wrong = METRICS["log_loss"].compute(np.array([[1.0, 0.0]]), np.array([1]))
    assert wrong == pytest.approx(METRICS["log_loss"].worst, abs=1e-12)


def test_probabilities_of_saturated_outputs_are_equal() -> None:
    shares = probabilities(np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 1.5, 0.0]], np.float32))
    assert shares.tolist() == [[0.25] * 4, [0.0, 0.25, 0.75, 0.0]]


@st.composite
def predictions_and_targets(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.integers(2, 20)), draw(st.integers(1, 3))
    numbers = st.floats(-1e6, 1e6)
    return tuple(draw(hnp.arrays(np.float64, shape, elements=numbers)) for _ in range(2))


@given(case=predictions_and_targets())
@settings(max_examples=60)
def test_metrics_of_numbers_are_those_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    predictions, targets = case
    by_name = {
        "rmse": sklearn_metrics.root_mean_squared_error,
        "mae": sklearn_metrics.mean_absolute_error,
        "r2": sklearn_metrics.r2_score,
    }
    assert set(by_name) == set(OF_NUMBERS)
    for name, function in by_name.items():
        with np.errstate(over="ignore"):
            expected = function(targets, predictions)
        assert METRICS[name].compute(predictions, targets) == expected


def test_r2_of_targets_that_hardly_differ_is_minus_infinity_without_a_warning() -> None:
    targets = np.array([[1e-160], [2e-160]])  # the spread's square is 5e-321
    assert METRICS["r2"].compute(np.ones((2, 1)), targets) == -np.inf


def test_hand_worked_values_of_numbers() -> None:
    targets, predictions = np.array([[1.0], [3.0], [8.0]]), np.array([[2.0], [3.0], [5.0]])
    values = {name: METRICS[name].compute(predictions, targets) for name in OF_NUMBERS}
    assert values["rmse"] == pytest.approx(np.sqrt(10 / 3))  # errors 1, 0 and −3
    assert values["mae"] == pytest.approx(4 / 3)
    assert values["r2"] == pytest.approx(1 - 10 / 26)  # deviations from 4: −3, −1 and 4
    assert np.isnan(METRICS["r2"].compute(predictions[:1], targets[:1]))


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_no_measured_value_is_as_bad_as_the_worst(name: str) -> None:
    metric = METRICS[name]
    huge = metric.compute(np.array([[3e38], [-3e38]]), np.array([[0.0], [1.0]]))
    assert metric.score(huge) > metric.score(metric.worst) == -np.inf


@pytest.mark.parametrize("name", METRICS)
def test_of_two_scores_the_better_value_has_the_greater_one(name: str) -> None:
    metric = METRICS[name]
    assert metric.score(metric.best) > metric.score(metric.worst)
    assert metric.score(metric.score(0.3)) == 0.3
