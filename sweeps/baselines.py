"""What a network must beat: the shares of the classes, and a linear model fitted to the same rows.

`confirm` fits them; like the networks, they see the test rows only when the test set is opened.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet

Outputs = NDArray[Any]

MOST_STEPS = 200
"""The most steps of the linear model's optimizer, which then has nearly converged."""


Predict = Callable[[NDArray[Any]], Outputs]
"""Returns the outputs, `(m, n_classes)`, for scaled inputs `(m, n_in)`."""

Fit = Callable[[DataSet], Predict]


def _class_shares(dataset: DataSet) -> Predict:
    """Return the baseline that answers every row with the shares of the classes in training."""
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.classes))
    return lambda x: np.tile(counts / counts.sum(), (len(x), 1))


def _logistic_regression(dataset: DataSet) -> Predict:
    """Return scikit-learn's logistic regression, with its defaults, on the scaled inputs."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = LogisticRegression(max_iter=MOST_STEPS).fit(dataset.train.x, dataset.train.labels)

    def predict(x: NDArray[Any]) -> Outputs:
        outputs = np.zeros((len(x), len(dataset.classes)))
        with one_blas_thread():
            outputs[:, fitted.classes_] = fitted.predict_proba(x)
        return outputs

    return predict


CLASS_SHARES, LINEAR = "class shares", "logistic regression"
BASELINES: dict[str, Fit] = {CLASS_SHARES: _class_shares, LINEAR: _logistic_regression}
"""The fit of each baseline by its name in a record."""


def fit_baselines(datasets: Sequence[DataSet]) -> dict[str, list[Predict]]:
    """Return each baseline, fitted to the training rows of each data set, by its name."""
    return {name: [fit(dataset) for dataset in datasets] for name, fit in BASELINES.items()}
