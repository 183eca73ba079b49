"""Outcomes of finished runs, stored in a folder, from which an interrupted study continues.

Each outcome has its own file, written atomically; its network has another if the arm keeps it.
"""

from dataclasses import fields
from pathlib import Path

from experiments.book.arm_runs import ArmOutcome
from nncore.errors import InputError
from sweeps.records.atomic_files import parse_json, replace_with, write_json
from sweeps.trial import StopReason


class OutcomeStore:
    """The outcomes stored in `folder`, each under its cache key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, key: str, outcome: ArmOutcome) -> None:
        """Store `outcome`, and its network if it has one, under `key`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if outcome.model:
            replace_with(self.model_path(key), outcome.model.save)
        plain = {
            field.name: getattr(outcome, field.name)
            for field in fields(ArmOutcome)
            if field.name != "model"
        }
        write_json(self._path(key), plain, indent=None, allow_nan=True)

    def get(self, key: str) -> ArmOutcome | None:
        """Return the outcome stored under `key`, without its network.

        None if there is none or its file is damaged: that run is then trained again.
        """
        path = self._path(key)
        try:
            plain = parse_json(path, path.read_bytes())
            plain["stop_reason"] = StopReason(plain["stop_reason"])
            plain["steps"] = tuple(plain["steps"])
            plain["curves"] = {name: tuple(values) for name, values in plain["curves"].items()}
            return ArmOutcome(**plain)
        except (FileNotFoundError, InputError, KeyError, TypeError, ValueError, AttributeError):
            return None

    def model_path(self, key: str) -> Path:
        """Return the path of the network stored under `key`."""
        return self._folder / f"{key}.npz"

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"
