"""How raw inputs become what a network sees: an offset is taken away, the rest is divided.

The data set that is trained on and the model that predicts share these lines, hence their bits.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.errors import InputError

Values = NDArray[np.float64]

CHUNK = 1 << 20  # values looked at together, so that double precision costs little memory


@dataclass(frozen=True)
class Scaling:
    """What turns raw inputs x into (x − offset) / scale.

    Each is one number, or `(n_in,)` float64 with a value per input. A scale of infinity turns an
    input into 0 whatever it is. `inputs` are the names of the inputs in their order, if they have
    names.
    """

    offset: float | Values = 0.0
    scale: float | Values = 1.0
    inputs: tuple[str, ...] | None = None

    def apply(self, raw: NDArray[Any]) -> NDArray[np.float32]:
        """Return the scaled rows, `(m, n_in)` float32, of raw inputs `(m, …)`.

        Raises `InputError` if one of them is not finite, or not so in float32.
        """
        rows = as_rows(raw)
        x = np.empty(rows.shape, np.float32)
        with np.errstate(all="ignore"):  # the check below says what went wrong, in words
            for part in chunks(rows):
                x[part] = (rows[part].astype(np.float64) - self.offset) / self.scale
        if not np.isfinite(x).all():
            row, column = np.argwhere(~np.isfinite(x))[0]
            got = rows[row, column]
            raise InputError(
                f"`x[{row}, {column}]` must be finite in float32 once scaled, got {got}"
            )
        return x

    def undo(self, x: NDArray[np.float32]) -> Values:
        """Return the raw inputs, `(m, n_in)` float64, that scaled rows `x` came from, rounded.

        An input with a scale of infinity is its offset.
        """
        scale = np.where(np.isinf(self.scale), 0.0, self.scale)
        raw: Values = x.astype(np.float64) * scale + self.offset
        return raw


def as_rows(raw: NDArray[Any]) -> NDArray[Any]:
    """Return `raw`, `(m, …)`, as rows `(m, n_in)`: an image becomes one row."""
    return raw.reshape(len(raw), math.prod(raw.shape[1:]))


def chunks(rows: NDArray[Any]) -> Iterator[slice]:
    """Yield slices that go through `rows`, `(m, n_in)`, in pieces of little memory."""
    step = max(1, CHUNK // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        yield slice(start, start + step)


def _none(rows: NDArray[Any]) -> Scaling:
    return Scaling()


def _unit(rows: NDArray[Any]) -> Scaling:
    """Return the scaling that spreads each input of `rows` from 0 to 1."""
    low, high = _ends(rows)
    return Scaling(low, np.where(low < high, high - low, np.inf))


def _standard(rows: NDArray[Any]) -> Scaling:
    """Return the scaling to mean 0 and standard deviation 1; the sum of squares is divided by m."""
    low, high = _ends(rows)
    deviation = rows.std(axis=0, dtype=np.float64)
    # Rounding gives constant inputs a tiny deviation, and denormal ones none.
    varies = (low < high) & (deviation > 0)
    return Scaling(rows.mean(axis=0, dtype=np.float64), np.where(varies, deviation, np.inf))


def _ends(rows: NDArray[Any]) -> tuple[Values, Values]:
    return rows.min(axis=0).astype(np.float64), rows.max(axis=0).astype(np.float64)


SCALINGS: dict[str, Callable[[NDArray[Any]], Scaling]] = {
    "none": _none,
    "unit": _unit,
    "standard": _standard,
}
"""By name, the function from training rows `(m, n_in)` to their scaling; constants become 0."""
