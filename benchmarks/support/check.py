"""Checks that a program takes the same step as the readable code of `nncore.descent.backprop`.

The only mini-batch is the whole training set, so an epoch is one step and order does not matter.
"""

import numpy as np

from benchmarks.peers.catalogue import Program
from benchmarks.support.task import BenchmarkTask
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.descent.backprop import sgd_step
from nncore.network import Network


def tiny_split(examples: int = 12, n_in: int = 6, n_out: int = 3) -> Split:
    """Return random inputs from 0 to 1, labeled by the largest of their first values."""
    x = np.random.default_rng(7).random((examples, n_in), np.float32)
    return make_split(x, x[:, :n_out].argmax(axis=1), n_out)


def difference_from_the_readable_step(program: Program, hidden_units: tuple[int, ...]) -> float:
    """Return the largest difference of a parameter from the readable code after a second step.

    scikit-learn draws its weights in the first step, so the second is compared. Its softmax output
    is compared with a softmax network with log-likelihood, which has the same output error a − y.
    """
    split = tiny_split()
    task = BenchmarkTask(hidden_units, mini_batch_size=len(split), learning_rate=0.7, lmbda=0.9)
    peer = program.load(split, task)
    peer.epoch()
    softmax = program.name == "scikit-learn"
    output, cost = ("softmax", "log-likelihood") if softmax else ("sigmoid", "cross-entropy")
    weights, biases = zip(*peer.layers(), strict=True)
    network = Network(
        [w.astype(np.float64) for w in weights],
        [b.astype(np.float64) for b in biases],
        "sigmoid",
        output,
        cost,
    )
    config = TrialConfig(
        learning_rate=task.learning_rate, lmbda=task.lmbda, output=output, cost=cost
    )
    sgd_step(network, split.x.astype(float), split.y.astype(float), config, len(split))
    peer.epoch()
    return max(
        float(np.abs(got - wanted).max())
        for (w, b), readable_w, readable_b in zip(
            peer.layers(), network.weights, network.biases, strict=True
        )
        for got, wanted in ((w, readable_w), (b, readable_b))
    )
