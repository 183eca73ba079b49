"""How long a trial will take compared with another, before it runs.

It orders the trials of a generation, longest first, and turns one timed epoch into an estimate.
"""

from itertools import pairwise

from nncore.config import TrialConfig

# Fitted to float32 epochs of [784, 30..100, 10] networks at mini-batches of 5 to 100 on x86-64:
# a layer of a mini-batch costs its calls, and each weight of it a multiply-add per example. A warp
# of 28 x 28 pixels takes 0.3 to 0.45 ms for mini-batches of 10 to 100.
_SECONDS_PER_LAYER = 6e-6
_SECONDS_PER_WEIGHT_AND_EXAMPLE = 4e-11
_SECONDS_PER_WARP = 4e-4


def expected_seconds(config: TrialConfig, n_in: int, n_out: int, training_size: int) -> float:
    """Return about how many seconds `config` trains on one core if nothing stops it early."""
    sizes = (n_in, *config.hidden_units, n_out)
    weights = sum(a * b for a, b in pairwise(sizes))
    mini_batches = training_size / config.mini_batch_size
    calls = mini_batches * (len(sizes) - 1) * _SECONDS_PER_LAYER
    calls += mini_batches * _SECONDS_PER_WARP * config.expands
    return config.epochs * (calls + training_size * weights * _SECONDS_PER_WEIGHT_AND_EXAMPLE)
