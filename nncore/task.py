"""The two tasks, classes and numbers: what a config and a metric must be for each.

Data with targets are for regression; nobody sets the task itself.
"""

from collections.abc import Mapping
from typing import Any

from nncore.components.metrics import ACCURACY, METRICS, R2, RMSE, Metric, metrics_for
from nncore.config import TrialConfig
from nncore.errors import require

NEEDED = {"output": "linear", "cost": "quadratic", "class_weight": "none"}
"""The settings that regression needs."""

DEFAULTS: dict[str, Any] = {**NEEDED, "learning_rate": 0.02}
"""The defaults of regression; at the η of classes, a network with linear outputs diverges."""


def default_config(*, regression: bool) -> TrialConfig:
    """Return the config with every default."""
    return TrialConfig(**DEFAULTS) if regression else TrialConfig()


def default_metric(*, regression: bool, targets: int = 1) -> Metric:
    """Return the metric that judges trials if none is named.

    Of several targets it is R², because their units may differ and errors would then not add up.
    """
    if not regression:
        return ACCURACY
    return RMSE if targets == 1 else R2


def check_task(settings: Mapping[str, Any], *, regression: bool) -> None:
    """Raise `InputError` if a config with these settings could not train a regression.

    All configs can train classes.
    """
    for key, needed in NEEDED.items() if regression else ():
        require(settings[key] == needed, key, f"be {needed!r} for regression", settings[key])


def check_metric_of_task(name: str, *, regression: bool) -> None:
    """Raise `InputError` if the metric `name` does not judge regression, or else classes."""
    fitting = metrics_for(regression=regression)
    what = "numbers, `data.target`" if regression else "classes"
    rule = f"be {', '.join(fitting[:-1])} or {fitting[-1]} to predict {what}"
    require(METRICS[name].name in fitting, "sweep.metric", rule, name)
