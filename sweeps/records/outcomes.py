"""Keeps the outcomes of finished trials in a folder, so that a resume need not train them again.

Each outcome has its own file, written atomically; on request its network has another.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nncore.errors import InputError
from nncore.model_file import load_single_model
from nncore.training import EpochRecord
from sweeps.records.atomic_files import parse_json, read_json, replace_with, write_json
from sweeps.trial import StopReason, TimeSpan, TrialOutcome, TrialState


class Outcomes:
    """The outcomes in a folder, each under a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the kept outcomes."""
        return (path.stem for path in self._folder.glob("*.json"))

    def keep(
        self,
        name: str,
        outcome: TrialOutcome,
        *,
        with_model: bool,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep `outcome` as `name`; `with_model` keeps its network too.

        Readers of the folder see the hyperparameters `params`; a resume does not need them. The
        parent of the folder must exist: a run folder that was deleted is not created again.
        """
        self._folder.mkdir(exist_ok=True)
        if outcome.model and with_model:
            replace_with(self.model_path(name), outcome.model.save)
        curves = [[vars(record) for record in curve] for curve in outcome.curves]
        plain = {**vars(outcome), "model": None, "curves": curves, "params": dict(params or {})}
        write_json(self._outcome(name), plain, indent=None, allow_nan=True)

    def outcome(self, name: str) -> TrialOutcome | None:
        """Return the kept outcome, without its network.

        None if there is none, or the file is damaged: its trial is then trained again. `OSError` if
        the file cannot be read.
        """
        path = self._outcome(name)
        try:
            plain = parse_json(path, path.read_bytes())
            plain.pop("params", None)
            curves = tuple(tuple(EpochRecord(**r) for r in curve) for curve in plain["curves"])
            ended = {
                "state": TrialState(plain["state"]),
                "stop_reason": StopReason(plain["stop_reason"]),
            }
            if not isinstance(plain["value"], int | float | None):
                return None
            earlier = tuple(TimeSpan(*span) for span in plain.get("earlier", ()))
            return TrialOutcome(**{**plain, **ended, "curves": curves, "earlier": earlier})
        except (FileNotFoundError, InputError, KeyError, TypeError, ValueError):
            return None

    def params(self, name: str) -> dict[str, Any]:
        """Return the hyperparameters of the kept outcome; empty if they are not known."""
        try:
            params = read_json(self._outcome(name)).get("params")
        except InputError:
            return {}
        return params if isinstance(params, dict) else {}

    def model_path(self, name: str) -> Path:
        """Return the path of the network of outcome `name`, which has a file if it was kept."""
        return self._folder / f"{name}.npz"

    def has_network(self, name: str) -> bool:
        """Return whether the network of outcome `name` was kept and can be read."""
        return is_network(self.model_path(name))

    def drop(self, name: str) -> None:
        """Delete the outcome and its network."""
        self.model_path(name).unlink(missing_ok=True)
        self._outcome(name).unlink(missing_ok=True)

    def _outcome(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def is_network(path: Path) -> bool:
    """Return whether the file at `path` is a whole network; a power cut may have damaged it."""
    try:
        load_single_model(path)
    except InputError:
        return False
    return True
