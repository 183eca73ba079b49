"""The scores of a confirmation on the test set: each network, the ensemble, and each class.

Two uncertainties are kept apart: other test examples, and other seeds, would give other scores.
"""

from collections.abc import Callable
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY
from results.analysis.uncertainty import (
    bootstrap_rng,
    known,
    mean_interval,
    paired_example_interval,
    wilson_interval,
)
from sweeps.certification import OutputsOnTestSet
from sweeps.records.confirmation_record import (
    ClassScore,
    EnsembleScores,
    LeadOnTestSet,
    TestSetScores,
)

Labels = NDArray[Any]
Outputs = NDArray[Any]


def score_outputs(outputs: OutputsOnTestSet) -> TestSetScores:
    """Return the scores of the winner's networks, alone and together.

    A network without a best epoch has the score 0.0 and is not in the ensemble.
    """
    values = [
        0.0 if one is None else ACCURACY.compute(one, outputs.labels) for one in outputs.networks
    ]
    return TestSetScores(
        accuracy=fmean(values),
        std=stdev(values) if len(values) > 1 else 0.0,
        ci=known(mean_interval(values, (ACCURACY.worst, ACCURACY.best))),
        values=values,
        ensemble=_ensemble_scores(outputs),
    )


def _ensemble_scores(outputs: OutputsOnTestSet) -> EnsembleScores | None:
    if outputs.ensemble is None:
        return None
    correct = int((outputs.ensemble.argmax(axis=1) == outputs.labels).sum())
    return EnsembleScores(
        networks=sum(one is not None for one in outputs.networks),
        examples=len(outputs.labels),
        accuracy=ACCURACY.compute(outputs.ensemble, outputs.labels),
        ci=wilson_interval(correct, len(outputs.labels)),
        classes=class_scores(outputs.classes, outputs.labels, outputs.ensemble),
        lead=_lead(outputs.labels, outputs.ensemble, outputs.runner_up),
    )


def _lead(labels: Labels, winner: Outputs, runner_up: Outputs | None) -> LeadOnTestSet | None:
    if runner_up is None:
        return None
    interval = paired_example_interval(
        _score_of_rows(labels, winner),
        _score_of_rows(labels, runner_up),
        len(labels),
        bootstrap_rng(),
    )
    mean = ACCURACY.compute(winner, labels) - ACCURACY.compute(runner_up, labels)
    return LeadOnTestSet(mean=mean, ci=known(interval))


def _score_of_rows(labels: Labels, outputs: Outputs) -> Callable[[NDArray[np.intp]], float]:
    """Return the score as a function of row numbers, for a bootstrap over the examples."""
    correct = outputs.argmax(axis=1) == labels
    return lambda rows: float(correct[rows].mean())


def class_scores(classes: tuple[str, ...], labels: Labels, outputs: Outputs) -> list[ClassScore]:
    """Return precision and recall of each class; of none of its kind, they are 0."""
    from sklearn.metrics import precision_recall_fscore_support  # a second of imports

    precision, recall, _, examples = precision_recall_fscore_support(
        labels, outputs.argmax(axis=1), labels=range(len(classes)), zero_division=0
    )
    rows = zip(classes, examples.tolist(), precision.tolist(), recall.tolist(), strict=True)
    return [
        ClassScore(name=name, examples=count, precision=p, recall=r) for name, count, p, r in rows
    ]
