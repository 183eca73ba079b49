"""A fast estimate of the density that TPE fits to many trials.

TPE compares a few candidates by two densities. The estimate is close enough to Optuna's density to
find the best candidate, unless two of them are almost equal.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sweeps.space.dimensions import Choices, Dimension, Range

Array: TypeAlias = NDArray[np.float64]

NARROWEST = 100.0
"""A range divided by the least standard deviation of a kernel, with 99 points or more."""

MOST_VALUES = 100_000
"""The largest number of steps of a range for which the masses of single steps are precise."""

LEAST = -700.0
"""The least exponent. Exponentials of less are hardly less, but take ten times as long."""


BLOCK = 1024
"""The number of points whose kernels are computed together, in memory that is used again."""


class _Part(NamedTuple):
    """The logarithms of the kernels of one dimension: `left @ right + constant`, and the prior's.

    `right` returns its columns for some of the points.
    """

    left: Array  # (samples, k)
    right: Callable[[slice], Array]  # (k, points)
    constant: Array | float  # (points,)
    prior: Array | float  # (samples,)


def can_estimate(dimension: Dimension) -> bool:
    """Return whether `log_density` is precise for a dimension."""
    return isinstance(dimension, Choices) or (dimension.count or 0) <= MOST_VALUES


def log_density(
    points: Mapping[str, Array],
    dimensions: Mapping[str, Dimension],
    weights: Array,
    samples: Mapping[str, Array],
) -> Array:
    """Return the logarithm of a Parzen estimator at each sample, with an error of about 1e-10.

    The density is a mixture of the kernels of the points and of a prior. A kernel is a product over
    the dimensions: of normal distributions within the bounds of a range, whose standard deviation
    is the larger distance to a neighboring point, or of a preference for the point's choice. The
    samples are compared with all kernels in one matrix product.

    Parameters
    ----------
    points
        The values of n points, (n,) for each dimension: numbers, or indices of choices.
    dimensions
        The dimensions by name.
    weights
        The weights of the points, (n,); the weight of the prior is 1.
    samples
        The values of m samples, (m,) for each dimension.

    Returns
    -------
    Array
        Shape (m,).

    Notes
    -----
    Source: Bergstra et al., 2011, with the standard deviations and weights of Optuna's TPESampler.
    """
    parts = [
        _choices(points[name], len(dimension.choices), samples[name])
        if isinstance(dimension, Choices)
        else _range(points[name], dimension, samples[name])
        for name, dimension in dimensions.items()
    ]
    left = np.concatenate([part.left for part in parts], axis=1)
    constant = np.zeros(len(weights)) + sum(part.constant for part in parts)
    density = np.exp(sum(part.prior for part in parts))
    for first in range(0, len(weights), BLOCK):
        block = slice(first, first + BLOCK)
        kernels = left @ np.concatenate([part.right(block) for part in parts])
        kernels += constant[block]
        density += np.exp(np.maximum(kernels, LEAST, out=kernels), out=kernels) @ weights[block]
    logarithm: Array = np.log(density / (weights.sum() + 1.0))
    return logarithm


def _choices(points: Array, count: int, samples: Array) -> _Part:
    """Return kernels that give each choice 1 / (n + 1), and a point's own choice 1 more."""
    share = 1.0 / (len(points) + 1)
    own = np.log1p(1.0 / share)  # more than the logarithm of another choice
    left = own * (samples[:, None] == np.arange(count))

    def right(block: slice) -> Array:
        chosen: Array = (np.arange(count)[:, None] == points[block]).astype(float)
        return chosen

    return _Part(left, right, np.log(share / (1.0 + count * share)), -np.log(count))


def _range(points: Array, dimension: Range, samples: Array) -> _Part:
    half = 0.0 if dimension.count is None else (dimension.step or 1) / 2
    transform = np.log if dimension.log else np.asarray
    low, high = float(transform(dimension.low - half)), float(transform(dimension.high + half))
    means = transform(points)
    order = np.argsort(means)
    widths = _widths(means, order, low, high)
    if not half:
        return _normal(means, widths, low, high, transform(samples))
    values, which = np.unique(samples, return_inverse=True)
    lower, upper = transform(values - half), transform(values + half)
    first, kernel = _distinct(means, widths, order)
    mean = np.append(means[first], (low + high) / 2)  # the last is the prior
    width = np.append(widths[first], high - low)
    masses = _log_mass((lower[:, None] - mean) / width, (upper[:, None] - mean) / width)
    masses -= _log_mass((low - mean) / width, (high - mean) / width)
    left = (which[:, None] == np.arange(len(values))).astype(float)
    return _Part(left, lambda block: masses[:, kernel[block]], 0.0, masses[which, -1])


def _widths(means: Array, order: NDArray[np.intp], low: float, high: float) -> Array:
    """Return the standard deviations; among equal means, their sorted `order` decides."""
    gaps = np.diff(np.concatenate([[low], means[order], [high]]))
    wider = np.maximum(gaps[:-1], gaps[1:])
    if len(means) > 1:
        wider[0], wider[-1] = gaps[1], gaps[-2]  # the ends of the range are no neighbors
    least = (high - low) / min(NARROWEST, len(means) + 2.0)
    widths = np.empty_like(wider)
    widths[order] = np.clip(wider, least, high - low)
    return widths


def _distinct(
    means: Array, widths: Array, order: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return points whose kernels are all there are, and which of them each point has."""
    changes = (np.diff(means[order]) != 0) | (np.diff(widths[order]) != 0)
    starts = np.concatenate([[True], changes])
    kernel = np.empty_like(order)
    kernel[order] = np.cumsum(starts) - 1
    return order[starts], kernel


def _normal(means: Array, widths: Array, low: float, high: float, samples: Array) -> _Part:
    """Return normal densities, whose exponent is a polynomial in x, here around the middle."""
    middle, whole = (low + high) / 2, high - low
    mass = ndtr((high - means) / widths) - ndtr((low - means) / widths)
    constant = -np.log(np.sqrt(2 * np.pi) * widths * mass)
    x, m, precision = (samples - middle) / whole, (means - middle) / whole, (whole / widths) ** 2
    left = np.stack([x * x, x], axis=1)
    right = np.stack([-0.5 * precision, m * precision])
    prior = -0.5 * x * x - np.log(np.sqrt(2 * np.pi) * whole * (2 * ndtr(0.5) - 1))
    constant -= 0.5 * m * m * precision
    return _Part(left, lambda block: right[:, block], constant, prior)


def _log_mass(lower: Array, upper: Array) -> Array:
    """Return the logarithm of the standard normal mass between two numbers."""
    right = lower > 0  # there the mirrored interval is more precise
    lower, upper = np.where(right, -upper, lower), np.where(right, -lower, upper)
    with np.errstate(divide="ignore"):
        mass: Array = np.log(ndtr(upper) - ndtr(lower))
    return np.maximum(mass, LEAST)
