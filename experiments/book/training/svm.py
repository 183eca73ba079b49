"""The support vector machine beside the book's network, with scikit-learn's settings of its time.

This is the only module of the experiments that imports scikit-learn.
"""

from datetime import UTC, datetime
from os import getpid
from time import perf_counter

from sklearn.svm import SVC

from experiments.book.arm_runs import ArmOutcome
from nncore.datasets import DataSet
from sweeps.trial import StopReason


def fit_svm(dataset: DataSet) -> ArmOutcome:
    """Return the outcome of an SVC with C = 1 and γ = 1/784, the defaults before version 0.22.

    Its one step has one value, the accuracy on the validation set.
    """
    started, clock = datetime.now(UTC), perf_counter()
    machine = SVC(C=1.0, gamma="auto").fit(dataset.train.x, dataset.train.labels)
    right = machine.predict(dataset.validation.x) == dataset.validation.labels
    accuracy = float(right.mean())
    return ArmOutcome(
        value=accuracy,
        best_step=1,
        stop_reason=StopReason.MAX_EPOCHS,
        steps=(1,),
        curves={"validation_accuracy": (accuracy,)},
        started=started.isoformat(timespec="milliseconds"),
        seconds=perf_counter() - clock,
        worker=getpid(),
    )
