"""What a network must beat: the shares of the classes, and scikit-learn's own linear model."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet
from sweeps.baselines import CLASS_SHARES, LINEAR, fit_baselines


def test_every_row_is_answered_with_the_shares_of_training(digits: DataSet) -> None:
    (predict,) = fit_baselines([digits])[CLASS_SHARES]
    outputs = predict(digits.validation.x)
    shares = [float(np.mean(digits.train.labels == label)) for label in range(10)]
    assert np.allclose(outputs, np.tile(shares, (len(digits.validation), 1)), atol=1e-15)


def test_the_linear_model_is_scikit_learns(digits: DataSet) -> None:
    (predict,) = fit_baselines([digits])[LINEAR]
    x = digits.validation.x
    with one_blas_thread():
        own = LogisticRegression(max_iter=200).fit(digits.train.x, digits.train.labels)
    assert np.allclose(predict(x), own.predict_proba(x), atol=1e-6)
    assert (predict(x).argmax(axis=1) == digits.validation.labels).mean() > 0.9


def test_each_data_set_has_its_own_fit(digits: DataSet) -> None:
    fitted = fit_baselines([digits, digits])
    assert {name: len(models) for name, models in fitted.items()} == {CLASS_SHARES: 2, LINEAR: 2}
