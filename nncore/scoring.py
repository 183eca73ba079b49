"""The score of a network on a split: mean cost and accuracy, and any other metric.

Rows are scored in chunks of a constant size, so the same network and rows give the same bits
everywhere.
"""

from typing import NamedTuple

import numpy as np

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.components.costs import COSTS
from nncore.components.metrics import ACCURACY, Metric
from nncore.components.regularizers import REGULARIZERS
from nncore.datasets.dataset import Split
from nncore.network import CHUNK_ROWS, Network


class Score(NamedTuple):
    """The mean cost per example and the accuracy.

    Parameters
    ----------
    cost
        The mean over the examples, without the regularizer.
    accuracy
        The fraction of examples whose largest output is the right one, 0 to 1; NaN for regression.

    Examples
    --------
    >>> from nncore import Score
    >>> cost, accuracy = Score(cost=0.25, accuracy=0.98)
    """

    cost: float
    accuracy: float


def score(network: Network, split: Split) -> Score:
    """Return the score of `network` on `split`.

    The predicted class is the first of the largest outputs. One BLAS thread computes, however many
    the caller allows.

    Parameters
    ----------
    network
        The network to score.
    split
        The examples, with as many inputs and outputs as the network has.

    Returns
    -------
    Score
        The mean cost and the accuracy.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import TrialConfig, load_dataset, new_network, score
    >>> digits = load_dataset("digits")
    >>> network = new_network(TrialConfig(), 64, 10, np.random.default_rng(1))
    >>> 0 < score(network, digits.test).accuracy < 0.3  # untrained: near 1 in 10
    True
    """
    with one_blas_thread():
        return _score(network, split)


def score_and_metric(network: Network, split: Split, metric: Metric) -> tuple[Score, float]:
    """Return the score of `network` on `split`, and the value of `metric` there.

    The value is NaN if an output is not a number, or if the metric is not defined for the labels.
    """
    if metric is ACCURACY:
        scored = score(network, split)
        return scored, scored.accuracy
    outputs: list[Array] = []
    with one_blas_thread():
        scored = _score(network, split, outputs)
    together = np.concatenate(outputs)
    if not np.isfinite(together).all():
        return scored, float("nan")
    if split.targets is not None:
        together = split.targets.undo(together)
    return scored, metric.compute(together, split.labels)


def _score(network: Network, split: Split, outputs: list[Array] | None = None) -> Score:
    """Return the score; if a list is given, append to it the outputs of each chunk of rows."""
    value, dtype = COSTS[network.cost].value, network.weights[0].dtype

    cost, correct = 0.0, 0
    for start in range(0, len(split), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        z, a = network.outputs(split.x[rows])
        cost += float(value(z, a, split.y[rows].astype(dtype, copy=False)).sum(dtype=np.float64))
        if split.targets is None:
            correct += int((a.argmax(axis=1) == split.labels[rows]).sum())
        if outputs is not None:
            outputs.append(a)
    accuracy = correct / len(split) if split.targets is None else float("nan")
    return Score(cost / len(split), accuracy)


def penalty(network: Network, regularizer: str, lmbda: float, training_size: int) -> float:
    """Return λ/(2n) Σw² for "l2", λ/n Σ|w| for "l1", with n = `training_size`."""
    total = sum(REGULARIZERS[regularizer].penalty(w) for w in network.weights)
    return lmbda / training_size * total
