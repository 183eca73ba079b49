"""The support vector machine beside the book's network: scikit-learn's, as it was then.

The one module of the experiments that knows scikit-learn.
"""

from datetime import UTC, datetime
from time import perf_counter

from sklearn.svm import SVC

from experiments.chapter3.arms import outcome_of
from nncore.datasets import DataSet
from nncore.training import EpochRecord
from sweeps.trial import TrialOutcome


def support_vectors(dataset: DataSet) -> TrialOutcome:
    """Return the outcome of an SVC with C = 1 and γ = 1/784, the defaults until 0.22.

    Its one record has the accuracy on the validation set; there is no cost and no epoch.
    """
    started, clock = datetime.now(UTC), perf_counter()
    machine = SVC(C=1.0, gamma="auto").fit(dataset.train.x, dataset.train.labels)
    right = machine.predict(dataset.validation.x) == dataset.validation.labels
    record = EpochRecord(
        epoch=1,
        learning_rate=0.0,
        train_cost=None,
        train_accuracy=None,
        validation_cost=None,
        validation_accuracy=float(right.mean()),
        test_cost=None,
        test_accuracy=None,
        penalty=0.0,
        diverged=False,
        train_seconds=0.0,
        evaluation_seconds=0.0,
    )
    return outcome_of(record, None, started, clock)
