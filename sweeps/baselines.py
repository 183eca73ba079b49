"""What a network must beat: a constant answer, and a linear model fitted to the same rows.

`confirm` fits them; like the networks, they see the test rows only when the test set is opened.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet

Outputs = NDArray[Any]

MOST_STEPS = 200
"""The most steps of the linear model's optimizer, which then has nearly converged."""


Predict = Callable[[NDArray[Any]], Outputs]
"""Returns outputs, `(m, n_classes)`, or targets, `(m, k)`, for scaled inputs `(m, n_in)`."""

Fit = Callable[[DataSet, str], Predict]


def _class_shares(dataset: DataSet, class_weight: str) -> Predict:
    """Return the baseline that answers every row with the shares of the classes in training."""
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.classes))
    return lambda x: np.tile(counts / counts.sum(), (len(x), 1))


def _logistic_regression(dataset: DataSet, class_weight: str) -> Predict:
    """Return scikit-learn's logistic regression with its defaults, on standardized inputs."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    weights = None if class_weight == "none" else class_weight
    model = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=MOST_STEPS, class_weight=weights)
    )
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = model.fit(dataset.train.x, dataset.train.labels)

    def predict(x: NDArray[Any]) -> Outputs:
        outputs = np.zeros((len(x), len(dataset.classes)))
        with one_blas_thread():
            outputs[:, fitted.classes_] = fitted.predict_proba(x)
        return outputs

    return predict


def _mean(dataset: DataSet, class_weight: str) -> Predict:
    """Return the baseline that answers every row with the means of the targets in training."""
    means = dataset.train.labels.mean(axis=0)
    return lambda x: np.tile(means, (len(x), 1))


def _ridge(dataset: DataSet, class_weight: str) -> Predict:
    """Return scikit-learn's ridge regression with its defaults, on standardized inputs."""
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with one_blas_thread():
        fitted = make_pipeline(StandardScaler(), Ridge()).fit(dataset.train.x, dataset.train.labels)

    def predict(x: NDArray[Any]) -> Outputs:
        with one_blas_thread():
            return np.asarray(fitted.predict(x)).reshape(len(x), -1)

    return predict


CLASS_SHARES, LOGISTIC = "class shares", "logistic regression"
MEAN, RIDGE = "mean", "ridge regression"
LINEAR = (LOGISTIC, RIDGE)
"""The baselines that are linear models."""

OF_CLASSES: dict[str, Fit] = {CLASS_SHARES: _class_shares, LOGISTIC: _logistic_regression}
OF_NUMBERS: dict[str, Fit] = {MEAN: _mean, RIDGE: _ridge}
"""The fit of each baseline by its name in a record."""


def fit_baselines(dataset: DataSet, class_weight: str) -> dict[str, Predict]:
    """Return each baseline, fitted to the training rows of a data set, by its name.

    A linear model of classes weights them as `class_weight` of a config says.
    """
    baselines = OF_CLASSES if dataset.targets is None else OF_NUMBERS
    return {name: fit(dataset, class_weight) for name, fit in baselines.items()}
