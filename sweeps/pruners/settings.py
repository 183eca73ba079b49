"""The settings of each pruner in `[pruner]`, under Optuna's names and with Optuna's defaults.

A step of Optuna is an epoch here, counted from 1.
"""

from collections.abc import Mapping
from typing import Any

from nncore.errors import InputError, require, unknown

AUTO = "auto"
"""Sets `min_resource` to a hundredth of the longest complete trial, at least 1."""

SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "median": {"n_startup_trials": 5, "n_warmup_steps": 0},
    "halving": {"min_resource": AUTO, "reduction_factor": 4},
    "hyperband": {"min_resource": 1, "reduction_factor": 3},
    "threshold": {"lower": None, "upper": None, "n_warmup_steps": 0},
}
"""The settings of each pruner and their defaults; None means no bound."""

LEAST = {"n_startup_trials": 0, "n_warmup_steps": 0, "min_resource": 1, "reduction_factor": 2}


def pruner_settings(pruner: str, given: Mapping[str, Any], epochs: int) -> dict[str, Any]:
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

    Raises
    ------
    InputError
        If a key is not a setting of this pruner, a value is out of range, or the threshold pruner
        has no bound.
    """
    defaults = SETTINGS[pruner]
    for key in given:
        if key not in defaults and any(key in others for others in SETTINGS.values()):
            having = " or ".join(name for name, keys in SETTINGS.items() if key in keys)
            raise InputError(f'`pruner.{key}` must go with `sweep.pruner` {having}, got "{pruner}"')
        if key not in defaults:
            raise unknown("key", f"pruner.{key}", [f"pruner.{name}" for name in defaults])
    settings = {key: v for key, v in {**defaults, **given}.items() if v is not None}
    for key, value in settings.items():
        _check(f"pruner.{key}", value, LEAST.get(key), auto=defaults[key] == AUTO)
    if pruner == "hyperband":
        rule = f"be <= {epochs}, the epochs of a trial"
        least = settings["min_resource"]
        require(least <= epochs, "pruner.min_resource", rule, least)
    if pruner == "threshold":
        bounds = [settings[key] for key in ("lower", "upper") if key in settings]
        require(bool(bounds), "pruner.lower", "be given if `sweep.pruner` is threshold", None)
        require(bounds[0] <= bounds[-1], "pruner.lower", "be <= `pruner.upper`", bounds[0])
    return settings


def _check(key: str, value: Any, least: int | None, *, auto: bool) -> None:
    if least is None:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        require(fits, key, "be an accuracy from 0 to 1", value)
    elif not (auto and value == AUTO):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        either = f' or "{AUTO}"' if auto else ""
        require(fits, key, f"be a whole number >= {least}{either}", value)
