"""The shuffled training set as mini-batches, in a block of memory that is reused.

Rows are gathered about a hundred at a time: one call for ten mini-batches of ten.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.arrays.layout import Array, aligned_zeros, row_parts, transposed_parts
from nncore.arrays.operations import Operation, Operations, Parts
from nncore.arrays.replay import Rows
from nncore.components.activations import ACTIVATIONS
from nncore.datasets.dataset import Split
from nncore.network import Network

BLOCK_ROWS = 100
"""About the number of rows that are gathered at once.

It is large enough to hide the cost of the call, and small enough for the rows to stay in the
second-level cache until they are used.
"""


@dataclass(frozen=True, slots=True)
class MiniBatch:
    """The inputs `x`, `(m, n_in)`, also in the parts of the first layer, and the targets `y`.

    `weights` `(m, n_out)` repeats the weight of an example in each column; None if all are 1.
    """

    x: Array
    x_parts: Parts
    y: Array
    weights: Array | None


class Block:
    """A few mini-batches of gathered rows, in the dtype of `network`.

    `example_weights` `(n,)` are the weights of all rows of the split; None if all are 1.
    """

    def __init__(
        self, network: Network, size: int, example_weights: NDArray[Any] | None = None
    ) -> None:
        dtype, sizes, output = network.weights[0].dtype, network.sizes, ACTIVATIONS[network.output]
        self.rows = size * max(1, BLOCK_ROWS // size)
        self._size, self._first_layer = size, sizes[:2]
        self._unit, self._offset = output.unit, output.offset
        self._x = aligned_zeros((self.rows, sizes[0]), dtype)
        self._y = aligned_zeros((self.rows, sizes[-1]), dtype)
        self._chosen = np.zeros(self.rows, np.int64)
        self._example_weights = self._weights = None
        if example_weights is not None:
            self._example_weights = example_weights.astype(dtype)
            self._weights = aligned_zeros(self._y.shape, dtype)

    def chosen(self, rows: int) -> Rows:
        """Return the place for the numbers of the `rows` rows to gather."""
        return self._chosen[:rows]

    def gather(self, split: Split, rows: int) -> list[Operation]:
        """Return the operations that gather the rows `chosen(rows)` of `split`, and their weights.

        Targets are stored as y/`unit` − `offset`, as the output layer stores its outputs before the
        offset is added: as ±1 for sigmoid.
        """
        chosen, x, y = self.chosen(rows), self._x[:rows], self._y[:rows]
        operations = [*_take(split.x, chosen, x), *_take(split.y, chosen, y)]
        if self._unit != 1:
            operations += [(np.divide, (y, self._unit, y))]
        if self._offset:
            operations += [(np.subtract, (y, self._offset, y))]
        if self._example_weights is not None and self._weights is not None:
            weights = self._weights[:rows]
            operations += [(_repeat_weights, (self._example_weights, chosen, weights))]
        return operations

    def mini_batches(self, rows: int) -> list[MiniBatch]:
        """Return the mini-batches of the first `rows` rows, as views; the last may be shorter."""
        batches = []
        for start in range(0, rows, self._size):
            part = slice(start, min(start + self._size, rows))
            x, y = self._x[part], self._y[part]
            parts = transposed_parts(x, row_parts(len(x), *self._first_layer))
            weights = None if self._weights is None else self._weights[part]
            batches.append(MiniBatch(x, parts, y, weights))
        return batches


def _take(source: Array, chosen: Rows, out: Array) -> Operations:
    """Do `out = source[chosen]`."""
    if source.dtype == out.dtype:
        return [(source.take, (chosen, 0, out, "clip"))]
    # float64 training on float32 data: gathered in float32, then widened, which is exact.
    narrow = np.empty(out.shape, source.dtype)
    return [(source.take, (chosen, 0, narrow, "clip")), (np.copyto, (out, narrow))]


def _repeat_weights(example_weights: Array, chosen: Rows, out: Array) -> None:
    # Repeated here, once for all mini-batches: a product of equal shapes is twice as fast.
    out[...] = example_weights.take(chosen)[:, None]
