"""Runs made by hand for the checks: their rows, their networks and their confirmations."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from results.analysis.best_network import Scored
from results.analysis.confirmation import judge
from results.checks.catalogue import CHECKS
from sweeps.confirmation import Candidate
from sweeps.records.confirmation_record import BaselineScore, LeadOnTestSet
from sweeps.records.confirmed_networks import Confirmed
from tests.support.records import opened

BY_CODE = {check.code: check for check in CHECKS}


def ask(code, findings):
    return BY_CODE[code].answer(findings)


def rows_of(values, rates=None, reasons=None):
    """Return rows of trials of one epoch; None is a trial that diverged in its first epoch."""
    rows = []
    for n, value in enumerate(values):
        reason = (reasons or {}).get(n, "max_epochs")
        rate = rates[n] if rates else round(0.1 + 0.01 * n, 2)
        end = f"0.0,,1,diverged,{rate}" if value is None else f"{value},1,1,{reason},{rate}"
        rows.append(f"{n},complete,{end},30,10,quadratic")
    return rows


def epochs_of(table):
    """Return one epoch for each trial and replicate; `table` is `(trials, replicates)`."""
    return [
        f"{n},{replicate},1,0.1,0.5,,0.5,{value}"
        for n, values in enumerate(table)
        for replicate, value in enumerate(values)
    ]


def show(findings, outputs, labels, training=None):
    """Give the findings a network with these outputs on validation data."""
    outputs, labels = np.array(outputs, dtype=float), np.array(labels)
    dataset = SimpleNamespace(
        train=SimpleNamespace(labels=np.array(labels if training is None else training)),
        validation=SimpleNamespace(labels=labels),
        test=SimpleNamespace(labels=labels),
        classes=[f"c{k}" for k in range(outputs.shape[1])],
        targets=None,
    )
    findings.__dict__["scored"] = Scored(dataset, None, outputs)
    return findings


def confirm(findings, values, *, times=1, splits=False, lead=None):
    """Give the findings a confirmation of trials with these values.

    `lead` is the interval of the networks' lead over a linear model on the test set.
    """
    metric = findings.metric
    rows = [
        Confirmed(trial, seed, value, 1, 1, "max_epochs")
        for trial, of_trial in values.items()
        for seed, value in enumerate(of_trial)
    ]
    candidates = [Candidate(trial, {}, max(v), max(v)) for trial, v in values.items()]
    verdict = judge(candidates, rows, 1, 20, metric, overlap=0.2 if splits else 0.0)
    changes = {}
    if lead is not None:
        changes["baselines"] = [
            BaselineScore(
                name="logistic regression",
                on_validation=0.5,
                on_test=0.9,
                lead=LeadOnTestSet(mean=0.04, ci=lead or None),
            )
        ]
    opened(verdict, times, **changes).write(findings.run.folder / "confirmation.json")
    return findings


def one_hot(predicted, classes=2):
    return np.eye(classes)[predicted]


def metric_epochs(folder: Path, name: str):
    """Add the column of a metric to the epochs, equal to the accuracy."""
    path = folder / "epochs.csv"
    header, *rows = path.read_text().splitlines()
    lines = [f"{header},validation_{name}", *(f"{row},{row.split(',')[-1]}" for row in rows)]
    path.write_text("\n".join(lines) + "\n")
