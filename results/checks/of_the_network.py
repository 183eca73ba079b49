"""Checks of the network that the run stands for, and of the data that it learned from.

None of them opens the test set: of it, only what `confirm` has recorded is read.
"""

import math

import numpy as np

from nncore.components.metrics import ACCURACY
from results.analysis.best_network import Scored, constant_value
from results.analysis.findings import Findings
from results.checks.answer import NO_VALUE, NORMAL, Answer, Status, unscored
from results.number_text import signed, value_text, whole_percent
from sweeps.baselines import LINEAR

RARE = 1 / 3  # a class with less than this part of the examples of the largest one is rare
IF_RARE = (
    'If a class is rare, search class_weight and set metric to "roc_auc" or "balanced_accuracy".'
)
GAP = 0.05  # an accuracy on training data that is so much higher shows overfitting


def beats_majority_class(findings: Findings) -> Answer:
    """Compare the network with a constant answer: the shares of the classes."""
    scored = findings.scored
    if isinstance(scored, str):
        return unscored(scored)
    check = f"labels. {IF_RARE}"
    return compared_with_constant(findings, scored, "the shares of the classes", check)


def compared_with_constant(findings: Findings, scored: Scored, what: str, check: str) -> Answer:
    """Return whether the network is better than a constant answer, which is `what`.

    If it is not, `check` says what to check besides the inputs.
    """
    metric = findings.metric
    own, baseline = metric.compute(scored.outputs, scored.labels), constant_value(scored, metric)
    lead, error = metric.score(own) - metric.score(baseline), findings.example_error
    if math.isnan(lead) or math.isnan(error):
        return Answer(Status.OPEN, f"The validation data do not determine the {metric.title}.")
    evidence = (
        f"On validation data the network reaches {value_text(metric, own)}; answering with {what} "
        f"reaches {value_text(metric, baseline)}"
    )
    if lead > NORMAL * error:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: on {len(scored.labels):,} examples this is no clear advantage.",
        f"The network may have learned nothing from the inputs: check them and the {check}",
    )


def beats_linear_model(findings: Findings) -> Answer:
    """Read the lead over the linear model that the confirmation recorded."""
    record, metric = findings.confirmation, findings.metric
    if record is None:
        return Answer(Status.OPEN, "`nnsweep confirm` fits the linear model.")
    linear = next((one for one in record.test_set.baselines if one.name in LINEAR), None)
    if linear is None or linear.lead is None or record.test_set.ensemble is None:
        return Answer(Status.OPEN, "The confirmation recorded no comparison with a linear model.")
    ends = linear.lead.ci
    evidence = (
        f"On the test set the certified networks reach "
        f"{value_text(metric, record.test_set.ensemble.value)}, {linear.name} "
        f"{value_text(metric, linear.on_test)}"
    )
    if ends:
        lead = " to ".join(signed(metric, end) for end in ends)
        evidence += f" (95% interval of the lead over the test examples: {lead})"
    if ends and ends[0] > 0:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network is not clearly better.",
        "The linear model is simpler: use it instead, or search larger networks.",
    )


def metric_suits_classes(findings: Findings) -> Answer:
    """Compare the rarest class with the largest if accuracy judges the trials."""
    scored = findings.scored
    if isinstance(scored, str):
        return unscored(scored)
    counts = np.bincount(scored.dataset.train.labels, minlength=len(scored.dataset.classes))
    rarest, *_, largest = counts.argsort(kind="stable").tolist()  # two classes, also of a tie
    shares, names = counts / counts.sum(), scored.dataset.classes
    evidence = (
        f"Of the training examples, {whole_percent(shares[largest])} are of class "
        f"{names[largest]}, {whole_percent(shares[rarest])} of class {names[rarest]}"
    )
    if findings.metric is not ACCURACY:
        return Answer(Status.GOOD, f"{evidence}; the metric is {findings.metric.title}.")
    if counts[rarest] >= RARE * counts[largest]:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: a network that never answers {names[rarest]} can reach an accuracy of "
        f"{whole_percent(1 - shares[rarest])}.",
        'Set metric to "balanced_accuracy", "f1_macro" or "roc_auc", and search class_weight.',
    )


def generalizes(findings: Findings) -> Answer:
    """Compare the accuracies on training and validation data at the best epoch."""
    shipped, curves = findings.shipped, findings.curves
    if shipped is None:
        return Answer(Status.OPEN, NO_VALUE)
    at = curves[(curves["trial"] == shipped["number"]) & (curves["epoch"] == shipped["best_epoch"])]
    pair = at[["train_accuracy", "validation_accuracy"]].to_numpy(dtype="float64")
    if len(pair) == 0 or np.isnan(pair).any():
        return Answer(Status.OPEN, "The training accuracy was not measured (`monitor_training`).")
    train, validation = pair[0]
    evidence = (
        f"At its best epoch, trial {shipped['number']} has an accuracy of "
        f"{value_text(ACCURACY, train)} on training data and {value_text(ACCURACY, validation)} on "
        "validation data"
    )
    if train - validation <= GAP:
        return Answer(Status.GOOD, f"{evidence}.")
    return Answer(
        Status.WARNING,
        f"{evidence}: the network overfits.",
        "Try more data, a larger lmbda, dropout or fewer hidden units.",
    )
