"""The record of a confirmation, `confirmation.json`: the verdict and the scores on test data.

`results` computes a `Verdict`; `sweeps.confirmation` opens the test set and writes the record.
"""

import math
from typing import Annotated, Self

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from nncore.components.metrics import ACCURACY, METRICS, Metric
from sweeps.config.sections import MetricName
from sweeps.records.record_format import FiniteOrNaN, Part, Record
from sweeps.space.dimensions import Params


def _with_width(ends: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return None for the intervals without width that earlier versions recorded."""
    return None if ends is None or ends[0] == ends[1] else ends


Interval = Annotated[tuple[float, float] | None, AfterValidator(_with_width)]
"""The ends of a 95% interval; None if there is no spread from which it could be made."""


class CandidateRecord(Part):
    """A trial that was confirmed; all values are those of the sweep's metric on validation data.

    Attributes
    ----------
    trial
        The number of the trial.
    params
        Its point in the space.
    search_value
        Its value in the search.
    in_search_estimate
        The mean over its replicates of each replicate's own best value.
    values
        Its value on each fresh seed; NaN, null in the file, if it diverged in its first epoch and
        the worst value is infinite.
    mean
        The mean of `values`; NaN if one of them is.
    ci
        The 95% interval of the mean over seeds; None if all values are equal or the mean is NaN.
    """

    trial: int
    params: Params
    search_value: float
    in_search_estimate: float
    values: list[FiniteOrNaN]
    mean: FiniteOrNaN
    ci: Interval


class WinnerEstimate(Part):
    """The winner's mean value, corrected for having been chosen as the best of the candidates.

    Attributes
    ----------
    optimism
        By how much the mean of its values is estimated to be too good, >= 0.
    mean
        The mean of its values, worse by the optimism.
    ci
        The 95% interval over seeds, corrected as well; None if all its values are equal.
    """

    optimism: float
    mean: float
    ci: Interval


class Lead(Part):
    """The winner's lead over the runner-up, paired by fresh seed: by how much it is better.

    Attributes
    ----------
    pairs
        The number of pairs.
    mean
        The mean of the paired differences.
    ci
        Its 95% interval over seeds; None if all differences are equal.
    p_value
        The two-sided p-value of Student's t test; of the sign test if all differences are equal.
        Earlier versions recorded that of Wilcoxon's signed-rank test.
    """

    pairs: int
    mean: float
    ci: Interval
    p_value: float


class SelectionBias(Part):
    """By how much the search overestimated its best trial: positive if its estimate is too good.

    Attributes
    ----------
    trial
        The search's best trial.
    in_search_estimate
        Its estimate in the search.
    mean
        By how much the estimate is better than the mean on fresh seeds; NaN if that is NaN.
    ci
        Its 95% interval over seeds; None if all values on fresh seeds are equal or the mean is NaN.
    """

    trial: int
    in_search_estimate: float
    mean: FiniteOrNaN
    ci: Interval


class ClassScore(Part):
    """How well one class of the test set is recognized.

    Attributes
    ----------
    name
        The name of the class.
    examples
        The number of test examples of this class.
    precision
        Of the examples that were taken for this class, the fraction that belong to it; 0 if none
        were.
    recall
        Of the examples of this class, the fraction that were taken for it; 0 if there are none.
    """

    name: str
    examples: int
    precision: float
    recall: float


class LeadOnTestSet(Part):
    """The lead of the winner's ensemble over the runner-up's on the test set.

    It is for information: the winner was chosen on validation data.

    Attributes
    ----------
    mean
        By how much the winner's ensemble is better than the runner-up's.
    ci
        Its 95% interval over the test examples, None if it has none.
    """

    mean: float
    ci: Interval


class BaselineScore(Part):
    """The values that a simple model reaches, fitted to the first data set of the confirmation.

    Attributes
    ----------
    name
        Which model it is: "class shares" or "logistic regression".
    on_validation, on_test
        Its value on validation and on test rows.
    lead
        By how much the winner's ensemble is better on the test set; None without an ensemble.
    """

    name: str
    on_validation: float
    on_test: float
    lead: LeadOnTestSet | None = None


class EnsembleScores(Part):
    """The score of the winner's networks together, which answer with their mean output.

    Attributes
    ----------
    networks
        The number of networks; one that diverged in its first epoch is not among them.
    examples
        The number of test examples.
    value
        The value of the metric.
    ci
        Its 95% interval over the test examples; None if they show no spread.
    metrics
        The values of all metrics by name; None where a metric is not defined.
    classes
        The scores of each class, in the order of the outputs.
    lead
        The lead over the runner-up, None if the runner-up has no networks any more.
    """

    networks: int
    examples: int
    value: float = Field(validation_alias=AliasChoices("value", "accuracy"))
    ci: Interval
    metrics: dict[str, float | None] = Field(default={})
    classes: list[ClassScore]
    lead: LeadOnTestSet | None = None


class TestSetScores(Part):
    """The scores of the winner's networks on the test set, alone and together.

    Attributes
    ----------
    mean
        The mean of `values`; NaN if one of them is.
    std
        Their standard deviation over the seeds; NaN if one of them is.
    ci
        The 95% interval of the mean over the seeds; None if all values are equal, and in a record
        of an earlier version.
    values
        The value of the metric for each network at its best epoch. If it has none, it is the worst
        one, or NaN if that is infinite.
    ensemble
        The score of the networks together; None if none of them has a best epoch, or in a record
        of an earlier version.
    baselines
        What simple models reach; none in a record of an earlier version.
    """

    __test__ = False  # its name does not make it a test

    mean: FiniteOrNaN = Field(validation_alias=AliasChoices("mean", "accuracy"))
    std: FiniteOrNaN
    ci: Interval = None
    values: list[FiniteOrNaN]
    ensemble: EnsembleScores | None = None
    baselines: list[BaselineScore] = Field(default=[])


class OpenedTestSet(TestSetScores):
    """The scores of one opening of the test set.

    Attributes
    ----------
    trial
        The winner.
    opened_at
        The time, UTC, ISO 8601.
    sha256
        The hash of `confirmed.npz`, the ensemble that has these scores; None without an ensemble.
    """

    trial: int
    opened_at: str
    sha256: str | None = None


class Verdict(Record):
    """The result of a confirmation on validation data.

    Attributes
    ----------
    sweep_seed
        The seed of the sweep.
    metric
        The metric of all values, `sweep.metric`.
    finished_trials
        The number of trials that the run had when the candidates were chosen.
    seeds
        The numbers of the fresh seeds.
    splits
        Whether each seed trained on a fresh split of the training and validation rows, which has
        the number of the seed. Otherwise all seeds trained on the ordinary split.
    overlap
        For splits, which share rows, the number of validation rows divided by that of training
        rows, by which the intervals are wider; 0 for seeds.
    grouped
        Whether the rows belong to groups. Test examples of a group are not independent, so
        intervals over test examples are then too narrow.
    candidates
        The confirmed trials, in the order of the search.
    winner, runner_up
        The trials with the best and the second best mean. There is no runner-up for one candidate,
        or if all others have no mean.
    winner_estimate
        The winner's mean value, corrected for the choice; None if it has no mean, and in records of
        earlier versions.
    difference
        The winner's lead over the runner-up, if there is one.
    distinguishable
        Whether the p-value of the lead is below 5%.
    selection_bias
        The selection bias of the search's best trial.
    """

    sweep_seed: int
    metric: MetricName = ACCURACY.name
    finished_trials: int
    seeds: list[int]
    splits: bool = False
    overlap: float = 0.0
    grouped: bool = False
    candidates: list[CandidateRecord]
    winner: int
    winner_estimate: WinnerEstimate | None = None
    runner_up: int | None = None
    difference: Lead | None = None
    distinguishable: bool = False
    selection_bias: SelectionBias

    @property
    def judged_by(self) -> Metric:
        """The metric of all values."""
        return METRICS[self.metric]

    def learned(self, value: float) -> bool:
        """Return whether a network with this value has a best epoch."""
        return not math.isnan(value) and value != self.judged_by.worst

    @model_validator(mode="after")
    def _check(self) -> Self:
        trials = [candidate.trial for candidate in self.candidates]
        if trials.count(self.winner) != 1:
            raise ValueError(f"`winner` must be one of the candidates {trials}, got {self.winner}")
        for candidate in self.candidates:
            if math.isfinite(self.judged_by.worst) and any(map(math.isnan, candidate.values)):
                raise ValueError(f"trial {candidate.trial} must have numbers as `values`, got null")
            if len(candidate.values) != len(self.seeds):
                raise ValueError(
                    f"trial {candidate.trial} must have {len(self.seeds)} `values`, one for each "
                    f"seed, got {len(candidate.values)}"
                )
        if (self.difference is None) != (self.runner_up is None):
            raise ValueError("`runner_up` and `difference` must be given together")
        return self


class ConfirmationRecord(Verdict):
    """A verdict with the scores on the test set, as `confirmation.json` holds it.

    Attributes
    ----------
    test_set
        The latest opening of the test set.
    history
        Every opening, in order.
    """

    test_set: OpenedTestSet
    history: list[OpenedTestSet]
