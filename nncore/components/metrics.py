"""Metrics: the measures of a network's outputs by which a sweep may judge its trials.

All but accuracy are scikit-learn's functions under scikit-learn's names; they are imported when
such a metric is first computed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Outputs = NDArray[Any]
Labels = NDArray[Any]
Value = TypeVar("Value", bound=Any)

PROBABILITIES = ("sigmoid", "softmax")
"""The output activations whose outputs `probabilities` can turn into probabilities."""


@dataclass(frozen=True)
class Metric:
    """A measure of the outputs of a network on examples whose labels or targets are known.

    Parameters
    ----------
    name
        The name in `sweep.metric`, as scikit-learn has it.
    title
        The name in sentences and at axes.
    compute
        `compute(outputs, labels)` returns the value for outputs `(m, n_classes)`, m >= 1, and
        labels `(m,)`, indices of classes; for regression, for predictions and targets, `(m, k)`
        each, in the units of the targets.
    worst
        The worst possible value; it stands for a training that diverged in its first epoch. For
        regression it is infinite, so no network that learned can have it.
    best
        The best possible value.
    greater_is_better
        Whether a greater value is better.
    percent
        Whether a value is a fraction of examples, shown as a percentage.
    needs_probabilities
        Whether it reads more from the outputs than which of them is largest.
    needs_every_class
        Whether it is a mean over the classes, so that a sample of examples must have them all.
    regression
        Whether it measures predicted numbers rather than predicted classes.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore.components.metrics import METRICS
    >>> outputs, labels = np.array([[0.9, 0.1], [0.6, 0.2]]), np.array([0, 1])
    >>> METRICS["accuracy"].compute(outputs, labels)
    0.5
    >>> METRICS["log_loss"].greater_is_better
    False
    """

    name: str
    title: str
    compute: Callable[[Outputs, Labels], float]
    worst: float = 0.0
    best: float = 1.0
    greater_is_better: bool = True
    percent: bool = False
    needs_probabilities: bool = False
    needs_every_class: bool = False
    regression: bool = False

    @property
    def column(self) -> str:
        """The name of the metric on validation data, in `epochs.csv` and its frame."""
        return f"validation_{self.name}"

    @property
    def in_units(self) -> bool:
        """Whether a value is in the units of the target, so that its size tells nothing."""
        return self.regression and not self.greater_is_better

    def score(self, value: Value) -> Value:
        """Return the value, negated if a smaller one is better: of two scores the greater is best.

        It is its own inverse, and takes arrays and columns of values too.
        """
        scored: Value = value if self.greater_is_better else -value
        return scored


def probabilities(outputs: Outputs) -> NDArray[np.float64]:
    """Return outputs of a sigmoid or softmax layer as probabilities, `(m, n_classes)`, in float64.

    Each row is divided by its sum. A row of zeros, which only a saturated sigmoid layer has, gives
    equal probabilities.
    """
    wide = np.asarray(outputs, dtype=np.float64)
    total = wide.sum(axis=1, keepdims=True)
    shares = np.full_like(wide, 1 / wide.shape[1])
    np.divide(wide, total, out=shares, where=total > 0)
    return shares


def _accuracy(outputs: Outputs, labels: Labels) -> float:
    return float((outputs.argmax(axis=1) == labels).mean())


def _balanced_accuracy(outputs: Outputs, labels: Labels) -> float:
    from sklearn.metrics import recall_score  # a second of imports, here and below

    # The mean recall of the classes that have examples, as `balanced_accuracy_score` returns it;
    # that function warns of predicted classes without examples.
    present = np.unique(labels)
    predicted = outputs.argmax(axis=1)
    return float(recall_score(labels, predicted, labels=present, average="macro"))


def _f1_macro(outputs: Outputs, labels: Labels) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(labels, outputs.argmax(axis=1), average="macro", zero_division=0))


def _log_loss(outputs: Outputs, labels: Labels) -> float:
    from sklearn.metrics import log_loss

    return float(log_loss(labels, probabilities(outputs), labels=range(outputs.shape[1])))


def _roc_auc(outputs: Outputs, labels: Labels) -> float:
    from sklearn.metrics import roc_auc_score

    classes = outputs.shape[1]
    if len(np.unique(labels)) < classes:
        return float("nan")
    shares = probabilities(outputs)
    if classes == 2:
        return float(roc_auc_score(labels, shares[:, 1]))
    return float(roc_auc_score(labels, shares, multi_class="ovr", labels=range(classes)))


def _rmse(predictions: Outputs, targets: Labels) -> float:
    from sklearn.metrics import root_mean_squared_error

    return float(root_mean_squared_error(targets, predictions))


def _mae(predictions: Outputs, targets: Labels) -> float:
    from sklearn.metrics import mean_absolute_error

    return float(mean_absolute_error(targets, predictions))


def _r2(predictions: Outputs, targets: Labels) -> float:
    from sklearn.metrics import r2_score

    if len(targets) < 2:
        return float("nan")  # not defined; scikit-learn then warns
    # Targets that hardly differ divide by next to nothing: the value is then −∞.
    with np.errstate(over="ignore"):
        return float(r2_score(targets, predictions))


def _loss_of_numbers(name: str, title: str, compute: Callable[[Outputs, Labels], float]) -> Metric:
    return Metric(
        name,
        title,
        compute,
        worst=math.inf,
        best=0.0,
        greater_is_better=False,
        regression=True,
    )


METRICS = {
    entry.name: entry
    for entry in (
        Metric("accuracy", "accuracy", _accuracy, percent=True),
        Metric(
            "balanced_accuracy",
            "balanced accuracy",
            _balanced_accuracy,
            percent=True,
            needs_every_class=True,
        ),
        Metric("f1_macro", "macro F1", _f1_macro),
        Metric(
            "log_loss",
            "log loss",
            _log_loss,
            # What scikit-learn returns if the right class has the probability 0 everywhere.
            worst=-float(np.log(np.finfo(np.float64).eps)),
            best=0.0,
            greater_is_better=False,
            needs_probabilities=True,
        ),
        Metric("roc_auc", "ROC AUC", _roc_auc, needs_probabilities=True, needs_every_class=True),
        # Of several targets, the mean over the targets.
        _loss_of_numbers("rmse", "RMSE", _rmse),
        _loss_of_numbers("mae", "MAE", _mae),
        Metric("r2", "R²", _r2, worst=-math.inf, regression=True),
    )
}
"""Every metric by its name in `sweep.metric`."""

ACCURACY, RMSE, R2 = METRICS["accuracy"], METRICS["rmse"], METRICS["r2"]


def metrics_for(*, regression: bool) -> tuple[str, ...]:
    """Return the names of the metrics that judge regression, or those that judge classes."""
    return tuple(name for name, metric in METRICS.items() if metric.regression == regression)
