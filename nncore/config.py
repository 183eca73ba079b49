"""Every choice that makes one training run what it is, checked once.

A sweep proposes these, the command line spells them, and the core below trusts them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from sys import float_info
from typing import Any

from nncore.activations import ACTIVATIONS
from nncore.costs import COSTS, check_pair
from nncore.errors import require, unknown
from nncore.initializers import INITIALIZERS
from nncore.regularizers import REGULARIZERS
from nncore.schedules import SCHEDULES

DTYPES = ("float32", "float64")
LARGEST = float_info.max


@dataclass(frozen=True, kw_only=True)
class TrialConfig:
    """The hyperparameters of one training run; the defaults are chapter 3's usual network.

    `hidden_units` is the width of each hidden layer, first to last. `learning_rate` is η > 0,
    `lmbda` is λ >= 0 of the `regularizer`. `early_stopping` is the number of epochs without
    improvement in validation accuracy after which training stops, 0 for never. `monitor_training`
    scores the training set after each epoch as well.

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
    schedule: str = "constant"
    epochs: int = 30
    early_stopping: int = 0
    dtype: str = "float32"
    monitor_training: bool = True

    def __post_init__(self) -> None:
        _check_number("learning_rate", self.learning_rate, positive=True)
        _check_number("lmbda", self.lmbda, positive=False)
        _check_count("mini_batch_size", self.mini_batch_size, least=1)
        _check_count("epochs", self.epochs, least=1)
        _check_count("early_stopping", self.early_stopping, least=0)
        widths = self.hidden_units
        require(isinstance(widths, tuple), "hidden_units", "be a tuple of widths", widths)
        for units in widths:
            _check_count("hidden_units", units, least=1)
        hidden = [name for name, entry in ACTIVATIONS.items() if entry.hidden]
        _check_name("activation", self.activation, hidden)
        _check_name("output", self.output, ACTIVATIONS)
        _check_name("cost", self.cost, COSTS)
        _check_name("init", self.init, INITIALIZERS)
        _check_name("regularizer", self.regularizer, REGULARIZERS)
        _check_name("schedule", self.schedule, SCHEDULES)
        _check_name("dtype", self.dtype, DTYPES)
        require(
            isinstance(self.monitor_training, bool),
            "monitor_training",
            "be true or false",
            self.monitor_training,
        )
        check_pair(self.cost, self.output)


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


def _check_number(key: str, value: Any, *, positive: bool) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    in_range = number and abs(value) <= LARGEST and (value > 0 if positive else value >= 0)
    require(in_range, key, f"be a number {'> 0' if positive else '>= 0'}", value)


def _check_count(key: str, value: Any, *, least: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    require(whole and value >= least, key, f"be a whole number >= {least}", value)


def _check_name(key: str, value: str, known: Any) -> None:
    if not isinstance(value, str) or value not in known:
        raise unknown(f"`{key}`", str(value), known)
