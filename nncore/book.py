"""The shuffle of the book's own program, so that its seeds give its order of the data.

The published results were made with Python 2, whose shuffle Python 3 no longer has.
"""

import random
from typing import Any

from numpy.typing import NDArray


class BookShuffler:
    """Python 2's `random.shuffle` over the stream of `random.seed(seed)`."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311  the book's stream, not a secret

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x`, `(n,)`, in place: from the last place down, swap with one not after it."""
        values = x.tolist()
        draw = self._random
        for i in range(len(values) - 1, 0, -1):
            j = int(draw() * (i + 1))
            values[i], values[j] = values[j], values[i]
        x[:] = values
