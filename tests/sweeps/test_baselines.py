"""What a network must beat: the shares of the classes, and scikit-learn's own linear model."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet, load_dataset
from sweeps.baselines import CLASS_SHARES, LOGISTIC, fit_baselines


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
    found = fit_baselines(digits, class_weight)[LOGISTIC](x)
    assert np.allclose(found, own.predict_proba(standardized(x)), atol=0.02)
    assert (found.argmax(axis=1) == digits.validation.labels).mean() > 0.9


def test_numbers_are_compared_with_the_mean_and_with_ridge_regression() -> None:
    """With z-scores Z of the inputs, ridge is the mean plus Z (ZᵀZ + I)⁻¹ Zᵀ (y − mean)."""
    data = load_dataset("diabetes")
    fitted = fit_baselines(data, "none")
    assert list(fitted) == ["mean", "ridge regression"]
    y = data.train.labels
    assert fitted["mean"](data.test.x).tolist() == [[y.mean()]] * len(data.test)
    x = data.train.x.astype(np.float64)
    center, spread = x.mean(axis=0), x.std(axis=0)
    z, others = (x - center) / spread, (data.test.x - center) / spread
    weights = np.linalg.solve(z.T @ z + np.eye(z.shape[1]), z.T @ (y - y.mean()))
    by_hand = others @ weights + y.mean()
    np.testing.assert_allclose(fitted["ridge regression"](data.test.x), by_hand, rtol=1e-4)
