"""The shuffles of Python 2, with which the book's results were made, and of Python 3.

The same seed gives another order in Python 3. `use_python` chooses whose shuffle `network` and
`network2` use; Python 2's is the default.
"""

import random
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from nncore.errors import require

__all__ = ["BookShuffler", "GlobalShuffler", "shuffle_list", "use_python"]


def use_python(version: int) -> None:
    """Shuffle training data as `random.shuffle` does in Python 2 or in Python 3, from now on.

    The book's published results were made with Python 2. A notebook of a Python 3 port needs
    `use_python(3)` for its numbers. The choice holds for the whole process, and for each training
    that begins after it.

    Parameters
    ----------
    version
        2, the default, or 3.

    Raises
    ------
    InputError
        If `version` is another value.

    Examples
    --------
    >>> import random
    >>> from nncore.book import shuffle
    >>> random.seed(1)
    >>> letters = list("abcd")
    >>> shuffle.shuffle_list(letters)
    >>> letters
    ['d', 'b', 'c', 'a']
    >>> shuffle.use_python(3)
    >>> random.seed(1)
    >>> letters = list("abcd")
    >>> shuffle.shuffle_list(letters)
    >>> letters
    ['d', 'a', 'c', 'b']
    >>> shuffle.use_python(2)
    """
    global _shuffle
    known = isinstance(version, int) and version in _SHUFFLES
    require(known, "version", "be 2 or 3", version)
    _shuffle = _SHUFFLES[version]


def shuffle_list(values: list[Any]) -> None:
    """Shuffle `values` in place with the global `random`, as the chosen Python does."""
    _shuffle(values)


class GlobalShuffler:
    """Shuffles arrays as `shuffle_list` shuffles lists, with the same draws."""

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x`, `(n,)`, in place."""
        values = x.tolist()
        shuffle_list(values)
        x[:] = values


class BookShuffler:
    """Python 2's `random.shuffle` over the stream of `random.seed(seed)`."""

    def __init__(self, seed: int) -> None:
        # The stream of the book's program; nothing here is secret.
        self._draw = random.Random(seed).random  # noqa: S311

    def shuffle(self, x: NDArray[Any], /) -> None:
        """Shuffle `x`, `(n,)`, in place."""
        values = x.tolist()
        _shuffle_as_python_2(values, self._draw)
        x[:] = values


def _shuffle_as_python_2(values: list[Any], draw: Callable[[], float] = random.random) -> None:
    """Swap each value, last first, with itself or an earlier one."""
    for i in range(len(values) - 1, 0, -1):
        j = int(draw() * (i + 1))
        values[i], values[j] = values[j], values[i]


_SHUFFLES: dict[int, Callable[[list[Any]], None]] = {2: _shuffle_as_python_2, 3: random.shuffle}
_shuffle = _SHUFFLES[2]
