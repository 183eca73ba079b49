"""The epochs of a training run: the fast one of this package, or the loop of the book's program.

The loop calls what a reader has put in the place of the book's methods. Both draw the same orders
from the global `random`.
"""

from collections.abc import Callable, Generator
from itertools import islice
from math import inf

import numpy as np

from nncore.arrays.blas import one_blas_thread
from nncore.book.examples import Example, plain
from nncore.book.shuffle import GlobalShuffler, shuffle_list
from nncore.config import TrialConfig
from nncore.datasets.dataset import Split
from nncore.errors import require
from nncore.network import Network
from nncore.training import train


class Settings:
    """The settings of a training run, as a reader gives them to `SGD`.

    Parameters
    ----------
    epochs, mini_batch_size
        Whole numbers >= 0 and >= 1.
    eta, lmbda
        η and λ; only fast epochs check them, since a reader's own method may take others.

    Raises
    ------
    InputError
        If `epochs` or `mini_batch_size` is another value.
    """

    def __init__(self, epochs: int, mini_batch_size: int, eta: float, lmbda: float = 0.0) -> None:
        self.epochs, self.mini_batch_size = plain(epochs), plain(mini_batch_size)
        self.eta, self.lmbda = plain(eta), plain(lmbda)
        right = _is_whole(self.epochs) and self.epochs >= 0
        require(right, "epochs", "be a whole number >= 0", self.epochs)
        right = _is_whole(self.mini_batch_size) and self.mini_batch_size >= 1
        require(right, "mini_batch_size", "be a whole number >= 1", self.mini_batch_size)

    def config(self, training_size: int) -> TrialConfig:
        """Return the settings of fast epochs; raise `InputError` unless η > 0 and λ >= 0."""
        eta = self.eta
        require(isinstance(eta, int | float) and 0 < eta < inf, "eta", "be a number > 0", eta)
        return TrialConfig(
            learning_rate=eta,
            lmbda=self.lmbda,
            # The book treats a mini-batch larger than the training set as the whole training set.
            mini_batch_size=min(self.mini_batch_size, training_size),
            epochs=max(self.epochs, 1),  # `TrialConfig` does not allow 0
            dtype="float64",
            monitor_training=False,
        )


def plain_epochs(
    examples: list[Example],
    settings: Settings,
    update_mini_batch: Callable[[list[Example]], object],
) -> Generator[int, None, None]:
    """Yield the number of each epoch, from 0, after its last call of `update_mini_batch`.

    The list `examples` is shuffled in place before each epoch.
    """
    for epoch in range(settings.epochs):
        shuffle_list(examples)
        size = settings.mini_batch_size
        mini_batches = [examples[k : k + size] for k in range(0, len(examples), size)]
        with one_blas_thread():
            for mini_batch in mini_batches:
                update_mini_batch(mini_batch)
        yield epoch


def fast_epochs(
    network: Network, examples: list[Example], split: Split, config: TrialConfig, epochs: int
) -> Generator[int, None, None]:
    """Train `network` in place, and yield the number of each epoch, from 0, after its last step.

    `split` has the rows of `examples`. The list gets the order of the last epoch when the iterator
    is closed.
    """
    before, order = list(examples), np.arange(len(examples))
    try:
        records = train(network, config, GlobalShuffler(), training=split, order=order)
        for record in islice(records, epochs):  # no record for 0 epochs
            yield record.epoch - 1
    finally:
        examples[:] = [before[k] for k in order.tolist()]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
