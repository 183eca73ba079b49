"""The network as a scikit-learn regressor: one or several numbers for each row.

The outputs are linear and the cost is quadratic. The network learns standardised targets;
predictions are in the units of the targets.
"""
# ruff: noqa: N803  scikit-learn calls the inputs X

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from nncore.components.metrics import R2
from nncore.config import TrialConfig
from nncore.errors import require
from nncore.estimator.network_estimator import NetworkEstimator
from nncore.estimator.weighted_rows import WeightedRows, weighted_r2, weighted_rows
from nncore.task import NEEDED


class NetworkRegressor(RegressorMixin, NetworkEstimator):
    """A feed-forward network that predicts numbers, with the interface of scikit-learn.

    The outputs are linear, the cost is quadratic, and targets are standardised by their mean and
    standard deviation in the training rows; predictions are in the units of the targets. The
    parameters have the ranges and meaning of those of `TrialConfig`, except for the parameters
    below. The defaults are those of `TrialConfig` too, except for `learning_rate`,
    `mini_batch_size`, `epochs`, `update` and `dtype`. Inputs are rounded to float32 for either
    `dtype`; scale them first, for example with a `StandardScaler`.

    Parameters
    ----------
    hidden_units
        The width of each hidden layer, or a single width; `()` for a linear model.
    lmbda
        λ >= 0, with the meaning of `alpha` of scikit-learn's `Ridge`: the regularizer divides it by
        the sum of the weights of the rows, which is their number without `sample_weight`.
    mini_batch_size
        Reduced to the size of the training set if it is larger.
    early_stopping
        If > 0, `fit` holds out a random `validation_fraction` of the rows, stops after this number
        of epochs without improvement of R² on them, and keeps the network of the best epoch. The
        schedule "halve-on-plateau" reads these rows too, so it needs `early_stopping` above
        `schedule_patience`.
    validation_fraction
        The fraction of rows that early stopping holds out, > 0 and < 1.
    random_state
        As in scikit-learn; it decides weights, order, held-out rows and dropout.

    Attributes
    ----------
    n_features_in_
        The number of inputs.
    feature_names_in_
        The names of the columns, `(n_features_in_,)`, if `X` was a data frame.
    network_
        The trained `Network`; its outputs are standardised targets.
    target_scaling_
        The `Scaling` of the targets; its `undo` turns outputs into predictions.
    n_iter_
        The number of epochs trained.
    loss_curve_
        The mean cost over the training rows plus the regularizer, after each epoch, for
        standardised targets; the cost is not weighted.
    validation_scores_
        R² on the held-out rows after each epoch, weighted by `sample_weight`; None without
        `early_stopping`.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from nncore import NetworkRegressor
    >>> x, y = load_diabetes(return_X_y=True)
    >>> network = NetworkRegressor(20, epochs=30, random_state=1)
    >>> regressor = make_pipeline(StandardScaler(), network).fit(x, y)
    >>> regressor.score(x, y) > 0.5
    True
    """

    def __init__(
        self,
        hidden_units: int | Sequence[int] = (30,),
        *,
        learning_rate: float = 0.01,
        lmbda: float = 0.0,
        mini_batch_size: int = 32,
        epochs: int = 50,
        activation: str = "sigmoid",
        init: str = "scaled",
        regularizer: str = "l2",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        max_norm: float = 0.0,
        update: str = "adam",
        momentum: float = 0.0,
        nesterov: bool = False,
        step: str = "gradient",
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        clip_norm: float = 0.0,
        schedule: str = "constant",
        warmup: int = 0,
        schedule_decay: float = 0.9,
        schedule_patience: int = 10,
        early_stopping: int = 0,
        validation_fraction: float = 0.1,
        dtype: str = "float64",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_units = hidden_units
        self.learning_rate = learning_rate
        self.lmbda = lmbda
        self.mini_batch_size = mini_batch_size
        self.epochs = epochs
        self.activation = activation
        self.init = init
        self.regularizer = regularizer
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.max_norm = max_norm
        self.update = update
        self.momentum = momentum
        self.nesterov = nesterov
        self.step = step
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.clip_norm = clip_norm
        self.schedule = schedule
        self.warmup = warmup
        self.schedule_decay = schedule_decay
        self.schedule_patience = schedule_patience
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.dtype = dtype
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Return the estimator, trained from new random weights.

        Parameters
        ----------
        X
            Inputs, `(n, n_in)`.
        y
            Targets, `(n,)`, or several for each row, `(n, k)`.
        sample_weight
            The weight of each row in the cost, `(n,)`, each >= 0; all are 1 by default. A row with
            the weight 0 is left out. If a mini-batch holds all rows, the weight 2 is the same as
            the row twice, up to rounding.

        Returns
        -------
        NetworkRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            If a parameter or the data are wrong, fewer than two rows are held out, or training
            diverges.
        """
        config = self._regression_config()
        self._check_held_out(config)
        rows = self._rows(X, y, sample_weight, first=True)
        self._begin(config, rows.x.shape[1], rows.values.shape[1])
        held = None
        if config.early_stopping > 0:
            kept_rows, held_rows = self._hold_out(len(rows))
            rule = "hold out at least 2 rows, because R² of a single row is not defined"
            require(len(held_rows) > 1, "validation_fraction", rule, self.validation_fraction)
            rows, held = rows.take(kept_rows), rows.take(held_rows)
        self.target_scaling_ = rows.standardisation()
        self._train_rows(config, rows, held)
        return self

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Return the estimator, trained for one more epoch.

        Each call is a separate training run: λ is divided by the sum of the weights of the call,
        and velocities and the means of Adam start at 0. The first call decides by which mean and
        standard deviation the targets of all calls are standardised.

        Parameters
        ----------
        X
            Inputs, `(n, n_in)`.
        y
            Targets, `(n,)` or `(n, k)`, as in the first call.
        sample_weight
            As for `fit`.

        Returns
        -------
        NetworkRegressor
            The estimator itself.

        Raises
        ------
        ValueError
            As for `fit`, or if a target is the same in all rows of the first call, the number of
            targets changes later, `early_stopping` is on, `schedule` is not constant, `warmup` is
            not 0, or a parameter that defines the network, such as `hidden_units` or `dtype`, has
            changed.
        """
        config = self._regression_config()
        self._check_one_epoch(config)
        first = not hasattr(self, "network_")
        rows = self._rows(X, y, sample_weight, first=first)
        if first:
            targets = rows.standardisation()
            varies = bool(np.isfinite(targets.scale).all())
            rule = "have different values of each target in the first call to partial_fit"
            require(varies, "y", rule, y)
            self._begin(config, rows.x.shape[1], rows.values.shape[1])
            self.target_scaling_ = targets
        self._train_rows(replace(config, epochs=1), rows, None)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the predictions for the rows of `X` `(n, n_in)`: `(n,)` or `(n, k)`, as `y` had.

        They are in the units of the targets.
        """
        outputs = self._outputs(X)
        return self.target_scaling_.undo(outputs).reshape(-1, *self._shape_of_targets)

    def _regression_config(self) -> TrialConfig:
        return self._config(**NEEDED)

    def _rows(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None, *, first: bool
    ) -> WeightedRows:
        """Return the rows that count; if `first`, they decide the numbers of inputs and targets."""
        x, values = validate_data(
            self, X, y, dtype=np.float32, reset=first, multi_output=True, y_numeric=True
        )
        if first:
            self._shape_of_targets = values.shape[1:]
        wanted = str(("n", *self._shape_of_targets)).replace("'", "")
        same = values.shape[1:] == self._shape_of_targets
        require(same, "y", f"have the shape {wanted}, as in the first call", values.shape)
        return weighted_rows(x, values, sample_weight)

    def _train_rows(
        self, config: TrialConfig, rows: WeightedRows, held: WeightedRows | None
    ) -> None:
        mean = float(rows.weights.mean())
        self._train(
            # Training divides λ by the number of rows; this makes it the sum of their weights.
            replace(config, lmbda=config.lmbda / mean),
            rows.split(self.target_scaling_),
            None if held is None else held.split(self.target_scaling_),
            R2 if held is None else weighted_r2(held.weights),
            None if rows.equal else rows.weights / mean,
        )
