"""The outcome of a classifier that is no network: fitted once, without random numbers.

`svm` and `darkness` fit the classifiers.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from os import getpid
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from experiments.book.arm_runs import ArmOutcome
from nncore.arrays.layout import Array
from nncore.datasets import DataSet, Split
from sweeps.trial import StopReason

Predictor = Callable[[Array], NDArray[np.int64]]
"""Returns the class numbers `(m,)` of inputs `(m, n_in)`."""


def classifier_outcome(
    fit: Callable[[Split], Predictor], dataset: DataSet, *, with_test: bool
) -> ArmOutcome:
    """Return the outcome of the classifier that `fit` makes from the training set.

    It has one step with its accuracy on the validation set, and if `with_test` on the test set.
    """
    started, clock = datetime.now(UTC), perf_counter()
    predict = fit(dataset.train)
    scored = {"validation": dataset.validation} | ({"test": dataset.test} if with_test else {})
    accuracies = {
        name: float((predict(split.x) == split.labels).mean()) for name, split in scored.items()
    }
    return ArmOutcome(
        value=accuracies["validation"],
        best_step=1,
        stop_reason=StopReason.MAX_EPOCHS,
        steps=(1,),
        curves={f"{name}_accuracy": (accuracy,) for name, accuracy in accuracies.items()},
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )
