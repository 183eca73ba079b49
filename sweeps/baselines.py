"""What a network must beat: the shares of the classes, and a linear model fitted to the same rows.

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
"""Returns the outputs, `(m, n_classes)`, for scaled inputs `(m, n_in)`."""

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


CLASS_SHARES, LINEAR = "class shares", "logistic regression"
BASELINES: dict[str, Fit] = {CLASS_SHARES: _class_shares, LINEAR: _logistic_regression}
"""The fit of each baseline by its name in a record."""


def fit_baselines(dataset: DataSet, class_weight: str) -> dict[str, Predict]:
    """Return each baseline, fitted to the training rows of a data set, by its name.

    The linear model weights the classes as `class_weight` of a config says.
    """
    return {name: fit(dataset, class_weight) for name, fit in BASELINES.items()}
