"""scikit-learn's own checks of the estimators: all must pass, none is excused.

`check_estimator` runs what its developers demand of any estimator.
"""

from typing import Any

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import (
    check_estimator,
    estimator_checks_generator,
    parametrize_with_checks,
)

from nncore.estimator import NetworkClassifier, NetworkRegressor

CHECKED = {
    "classifier": NetworkClassifier(),
    "classifier, softmax": NetworkClassifier(
        activation="relu", output="softmax", cost="log-likelihood", dtype="float64"
    ),
    "regressor": NetworkRegressor(),
    "regressor, momentum": NetworkRegressor(
        activation="tanh", update="sgd", momentum=0.5, lmbda=0.1, mini_batch_size=50
    ),
}


@pytest.fixture(autouse=True)
def array_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this variable scikit-learn skips the check of its array interface."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")


@parametrize_with_checks(list(CHECKED.values()))
def test_scikit_learn_checks(estimator: BaseEstimator, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("name", CHECKED)
def test_no_check_is_skipped_or_expected_to_fail(name: str) -> None:
    results = check_estimator(CHECKED[name])

    assert len(results) > 50
    assert {result["status"] for result in results} == {"passed"}
    assert not any(result["expected_to_fail"] for result in results)


def test_weights_and_several_targets_are_among_the_checks_of_the_regressor() -> None:
    pairs = estimator_checks_generator(NetworkRegressor())

    names = {getattr(check, "func", check).__name__ for _, check in pairs}

    wanted = {"check_sample_weight_equivalence_on_dense_data", "check_regressor_multioutput"}
    assert names >= wanted
