"""What an ablation has measured so far: a row for each network in its own file, and their table.

A file is named after config and seed, so a row is found again whatever the path is by then.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nncore.config import TrialConfig
from nncore.errors import InputError
from sweeps.records.added_hyperparameters import identifying
from sweeps.records.atomic_files import parse_json, plain_number, replace_file, write_json
from sweeps.records.csv_rows import csv_lines
from sweeps.trial import Seed, StopReason, TrialOutcome


@dataclass(frozen=True)
class Measured:
    """What one network reached: as in a trial, but its weights are not kept."""

    value: float
    best_epoch: int
    epochs: int
    stop_reason: StopReason


class KeptArms:
    """The rows of an ablation in a folder; each is written atomically."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, config: TrialConfig, seed: Seed, outcome: TrialOutcome) -> Measured:
        """Keep and return the row of a network that was trained."""
        assert outcome.value is not None
        row = Measured(outcome.value, outcome.best_epoch, outcome.epochs, outcome.stop_reason)
        path = self._path(config, seed)
        self._folder.mkdir(exist_ok=True)
        write_json(path, asdict(row) | {"value": plain_number(row.value)})
        path.with_suffix(".txt").unlink(missing_ok=True)
        return row

    def keep_error(self, config: TrialConfig, seed: Seed, error: str) -> None:
        """Keep the traceback of a training that failed."""
        self._folder.mkdir(exist_ok=True)
        replace_file(self._path(config, seed).with_suffix(".txt"), error.encode())

    def row(self, config: TrialConfig, seed: Seed) -> Measured | None:
        """Return the row of a network, or None if the network is not trained yet.

        `OSError` if the file cannot be read.
        """
        path = self._path(config, seed)
        try:
            plain = parse_json(path, path.read_bytes())
            known = {
                "value": float(plain["value"]),
                "stop_reason": StopReason(plain["stop_reason"]),
            }
            return Measured(**{**plain, **known})
        except (FileNotFoundError, InputError, KeyError, TypeError, ValueError):
            return None

    def _path(self, config: TrialConfig, seed: Seed) -> Path:
        identity = json.dumps([identifying(asdict(config)), seed])
        return self._folder / f"{sha256(identity.encode()).hexdigest()[:32]}.json"


def write_arms(table: Path, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write the rows of an ablation to the CSV file `table`, whole or not at all."""
    replace_file(table, csv_lines([header, *rows]))
