"""The record of an ablation, `ablation.json`: what each change from the defaults is worth.

`results` computes it from the values that `sweeps.ablation` has measured.
"""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sweeps.records.record_format import FiniteOrNaN, Part, Record

Settings = dict[str, Any]
"""Hyperparameters by name; widths of several hidden layers are a text such as "100-50"."""


class Effect(Part):
    """What a change is worth: value with it − value without it, paired by seed.

    It is in the units of the metric, so a change that lowers a loss has a negative effect.

    Attributes
    ----------
    mean
        The mean of the paired differences; NaN, null in the file, if a network diverged in its
        first epoch and the worst value is infinite.
    ci
        Its 95% interval over seeds; None if all differences are equal or the mean is NaN.
    p_value
        The two-sided p-value of Student's t test; NaN if the mean is NaN.
    p_holm
        The p-value corrected by Holm's method for the number of changes; None if it is no part of a
        family of tests.
    """

    mean: FiniteOrNaN
    ci: tuple[float, float] | None
    p_value: FiniteOrNaN
    p_holm: float | None = None


class ChangeRecord(Part):
    """One change: hyperparameters that change together, and its effects.

    Attributes
    ----------
    before, after
        Their defaults and the winner's values.
    value
        The mean value after this change and all before it; NaN as in `Effect`.
    step
        The effect after all changes before it on the path.
    alone
        The effect on the defaults.
    in_winner
        The effect if all other changes are made.
    """

    before: Settings
    after: Settings
    value: FiniteOrNaN
    step: Effect
    alone: Effect
    in_winner: Effect


class AblationRecord(Record):
    """The result of an ablation on validation data, as `ablation.json` holds it.

    Attributes
    ----------
    sweep_seed
        The seed of the sweep.
    metric
        The metric of all values.
    trial
        The winner.
    confirmed
        Whether it won the confirmation; otherwise it is the best trial of the search.
    seeds
        The number of seeds per mean.
    networks
        The number of networks trained, those that chose the path included.
    same
        Searched hyperparameters of which the winner has the default.
    held
        Searched hyperparameters, with the winner's values, whose defaults are not valid with the
        fixed settings: all networks have these values.
    default_value
        The mean value of the defaults; NaN as in `Effect`.
    total
        The effect of all changes together.
    changes
        The changes in the order of the path.
    """

    sweep_seed: int
    metric: str
    trial: int
    confirmed: bool
    seeds: int = Field(ge=2)
    networks: int
    same: list[str]
    held: Settings
    default_value: FiniteOrNaN
    total: Effect
    changes: Annotated[list[ChangeRecord], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        for change in self.changes:
            if not change.before or list(change.before) != list(change.after):
                raise ValueError("`before` and `after` must name the same hyperparameters")
        return self
