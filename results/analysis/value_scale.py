"""The scale on which the values of trials are modelled: the values themselves, or a logarithm.

On a logarithm of the gap to the best value, a few bad trials do not outweigh all others.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OFFSETS = (math.inf, 1.0, 0.1, 0.01)
"""Offsets of the logarithm: the smaller, the more it bends; infinity stands for a straight line."""

FARTHEST = 100.0  # the logarithm of a gap that is beyond the worst value in any case
LEAST_UNIT = 1e-6  # of the range of the values, if half of them are nearly as good as the best


@dataclass(frozen=True)
class ValueScale:
    """A scale z(y) = −log(offset + gap), where gap = (best − y) / unit; −gap if offset is infinite.

    It rises with y. After it, the values are shifted and scaled to mean 0 and standard deviation 1.
    """

    offset: float
    best: float
    worst: float
    unit: float
    mean: float = 0.0
    deviation: float = 1.0

    def bent(self, values: Floats) -> Floats:
        """Return the values on this scale."""
        gap = (self.best - values) / self.unit
        z = -gap if math.isinf(self.offset) else -np.log(self.offset + gap)
        return np.asarray((z - self.mean) / self.deviation, dtype="float64")

    def straight(self, z: Floats) -> Floats:
        """Return the values that `bent` maps to `z`, none of them below the worst."""
        raw = z * self.deviation + self.mean
        gap = -raw if math.isinf(self.offset) else np.exp(np.minimum(-raw, FARTHEST)) - self.offset
        return np.asarray(np.maximum(self.best - gap * self.unit, self.worst), dtype="float64")

    def log_slopes(self, values: Floats) -> float:
        """Return Σ log dz/dy over the values, without a part that no offset changes.

        Densities of z on different scales are compared as densities of y, so they need this sum.
        """
        bend = 0.0
        if not math.isinf(self.offset):
            bend = float(np.log(self.offset + (self.best - values) / self.unit).sum())
        return -bend - len(values) * math.log(self.deviation)


def value_scales(values: Floats) -> list[ValueScale]:
    """Return the scales that fit these values, which are not all equal: one for each offset."""
    best, worst = float(values.max()), float(values.min())
    unit = max(best - float(np.median(values)), LEAST_UNIT * (best - worst))
    scales = []
    for offset in OFFSETS:
        z = ValueScale(offset, best, worst, unit).bent(values)
        scales.append(ValueScale(offset, best, worst, unit, float(z.mean()), float(z.std())))
    return scales
