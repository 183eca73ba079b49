"""The lines of `nnsweep run --dry-run`: the search space, the settings, the estimated time.

One epoch is trained and timed, so the estimate is for this machine.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from experiments.cli.running.progress import counted_points
from nncore.datasets import DataSet
from nncore.task import default_config
from results.number_text import duration
from sweeps.config import SweepConfig
from sweeps.duration import estimated_seconds
from sweeps.pruners.promotion import Bracket
from sweeps.records.run_folder import RunFolder
from sweeps.space.dimensions import Dimension, Range
from sweeps.space.grid_cells import distinct_points
from sweeps.space.hidden_layers import WIDTHS


def dry_run_lines(
    config: SweepConfig, dataset: DataSet, parallel_trials: int, folder: Path
) -> Iterator[str]:
    """Yield the lines that describe a checked sweep; nothing is written.

    `parallel_trials` is how many trials would run at the same time.
    """
    section = config.sweep
    finished = len(RunFolder(folder, config).recorded(config.space))
    size = len(dataset.train)
    usual = asdict(default_config(regression=config.metric.regression))
    usual[WIDTHS] = list(usual[WIDTHS])
    changed = {k: v for k, v in config.training.items() if v != usual[k]}
    width = max(map(len, (*config.space, *changed)))
    yield f"{section.name}: {section.trials} trials on {dataset.name} ({size:,} training examples)"
    yield _how(config)
    yield from map(_bracket_line, config.brackets)
    if finished:
        yield f"Already finished in {folder}: {finished} trials"
    if config.known:
        yield f"Known results of other runs: {len(config.known)}"
    if config.start:
        yield f"Start points: {len(config.start)}"
    yield "\nSearch space"
    yield from (f"  {name:<{width}}  {_range(d)}" for name, d in config.space.items())
    points = distinct_points(config.space, section.trials)
    if points is not None:
        yield (
            f"  only {counted_points(points)}: at least {section.trials - points:,} of the "
            f"{section.trials:,} trials repeat an earlier one and take its result without training"
        )
    if changed:
        yield "\nFixed settings that differ from their defaults"
        yield from (f"  {name:<{width}}  {value}" for name, value in changed.items())
    to_train = section.trials if points is None else points
    left = max(to_train - finished, 0)
    seconds = estimated_seconds(config, dataset, left) / parallel_trials
    at_a_time = "1 trial" if parallel_trials == 1 else f"{parallel_trials} trials"
    time = f"{duration(seconds)} with {at_a_time} at a time, less if trials stop early"
    yield f"\nEstimated time: {time}"
    yield f"Run folder: {folder}"
    yield "\nThis was a dry run: nothing was written."


def _how(config: SweepConfig) -> str:
    """Return how trials are judged, proposed, pruned and repeated, as one line."""
    section, data = config.sweep, config.data
    parts = [
        f"Judged by validation {config.metric.title}",
        f"sampler {section.sampler}",
        f"pruner {section.pruner}",
    ]
    if data.folds:
        parts.append(f"each trial on {data.folds} folds")
    elif section.replicates > 1:
        parts.append(f"{section.replicates} seeds per trial")
    if data.group:
        parts.append(f"groups by column {data.group}")
    if data.ignore:
        parts.append(f"without column {', '.join(data.ignore)}")
    return "; ".join(parts)


def _bracket_line(bracket: Bracket) -> str:
    """Return how many trials of a bracket go on from each rung."""
    stages = [f"{going_on} after epoch {rung}" for rung, going_on in bracket.stages()]
    ends = f"the best go on, {', '.join(stages)}" if stages else "all train to their end"
    return f"Bracket of {bracket.size} trials: {ends}"


def _range(dimension: Dimension) -> str:
    conditions = [
        f"{name} is {' or '.join(map(str, values))}"
        for name, values in (dimension.when or {}).items()
    ]
    where = f", only if {' and '.join(conditions)}" if conditions else ""
    return f"{_values(dimension)}{where}"


def _values(dimension: Dimension) -> str:
    if not isinstance(dimension, Range):
        return "one of " + ", ".join(map(str, dimension.choices))
    scale = " (log)" if dimension.log else ""
    step = f" in steps of {dimension.step}" if dimension.step is not None else ""
    return f"{dimension.low} to {dimension.high}{step}{scale}"
