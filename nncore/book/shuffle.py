"""Python 2's `random.shuffle`, with which the published results of the book were made.

Python 3 shuffles differently: the same seed gives another order there.
"""

import random
from typing import Any

from numpy.typing import NDArray


class BookShuffler:
    """Python 2's `random.shuffle` over the stream of `random.seed(seed)`.

    Without a seed it draws from the global `random`, as the book's program does.
    """

    def __init__(self, seed: int | None = None) -> None:
        # The stream of the book's program; nothing here is secret.
        self._random = random.random if seed is None else random.Random(seed).random  # noqa: S311

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x`, `(n,)`, in place: swap each, last first, with itself or an earlier one."""
        values = x.tolist()
        draw = self._random
        for i in range(len(values) - 1, 0, -1):
            j = int(draw() * (i + 1))
            values[i], values[j] = values[j], values[i]
        x[:] = values
