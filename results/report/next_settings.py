"""Suggested settings: a wider range for a hyperparameter, or more trials or epochs of the sweep.

Only settings that a sweep accepts are suggested.
"""

import tomllib
from collections.abc import Sequence
from typing import Any

from nncore.errors import InputError
from sweeps.config import SweepConfig, dump_config, parse_config
from sweeps.config.toml import apply_setting, setting_value
from sweeps.config.whole_generations import whole_trials
from sweeps.space.dimensions import Choices, Dimension, Range

WIDER = (1.0, 0.5, 0.1)  # by how much of its width a linear range could grow, the best first


def changed(config: SweepConfig, *settings: str) -> SweepConfig | None:
    """Return the config with `settings` applied in order, or None if the result is invalid.

    It has no known results: those that fit the changed sweep are taken over when it begins.
    """
    tables = tomllib.loads(dump_config(config.model_copy(update={"known": []})))
    try:
        for setting in settings:
            apply_setting(tables, setting)
        return parse_config(tables)
    except InputError:
        return None


def fitting_together(config: SweepConfig, settings: Sequence[str]) -> list[str]:
    """Return the settings that all hold in one sweep; of two that do not, the first is kept."""
    chosen: list[str] = []
    for setting in settings:
        joint = changed(config, *chosen, setting)
        # None of them is undone by a later one: applying it again would change nothing.
        if joint and all(changed(joint, one) == joint for one in (*chosen, setting)):
            chosen.append(setting)
    return chosen


def further(config: SweepConfig, finished: int) -> str:
    """Return the setting that goes on with a sweep that is over; "" where a grid ends.

    If fewer trials were `finished` than asked for, it was its `epoch_budget` that ended it.
    """
    sweep = config.sweep
    if finished < sweep.trials:
        return f"sweep.epoch_budget={2 * (sweep.epoch_budget or 0)}"
    setting = f"sweep.trials={whole_trials(config, 2 * sweep.trials)}"
    return setting if changed(config, setting) else ""


def widened(config: SweepConfig, name: str, end: str) -> str:
    """Return the setting that gives a dimension more room at its `end`; "" if none is allowed."""
    wider = (_bound(name, end, dimension) for dimension in _wider(config.space[name], end))
    return next((setting for setting in wider if changed(config, setting)), "")


def _bound(name: str, end: str, dimension: Dimension) -> str:
    """Return the setting of one bound, or of all choices; a condition stays as it is."""
    if isinstance(dimension, Choices):
        return f"space.{name}.choices={setting_value(dimension.choices)}"
    return f"space.{name}.{end}={setting_value(getattr(dimension, end))}"


def _wider(dimension: Dimension, end: str) -> list[Dimension]:
    """Return wider dimensions, the best first; not all of them need to be allowed."""
    if isinstance(dimension, Choices):
        last = max(dimension.choices) if end == "high" else min(dimension.choices)
        beyond = 2 * last if end == "high" else (last // 2 if type(last) is int else last / 2)
        if beyond in dimension.choices:
            return []
        return [Choices(choices=sorted([*dimension.choices, beyond]))]
    low, high = dimension.low, dimension.high
    if dimension.log:
        bound: Any = high * 10 if end == "high" else low / 10
        bounds = [int(bound) if dimension.whole else float(f"{bound:.12g}")]
    else:
        step = dimension.step or (1 if dimension.whole else None)
        grown = [(high - low) * share for share in WIDER]
        by = [max(round(width / step), 1) * step if step else width for width in grown]
        outside = [high + width if end == "high" else low - width for width in by]
        bounds = [int(b) if dimension.whole else float(f"{b:.12g}") for b in outside]
    made: list[Dimension] = []
    for bound in bounds:
        try:
            made.append(Range(**{**dimension.model_dump(), end: bound}))
        except ValueError:  # the bound fell out of what a range may be
            continue
    return made
