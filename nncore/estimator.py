"""The network as a scikit-learn classifier, for pipelines, cross-validation and grid searches.

It trains through `training.train` with a `TrialConfig`, as every other part does; this module adds
the interface of scikit-learn.
"""
# ruff: noqa: N803  scikit-learn calls the inputs X

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from nncore.arrays.blas import one_blas_thread
from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.metrics import PROBABILITIES
from nncore.components.stopping import Progress, no_improvement
from nncore.config import HYPERPARAMETERS, LARGEST_NUMBER, TrialConfig, trial_config
from nncore.datasets.dataset import Split, make_split
from nncore.errors import InputError, require, shown
from nncore.network import CHUNK_ROWS, Network, new_network
from nncore.training import EpochRecord, train


def _outputs_are_probabilities(estimator: "NetworkClassifier") -> bool:
    # After fitting, the output activation of the trained network counts, not the parameter.
    trained: Any = getattr(estimator, "network_", estimator)
    return trained.output in PROBABILITIES


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """A feed-forward network that classifies, with the interface of scikit-learn.

    The parameters have the defaults, ranges and meaning of those of `TrialConfig`, except for the
    parameters below. There is no expansion, because rows are not known to be images. Inputs are
    rounded to float32 for either `dtype`; scale them first, for example with a `StandardScaler`.

    Parameters
    ----------
    hidden_units
        The width of each hidden layer, or a single width.
    class_weight
        As in scikit-learn: None, "balanced", or a dict of weights >= 0 by label, in which a label
        that is left out has the weight 1. "none", the word of `TrialConfig`, is the same as None.
    mini_batch_size
        Reduced to the size of the training set if it is larger.
    early_stopping
        If > 0, `fit` holds out a stratified `validation_fraction` of the rows, stops after this
        number of epochs without improvement on them, and keeps the network of the best epoch. The
        schedule "halve-on-plateau" reads these rows too, so it needs `early_stopping` above
        `schedule_patience`.
    validation_fraction
        The fraction of rows that early stopping holds out, > 0 and < 1.
    random_state
        As in scikit-learn; it decides weights, order, held-out rows and dropout.

    Attributes
    ----------
    classes_
        The labels, sorted, `(n_classes,)`.
    n_features_in_
        The number of inputs.
    network_
        The trained `Network`.
    n_iter_
        The number of epochs trained.
    loss_curve_
        The mean cost over the training rows plus the regularizer, after each epoch; not weighted
        by `class_weight`.
    validation_scores_
        The accuracy on the held-out rows after each epoch; None without `early_stopping`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from nncore import NetworkClassifier
    >>> x, y = load_iris(return_X_y=True)
    >>> network = NetworkClassifier(10, learning_rate=0.5, epochs=50, random_state=1)
    >>> classifier = make_pipeline(StandardScaler(), network).fit(x, y)
    >>> classifier.score(x, y) > 0.9
    True
    """

    def __init__(
        self,
        hidden_units: int | Sequence[int] = (30,),
        *,
        learning_rate: float = 0.5,
        lmbda: float = 0.0,
        mini_batch_size: int = 10,
        epochs: int = 30,
        activation: str = "sigmoid",
        output: str = "sigmoid",
        cost: str = "cross-entropy",
        class_weight: Mapping[Any, float] | str | None = None,
        init: str = "scaled",
        regularizer: str = "l2",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        max_norm: float = 0.0,
        update: str = "sgd",
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
        dtype: str = "float32",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_units = hidden_units
        self.learning_rate = learning_rate
        self.lmbda = lmbda
        self.mini_batch_size = mini_batch_size
        self.epochs = epochs
        self.activation = activation
        self.output = output
        self.cost = cost
        self.class_weight = class_weight
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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Return the estimator, trained from new random weights.

        Parameters
        ----------
        X
            Inputs, `(n, n_in)`.
        y
            Labels of any kind, `(n,)`.

        Returns
        -------
        NetworkClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            If a parameter or the data are wrong, there is only one class, or training diverges.
        """
        config = self._config()
        part, waits = _plain(self.validation_fraction), config.early_stopping > 0
        inside = isinstance(part, float) and 0 < part < 1
        require(inside, "validation_fraction", "be > 0 and < 1", part)
        plateau = config.schedule == "halve-on-plateau"
        require(waits or not plateau, "early_stopping", f"be > 0 for {config.schedule}", 0)
        x, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        self._begin(config, x.shape[1], classes)
        validation = None
        if waits:
            seed = int(self._order.integers(2**31))
            x, held_x, labels, held_labels = train_test_split(
                x, labels, test_size=part, stratify=labels, random_state=seed
            )
            validation = make_split(held_x, held_labels, len(classes))
        self._train(config, make_split(x, labels, len(classes)), validation)
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None) -> Self:
        """Return the estimator, trained for one more epoch.

        Each call is a separate training run: λ is divided by the number of rows of the call, and
        velocities and the means of Adam start at 0.

        Parameters
        ----------
        X
            Inputs, `(n, n_in)`.
        y
            Labels, `(n,)`, each of them in `classes`.
        classes
            All labels of this and later calls; the first call needs them.

        Returns
        -------
        NetworkClassifier
            The estimator itself.

        Raises
        ------
        ValueError
            As for `fit`, or if `classes` is missing in the first call or changes later, `y` has
            another label, `early_stopping` is on, `schedule` is not constant, `warmup` is not 0,
            `class_weight` is "balanced", which needs all rows at once, or a parameter that defines
            the network, such as `hidden_units` or `dtype`, has changed.
        """
        config = self._config()
        whole = config.class_weight == "none"
        rule = "be None or a dict for partial_fit"
        require(whole, "class_weight", rule, config.class_weight)
        patience = config.early_stopping
        require(patience == 0, "early_stopping", "be 0 for partial_fit", patience)
        constant = config.schedule == "constant"
        require(constant, "schedule", "be 'constant' for partial_fit", config.schedule)
        require(config.warmup == 0, "warmup", "be 0 for partial_fit", config.warmup)
        config = replace(config, epochs=1)
        first = not hasattr(self, "network_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        if not first:
            _check_same_network(self.network_, config)
        x, y = validate_data(self, X, y, dtype=np.float32, reset=first)
        check_classification_targets(y)
        known = unique_labels(classes) if first else self.classes_
        agree = classes is None or np.array_equal(known, unique_labels(classes))
        require(agree, "classes", f"stay {shown(known.tolist())}", classes)
        strange = np.setdiff1d(y, known).tolist()
        require(not strange, "y", f"have labels among {shown(known.tolist())}", strange)
        if first:
            self._begin(config, x.shape[1], known)
        self._train(config, make_split(x, np.searchsorted(known, y), len(known)), None)
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of the largest output, `(n,)`, for each row of `X` `(n, n_in)`."""
        best = self._outputs(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    @available_if(_outputs_are_probabilities)
    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class, `(n, n_classes)`, for each row of `X` `(n, n_in)`.

        Softmax outputs have the sum 1. Sigmoid outputs are independent of each other, so they are
        divided by their sum. Other outputs are not probabilities: the method is missing then.
        """
        return self._outputs(X)

    def _config(self) -> TrialConfig:
        parameters = self.get_params(deep=False)
        if self.class_weight is None or isinstance(self.class_weight, Mapping):
            parameters["class_weight"] = "none"
        return trial_config(
            {key: _plain(parameters[key]) for key in HYPERPARAMETERS if key in parameters}
        )

    def _begin(self, config: TrialConfig, n_in: int, classes: NDArray[Any]) -> None:
        names = classes.tolist()
        if len(names) < 2:
            raise InputError(f"`y` must have at least 2 classes, got 1 class: {shown(names)}")
        self.classes_ = classes
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        # Separate streams: two widths draw different weights, yet see the data in one order.
        weights, self._order, self._noise = np.random.default_rng(seed).spawn(3)
        self.network_ = new_network(config, n_in, len(classes), weights)
        self.loss_curve_: list[float] = []

    def _train(self, config: TrialConfig, training: Split, validation: Split | None) -> None:
        size = min(config.mini_batch_size, len(training))
        config = replace(config, mini_batch_size=size)
        network = self.network_.copy()
        best, progress, accuracies = network, Progress(), []
        records = train(
            network,
            config,
            self._order,
            training=training,
            validation=validation,
            noise=self._noise,
            example_weights=self._example_weights(training.labels),
        )
        for record in records:
            self.loss_curve_.append(_loss(record))
            if record.validation_accuracy is None:
                continue
            accuracies.append(record.validation_accuracy)
            progress = progress.after(record.validation_accuracy)
            if progress.best_epoch == progress.epoch:
                best = network.copy()
            if no_improvement(progress, config.early_stopping):
                break
        self.network_ = best
        self.n_iter_ = len(self.loss_curve_)
        self.validation_scores_ = accuracies if validation else None

    def _example_weights(self, labels: NDArray[np.int64]) -> Array | None:
        """Return the weights of rows that a dict gives; None if `class_weight` is not a dict."""
        given = self.class_weight
        if not isinstance(given, Mapping):
            return None
        known = self.classes_.tolist()
        strange = [_plain(label) for label in given if label not in known]
        require(not strange, "class_weight", f"have labels among {shown(known)}", strange)
        weights = [_plain(given.get(label, 1.0)) for label in known]
        legal = all(isinstance(w, int | float) and 0 <= w <= LARGEST_NUMBER for w in weights)
        require(legal, "class_weight", f"have weights from 0 to {LARGEST_NUMBER:g}", weights)
        by_row: Array = np.array(weights, dtype=np.float64)[labels]
        return by_row

    def _outputs(self, X: ArrayLike) -> Array:
        """Return the outputs for `X`, `(n, n_classes)`; those of sigmoid divided by their sum."""
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float32, reset=False)
        chunks = gen_batches(len(x), CHUNK_ROWS)  # bounds the memory of the hidden layers
        with one_blas_thread():
            return np.concatenate([_chunk_outputs(self.network_, x[rows]) for rows in chunks])


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


def _chunk_outputs(network: Network, x: Array) -> Array:
    zs, activations = network.feedforward(x.astype(network.weights[0].dtype, copy=False))
    if network.output == "sigmoid":
        # σ(z_k)/Σσ(z_j), computed from ln σ(z) = −ln(1 + e^−z): the sum cannot underflow to 0.
        return ACTIVATIONS["softmax"](-np.logaddexp(0, -zs[-1]))
    return activations[-1]


def _loss(record: EpochRecord) -> float:
    """Return the minimized cost of an epoch."""
    if record.diverged or record.train_cost is None:
        raise ValueError(
            f"training diverged in epoch {record.epoch}: weights or cost are not finite; "
            "lower `learning_rate` or scale the inputs"
        )
    return record.train_cost + record.penalty


def _plain(value: Any) -> Any:
    """Return a parameter as plain Python, because grids are often made with NumPy."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
