"""Checks the settings in `[pruner]`, which have Optuna's names.

The settings themselves are in `sweeps.pruners.catalogue`. A step in Optuna's documentation is an
epoch here, counted from 1.
"""

import math
from collections.abc import Mapping
from typing import Any

from nncore.components.metrics import Metric
from nncore.config import LARGEST_COUNT
from nncore.errors import InputError, require
from nncore.words_of_others import unknown_key
from sweeps.pruners.catalogue import AUTO, LEAST, PRUNERS


def pruner_settings(
    pruner: str, given: Mapping[str, Any], epochs: int, metric: Metric
) -> dict[str, Any]:
    """Return all settings of `pruner`: those in `given`, and the defaults of the others.

    A bound of None is left out.

    Parameters
    ----------
    pruner
        The name of the pruner, as in `sweep.pruner`.
    given
        The settings in `[pruner]`.
    epochs
        The number of epochs that a trial may train at most.
    metric
        The metric of the sweep, in whose units the bounds of the threshold pruner are.

    Raises
    ------
    InputError
        If a key is not a setting of this pruner, a value is out of range, or the threshold pruner
        has no bound.
    """
    defaults = PRUNERS[pruner].settings
    for key in given:
        having = " or ".join(name for name, entry in PRUNERS.items() if key in entry.settings)
        if key not in defaults and having:
            raise InputError(f'`pruner.{key}` must go with `sweep.pruner` {having}, got "{pruner}"')
        if key not in defaults:
            raise unknown_key("key", f"pruner.{key}", [f"pruner.{name}" for name in defaults])
    settings = {key: v for key, v in {**defaults, **given}.items() if v is not None}
    for key, value in settings.items():
        if key in LEAST:
            _check_count(f"pruner.{key}", value, LEAST[key], auto=defaults[key] == AUTO)
        else:
            _check_bound(f"pruner.{key}", value, metric)
    PRUNERS[pruner].check(settings, epochs)
    return settings


def _check_bound(key: str, value: Any, metric: Metric) -> None:
    low, high = sorted((metric.worst, metric.best))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = number and math.isfinite(value) and low <= value <= high
    span = f"from {low:g} to {high:g}"
    if math.isinf(metric.worst):
        span = f"<= {high:g}" if metric.greater_is_better else f">= {low:g}"
    require(fits, key, f"be a number {span}, the range of {metric.title}", value)


def _check_count(key: str, value: Any, least: int, *, auto: bool) -> None:
    if not (auto and value == AUTO):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        either = f' or "{AUTO}"' if auto else ""
        require(fits, key, f"be a whole number >= {least}{either}", value)
        require(value <= LARGEST_COUNT, key, f"be a whole number <= {LARGEST_COUNT}", value)
