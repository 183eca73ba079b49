"""The predictions of a network for regression on validation data: residuals and their worst rows.

A residual is the true value minus the prediction, in the units of the target.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nncore.components.metrics import R2, RMSE
from results.analysis.best_network import Integers, Scored

Floats = NDArray[np.float64]

MOST_MOVED = 500  # rows in which the effect of a column is measured
FEWEST_IN_PART = 8  # predictions, of which a quantile of the residuals is taken


@dataclass(frozen=True, eq=False)
class Predictions:
    """The predictions of one target on validation data, `(m,)`, in the units of the target."""

    target: str
    true: Floats
    predicted: Floats

    @property
    def residuals(self) -> Floats:
        """The true value minus the prediction, `(m,)`."""
        return self.true - self.predicted

    @property
    def rmse(self) -> float:
        """The root of the mean squared residual."""
        return RMSE.compute(self.predicted[:, None], self.true[:, None])

    @property
    def r2(self) -> float:
        """R² of this target alone; NaN for a single row."""
        return R2.compute(self.predicted[:, None], self.true[:, None])

    def within(self, share: float) -> float:
        """Return the distance from the true value that a `share` of the predictions keep."""
        return float(np.quantile(np.abs(self.residuals), share))


def predictions_of(scored: Scored) -> list[Predictions]:
    """Return the predictions of each target; none for classes."""
    if scored.dataset.targets is None:
        return []
    columns = zip(target_names(scored), scored.labels.T, scored.outputs.T, strict=True)
    return [Predictions(name, np.asarray(t), np.asarray(p)) for name, t, p in columns]


def target_names(scored: Scored) -> tuple[str, ...]:
    """Return the names of the targets; none for classes."""
    return (scored.dataset.targets and scored.dataset.targets.names) or ()


def residual_bands(one: Predictions, most: int) -> pd.DataFrame:
    """Return `low, median, high` of the residuals in parts of equally many rows, by `predicted`.

    There are at most `most` parts, of at least eight rows; `predicted` is the mean of a part. `low`
    and `high` are the quantiles 0.1 and 0.9.
    """
    order = np.argsort(one.predicted, kind="stable")
    parts = np.array_split(order, max(1, min(most, len(order) // FEWEST_IN_PART)))
    rows = [
        [one.predicted[part].mean(), *np.quantile(one.residuals[part], [0.1, 0.5, 0.9])]
        for part in parts
    ]
    return pd.DataFrame(rows, columns=["predicted", "low", "median", "high"], dtype="float64")


def growth(one: Predictions) -> tuple[float, float]:
    """Return Spearman's correlation of a prediction and the size of its residual, and a p-value.

    The p-value is that of a one-sided t test of a positive correlation; both are 0 and 1 if all
    predictions or all sizes are equal, or there are fewer than four rows. Source: Spearman, 1904.
    """
    frame = pd.DataFrame({"predicted": one.predicted, "size": np.abs(one.residuals)})
    free = len(frame) - 2
    if free < 2 or frame.nunique().min() < 2:
        return 0.0, 1.0
    from scipy.special import stdtr  # Student's t, without the second of scipy.stats

    correlation = float(frame.rank().corr().to_numpy()[0, 1])
    error = math.sqrt(max(1 - correlation**2, 1e-12) / free)
    return correlation, float(stdtr(free, -correlation / error))


def share_of_far(values: Floats, share: float) -> float:
    """Return the part of the squared distances from the median that the farthest values have.

    The farthest are a `share` of the values, at least one. It is 0 if all values are equal.
    """
    squares = np.sort((values - np.median(values)) ** 2)
    total = squares.sum()
    far = max(1, round(share * len(values)))
    return float(squares[-far:].sum() / total) if total > 0 else 0.0


def worst_rows(scored: Scored, most: int) -> Integers:
    """Return the validation rows with the largest residuals, the worst first.

    Of several targets, the mean of the squares counts, each residual divided by the standard
    deviation of its target in the training rows.
    """
    targets = scored.dataset.targets
    assert targets is not None
    squares = ((scored.labels - scored.outputs) / targets.scale) ** 2
    return np.argsort(-squares.mean(axis=1), kind="stable")[:most]


def telling_columns(scored: Scored, most: int) -> list[str]:
    """Return the columns of inputs on which the predictions depend most, at most `most` of them.

    A column is told by how much the predictions change if all rows have its mean: the root mean
    square of the change, over 500 rows and all targets, in standard deviations of the target. All
    inputs of a column change together. Columns without any effect are left out.
    """
    targets, scaling = scored.dataset.targets, scored.dataset.scaling
    assert targets is not None
    x = np.asarray(scored.dataset.validation.x[:MOST_MOVED])
    before, effects = scored.model.outputs(x, scaling), {}
    for name, places in input_places(scored).items():
        moved = x.copy()
        moved[:, places] = x[:, places].mean(axis=0)
        change = (scored.model.outputs(moved, scaling) - before) / targets.scale
        effects[name] = float(np.sqrt((change**2).mean()))
    ranked = sorted(effects, key=lambda name: -effects[name])
    return [name for name in ranked if effects[name] > 0][:most]


def input_places(scored: Scored) -> dict[str, list[int]]:
    """Return which scaled inputs each column has; a column without inputs is left out."""
    scaling, n_in = scored.dataset.scaling, scored.dataset.validation.x.shape[1]
    if scaling.encoding is None:
        names: Sequence[str] = scaling.inputs or [f"x[:, {k}]" for k in range(n_in)]
        return {name: [place] for place, name in enumerate(names)}
    places, first = {}, 0
    for column in scaling.encoding:
        places[column.name] = list(range(first, first + len(column.inputs)))
        first += len(column.inputs)
    return {name: own for name, own in places.items() if own}


def raw_values(scored: Scored, name: str) -> NDArray[Any]:
    """Return the raw input `name` of each validation row, of inputs that need no encoding."""
    (place,) = input_places(scored)[name]
    values: NDArray[Any] = scored.dataset.scaling.undo(scored.dataset.validation.x)[:, place]
    return values
