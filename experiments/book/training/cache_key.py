"""The key under which the outcome of a run is stored; a stored run is not trained again.

It covers everything that determines the bits of the outcome: setting, seed, data, versions,
processor.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from experiments.book.arms import SEED, Arm, describe_arm
from nncore.datasets import DataSet
from sweeps.environment import DECISIVE, environment
from sweeps.records import added_hyperparameters

ADDED = {"class_weight": "none", **added_hyperparameters.ADDED}
"""Hyperparameters that older stored runs do not name, with the value that those were trained with.

At this value they do not count, so a new hyperparameter leaves stored runs valid.
"""

ADDED_TO_ARMS = {("svm", "evaluation"): "validation"}
"""The same for fields of arms, by the kind of the arm and the name of the field."""


def decisive_environment(dataset: DataSet) -> dict[str, Any]:
    """Return the facts that determine the bits of a run: versions, processor and data set."""
    facts = environment(dataset, SEED)
    return {name: facts[name] for name in DECISIVE}


def cache_key(arm: Arm, seed: int, decisive: Mapping[str, Any]) -> str:
    """Return the key of run `seed` of `arm` in the environment `decisive`.

    The name of the arm does not count, so studies that name the same setting share its runs. Runs
    with other versions or on another kind of processor have other keys, so no study mixes them.
    """
    setting = {key: value for key, value in describe_arm(arm).items() if key != "name"}
    if "config" in setting:
        setting["config"] = added_hyperparameters.identifying(setting["config"], ADDED)
    for (kind, field), value in ADDED_TO_ARMS.items():
        if setting["kind"] == kind and setting[field] == value:
            del setting[field]
    text = json.dumps([setting, SEED, seed, decisive], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
