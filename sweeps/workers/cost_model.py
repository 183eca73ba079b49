"""The cost model: the expected duration of a trial, relative to other trials.

It orders the trials of a generation, longest first, and extrapolates one timed epoch to a sweep.
"""

from itertools import pairwise

from nncore.config import TrialConfig

# Fitted to float32 epochs of [784, 30..100, 10] networks at mini-batches of 5 to 100 on x86-64:
# the cost of a mini-batch in one layer is that of its calls, plus a multiply-add per weight and
# example. A warp of 28 x 28 pixels takes 0.3 to 0.45 ms for mini-batches of 10 to 100.
_SECONDS_PER_LAYER = 6e-6
_SECONDS_PER_WEIGHT_AND_EXAMPLE = 4e-11
_SECONDS_PER_WARP = 4e-4
# Adam passes over all weights in every mini-batch.
_SECONDS_PER_WEIGHT_OF_ADAM = 8e-10


def expected_seconds(config: TrialConfig, n_in: int, n_out: int, training_size: int) -> float:
    """Return the approximate seconds that `config` trains on one core without stopping early."""
    sizes = (n_in, *config.hidden_units, n_out)
    weights = sum(a * b for a, b in pairwise(sizes))
    mini_batches = training_size / config.mini_batch_size
    calls = mini_batches * (len(sizes) - 1) * _SECONDS_PER_LAYER
    calls += mini_batches * _SECONDS_PER_WARP * config.expands
    calls += mini_batches * _SECONDS_PER_WEIGHT_OF_ADAM * weights * (config.update != "sgd")
    return config.epochs * (calls + training_size * weights * _SECONDS_PER_WEIGHT_AND_EXAMPLE)
