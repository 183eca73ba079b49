"""The process beside plain formulas: its covariance, its gradient, its posterior."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from results.analysis.gaussian_process import JITTER, MEAN_VARIANCE, GaussianProcess
from results.analysis.space_basis import effects_at, uniform_points
from sweeps.space.dimensions import Choices, Range

SPACE = {
    "rate": Range(low=0.01, high=10.0, log=True),
    "momentum": Range(low=0.0, high=0.9),
    "cost": Choices(choices=["a", "b", "c"]),
}
SCALES = np.log([0.5, 0.2, 0.1, 0.7, 0.05])  # of the three effects, of pairs, of the noise


def _process(count: int) -> GaussianProcess:
    points = uniform_points(SPACE, 32, 3).head(count)
    z = np.sin(np.arange(count))
    return GaussianProcess((z - z.mean()) / z.std(), _effects(points))


def _effects(points: pd.DataFrame):
    return [effects_at(points, name, dimension, 1.0) for name, dimension in SPACE.items()]


def _covariance(one, other):
    """Return the covariance of the function at two sets of points, pair by pair."""
    kernels = [
        v * (a.values * a.weights) @ b.values.T
        for v, a, b in zip(np.exp(SCALES[:3]), one, other, strict=True)
    ]
    pairs = sum(a * b for a, b in itertools.combinations(kernels, 2))
    return MEAN_VARIANCE + sum(kernels) + np.exp(SCALES[3]) * pairs


def test_the_loss_is_that_of_the_normal_distribution():
    process = _process(12)
    noise = (np.exp(SCALES[4]) + JITTER) * np.eye(12)
    density = multivariate_normal(cov=_covariance(process.effects, process.effects) + noise)
    mean, width = process.prior
    expected = -density.logpdf(process.z) + (((SCALES - mean) / width) ** 2).sum() / 2
    assert process.loss(SCALES) == pytest.approx(expected - 6 * np.log(2 * np.pi))


def test_the_gradient_is_that_of_finite_differences():
    process = _process(12)
    loss, gradient = process.loss_and_gradient(SCALES)
    assert loss == pytest.approx(process.loss(SCALES))
    expected = approx_fprime(SCALES, process.loss, 1e-6)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-4)


def test_at_the_mode_the_gradient_vanishes():
    mode, loss = _process(20).mode()
    assert loss <= _process(20).loss(SCALES)
    assert np.abs(_process(20).loss_and_gradient(mode)[1]).max() < 0.05


def test_functions_have_the_mean_and_the_variance_of_the_posterior():
    process, there = _process(12), _effects(uniform_points(SPACE, 8, 5))
    drawn = process.functions(np.tile(SCALES, (4000, 1)), there, 0)
    noise = (np.exp(SCALES[4]) + JITTER) * np.eye(12)
    across = _covariance(there, process.effects)
    gain = across @ np.linalg.inv(_covariance(process.effects, process.effects) + noise)
    variance = np.diag(_covariance(there, there) - gain @ across.T)
    errors = (drawn.mean(axis=0) - gain @ process.z) / np.sqrt(variance / 4000)
    assert np.abs(errors).max() < 4
    np.testing.assert_allclose(drawn.var(axis=0), variance, rtol=0.15)


def test_likely_scales_are_distributed_like_the_posterior():
    points = uniform_points(SPACE, 16, 3)
    momentum = points["momentum"].astype(float).to_numpy()
    z = momentum + 0.3 * np.cos(7 * np.arange(16))
    effects = [effects_at(points, "momentum", SPACE["momentum"], 1.0)]
    process = GaussianProcess((z - z.mean()) / z.std(), effects)
    mode, _ = process.mode()
    found = process.likely_scales(mode, 0)
    # Pairs do not exist, so their scale keeps its prior; the two others are summed over a grid.
    mean, width = process.prior
    axes = [m + w * np.linspace(-3.5, 3.5, 41) for m, w in zip(mean, width, strict=True)]
    grid = np.array([(a, mean[1], c) for a in axes[0] for c in axes[2]])
    weights = np.exp(-np.array([process.loss(row) for row in grid]))
    weights /= weights.sum()
    for axis in (0, 2):
        center = weights @ grid[:, axis]
        deviation = np.sqrt(weights @ (grid[:, axis] - center) ** 2)
        assert found[:, axis].mean() == pytest.approx(center, abs=0.3 * deviation)
        assert found[:, axis].std() == pytest.approx(deviation, rel=0.3)
    assert found[:, 1].mean() == pytest.approx(mean[1], abs=0.3)
