"""Every choice that makes one training run what it is, checked once.

A sweep proposes these, the command line spells them, and the core below trusts them.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from nncore.components.activations import ACTIVATIONS
from nncore.components.costs import COSTS, check_pair
from nncore.components.initializers import INITIALIZERS
from nncore.components.regularizers import REGULARIZERS
from nncore.components.schedules import SCHEDULES
from nncore.errors import require, unknown


@dataclass(frozen=True, kw_only=True)
class TrialConfig:
    """The hyperparameters of one training run; the defaults are chapter 3's usual network.

    Parameters
    ----------
    learning_rate
        η. With `step` "fixed-length", the length ε of each step.
    lmbda
        λ, the strength of the regularizer.
    mini_batch_size
        Examples per step.
    hidden_units
        The width of each hidden layer, first to last.
    activation
        The activation of the hidden layers.
    output
        The activation of the last layer.
    cost
        The cost to minimise; "log-likelihood" goes with "softmax", "cross-entropy" with "sigmoid".
    init
        How the initial weights are drawn.
    regularizer
        The penalty on the weights.
    dropout
        The probability with which a hidden unit is left out of a step.
    momentum
        μ, the share of its velocity that a step keeps.
    nesterov
        Whether momentum has Nesterov's form.
    step
        Whether a step is proportional to the gradient or has a fixed length.
    schedule
        How the learning rate changes over the epochs.
    schedule_decay
        The factor of the exponential schedule, per epoch.
    schedule_patience
        Epochs without improvement before "halve-on-plateau" halves the learning rate;
        `early_stopping` must then be 0 or larger than this.
    shift
        Warps of training images: the largest shift, in pixels. 0 is none, here and below.
    rotation
        The largest rotation, in degrees.
    scaling
        The largest scaling, as a fraction.
    shear
        The largest shear, as a fraction.
    elastic
        The strength of elastic warps, in pixels before smoothing.
    epochs
        How often to go through the training set, at most.
    early_stopping
        Stop after this many epochs without improvement in validation accuracy; 0 is never.
    dtype
        The precision of the computation.
    monitor_training
        Whether to score the training set after each epoch as well.

    Raises
    ------
    InputError
        If a value is out of its range, a name is unknown, or the cost does not fit the output
        activation.
    """

    learning_rate: float = 0.5
    lmbda: float = 0.0
    mini_batch_size: int = 10
    hidden_units: tuple[int, ...] = (30,)
    activation: str = "sigmoid"
    output: str = "sigmoid"
    cost: str = "cross-entropy"
    init: str = "scaled"
    regularizer: str = "l2"
    dropout: float = 0.0
    momentum: float = 0.0
    nesterov: bool = False
    step: str = "gradient"
    schedule: str = "constant"
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
        fixed = self.step == "fixed-length"
        rule = "be 0 where `step` is 'fixed-length'"
        require(not (fixed and self.momentum), "momentum", rule, self.momentum)
        # Else training would always end before the learning rate is halved for the first time.
        waits = self.early_stopping == 0 or self.early_stopping > self.schedule_patience
        rule = "be 0 or above `schedule_patience` where `schedule` is 'halve-on-plateau'"
        halves = self.schedule == "halve-on-plateau"
        require(waits or not halves, "early_stopping", rule, self.early_stopping)

    @property
    def update(self) -> str:
        """The name in `updates.UPDATES` of the rule that these settings mean."""
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
"""Beyond these, nothing trains, and tables and figures of a sweep could not show it."""

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
    "momentum": BELOW_ONE,
    "schedule_decay": UP_TO_ONE,
    **dict.fromkeys(WARPS, NOT_NEGATIVE),
    "scaling": BELOW_ONE,
}
COUNTS = {"mini_batch_size": 1, "epochs": 1, "early_stopping": 0, "schedule_patience": 1}
NAMES: dict[str, Collection[str]] = {
    "activation": [name for name, entry in ACTIVATIONS.items() if entry.hidden],
    "output": ACTIVATIONS,
    "cost": COSTS,
    "init": INITIALIZERS,
    "regularizer": REGULARIZERS,
    "step": ("gradient", "fixed-length"),
    "schedule": SCHEDULES,
    "dtype": ("float32", "float64"),
}
FLAGS = ("nesterov", "monitor_training")

JOINED = (
    "cost",
    "output",
    "step",
    "momentum",
    "schedule",
    "schedule_patience",
    "early_stopping",
)
"""The settings that have to fit together: a space over several of them is checked in all pairs."""

HYPERPARAMETERS = tuple(field.name for field in fields(TrialConfig))
"""The keys that a config file may set, in the order of `TrialConfig`."""


def trial_config(settings: Mapping[str, Any]) -> TrialConfig:
    """Return the config for `settings`; what they leave out has its default.

    A single width as `hidden_units` stands for one hidden layer.

    Raises
    ------
    InputError
        If a key is unknown or a value is wrong.
    """
    for key in settings:
        if key not in HYPERPARAMETERS:
            raise unknown("hyperparameter", key, HYPERPARAMETERS)
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
