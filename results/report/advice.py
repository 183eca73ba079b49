"""Advice for the next run: sentences and settings for what `results.analysis.evidence` finds.

A setting is named only if the sweep accepts it.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from nncore.datasets.columns.identifiers import identifier_warning
from results.analysis.best_network import Scored
from results.analysis.evidence import (
    diverged_above,
    pressed_bounds,
    still_learning,
    when_best_came,
    without_effect,
)
from results.analysis.findings import Findings
from results.analysis.importance import Importance
from results.analysis.trials import learned, valued
from results.frames import Run, params_of
from results.number_text import count_of_trials, format_number
from results.report.command_lines import (
    first_confirm_command,
    needs_new_folder,
    setting_command,
    watch_command,
)
from results.report.next_settings import changed, fitting_together, further, widened
from sweeps.config import SweepConfig
from sweeps.config.toml import setting_value
from sweeps.samplers.catalogue import SAMPLERS
from sweeps.space.dimensions import Range, column
from sweeps.space.grid_cells import distinct_points
from sweeps.space.hidden_layers import WIDTHS, as_widths


@dataclass(frozen=True)
class Advice:
    """One piece of advice: a `text`, and the `setting` KEY=VALUE that follows it or ""."""

    text: str
    setting: str = ""


def page_advice(findings: Findings) -> list[dict[str, str]]:
    """Return the advice for the next run: each `text`, and the `command` that follows it or ""."""
    run, trials = findings.run, findings.run.trials
    advice = _data_advice(findings) + advise(
        run.config,
        trials,
        findings.incumbent,
        findings.importance,
        findings.best,
        over=run.budget_spent,
    )
    listed = _commands(run, advice)
    if run.status.is_running:
        so_far = f"only on the {count_of_trials(len(trials))} so far"
        text = f"The run is under way, so all advice rests {so_far}. To watch the run:"
        listed.insert(0, {"text": text, "command": watch_command(run.folder)})
    if run.budget_spent and len(learned(trials)) > 1 and findings.confirmation is None:
        text = (
            "On average, the best value of a search is too high, because the search keeps the "
            "largest of many noisy values. A confirmation trains the best trials again on fresh "
            "seeds and tests whether the first is better than the second."
        )
        listed.append({"text": text, "command": first_confirm_command(run.folder, run.config)})
    return listed


def _commands(run: Run, advice: list[Advice]) -> list[dict[str, str]]:
    """Return each advice with its command; after those for new sweeps, one command for all."""
    apart = [one.setting for one in advice if needs_new_folder(one.setting)]
    listed = []
    for one in advice:
        number = apart.index(one.setting) + 1 if len(apart) > 1 and one.setting in apart else None
        command = setting_command(run, one.setting, number=number) if one.setting else ""
        listed.append({"text": one.text, "command": command})
    joint = fitting_together(run.config, apart)
    if len(joint) > 1:
        which = f"These {len(apart)}" if len(joint) == len(apart) else f"{len(joint)} of these"
        text = f"{which} changes of the sweep fit together. To make them in one new sweep:"
        after = max(i for i, one in enumerate(advice, start=1) if one.setting in apart)
        listed.insert(after, {"text": text, "command": setting_command(run, *joint)})
    return listed


def _data_advice(findings: Findings) -> list[Advice]:
    """Return the advice to ignore columns that number the rows of the data."""
    config, scored = findings.run.config, findings.scored
    names = scored.dataset.identifiers if isinstance(scored, Scored) else ()
    if not names:
        return []
    warning = identifier_warning(names)
    ignored = setting_value([*(config.data.ignore or ()), *names])
    text = f"{warning[0].upper()}{warning[1:]}. Train without them."
    return [_advice(config, text, f"data.ignore={ignored}")]


def advise(
    config: SweepConfig,
    trials: pd.DataFrame,
    incumbent: pd.DataFrame,
    importances: tuple[Importance, ...],
    best: "pd.Series[Any] | None",
    *,
    over: bool,
) -> list[Advice]:
    """Return the advice that the trials support, the most promising first.

    When the best trial came is considered only if the run is `over` and its sampler is adaptive.
    """
    return [
        *_bounds_advice(config, trials),
        *_training_advice(config, trials),
        *_effect_advice(config, importances, best),
        *(_trials_advice(config, trials, incumbent) if over else []),
    ]


def _bounds_advice(config: SweepConfig, trials: pd.DataFrame) -> list[Advice]:
    advice = []
    space = {name: d for name, d in config.space.items() if column(name) == name}
    for one in pressed_bounds(trials, space):
        setting = widened(config, one.name, one.end)
        if setting:
            text = (
                f"{one.count} of the best {one.of} trials lie at the {one.end} end of "
                f"{one.name}, and the values improve up to it: better values may lie beyond it."
            )
            advice.append(Advice(text, setting))
    return advice


def _training_advice(config: SweepConfig, trials: pd.DataFrame) -> list[Advice]:
    advice = []
    limit = diverged_above(trials)
    space = config.space.get("learning_rate")
    if limit is not None and isinstance(space, Range) and space.low < limit < space.high:
        lower = float(f"{limit:.2g}")
        text = (
            "Nearly all diverged trials have a learning_rate above "
            f"{format_number(lower)}, and none of the best trials does: lower the upper bound."
        )
        advice.append(_advice(config, text, f"space.learning_rate.high={lower}"))
    if "epochs" not in config.space:
        epochs = int(config.training["epochs"])
        late, of = still_learning(trials, epochs)
        if of and 2 * late >= of:
            text = f"{late} of the best {of} trials were still improving in their last epochs."
            advice.append(_advice(config, text, f"training.epochs={2 * epochs}"))
    return advice


def _effect_advice(
    config: SweepConfig, importances: tuple[Importance, ...], best: "pd.Series[Any] | None"
) -> list[Advice]:
    if best is None:
        return []
    params = params_of(best, config.space)
    return [
        _advice(
            config,
            f"{name} had no visible effect by itself: fix it at its best value to shrink the "
            "search space, unless it matters together with another.",
            f"training.{name}={_setting_value(name, params[name])}",
        )
        for name in without_effect(importances)
        if name in params and not config.space[name].when
    ]


def _trials_advice(
    config: SweepConfig, trials: pd.DataFrame, incumbent: pd.DataFrame
) -> list[Advice]:
    if not SAMPLERS[config.sweep.sampler].adaptive:  # its best can be anywhere
        return []
    points = distinct_points(config.space, len(trials) + 1)
    if points is not None and len(valued(trials)) >= points:  # every further trial is a repeat
        return []
    when, since = when_best_came(incumbent, len(trials))
    if when == "late":
        before = count_of_trials(since)
        late = f"came late, {before} before the end" if since else "is the last one"
        text = f"The best trial {late}: run more trials."
        return [Advice(text, further(config, len(trials)))]
    if when == "long ago":
        text = f"No improvement in the last {since} trials: more trials are unlikely to help."
        return [Advice(text)]
    return []


def _advice(config: SweepConfig, text: str, setting: str) -> Advice:
    """Return the advice, without the setting if it is not allowed: another may hang on it."""
    return Advice(text, setting if changed(config, setting) else "")


def _setting_value(name: str, value: Any) -> str:
    if name == WIDTHS and isinstance(value, str):
        value = as_widths(value)
    return setting_value(float(f"{value:.4g}") if isinstance(value, float) else value)
