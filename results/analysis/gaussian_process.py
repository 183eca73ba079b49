"""A Gaussian process over the search space: sums of effects of one and of two hyperparameters.

It says which functions of the hyperparameters agree with the trials. Where a sampler tried few
points, these functions differ, and with them every conclusion.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, cholesky
from scipy.optimize import minimize
from scipy.special import ndtri
from scipy.stats import qmc

from results.analysis.space_basis import Effects

Floats = NDArray[np.float64]

MEAN_VARIANCE = 4.0  # of the constant, in units of the variance of the standardized values
EFFECT, PAIR, NOISE = (0.1, 2.0), (1.0, 1.5), (0.1, 1.5)
"""Median and logarithmic standard deviation of the prior of each scale; all are log-normal."""
LARGEST, REACH = 4.0, 4.0  # the logarithm of a scale; standard deviations of its prior
JITTER = 1e-6
STEP = 1e-3  # of the differences that give the curvature
WIDER = 1.15  # than the curvature says: proposals must not miss the tails
EDGE = 1e-6  # the part of the normal distribution that is cut off on either side
DRAWS = 256  # a power of two, for the low-discrepancy sequence


@dataclass(frozen=True, eq=False)
class GaussianProcess:
    """The process f = constant + Σ f_a + Σ f_ab, and the trials y = f + noise.

    f_a is a sum of the functions of hyperparameter a, with variance v_a; f_ab one of the products
    of the functions of a and b, with variance r·v_a·v_b. The logarithms of v_1, …, v_d, of r and of
    the noise's variance are the `scales` of its methods, `(d + 2,)`.
    Source: Durrande et al., ANOVA kernels and RKHS of zero mean functions, 2013.

    Attributes
    ----------
    z
        The values of the trials, with mean 0 and variance 1, `(n_trials,)`.
    effects
        The functions of each hyperparameter at the trials.
    """

    z: Floats
    effects: Sequence[Effects]

    @cached_property
    def prior(self) -> tuple[Floats, Floats]:
        """The means and the standard deviations of the prior of the scales."""
        each = [EFFECT] * len(self.effects) + [PAIR, NOISE]
        return np.log([median for median, _ in each]), np.array([width for _, width in each])

    @cached_property
    def _kernels(self) -> tuple[Floats, Floats]:
        """The covariance of the trials by each hyperparameter with variance 1, and its squares."""
        kernels = [(one.values * one.weights) @ one.values.T for one in self.effects]
        flat = np.stack(kernels).reshape(len(kernels), -1)
        return flat, flat**2

    def _covariance(self, scales: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the covariance of the trials, and its parts from one and two hyperparameters."""
        kernels, squares = self._kernels
        size, effects = len(self.z), np.exp(scales[:-2])
        alone = (effects @ kernels).reshape(size, size)
        pairs = (alone**2 - (effects**2 @ squares).reshape(size, size)) / 2
        whole = MEAN_VARIANCE + alone + math.exp(scales[-2]) * pairs
        whole[np.diag_indices(size)] += math.exp(scales[-1]) + JITTER
        return whole, alone, pairs

    def _loss(self, scales: Floats, root: Floats, solved: Floats) -> float:
        away = (scales - self.prior[0]) / self.prior[1]
        return float((self.z @ solved + away @ away) / 2 + np.log(np.diag(root)).sum())

    def loss(self, scales: Floats) -> float:
        """Return minus the logarithm of the posterior density of the scales, up to a constant."""
        root = _root(self._covariance(scales)[0])
        return self._loss(scales, root, _solve(root, self.z))

    def loss_and_gradient(self, scales: Floats) -> tuple[float, Floats]:
        """Return the loss and its gradient, `(d + 2,)`."""
        kernels, squares = self._kernels
        whole, alone, pairs = self._covariance(scales)
        root = _root(whole)
        inverse = _solve(root, np.eye(len(self.z)))
        solved = inverse @ self.z
        by_entry = (inverse - np.outer(solved, solved)) / 2
        effects, pair = np.exp(scales[:-2]), math.exp(scales[-2])
        gradient = (scales - self.prior[0]) / self.prior[1] ** 2
        gradient[:-2] += effects * (kernels @ (by_entry * (1 + pair * alone)).ravel())
        gradient[:-2] -= pair * effects**2 * (squares @ by_entry.ravel())
        gradient[-2] += pair * (by_entry * pairs).sum()
        gradient[-1] += math.exp(scales[-1]) * np.trace(by_entry)
        return self._loss(scales, root, solved), gradient

    def mode(self, start: Floats | None = None) -> tuple[Floats, float]:
        """Return the scales of the least loss, searched from `start`, and that loss."""
        mean, width = self.prior
        ends = mean - REACH * width, np.minimum(mean + REACH * width, LARGEST)
        found = minimize(
            self.loss_and_gradient,
            mean if start is None else start,
            jac=True,
            method="L-BFGS-B",
            bounds=np.stack(ends, axis=1),
            options={"maxiter": 60, "ftol": 1e-6},
        )
        return np.asarray(found.x, dtype="float64"), float(found.fun)

    def likely_scales(self, mode: Floats, seed: int) -> Floats:
        """Return scales that are distributed like the posterior, `(DRAWS, d + 2)`.

        They are drawn from the normal distribution with the curvature of the loss at its `mode`,
        then drawn again with weights that correct for it.
        """
        values, axes = np.linalg.eigh(self._curvature(mode))
        values = np.maximum(values, 0.5 / self.prior[1].max() ** 2)
        heights = qmc.Sobol(len(mode), seed=seed).random(DRAWS)
        normal = ndtri(np.clip(heights, EDGE, 1 - EDGE))
        proposed = np.minimum(mode + (WIDER * normal / np.sqrt(values)) @ axes.T, LARGEST)
        excess = (normal**2).sum(axis=1) / 2 - [self.loss(scales) for scales in proposed]
        below = np.exp(excess - excess.max()).cumsum()
        chosen = np.searchsorted(below / below[-1], (np.arange(DRAWS) + 0.5) / DRAWS)
        return np.asarray(proposed[chosen], dtype="float64")

    def _curvature(self, mode: Floats) -> Floats:
        def gradient(scales: Floats) -> Floats:
            return self.loss_and_gradient(scales)[1]

        steps = STEP * np.eye(len(mode))
        slopes = np.stack([gradient(mode + step) - gradient(mode - step) for step in steps])
        return (slopes + slopes.T) / (4 * STEP)

    def functions(self, scales: Floats, there: Sequence[Effects], seed: int) -> Floats:
        """Return a function that agrees with the trials for each row of `scales`.

        `there` are the effects at the points at which the functions are wanted; the result is
        `(len(scales), n_points)`. A function and noise are drawn from the prior; what they miss of
        the trials is then added (Matheron's rule).
        """
        rng, drawn = np.random.default_rng(seed), []
        here, points = _all_functions(self.effects), _all_functions(there)
        for row in scales:
            variances = _variances(self.effects, row)
            root = _root(self._covariance(row)[0])
            coefficients = np.sqrt(variances) * rng.normal(size=len(variances))
            noise = math.exp(row[-1] / 2) * rng.normal(size=len(self.z))
            missed = _solve(root, self.z - here @ coefficients - noise)
            drawn.append(points @ (coefficients + variances * (here.T @ missed)))
        return np.array(drawn)


def _root(covariance: Floats) -> Floats:
    return np.asarray(cholesky(covariance, lower=True, check_finite=False), dtype="float64")


def _solve(root: Floats, right: Floats) -> Floats:
    return np.asarray(cho_solve((root, True), right, check_finite=False), dtype="float64")


def _all_functions(effects: Sequence[Effects]) -> Floats:
    """Return the constant, the functions of each hyperparameter, and the products of each two."""
    size = len(effects[0].values)
    alone = [one.values for one in effects]
    pairs = [
        (a[:, :, np.newaxis] * b[:, np.newaxis, :]).reshape(size, -1)
        for a, b in combinations(alone, 2)
    ]
    return np.concatenate([np.ones((size, 1)), *alone, *pairs], axis=1)


def _variances(effects: Sequence[Effects], scales: Floats) -> Floats:
    """Return the prior variance of the coefficient of each of `_all_functions`."""
    alone = [v * one.weights for v, one in zip(np.exp(scales[:-2]), effects, strict=True)]
    pairs = [math.exp(scales[-2]) * np.outer(a, b).ravel() for a, b in combinations(alone, 2)]
    return np.concatenate([[MEAN_VARIANCE], *alone, *pairs])
