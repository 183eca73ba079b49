"""Simulated values on seeds whose mean is known to be 0, for tests of how often intervals hold it.

They are few enough for a test, so the bounds allow for chance.
"""

import math
from collections.abc import Callable

import numpy as np
import scipy.stats
from numpy.typing import NDArray

SIMULATIONS = 400
LEAST = int(scipy.stats.binom.ppf(0.001, SIMULATIONS, 0.93))
"""Intervals that hold 93% hold fewer of the simulations once in 1,000 times."""

Shape = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]
SHAPES: dict[str, Shape] = {
    "normal": lambda draw, shape: draw.normal(size=shape),
    "gamma": lambda draw, shape: 2 - draw.gamma(2, size=shape),
    "lognormal": lambda draw, shape: math.exp(0.32) - draw.lognormal(0, 0.8, size=shape),
    "tied": lambda draw, shape: draw.binomial(100, 0.97, size=shape) / 100 - 0.97,
}
