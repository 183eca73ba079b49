"""Hyperparameters that stored results may be older than, and the identity of such results.

What is stored under a hash of its settings is found again although hyperparameters were added.
"""

from collections.abc import Mapping
from typing import Any

ADDED = {
    "input_dropout": 0.0,
    "max_norm": 0.0,
    "update": "sgd",
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "clip_norm": 0.0,
    "warmup": 0,
}
"""Hyperparameters that older results do not name, with the value that those were trained with."""


def identifying(settings: Mapping[str, Any], added: Mapping[str, Any] = ADDED) -> dict[str, Any]:
    """Return `settings`, in their order, without each of `added` that has the value named there."""
    return {
        key: value for key, value in settings.items() if key not in added or value != added[key]
    }
