"""The checks of the network, each seen to answer ok, warning and open on runs made by hand.

The numbers in the evidence are worked out beside each case.
"""

import numpy as np
import pytest

from results.checks.answer import Status
from tests.support.checked_runs import ask, confirm, one_hot, show

GOOD, WARNING, OPEN = Status.GOOD, Status.WARNING, Status.OPEN


# C01


@pytest.mark.parametrize(
    ("right", "status"),
    [
        # 100 examples, 80 of class 0. A lead of 12 points: with (92 + 2) / (100 + 4), the standard
        # error is sqrt(0.9038 * 0.0962 / 104) = 2.89 points, 1.96 of them 5.7. A lead of 5 points:
        # 87/104 gives 3.63 points, 1.96 of them 7.1.
        (92, GOOD),
        (85, WARNING),
        (80, WARNING),
    ],
)
def test_c01_compares_with_the_majority_class(make, right, status):
    labels = np.repeat([0, 1], [80, 20])
    predicted = labels.copy()
    predicted[right:] = 0
    answer = ask("C01", show(make([0.9]), one_hot(predicted), labels))
    assert answer.status is status
    assert f"reaches {right}.00%; answering with the shares of the classes reaches 80.00%" in (
        answer.evidence
    )


def test_c01_with_a_metric_that_falls(by_metric):
    # The constant answer (0.5, 0.5) has the log loss ln 2 = 0.6931; always 0.9 for the right class
    # has -ln 0.9 = 0.1054, without any spread.
    labels = np.repeat([0, 1], [50, 50])
    outputs = np.where(one_hot(labels) == 1, 0.9, 0.1)
    answer = ask("C01", show(by_metric("log_loss", [0.1]), outputs, labels))
    assert answer.status is GOOD
    assert "reaches 0.1054; answering with the shares of the classes reaches 0.6931" in (
        answer.evidence
    )
    worse = ask("C01", show(by_metric("log_loss", [0.1]), 1 - outputs, labels))
    assert worse.status is WARNING


def test_c01_is_open_if_the_metric_is_not_defined(by_metric):
    answer = ask("C01", show(by_metric("roc_auc", [0.9]), one_hot([0, 0, 1]), [0, 0, 0]))
    assert (answer.status, answer.evidence) == (
        OPEN,
        "The validation data do not determine the ROC AUC.",
    )


@pytest.mark.parametrize("code", ["C01", "C03", "C06"])
def test_a_run_without_a_network_leaves_these_open(make, code):
    answer = ask(code, make([0.5 + 0.01 * n for n in range(12)]))
    assert answer.status is OPEN
    assert answer.evidence == (
        "The network cannot be scored here: best.npz is missing; resuming the run makes it again."
    )


def test_the_error_of_many_examples_is_scaled_from_a_part(by_metric):
    # 5,000 examples of each of two classes, 80% and 90% of them recognized: the mean of the two
    # recalls has the variance (0.8 * 0.2 + 0.9 * 0.1) / 5,000 / 4, whose root is 0.00354.
    labels = np.tile([0, 1], 5_000)
    wrong = np.random.default_rng(2).random(10_000) < np.where(labels == 0, 0.2, 0.1)
    run = show(by_metric("balanced_accuracy", [0.85]), one_hot(labels ^ wrong), labels)
    assert run.example_error == pytest.approx(0.00354, rel=0.15)


# C02


@pytest.mark.parametrize(
    ("lead", "status"), [((0.01, 0.07), GOOD), ((-0.01, 0.09), WARNING), ((0.0, 0.08), WARNING)]
)
def test_c02_asks_for_a_lead_over_the_linear_model(make, lead, status):
    answer = ask("C02", confirm(make([0.95]), {0: [0.90, 0.92]}, lead=lead))
    assert answer.status is status
    assert "the certified networks reach 94.00%, logistic regression 90.00%" in answer.evidence
    ends = f"{100 * lead[0]:+z.2f} to {100 * lead[1]:+z.2f}"
    assert f"95% interval of the lead over the test examples: {ends}" in answer.evidence


def test_c02_knows_that_a_loss_falls(by_metric):  # a lead is positive if the networks are better
    run = confirm(by_metric("log_loss", [0.3]), {0: [0.30, 0.31]}, lead=(0.01, 0.07))
    assert ask("C02", run).status is GOOD


def test_c02_warns_if_the_answers_are_the_same(make):
    answer = ask("C02", confirm(make([0.95]), {0: [0.9, 0.9]}, lead=()))
    assert answer.status is WARNING
    assert "interval" not in answer.evidence


def test_c02_is_open_without_a_linear_model(make):
    assert ask("C02", make([0.9])).evidence == "`nnsweep confirm` fits the linear model."
    answer = ask("C02", confirm(make([0.9]), {0: [0.9, 0.8]}))
    assert answer.status is OPEN
    assert "no comparison with a linear model" in answer.evidence


# C03


@pytest.mark.parametrize(
    ("counts", "status", "evidence"),
    [
        (
            (87, 13),
            WARNING,
            "87% are of class c0, 13% of class c1: a network that never answers c1",
        ),
        ((75, 25), GOOD, "75% are of class c0, 25% of class c1."),  # exactly a third of 75
        ((76, 24), WARNING, "can reach an accuracy of 76%."),
        ((45, 45, 10), WARNING, "can reach an accuracy of 90%."),
        ((100, 0), WARNING, "0% of class c1"),
        ((50, 50), GOOD, "50% are of class c1, 50% of class c0."),
    ],
)
def test_c03_compares_the_rarest_class_with_the_largest(make, counts, status, evidence):
    training = np.repeat(range(len(counts)), counts)
    outputs = one_hot([0, 1], len(counts))
    answer = ask("C03", show(make([0.9]), outputs, [0, 1], training))
    assert answer.status is status
    assert evidence in answer.evidence


def test_c03_accepts_every_metric_but_accuracy(by_metric):
    answer = ask("C03", show(by_metric("roc_auc", [0.9]), one_hot([0, 1]), [0, 1], [0] * 9 + [1]))
    assert (answer.status, answer.evidence) == (
        GOOD,
        "Of the training examples, 90% are of class c0, 10% of class c1; the metric is ROC AUC.",
    )


# C07


@pytest.mark.parametrize(
    ("train", "status"),
    [("0.94", GOOD), ("1.0", WARNING), ("", OPEN), ("nan", OPEN)],
)
def test_c07_measures_the_gap_at_the_best_epoch(make, train, status):
    findings = make([0.9], epochs=[f"0,0,1,0.1,0.5,{train},0.5,0.9", "0,0,2,0.1,0.4,1.0,0.5,0.5"])
    answer = ask("C07", findings)
    assert answer.status is status
    if status is WARNING:
        assert answer.evidence == (
            "At its best epoch, trial 0 has an accuracy of 100.00% on training data and 90.00% on "
            "validation data: the network overfits."
        )


def test_c07_is_open_without_a_trial_that_learned(make):
    assert ask("C07", make([None])).evidence == "No trial has learned anything yet."
