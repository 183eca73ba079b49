"""scikit-learn's MLPClassifier: its SGD without momentum, an epoch per `partial_fit`.

It always ends in softmax and log-likelihood for ten classes: the same products, and an output error
a − y as everywhere here.
"""

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.catalogue import Peer
from benchmarks.support.task import BenchmarkTask, Layers
from nncore.datasets.dataset import Split


def prepare(split: Split, task: BenchmarkTask) -> Peer:
    """Return `MLPClassifier`, float32, with weights that it draws itself."""
    x, labels = np.array(split.x), np.array(split.labels)
    classes = np.arange(split.y.shape[1])
    model = MLPClassifier(
        hidden_layer_sizes=task.hidden_units,
        activation="logistic",
        solver="sgd",
        # It divides by the examples of the mini-batch, not by those of the training set.
        alpha=task.lmbda * task.mini_batch_size / len(split),
        batch_size=task.mini_batch_size,
        learning_rate_init=task.learning_rate,
        momentum=0.0,
        nesterovs_momentum=False,
        random_state=1,
    )

    def epoch() -> None:
        model.partial_fit(x, labels, classes=classes)

    def layers() -> Layers:
        pairs = zip(model.coefs_, model.intercepts_, strict=True)
        return [(w.copy(), b.copy()) for w, b in pairs]

    return Peer(epoch, layers)
