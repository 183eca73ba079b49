"""The lines of `nnsweep run --dry-run`: the search space, the settings, the estimated time.

One epoch is really trained, so the estimated time is that of this machine.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from results.number_text import duration
from sweeps.config import SweepConfig
from sweeps.records.run_folder import RunFolder
from sweeps.samplers.proposer import Proposer
from sweeps.space.dimensions import Dimension, Range
from sweeps.trial import evaluate
from sweeps.workers.cost_model import expected_seconds

SAMPLED_TRIALS = 16


def dry_run_lines(
    sweep: SweepConfig, dataset: DataSet, parallel_trials: int, folder: Path
) -> Iterator[str]:
    """Yield the lines that describe a sweep which was checked; nothing is written.

    `parallel_trials` is how many trials would run at the same time.
    """
    section = sweep.sweep
    finished = len(RunFolder(folder, sweep).recorded(sweep.space))
    size = len(dataset.train)
    changed = {k: v for k, v in sweep.training.items() if v != _default(k)}
    width = max(map(len, (*sweep.space, *changed)))
    yield f"{section.name}: {section.trials} trials on {dataset.name} ({size:,} training examples)"
    if finished:
        yield f"Already finished in {folder}: {finished} trials"
    yield "\nSearch space"
    yield from (f"  {name:<{width}}  {_range(d)}" for name, d in sweep.space.items())
    if changed:
        yield "\nFixed settings that differ from their defaults"
        yield from (f"  {name:<{width}}  {value}" for name, value in changed.items())
    seconds = _estimated_seconds(sweep, dataset, section.trials - finished) / parallel_trials
    at_a_time = "1 trial" if parallel_trials == 1 else f"{parallel_trials} trials"
    time = f"{duration(seconds)} with {at_a_time} at a time, less if trials stop early"
    yield f"\nEstimated time: {time}"
    yield f"Run folder: {folder}"
    yield "\nThis was a dry run: nothing was written."


def _default(name: str) -> Any:
    value = getattr(TrialConfig(), name)
    return list(value) if isinstance(value, tuple) else value


def _range(dimension: Dimension) -> str:
    conditions = [
        f"{name} is {' or '.join(map(str, values))}"
        for name, values in (dimension.when or {}).items()
    ]
    where = f", only where {' and '.join(conditions)}" if conditions else ""
    return f"{_values(dimension)}{where}"


def _values(dimension: Dimension) -> str:
    if not isinstance(dimension, Range):
        return "one of " + ", ".join(map(str, dimension.choices))
    scale = " (log)" if dimension.log else ""
    step = f" in steps of {dimension.step}" if dimension.step is not None else ""
    return f"{dimension.low} to {dimension.high}{step}{scale}"


def _estimated_seconds(sweep: SweepConfig, dataset: DataSet, trials: int) -> float:
    """Return the time of `trials` trials on one core, estimated from the first ones to be proposed.

    The first proposals are spread over the whole space; the one of median length is timed.
    """
    proposer, count = Proposer(sweep), min(SAMPLED_TRIALS, sweep.sweep.trials)
    configs = [sweep.trial_config(proposer.ask()) for _ in range(count)]
    n_in, n_out, size = dataset.train.x.shape[1], len(dataset.classes), len(dataset.train)
    expected = sorted((expected_seconds(c, n_in, n_out, size), k) for k, c in enumerate(configs))
    middle, chosen = expected[len(expected) // 2]
    config, section = configs[chosen], sweep.sweep
    timed = evaluate(replace(config, epochs=1), dataset.source, [(section.seed, 0)])
    record = timed.curves[0][0]
    measured = config.epochs * (record.train_seconds + record.evaluation_seconds)
    mean = sum(seconds for seconds, _ in expected) / len(expected)
    return trials * section.replicates * mean * measured / middle
