"""What `nnsweep run --dry-run` says: the space, the trials, and about how long they will take.

The time comes from one epoch that is really trained, so it is that of this machine.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nncore.datasets import DataSet
from nncore.network import new_network
from nncore.training import train
from sweeps.config import SweepConfig
from sweeps.effort import expected_seconds
from sweeps.proposals import Proposer
from sweeps.space import Dimension, Range
from sweeps.sweep import check_data

SAMPLED_TRIALS = 16


def plan_lines(sweep: SweepConfig, dataset: DataSet, jobs: int, folder: Path) -> Iterator[str]:
    """Yield the lines that describe what a run would do; nothing is written."""
    check_data(sweep, dataset)
    section, size = sweep.sweep, len(dataset.train)
    width = max(map(len, (*sweep.space, *sweep.training)))
    yield f"{section.name}: {section.trials} trials on {dataset.name} ({size:,} training examples)"
    yield "\nsearched"
    yield from (f"  {name:<{width}}  {_range(d)}" for name, d in sweep.space.items())
    if sweep.training:
        yield "\nfixed"
        yield from (f"  {name:<{width}}  {value}" for name, value in sweep.training.items())
    minutes = _estimated_seconds(sweep, dataset) / jobs / 60
    yield f"\nabout {minutes:.1f} minutes with {_jobs(jobs)}, less with early stopping"
    yield f"it would write to {folder}"


def _range(dimension: Dimension) -> str:
    if not isinstance(dimension, Range):
        return "one of " + ", ".join(map(str, dimension.choices))
    kind = " (log)" if dimension.log else ""
    step = f" in steps of {dimension.step}" if dimension.step is not None else ""
    return f"{dimension.low} to {dimension.high}{step}{kind}"


def _jobs(jobs: int) -> str:
    return "1 job" if jobs == 1 else f"{jobs} jobs"


def _estimated_seconds(sweep: SweepConfig, dataset: DataSet) -> float:
    """Return the time of all trials on one core, from the first that would be proposed.

    The first proposals are drawn at random over the space; one of middling length is timed.
    """
    proposer = Proposer(sweep.space, sweep.sweep.seed)
    configs = [sweep.trial_config(proposer.propose()) for _ in range(SAMPLED_TRIALS)]
    n_in, n_out, size = dataset.train.x.shape[1], len(dataset.classes), len(dataset.train)
    expected = sorted((expected_seconds(c, n_in, n_out, size), k) for k, c in enumerate(configs))
    middle, chosen = expected[len(expected) // 2]
    config = configs[chosen]
    rng = np.random.default_rng(sweep.sweep.seed)
    network = new_network(config, n_in, n_out, rng)
    record = next(
        train(network, config, rng, training=dataset.train, validation=dataset.validation)
    )
    measured = config.epochs * (record.train_seconds + record.evaluation_seconds)
    mean = sum(seconds for seconds, _ in expected) / len(expected)
    return sweep.sweep.trials * sweep.sweep.replicates * mean * measured / middle
