"""What a network must beat: the shares of the classes, and scikit-learn's own linear model."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet
from sweeps.baselines import CLASS_SHARES, LINEAR, fit_baselines


def test_every_row_is_answered_with_the_shares_of_training(digits: DataSet) -> None:
    outputs = fit_baselines(digits, "none")[CLASS_SHARES](digits.validation.x)
    shares = [float(np.mean(digits.train.labels == label)) for label in range(10)]
    assert np.allclose(outputs, np.tile(shares, (len(digits.validation), 1)), atol=1e-15)


@pytest.mark.parametrize(("class_weight", "theirs"), [("none", None), ("balanced", "balanced")])
def test_the_linear_model_is_scikit_learns(
    class_weight: str, theirs: str | None, digits: DataSet
) -> None:
    mean, deviation = digits.train.x.mean(axis=0), digits.train.x.std(axis=0)
    deviation[deviation == 0] = 1

    def standardized(x: np.ndarray) -> np.ndarray:
        return (x - mean) / deviation

    x = digits.validation.x
    with one_blas_thread():
        own = LogisticRegression(max_iter=200, class_weight=theirs)
        own.fit(standardized(digits.train.x), digits.train.labels)
    found = fit_baselines(digits, class_weight)[LINEAR](x)
    assert np.allclose(found, own.predict_proba(standardized(x)), atol=0.02)
    assert (found.argmax(axis=1) == digits.validation.labels).mean() > 0.9
