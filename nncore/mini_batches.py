"""The shuffled training set, a mini-batch at a time, through buffers filled again and again.

Rows are gathered about a hundred at a time: one call for ten mini-batches of ten.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nncore.activations import Array
from nncore.datasets.base import Split
from nncore.network import Network

BLOCK_ROWS = 100
"""About how many rows are gathered at once: enough to hide the call, few enough to stay in the
second-level cache until they are used."""

MiniBatch = tuple[Array, Array]


class MiniBatches:
    """A block of gathered rows, in the dtype of `network`, and the views of its mini-batches."""

    def __init__(self, network: Network, size: int) -> None:
        dtype, n_in, n_out = network.weights[0].dtype, network.sizes[0], network.sizes[-1]
        self._size = size
        self._rows = size * max(1, BLOCK_ROWS // size)
        self._x, self._y = np.empty((self._rows, n_in), dtype), np.empty((self._rows, n_out), dtype)
        self._views = self._split(self._rows)
        self._narrow: dict[str, Array] = {}  # where data of another dtype are gathered

    def _split(self, rows: int) -> list[MiniBatch]:
        starts = range(0, rows, self._size)
        ends = (min(start + self._size, rows) for start in starts)
        return [(self._x[i:j], self._y[i:j]) for i, j in zip(starts, ends, strict=True)]

    def of(self, split: Split, order: NDArray[np.int64]) -> Iterator[MiniBatch]:
        """Yield x and y of each mini-batch of the rows `order`; later ones overwrite them."""
        for start in range(0, len(order), self._rows):
            chosen = order[start : start + self._rows]
            self._gather("x", split.x, chosen, self._x[: len(chosen)])
            self._gather("y", split.y, chosen, self._y[: len(chosen)])
            full = len(chosen) == self._rows
            yield from self._views if full else self._split(len(chosen))

    def _gather(self, name: str, source: Array, rows: NDArray[np.int64], out: Array) -> None:
        if source.dtype == out.dtype:
            source.take(rows, 0, out, "clip")
            return
        # float64 training on float32 data: it is gathered as it is, then widened, which is exact.
        if name not in self._narrow:
            self._narrow[name] = np.empty((self._rows, out.shape[1]), source.dtype)
        narrow = self._narrow[name][: len(rows)]
        source.take(rows, 0, narrow, "clip")
        np.copyto(out, narrow)
