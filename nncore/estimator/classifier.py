"""The network as a scikit-learn classifier: labels of any kind in, labels and probabilities out.

The outputs are one for each class, and class weights decide how much the rows of a class count.
"""
# ruff: noqa: N803  scikit-learn calls the inputs X

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import validate_data

from nncore.arrays.layout import Array
from nncore.components.activations import ACTIVATIONS
from nncore.components.metrics import ACCURACY, PROBABILITIES
from nncore.config import LARGEST_NUMBER, TrialConfig
from nncore.datasets.dataset import Split, make_split
from nncore.errors import InputError, require, shown
from nncore.estimator.network_estimator import NetworkEstimator, plain


def _outputs_are_probabilities(estimator: "NetworkClassifier") -> bool:
    # After fitting, the output activation of the trained network counts, not the parameter.
    trained: Any = getattr(estimator, "network_", estimator)
    return trained.output in PROBABILITIES


class NetworkClassifier(ClassifierMixin, NetworkEstimator):
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
    feature_names_in_
        The names of the columns, `(n_features_in_,)`, if `X` was a data frame.
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
        config = self._trial_config()
        self._check_held_out(config)
        x, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        self._begin_classes(config, x.shape[1], classes)
        validation = None
        if config.early_stopping > 0:
            kept, held = self._hold_out(len(x), stratify=labels)
            validation = make_split(x[held], labels[held], len(classes))
            x, labels = x[kept], labels[kept]
        self._train_labels(config, make_split(x, labels, len(classes)), validation)
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
        config = self._trial_config()
        whole = config.class_weight == "none"
        rule = "be None or a dict for partial_fit"
        require(whole, "class_weight", rule, config.class_weight)
        self._check_one_epoch(config)
        first = not hasattr(self, "network_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        x, y = validate_data(self, X, y, dtype=np.float32, reset=first)
        check_classification_targets(y)
        known = unique_labels(classes) if first else self.classes_
        agree = classes is None or np.array_equal(known, unique_labels(classes))
        require(agree, "classes", f"stay {shown(known.tolist())}", classes)
        strange = np.setdiff1d(y, known).tolist()
        require(not strange, "y", f"have labels among {shown(known.tolist())}", strange)
        if first:
            self._begin_classes(config, x.shape[1], known)
        training = make_split(x, np.searchsorted(known, y), len(known))
        self._train_labels(replace(config, epochs=1), training, None)
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

    def _trial_config(self) -> TrialConfig:
        by_label = self.class_weight is None or isinstance(self.class_weight, Mapping)
        return self._config(**({"class_weight": "none"} if by_label else {}))

    def _begin_classes(self, config: TrialConfig, n_in: int, classes: NDArray[Any]) -> None:
        names = classes.tolist()
        if len(names) < 2:
            raise InputError(f"`y` must have at least 2 classes, got 1 class: {shown(names)}")
        self.classes_ = classes
        self._begin(config, n_in, len(classes))

    def _train_labels(self, config: TrialConfig, training: Split, validation: Split | None) -> None:
        weights = self._example_weights(training.labels)
        self._train(config, training, validation, ACCURACY, weights)

    def _example_weights(self, labels: NDArray[np.int64]) -> Array | None:
        """Return the weights of rows that a dict gives; None if `class_weight` is not a dict."""
        given = self.class_weight
        if not isinstance(given, Mapping):
            return None
        known = self.classes_.tolist()
        strange = [plain(label) for label in given if label not in known]
        require(not strange, "class_weight", f"have labels among {shown(known)}", strange)
        weights = [plain(given.get(label, 1.0)) for label in known]
        legal = all(isinstance(w, int | float) and 0 <= w <= LARGEST_NUMBER for w in weights)
        require(legal, "class_weight", f"have weights from 0 to {LARGEST_NUMBER:g}", weights)
        by_row: Array = np.array(weights, dtype=np.float64)[labels]
        return by_row

    def _chunk_outputs(self, x: Array) -> Array:
        """Return the outputs for a few rows; those of sigmoid divided by their sum."""
        network = self.network_
        zs, activations = network.feedforward(x.astype(network.weights[0].dtype, copy=False))
        if network.output == "sigmoid":
            # σ(z_k)/Σσ(z_j), computed from ln σ(z) = −ln(1 + e^−z): the sum cannot underflow to 0.
            return ACTIVATIONS["softmax"](-np.logaddexp(0, -zs[-1]))
        return activations[-1]
