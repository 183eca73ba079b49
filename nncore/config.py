"""The hyperparameters of one training run, validated once.

A sweep proposes them and the command line sets them; later code does not check them again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from nncore.arguments import require_type
from nncore.components.activations import ACTIVATIONS
from nncore.components.class_weights import CLASS_WEIGHTS
from nncore.components.costs import COSTS, check_pair
from nncore.components.initializers import INITIALIZERS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.errors import require, unknown
from nncore.words_of_others import unknown_key


@dataclass(frozen=True, kw_only=True)
class TrialConfig:
    """The hyperparameters of one training run; the defaults are those of the book's chapter 3.

    Parameters
    ----------
    learning_rate
        The learning rate η > 0; with the `step` "fixed-length", it is the length of each
        step (the book's ε).
    lmbda
        The regularization strength λ >= 0.
    mini_batch_size
        Examples in a mini-batch, >= 1.
    hidden_units
        The width of each hidden layer, first to last.
    activation
        The activation of the hidden layers.
    output
        The activation of the output layer.
    cost
        The cost to minimize. "cross-entropy" needs sigmoid outputs,
        "log-likelihood" softmax outputs.
    class_weight
        "balanced" weights the cost of each training example by n/(K n_c), with n_c of the n
        training examples in its class and K classes, so that all classes count the same; "none"
        weights all examples by 1. Reported costs and accuracies are not weighted.
    init
        How initial weights are drawn.
    regularizer
        The penalty on the weights.
    dropout
        The probability of dropping a hidden unit, >= 0 and < 1.
    input_dropout
        The probability of dropping an input, >= 0 and < 1.
    max_norm
        The upper bound of the L2 norm of the incoming weights of each hidden unit, >= 0; longer
        weights are scaled down to it after each step. Output units and biases are not bounded. 0
        turns it off.
    update
        How the gradient becomes a step: "sgd", as `momentum`, `nesterov` and `step` say; "adam",
        which adapts the step of each parameter; or "adamw", in which λ shrinks the weights
        directly instead of entering the gradient. Both need a small η, for example 0.001.
    momentum
        μ, the fraction of the velocity kept from step to step, >= 0 and < 1; only for "sgd".
    nesterov
        Whether to use Nesterov momentum; only for "sgd".
    step
        "gradient" for steps proportional to the gradient, "fixed-length" for steps of equal length;
        only for "sgd".
    beta1
        Adam's β₁, the fraction of its mean of gradients kept from step to step, >= 0 and < 1.
    beta2
        Adam's β₂, the same for its mean of squared gradients.
    epsilon
        The number that Adam adds to the root of that mean before it divides by it, >= 1e-30.
    clip_norm
        The upper bound of the L2 norm of the gradient, taken over all weights and biases, >= 0;
        longer gradients are scaled down to it. 0 turns it off.
    schedule
        How the learning rate changes over the epochs.
    warmup
        The number of first epochs with a lower learning rate, below `epochs`: η rises in equal
        steps, and the schedule begins after them.
    schedule_decay
        The factor by which the exponential schedule multiplies η each epoch, > 0 and <= 1.
    schedule_patience
        The number of epochs without improvement before halve-on-plateau halves η, >= 1; with that
        schedule, `early_stopping` must be 0 or larger than this.
    shift
        The largest shift of training images, in pixels; 0 turns it off.
    rotation
        The largest rotation of training images, in degrees; 0 turns it off.
    scaling
        The largest random change of the size of training images, as a fraction below 1; 0 turns it
        off.
    shear
        The largest shear of training images, as a fraction; 0 turns it off.
    elastic
        The strength of elastic distortions of images: pixels are displaced at random by at most
        this many pixels, then the displacements are smoothed; 0 turns them off.
    epochs
        The maximum number of epochs, >= 1.
    early_stopping
        The number of epochs without improvement on validation data after which training stops;
        0 turns early stopping off.
    dtype
        The floating-point precision, "float32" or "float64".
    monitor_training
        Whether to score the training set as well after each epoch.

    Raises
    ------
    InputError
        If a value is out of its range, a name is unknown, or the cost is not defined for the output
        activation.

    Examples
    --------
    >>> from nncore import TrialConfig
    >>> config = TrialConfig(hidden_units=(30, 20), output="softmax", cost="log-likelihood")
    >>> config.learning_rate, config.epochs
    (0.5, 30)
    >>> TrialConfig(dropout=1.0)
    Traceback (most recent call last):
        ...
    nncore.errors.InputError: `dropout` must be a number >= 0 and < 1, got 1.0
    """

    learning_rate: float = 0.5
    lmbda: float = 0.0
    mini_batch_size: int = 10
    hidden_units: tuple[int, ...] = (30,)
    activation: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "cross-entropy"
    class_weight: str = "none"
    init: str = "scaled"
    regularizer: str = "l2"
    dropout: float = 0.0
    input_dropout: float = 0.0
    max_norm: float = 0.0
    update: str = "sgd"
    momentum: float = 0.0
    nesterov: bool = False
    step: str = "gradient"
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    clip_norm: float = 0.0
    schedule: str = "constant"
    warmup: int = 0
    schedule_decay: float = 0.9
    schedule_patience: int = 10
    shift: float = 0.0
    rotation: float = 0.0
    scaling: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    epochs: int = 30
    early_stopping: int = 0
    dtype: str = "float32"
    monitor_training: bool = True

    def __post_init__(self) -> None:
        for key, (rule, holds) in NUMBERS.items():
            _check_number(key, getattr(self, key), rule, holds)
        for key, least in COUNTS.items():
            _check_count(key, getattr(self, key), least)
        for key, known in NAMES.items():
            _check_name(key, getattr(self, key), known)
        for key in FLAGS:
            flag = getattr(self, key)
            require(isinstance(flag, bool), key, "be true or false", flag)
        widths = self.hidden_units
        require(isinstance(widths, tuple), "hidden_units", "be a tuple of widths", widths)
        for units in widths:
            _check_count("hidden_units", units, least=1)
        check_pair(self.cost, self.output)
        self._check_step()
        require(self.warmup < self.epochs, "warmup", "be below `epochs`", self.warmup)
        # Otherwise training always ends before the learning rate is halved for the first time.
        waits = self.early_stopping == 0 or self.early_stopping > self.schedule_patience
        rule = "be 0 or above `schedule_patience` if `schedule` is 'halve-on-plateau'"
        halves = self.schedule == "halve-on-plateau"
        require(waits or not halves, "early_stopping", rule, self.early_stopping)

    def _check_step(self) -> None:
        """Raise `InputError` if the settings of the step contradict each other."""
        if self.update != "sgd":
            adam = f"if `update` is '{self.update}'"
            require(self.step == "gradient", "step", f"be 'gradient' {adam}", self.step)
            require(self.momentum == 0, "momentum", f"be 0 {adam}", self.momentum)
            require(not self.nesterov, "nesterov", f"be false {adam}", self.nesterov)
        if self.step == "fixed-length":
            for key in ("momentum", "clip_norm"):
                value = getattr(self, key)
                require(value == 0, key, "be 0 if `step` is 'fixed-length'", value)

    @property
    def rule(self) -> str:
        """The name in `UPDATES` of the update rule that these settings select."""
        if self.update != "sgd":
            return self.update
        if self.step == "fixed-length":
            return "fixed-length"
        if self.momentum == 0:
            return "gradient"
        return "nesterov" if self.nesterov else "momentum"

    @property
    def expands(self) -> bool:
        """Whether training images are warped."""
        return any(getattr(self, warp) > 0 for warp in WARPS)


LARGEST_NUMBER, LARGEST_COUNT = 1e30, 10**9
"""Larger values never train, and the tables and figures of a sweep cannot show them."""

Rule = tuple[str, Callable[[float], bool]]
POSITIVE: Rule = ("> 0", lambda value: value > 0)
NOT_NEGATIVE: Rule = (">= 0", lambda value: value >= 0)
BELOW_ONE: Rule = (">= 0 and < 1", lambda value: 0 <= value < 1)
UP_TO_ONE: Rule = ("> 0 and <= 1", lambda value: 0 < value <= 1)

WARPS = ("shift", "rotation", "scaling", "shear", "elastic")
NUMBERS: dict[str, Rule] = {
    "learning_rate": POSITIVE,
    "lmbda": NOT_NEGATIVE,
    "dropout": BELOW_ONE,
    "input_dropout": BELOW_ONE,
    "max_norm": NOT_NEGATIVE,
    "momentum": BELOW_ONE,
    "beta1": BELOW_ONE,
    "beta2": BELOW_ONE,
    "epsilon": (">= 1e-30", lambda value: value >= 1e-30),  # float32 rounds 1e-46 to 0
    "clip_norm": NOT_NEGATIVE,
    "schedule_decay": UP_TO_ONE,
    **dict.fromkeys(WARPS, NOT_NEGATIVE),
    "scaling": BELOW_ONE,
}
COUNTS = {
    "mini_batch_size": 1,
    "epochs": 1,
    "early_stopping": 0,
    "schedule_patience": 1,
    "warmup": 0,
}
NAMES: dict[str, Collection[str]] = {
    "activation": [name for name, entry in ACTIVATIONS.items() if entry.hidden],
    "output": ACTIVATIONS,
    "cost": COSTS,
    "class_weight": CLASS_WEIGHTS,
    "init": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "update": ("sgd", "adam", "adamw"),
    "step": ("gradient", "fixed-length"),
    "schedule": SCHEDULES,
    "dtype": ("float32", "float64"),
}
FLAGS = ("nesterov", "monitor_training")

JOINED = (
    "cost",
    "output",
    "update",
    "step",
    "momentum",
    "nesterov",
    "clip_norm",
    "schedule",
    "schedule_patience",
    "early_stopping",
    "warmup",
    "epochs",
)
"""The settings whose validity depends on each other: a sweep checks every pair of their values."""

HYPERPARAMETERS = tuple(field.name for field in fields(TrialConfig))
"""The keys that a config file may set, in the order of `TrialConfig`."""


def trial_config(settings: Mapping[str, Any]) -> TrialConfig:
    """Return the config for `settings`; missing keys have their defaults.

    Parameters
    ----------
    settings
        Values by the names of `TrialConfig`'s parameters. `hidden_units` may be a single width, for
        one hidden layer, or a list.

    Returns
    -------
    TrialConfig
        The validated config.

    Raises
    ------
    InputError
        If a key is unknown or a value is wrong.

    Examples
    --------
    >>> from nncore import trial_config
    >>> trial_config({"hidden_units": 100, "lmbda": 5.0}).hidden_units
    (100,)
    >>> trial_config({"lambda": 5.0})
    Traceback (most recent call last):
        ...
    nncore.errors.InputError: unknown hyperparameter `lambda`; did you mean `lmbda`?
    """
    require_type(settings, Mapping, "settings", "a dict of hyperparameters")
    for key in settings:
        if key not in HYPERPARAMETERS:
            raise unknown_key("hyperparameter", key, HYPERPARAMETERS)
    units = settings.get("hidden_units", TrialConfig.hidden_units)
    require(
        isinstance(units, int | list | tuple),
        "hidden_units",
        "be a width or a list of widths",
        units,
    )
    widths = tuple(units) if isinstance(units, list | tuple) else (units,)
    return TrialConfig(**{**settings, "hidden_units": widths})


def _check_number(key: str, value: Any, rule: str, holds: Callable[[float], bool]) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    require(number and value == value and holds(value), key, f"be a number {rule}", value)
    require(value <= LARGEST_NUMBER, key, f"be a number <= {LARGEST_NUMBER:g}", value)


def _check_count(key: str, value: Any, least: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    require(whole and value >= least, key, f"be a whole number >= {least}", value)
    require(value <= LARGEST_COUNT, key, f"be a whole number <= {LARGEST_COUNT}", value)


def _check_name(key: str, value: Any, known: Collection[str]) -> None:
    require(isinstance(value, str), key, f"be one of {', '.join(sorted(known))}", value)
    if value not in known:
        raise unknown(f"`{key}`", value, known)
