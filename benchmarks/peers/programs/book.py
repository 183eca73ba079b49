"""The book's algorithm as the book teaches it: one example at a time, float64 column vectors.

The loop itself is in `benchmarks.support.book_loop`.
"""

import numpy as np

from benchmarks.peers.catalogue import Peer
from benchmarks.support import book_loop
from benchmarks.support.task import BenchmarkTask, Layers, orders
from nncore.datasets.dataset import Split


def prepare(split: Split, task: BenchmarkTask) -> Peer:
    """Return the book's loop."""
    columns = (split.x.astype(np.float64)[:, :, None], split.y.astype(np.float64)[:, :, None])
    examples = list(zip(*columns, strict=True))
    order = orders(split)
    network = [[w.T.copy(), b[:, None].copy()] for w, b in task.start(split)]

    def epoch() -> None:
        book_loop.epoch(
            network, examples, task.mini_batch_size, task.learning_rate, task.lmbda, next(order)
        )

    def layers() -> Layers:
        return [(w.T.copy(), b[:, 0].copy()) for w, b in network]

    return Peer(epoch, layers)
