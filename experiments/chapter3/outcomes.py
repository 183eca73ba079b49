"""What was trained already: outcomes kept by their content, so that no arm is trained twice.

The key of an outcome says all that decides its bits; a file appears whole or not at all.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from experiments.chapter3.arms import SEED, Arm
from nncore.datasets import DataSet
from nncore.network import Model, load_model
from nncore.training import EpochRecord
from sweeps.environment import DECISIVE, environment
from sweeps.files import replace_file, replace_with
from sweeps.trial import TrialOutcome


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


class Outcomes:
    """The kept outcomes in a folder, each with its network beside it where that was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, outcome: TrialOutcome, *, with_model: bool) -> None:
        """Keep `outcome` under the key `name`; `with_model` keeps its network too."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if outcome.model and with_model:
            replace_with(self._model(name), outcome.model.save)
        plain = asdict(replace(outcome, model=None))
        replace_file(self._outcome(name), json.dumps(plain).encode())

    def outcome(self, name: str) -> TrialOutcome | None:
        """Return the kept outcome, without its network; None if there is none, or it is damaged."""
        try:
            plain = json.loads(self._outcome(name).read_text("utf-8"))
            curves = tuple(tuple(EpochRecord(**r) for r in curve) for curve in plain["curves"])
            return TrialOutcome(**{**plain, "curves": curves})
        except (FileNotFoundError, KeyError, TypeError, ValueError):
            return None

    def model(self, name: str) -> Model:
        """Return the kept network; `InputError` if there is none."""
        return load_model(self._model(name))

    def _outcome(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _model(self, name: str) -> Path:
        return self._folder / f"{name}.npz"
