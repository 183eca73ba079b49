"""The time that a sweep will take, estimated by training one epoch on this machine.

`sweeps.workers.cost_model` gives the relative times of trials; the epoch gives the scale.
"""

from dataclasses import replace

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.scores import new_proposer
from sweeps.trial import evaluate
from sweeps.workers.cost_model import expected_seconds

SAMPLED_TRIALS = 16


def estimated_seconds(config: SweepConfig, dataset: DataSet, trials: int) -> float:
    """Return the time of `trials` trials on one core, estimated from the first proposals.

    The first proposals are spread over the whole space; the one of median length is timed.
    """
    section = config.sweep
    proposer, count = new_proposer(config), min(SAMPLED_TRIALS, section.trials)
    trial_configs = [config.trial_config(proposer.ask()) for _ in range(count)]
    n_in, n_out, size = dataset.train.x.shape[1], dataset.n_out, len(dataset.train)
    expected = sorted(
        (expected_seconds(c, n_in, n_out, size), k) for k, c in enumerate(trial_configs)
    )
    middle, chosen = expected[len(expected) // 2]
    timed_config = trial_configs[chosen]
    timed = evaluate(replace(timed_config, epochs=1, warmup=0), dataset.source, [(section.seed, 0)])
    record = timed.curves[0][0]
    measured = timed_config.epochs * (record.train_seconds + record.evaluation_seconds)
    mean = sum(seconds for seconds, _ in expected) / len(expected)
    return trials * _share_trained(config) * section.replicates * mean * measured / middle


def _share_trained(config: SweepConfig) -> float:
    """Return the share of all epochs of all trials that is trained; less than 1 if they compete."""
    brackets, most = config.brackets, config.most_epochs
    if not brackets:
        return 1.0
    trained = sum(bracket.epochs_to_train(most) for bracket in brackets)
    return trained / (most * sum(bracket.size for bracket in brackets))
