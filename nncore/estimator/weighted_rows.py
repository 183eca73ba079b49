"""The rows that a regressor trains on or holds out: inputs, targets, and how much each row counts.

Targets are standardised and scored by the same weights that the cost has.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array

from nncore.components.metrics import R2, Metric
from nncore.config import LARGEST_NUMBER
from nncore.datasets.dataset import Split, make_target_split
from nncore.datasets.scaling import SCALINGS, Scaling
from nncore.errors import require

Floats = NDArray[np.float64]

LEAST_WEIGHT = 1 / LARGEST_NUMBER


@dataclass(frozen=True)
class WeightedRows:
    """Inputs `x`, `(n, n_in)`, targets `values`, `(n, k)`, and `weights` > 0, `(n,)`."""

    x: NDArray[np.float32]
    values: Floats
    weights: Floats

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def equal(self) -> bool:
        """Whether all rows have the same weight."""
        return bool(np.ptp(self.weights) == 0)

    def take(self, rows: NDArray[Any]) -> "WeightedRows":
        """Return the given rows; `rows` are numbers, or whether each row is taken."""
        return WeightedRows(self.x[rows], self.values[rows], self.weights[rows])

    def split(self, targets: Scaling) -> Split:
        """Return the rows as training takes them, with targets standardised by `targets`.

        Raises `InputError` if a target is too far from those that `targets` was fitted on.
        """
        far = np.abs(self.values - targets.offset) > LARGEST_NUMBER * np.asarray(targets.scale)
        rule = f"be within {LARGEST_NUMBER:g} standard deviations of the first targets"
        require(not far.any(), "y", rule, self.values[far].tolist())
        return make_target_split(self.x, self.values, targets)

    def standardisation(self) -> Scaling:
        """Return the scaling of targets to weighted mean 0 and standard deviation 1.

        The scale of a target that is the same in all rows is infinite.
        """
        unweighted = SCALINGS["standard"](self.values)
        if self.equal:
            return unweighted
        mean = np.average(self.values, axis=0, weights=self.weights)
        variance = np.average((self.values - mean) ** 2, axis=0, weights=self.weights)
        varies = np.isfinite(unweighted.scale) & (variance > 0)
        return replace(unweighted, offset=mean, scale=np.where(varies, np.sqrt(variance), np.inf))


def weighted_rows(
    x: NDArray[np.float32], y: NDArray[Any], sample_weight: ArrayLike | None
) -> WeightedRows:
    """Return the rows whose weight is not 0; all weights are 1 if none are given.

    Raises `InputError` if a target or a weight is no number or out of range, or all weights are 0.
    """
    require(y.dtype.kind in "biuf", "y", "be numbers", y)
    values = y.astype(np.float64).reshape(len(x), -1)
    legal, rule = np.abs(values) <= LARGEST_NUMBER, f"be numbers up to ±{LARGEST_NUMBER:g}"
    require(bool(legal.all()), "y", rule, values[~legal].tolist())
    if sample_weight is None:
        return WeightedRows(x, values, np.ones(len(x)))
    rows = WeightedRows(x, values, _checked_weights(sample_weight, len(x)))
    counts = rows.weights > 0
    return rows if counts.all() else rows.take(counts)


def _checked_weights(sample_weight: ArrayLike, rows: int) -> Floats:
    weights: Floats = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    require(weights.shape == (rows,), "sample_weight", f"have the shape ({rows},)", weights.shape)
    legal = (weights == 0) | ((weights >= LEAST_WEIGHT) & (weights <= LARGEST_NUMBER))
    rule = f"be 0 or from {LEAST_WEIGHT:g} to {LARGEST_NUMBER:g}"
    require(bool(legal.all()), "sample_weight", rule, weights[~legal].tolist())
    require(bool(weights.any()), "sample_weight", "not be all zero", weights.tolist())
    return weights


def weighted_r2(weights: Floats) -> Metric:
    """Return R² for rows that count by their `weights`, `(n,)`."""

    def compute(predictions: NDArray[Any], values: NDArray[Any]) -> float:
        return float(r2_score(values, predictions, sample_weight=weights))

    return replace(R2, compute=compute)
