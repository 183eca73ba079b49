"""The key that the outcome of an arm is kept under, so that no arm is trained twice.

It says all that decides the outcome's bits.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from experiments.chapter3.arms import SEED, Arm
from nncore.datasets import DataSet
from sweeps.environment import DECISIVE, environment


def here(dataset: DataSet) -> dict[str, Any]:
    """Return all besides setting and seed that decides the bits of an outcome on `dataset`."""
    found = environment(dataset, SEED)
    return {name: found[name] for name in DECISIVE}


def key(arm: Arm, seed: int, where: Mapping[str, Any]) -> str:
    """Return the name of run `seed` of `arm`: a hash of both and of what `here` says.

    Other versions or another processor have other names, so that one study never mixes them.
    """
    text = json.dumps([arm.content(), SEED, seed, where], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
