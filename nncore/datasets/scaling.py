"""Turns raw inputs into the inputs of a network: subtracts an offset, then divides by a scale.

Data sets and models share this code, so a model predicts from exactly the inputs of its training.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.datasets.columns.inputs import Column
from nncore.datasets.formats.table import short
from nncore.errors import InputError

Floats = NDArray[np.float64]

CHUNK = 1 << 20  # values processed together, so that double precision takes little memory


@dataclass(frozen=True)
class Scaling:
    """The scaling of raw inputs x to (x − offset) / scale.

    Parameters
    ----------
    offset, scale
        One number for all inputs, or `(n_in,)` float64. A scale of infinity turns an input into 0.
    inputs
        The names of the columns of raw inputs in order, or None.
    encoding
        How the columns of a table become the raw inputs that are scaled; None if each is a number
        in every row, and so an input as it is.

    Examples
    --------
    >>> import numpy as np
    >>> from nncore import Scaling
    >>> Scaling(offset=10.0, scale=4.0).apply(np.array([[10, 12]])).tolist()
    [[0.0, 0.5]]
    """

    offset: float | Floats = 0.0
    scale: float | Floats = 1.0
    inputs: tuple[str, ...] | None = None
    encoding: tuple[Column, ...] | None = None

    @property
    def names(self) -> tuple[str, ...] | None:
        """The name of each scaled input, such as "age" or "sex = female"; None without names."""
        if self.encoding is None:
            return self.inputs
        return tuple(name for column in self.encoding for name in column.inputs)

    def apply(self, raw: NDArray[Any], *, of_targets: bool = False) -> NDArray[np.float32]:
        """Return the scaled rows, `(m, n_in)` float32, of raw inputs `(m, …)`, or of targets.

        Raises `InputError` if a scaled number is not finite in float32. The message names the
        column, or the target; the rows of targets are those of a split, so it does not count them.
        """
        rows = as_rows(raw)
        x = np.empty(rows.shape, np.float32)
        with np.errstate(all="ignore"):  # the check below reports the first bad input
            for part in chunks(rows):
                x[part] = (rows[part].astype(np.float64) - self.offset) / self.scale
        if not np.isfinite(x).all():
            row, column = np.argwhere(~np.isfinite(x))[0]
            got, names = rows[row, column], self.names
            if of_targets:
                cell = f"target {short(names[column])}" if names else f"target {column}"
            else:
                cell = f"row {row} of {short(names[column])}" if names else f"`x[{row}, {column}]`"
            raise InputError(f"{cell} must be finite in float32 after scaling, got {got}")
        return x

    def undo(self, x: NDArray[np.float32]) -> Floats:
        """Return the raw inputs of scaled rows `x`, `(m, n_in)` float64, up to rounding.

        An input with a scale of infinity becomes its offset.
        """
        scale = np.where(np.isinf(self.scale), 0.0, self.scale)
        raw: Floats = x.astype(np.float64) * scale + self.offset
        return raw


def same_scaling(one: Scaling, other: Scaling) -> bool:
    """Return whether two scalings turn raw inputs into the same bits."""
    same = np.array_equal(one.offset, other.offset) and np.array_equal(one.scale, other.scale)
    return same and one.encoding == other.encoding


def as_rows(raw: NDArray[Any]) -> NDArray[Any]:
    """Return `raw`, `(m, …)`, as rows `(m, n_in)`: an image becomes one row."""
    return raw.reshape(len(raw), math.prod(raw.shape[1:]))


def chunks(rows: NDArray[Any]) -> Iterator[slice]:
    """Yield slices that cover `rows`, `(m, n_in)`, in pieces of about `CHUNK` values."""
    step = max(1, CHUNK // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        yield slice(start, start + step)


def _none(rows: NDArray[Any]) -> Scaling:
    return Scaling()


def _unit(rows: NDArray[Any]) -> Scaling:
    """Return the scaling of each input of `rows` to the range 0 to 1."""
    low, high = _ends(rows)
    return Scaling(low, np.where(low < high, high - low, np.inf))


def _standard(rows: NDArray[Any]) -> Scaling:
    """Return the scaling to mean 0 and standard deviation 1; the sum of squares is divided by m."""
    low, high = _ends(rows)
    deviation = rows.std(axis=0, dtype=np.float64)
    # Rounding gives constant inputs a tiny deviation, and denormal inputs a deviation of 0.
    varies = (low < high) & (deviation > 0)
    return Scaling(rows.mean(axis=0, dtype=np.float64), np.where(varies, deviation, np.inf))


def _ends(rows: NDArray[Any]) -> tuple[Floats, Floats]:
    return rows.min(axis=0).astype(np.float64), rows.max(axis=0).astype(np.float64)


SCALINGS: dict[str, Callable[[NDArray[Any]], Scaling]] = {
    "none": _none,
    "unit": _unit,
    "standard": _standard,
}
"""Every kind of scaling by name: a function from training rows `(m, n_in)` to their scaling.

"unit" and "standard" turn constant inputs into 0.
"""
