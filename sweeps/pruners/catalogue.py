"""The catalogue of pruners: one entry for each name that `sweep.pruner` can have.

An entry joins the settings of a pruner with the history from which its rule is made.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nncore.errors import require
from sweeps.pruners.history import (
    FixedHistory,
    HalvingHistory,
    HyperbandHistory,
    MedianHistory,
    RuleHistory,
)
from sweeps.pruners.promotion import Bracket, brackets
from sweeps.pruners.rules import Threshold

AUTO = "auto"
"""Sets `min_resource` to a hundredth of the longest complete trial, at least 1."""

LEAST = {"n_startup_trials": 0, "n_warmup_steps": 0, "min_resource": 1, "reduction_factor": 2}
"""The settings that are whole numbers, and their least values."""

MEDIAN_WARMUP = 3
"""The median pruner's `n_warmup_steps`, 0 in Optuna: with 0, most pruned trials had one epoch.

`python -m benchmarks.pruners --warmup` measures what it saves and what it loses.
"""

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PrunerEntry:
    """A pruner of the catalogue.

    Attributes
    ----------
    settings
        The settings in `[pruner]` and their defaults; None means no bound. A setting in `LEAST` is
        a whole number of at least that value, one whose default is true or false is either, and
        every other is a bound of the metric.
    new_history
        Returns the empty history, given all settings and the most epochs that a trial can train;
        None if it makes no rule from earlier trials.
    check
        Raises `InputError` if valid settings do not fit together or do not fit the most epochs.
    generation
        The default of `sweep.generation`, if it is another one with this pruner.
    new_brackets
        Returns the brackets in which the trials of a generation compete, given the settings, the
        most epochs and the size of a generation; none if they do not compete. The generations have
        the sizes of the brackets, in turn.
    """

    settings: Settings
    new_history: Callable[[Settings, int], RuleHistory | None] = lambda settings, most_epochs: None
    check: Callable[[Settings, int], None] = lambda settings, most_epochs: None
    generation: int | None = None
    new_brackets: Callable[[Settings, int, int], tuple[Bracket, ...]] = (
        lambda settings, most_epochs, generation: ()
    )


def _median(settings: Settings, most_epochs: int) -> RuleHistory:
    return MedianHistory(**settings)


def _halving(settings: Settings, most_epochs: int) -> RuleHistory:
    first = settings["min_resource"]
    return HalvingHistory(None if first == AUTO else first, settings["reduction_factor"])


def _hyperband(settings: Settings, most_epochs: int) -> RuleHistory:
    """Return the brackets for trials of at most `most_epochs` epochs, with their shares."""
    least, factor = settings["min_resource"], settings["reduction_factor"]
    count = math.floor(math.log(most_epochs / least, factor)) + 1
    brackets, shares = [], []
    for bracket in range(count):
        brackets.append(HalvingHistory(least * factor**bracket, factor))
        halvings = count - 1 - bracket
        shares.append(math.ceil(count * factor**halvings / (halvings + 1)))
    return HyperbandHistory(brackets, tuple(shares))


def _check_hyperband(settings: Settings, most_epochs: int) -> None:
    rule, least = f"be <= {most_epochs}, the epochs of a trial", settings["min_resource"]
    require(least <= most_epochs, "pruner.min_resource", rule, least)


def _threshold(settings: Settings, most_epochs: int) -> RuleHistory:
    return FixedHistory(Threshold(**{"lower": -math.inf, "upper": math.inf, **settings}))


def _check_threshold(settings: Settings, most_epochs: int) -> None:
    bounds = [settings[key] for key in ("lower", "upper") if key in settings]
    require(bool(bounds), "pruner.lower", "be given if `sweep.pruner` is threshold", None)
    require(bounds[0] <= bounds[-1], "pruner.lower", "be <= `pruner.upper`", bounds[0])


def _promotion(settings: Settings, most_epochs: int, generation: int) -> tuple[Bracket, ...]:
    least, factor = settings["min_resource"], settings["reduction_factor"]
    return brackets(generation, least, factor, most_epochs, hyperband=settings["hyperband"])


def _check_promotion(settings: Settings, most_epochs: int) -> None:
    least, factor = settings["min_resource"], settings["reduction_factor"]
    rule = f"be <= {most_epochs / factor:g}, the epochs of a trial divided by `reduction_factor`"
    require(least * factor <= most_epochs, "pruner.min_resource", rule, least)


PRUNERS = {
    "none": PrunerEntry(settings={}),
    "median": PrunerEntry(
        settings={"n_startup_trials": 5, "n_warmup_steps": MEDIAN_WARMUP}, new_history=_median
    ),
    "halving": PrunerEntry(
        settings={"min_resource": AUTO, "reduction_factor": 4}, new_history=_halving
    ),
    "hyperband": PrunerEntry(
        settings={"min_resource": 1, "reduction_factor": 3},
        new_history=_hyperband,
        check=_check_hyperband,
    ),
    "threshold": PrunerEntry(
        settings={"lower": None, "upper": None, "n_warmup_steps": 0},
        new_history=_threshold,
        check=_check_threshold,
    ),
    "promotion": PrunerEntry(
        settings={"min_resource": 1, "reduction_factor": 3, "hyperband": False},
        check=_check_promotion,
        generation=27,
        new_brackets=_promotion,
    ),
}
