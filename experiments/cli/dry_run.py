"""What `nnsweep run --dry-run` says: the space, the trials, and about how long they will take.

The time comes from one epoch that is really trained, so it is that of this machine.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.duration import duration
from sweeps.records.run_folder import RunFolder
from sweeps.samplers.proposer import Proposer
from sweeps.space.dimensions import Dimension, Range
from sweeps.trial import evaluate
from sweeps.workers.cost_model import expected_seconds

SAMPLED_TRIALS = 16


def plan_lines(sweep: SweepConfig, dataset: DataSet, jobs: int, folder: Path) -> Iterator[str]:
    """Yield the lines that describe what a run would do that is not refused; nothing is written.

    `jobs` is how many trials would run at a time.
    """
    section = sweep.sweep
    done = len(RunFolder(folder, sweep).recorded(sweep.space))
    size = len(dataset.train)
    changed = {k: v for k, v in sweep.training.items() if v != _default(k)}
    width = max(map(len, (*sweep.space, *changed)))
    yield f"{section.name}: {section.trials} trials on {dataset.name} ({size:,} training examples)"
    if done:
        yield f"{done} of them are done in {folder}"
    yield "\nsearched"
    yield from (f"  {name:<{width}}  {_range(d)}" for name, d in sweep.space.items())
    if changed:
        yield "\nfixed, other than by default"
        yield from (f"  {name:<{width}}  {value}" for name, value in changed.items())
    seconds = _estimated_seconds(sweep, dataset, section.trials - done) / jobs
    yield f"\nabout {duration(seconds)} with {_jobs(jobs)}, less with early stopping"
    yield f"it would write to {folder}"


def _default(name: str) -> Any:
    value = getattr(TrialConfig(), name)
    return list(value) if isinstance(value, tuple) else value


def _range(dimension: Dimension) -> str:
    conditions = [
        f"{name} is {' or '.join(map(str, values))}"
        for name, values in (dimension.when or {}).items()
    ]
    where = f", where {' and '.join(conditions)}" if conditions else ""
    return f"{_values(dimension)}{where}"


def _values(dimension: Dimension) -> str:
    if not isinstance(dimension, Range):
        return "one of " + ", ".join(map(str, dimension.choices))
    kind = " (log)" if dimension.log else ""
    step = f" in steps of {dimension.step}" if dimension.step is not None else ""
    return f"{dimension.low} to {dimension.high}{step}{kind}"


def _jobs(jobs: int) -> str:
    return "1 job" if jobs == 1 else f"{jobs} jobs"


def _estimated_seconds(sweep: SweepConfig, dataset: DataSet, trials: int) -> float:
    """Return the time of so many trials on one core, from the first that would be proposed.

    The first proposals lie all over the space; one of middling length is timed.
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
