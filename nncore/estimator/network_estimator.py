"""What the estimators share: parameters that become a `TrialConfig`, training, and outputs.

It trains through `training.train`, as every other part does; scikit-learn supplies the interface.
"""
# ruff: noqa: N803  scikit-learn calls the inputs X

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.components.metrics import Metric
from nncore.components.stopping import Progress, no_improvement
from nncore.config import HYPERPARAMETERS, TrialConfig, trial_config
from nncore.datasets.dataset import Split
from nncore.errors import require, shown
from nncore.network import CHUNK_ROWS, Network, new_network
from nncore.training import EpochRecord, train


class NetworkEstimator(BaseEstimator):
    """A network that scikit-learn trains; a subclass says what its outputs mean."""

    network_: Network

    def _config(self, **fixed: Any) -> TrialConfig:
        """Return the checked parameters; `fixed` are settings that are not parameters."""
        parameters = self.get_params(deep=False) | fixed
        return trial_config(
            {key: plain(parameters[key]) for key in HYPERPARAMETERS if key in parameters}
        )

    def _check_held_out(self, config: TrialConfig) -> None:
        """Raise `InputError` if the parameters about held-out rows are wrong."""
        part, waits = plain(self.validation_fraction), config.early_stopping > 0
        inside = isinstance(part, float) and 0 < part < 1
        require(inside, "validation_fraction", "be > 0 and < 1", part)
        plateau = config.schedule == "halve-on-plateau"
        require(waits or not plateau, "early_stopping", f"be > 0 for {config.schedule}", 0)

    def _check_one_epoch(self, config: TrialConfig) -> None:
        """Raise `InputError` if `partial_fit` cannot train with `config`."""
        patience = config.early_stopping
        require(patience == 0, "early_stopping", "be 0 for partial_fit", patience)
        constant = config.schedule == "constant"
        require(constant, "schedule", "be 'constant' for partial_fit", config.schedule)
        require(config.warmup == 0, "warmup", "be 0 for partial_fit", config.warmup)
        if hasattr(self, "network_"):
            _check_same_network(self.network_, config)

    def _begin(self, config: TrialConfig, n_in: int, n_out: int) -> None:
        """Make the network that is trained, and the generators that its training draws from."""
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        # Separate streams: two widths draw different weights, yet see the data in one order.
        weights, self._order, self._noise = np.random.default_rng(seed).spawn(3)
        self.network_ = new_network(config, n_in, n_out, weights)
        self.loss_curve_: list[float] = []

    def _hold_out(
        self, rows: int, stratify: NDArray[Any] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of the rows to train on, and of those that early stopping reads."""
        part, seed = plain(self.validation_fraction), int(self._order.integers(2**31))
        kept, held = train_test_split(
            np.arange(rows), test_size=part, stratify=stratify, random_state=seed
        )
        return kept, held

    def _train(
        self,
        config: TrialConfig,
        training: Split,
        validation: Split | None,
        metric: Metric,
        example_weights: NDArray[Any] | None,
    ) -> None:
        """Train a copy of the network, and keep it as it was after its best epoch."""
        size = min(config.mini_batch_size, len(training))
        network = self.network_.copy()
        best, progress, values = network, Progress(), []
        records = train(
            network,
            replace(config, mini_batch_size=size),
            self._order,
            training=training,
            validation=validation,
            noise=self._noise,
            metric=metric,
            example_weights=example_weights,
        )
        for record in records:
            self.loss_curve_.append(_loss(record))
            value = record.validation_metric
            if value is None:
                continue
            values.append(value)
            progress = progress.after(metric.score(value))
            if progress.best_epoch == progress.epoch:
                best = network.copy()
            if no_improvement(progress, config.early_stopping):
                break
        self.network_ = best
        self.n_iter_ = len(self.loss_curve_)
        self.validation_scores_ = values if validation else None

    def _outputs(self, X: ArrayLike) -> Array:
        """Return the outputs for `X`, `(n, n_out)`."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float32, reset=False)
        chunks = gen_batches(len(x), CHUNK_ROWS)  # bounds the memory of the hidden layers
        with one_blas_thread():
            return np.concatenate([self._chunk_outputs(x[rows]) for rows in chunks])

    def _chunk_outputs(self, x: Array) -> Array:
        """Return the outputs for a few rows, `(m, n_out)`."""
        return self.network_.outputs(x)[1]


def _check_same_network(network: Network, config: TrialConfig) -> None:
    """Raise `InputError` if `config` describes another network than the trained network."""
    trained = {
        "hidden_units": network.sizes[1:-1],
        "activation": network.activation,
        "output": network.output,
        "cost": network.cost,
        "dtype": network.weights[0].dtype.name,
    }
    for key, value in trained.items():
        got = getattr(config, key)
        require(got == value, key, f"stay {shown(value)} for partial_fit", got)


def _loss(record: EpochRecord) -> float:
    """Return the minimized cost of an epoch."""
    if record.diverged or record.train_cost is None:
        raise ValueError(
            f"training diverged in epoch {record.epoch}: weights or cost are not finite; "
            "lower `learning_rate` or scale the inputs"
        )
    return record.train_cost + record.penalty


def plain(value: Any) -> Any:
    """Return a parameter as plain Python, because grids are often made with NumPy."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
