"""The scores of a confirmation on the test set: each network, the ensemble, and each class.

Two uncertainties are kept apart: other test examples, and other seeds, would give other scores.
"""

import math
from collections.abc import Callable
from statistics import fmean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.components.metrics import ACCURACY, METRICS, Metric, metrics_for
from nncore.errors import InputError
from results.analysis.confirmation import possible_scores, values_of
from results.analysis.uncertainty import (
    EXAMPLE_RESAMPLES,
    Interval,
    bootstrap_rng,
    example_interval,
    known,
    mean_interval,
    paired_example_interval,
    wilson_interval,
)
from sweeps.certification import OutputsOnTestSet
from sweeps.records.confirmation_record import (
    BaselineScore,
    ClassScore,
    EnsembleScores,
    LeadOnTestSet,
    TestSetScores,
)

Labels = NDArray[Any]
Outputs = NDArray[Any]

SLOW_RESAMPLES = 500
"""The resamples for a metric of scikit-learn, which takes milliseconds to compute."""


def score_outputs(outputs: OutputsOnTestSet, metric: Metric) -> TestSetScores:
    """Return the values of the winner's networks, alone and together, and of the baselines.

    A network without a best epoch has the worst value and is not in the ensemble.

    Raises
    ------
    InputError
        If the metric is not defined on the test set.
    """
    values = [
        metric.worst if one is None else metric.compute(one, outputs.labels)
        for one in outputs.networks
    ]
    if any(map(math.isnan, values)):
        raise InputError(f"`sweep.metric` {metric.name} must be defined on the test set, got NaN")
    scores = mean_interval(
        [metric.score(value) for value in values],
        possible_scores(metric),
        overlap=outputs.overlap,
    )
    return TestSetScores(
        mean=fmean(values),
        std=_deviation(values),
        ci=values_of(metric, scores),
        values=values,
        ensemble=_ensemble_scores(outputs, metric),
        baselines=_baseline_scores(outputs, metric),
    )


def _deviation(values: list[float]) -> float:
    """Return the standard deviation of the values; NaN if one is infinite."""
    if not all(map(math.isfinite, values)):
        return math.nan
    return stdev(values) if len(values) > 1 else 0.0


def _ensemble_scores(outputs: OutputsOnTestSet, metric: Metric) -> EnsembleScores | None:
    if outputs.ensemble is None:
        return None
    labels, ensemble = outputs.labels, outputs.ensemble
    fitting = metrics_for(regression=metric.regression)
    every = {name: METRICS[name].compute(ensemble, labels) for name in fitting}
    return EnsembleScores(
        networks=sum(one is not None for one in outputs.networks),
        examples=len(labels),
        value=every[metric.name],
        ci=known(_over_examples(labels, ensemble, metric)),
        metrics={name: None if math.isnan(value) else value for name, value in every.items()},
        classes=class_scores(outputs.classes, labels, ensemble),
        lead=lead_over(labels, ensemble, outputs.runner_up, metric),
    )


def _over_examples(labels: Labels, outputs: Outputs, metric: Metric) -> Interval:
    """Return the interval of a value over the test examples: Wilson's for accuracy."""
    if metric is ACCURACY:
        return wilson_interval(int((outputs.argmax(axis=1) == labels).sum()), len(labels))
    return example_interval(
        _value_of_rows(labels, outputs, metric),
        len(labels),
        bootstrap_rng(),
        strata=labels if metric.needs_every_class else None,
        resamples=SLOW_RESAMPLES,
    )


def lead_over(
    labels: Labels, winner: Outputs, runner_up: Outputs | None, metric: Metric
) -> LeadOnTestSet | None:
    """Return the lead of outputs over others, with its interval over the examples."""
    if runner_up is None:
        return None
    of_winner, of_other = (_value_of_rows(labels, one, metric) for one in (winner, runner_up))
    interval = paired_example_interval(
        lambda rows: metric.score(of_winner(rows)),
        lambda rows: metric.score(of_other(rows)),
        len(labels),
        bootstrap_rng(),
        strata=labels if metric.needs_every_class else None,
        resamples=EXAMPLE_RESAMPLES if metric is ACCURACY else SLOW_RESAMPLES,
    )
    every = np.arange(len(labels))
    mean = metric.score(of_winner(every)) - metric.score(of_other(every))
    return LeadOnTestSet(mean=mean, ci=known(interval))


def _value_of_rows(
    labels: Labels, outputs: Outputs, metric: Metric
) -> Callable[[NDArray[np.intp]], float]:
    """Return the value as a function of row numbers, for a bootstrap over the examples."""
    if metric is ACCURACY:
        correct = outputs.argmax(axis=1) == labels
        return lambda rows: float(correct[rows].mean())
    return lambda rows: metric.compute(outputs[rows], labels[rows])


def _baseline_scores(outputs: OutputsOnTestSet, metric: Metric) -> list[BaselineScore]:
    return [
        BaselineScore(
            name=name,
            on_validation=metric.compute(answers.on_validation, outputs.validation_labels),
            on_test=metric.compute(answers.on_test, outputs.labels),
            lead=None
            if outputs.ensemble is None
            else lead_over(outputs.labels, outputs.ensemble, answers.on_test, metric),
        )
        for name, answers in outputs.baselines.items()
    ]


def class_scores(classes: tuple[str, ...], labels: Labels, outputs: Outputs) -> list[ClassScore]:
    """Return precision and recall of each class; of none of its kind, they are 0."""
    if not classes:
        return []
    from sklearn.metrics import precision_recall_fscore_support  # a second of imports

    precision, recall, _, examples = precision_recall_fscore_support(
        labels, outputs.argmax(axis=1), labels=range(len(classes)), zero_division=0
    )
    rows = zip(classes, examples.tolist(), precision.tolist(), recall.tolist(), strict=True)
    return [
        ClassScore(name=name, examples=count, precision=p, recall=r) for name, count, p, r in rows
    ]
