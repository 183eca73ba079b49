"""The networks that a confirmation has trained so far, each in its own files, and their table.

Each file is written atomically, and the row last, so a kill leaves no incomplete network.
"""

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from nncore.errors import InputError
from nncore.model import Model
from nncore.model_file import load_single_model
from sweeps.records.atomic_files import (
    parse_json,
    plain_number,
    replace_file,
    replace_with,
    write_json,
)
from sweeps.records.csv_rows import csv_lines
from sweeps.records.outcomes import is_network
from sweeps.trial import StopReason, TrialOutcome


@dataclass(frozen=True)
class Confirmed:
    """One network of a candidate: `seed` counts the fresh seeds from 0, the rest is as in a trial.

    `value` is that of the metric at its best epoch, the worst one if it diverged in its first.
    """

    trial: int
    seed: int
    value: float
    best_epoch: int
    epochs: int
    stop_reason: StopReason


def write_confirmed(table: Path, rows: Sequence[Confirmed]) -> None:
    """Write the rows to the CSV file `table`, whole or not at all."""
    header = [field.name for field in fields(Confirmed)]
    replace_file(table, csv_lines([header, *map(astuple, rows)]))


class KeptNetworks:
    """The networks of one confirmation in a folder: a file for each row, one for its weights."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, trial: int, seed: int, outcome: TrialOutcome) -> None:
        """Keep a network; its row is written last, so that a row always has its weights."""
        assert outcome.value is not None
        self._folder.mkdir(exist_ok=True)
        if outcome.model:
            replace_with(self._path(trial, seed, "npz"), outcome.model.save)
        row = Confirmed(
            trial, seed, outcome.value, outcome.best_epoch, outcome.epochs, outcome.stop_reason
        )
        write_json(
            self._path(trial, seed, "json"), asdict(row) | {"value": plain_number(row.value)}
        )
        self._path(trial, seed, "txt").unlink(missing_ok=True)

    def keep_error(self, trial: int, seed: int, error: str) -> None:
        """Keep the traceback of a training that failed."""
        self._folder.mkdir(exist_ok=True)
        replace_file(self._path(trial, seed, "txt"), error.encode())

    def row(self, trial: int, seed: int) -> Confirmed | None:
        """Return the row of a network, or None if the network is not trained yet.

        `OSError` if the file cannot be read.
        """
        path = self._path(trial, seed, "json")
        try:
            plain = parse_json(path, path.read_bytes())
            known = {
                "value": float(plain["value"]),
                "stop_reason": StopReason(plain["stop_reason"]),
            }
            return Confirmed(**{**plain, **known})
        except (FileNotFoundError, InputError, KeyError, TypeError, ValueError):
            return None

    def network(self, trial: int, seed: int) -> Model | None:
        """Return the network at its best epoch, or None if there is none."""
        path = self._path(trial, seed, "npz")
        return load_single_model(path) if path.exists() else None

    def lacks_network(self, row: Confirmed) -> bool:
        """Return whether a row has lost its network, or it is damaged; not every row has one."""
        return row.best_epoch > 0 and not is_network(self._path(row.trial, row.seed, "npz"))

    def drop_networks_but(self, trial: int) -> None:
        """Delete the weights of all trials but one; their rows stay."""
        for path in self._folder.glob("*.npz"):
            if not path.name.startswith(f"{trial:06d}-"):
                path.unlink()

    def _path(self, trial: int, seed: int, kind: str) -> Path:
        return self._folder / f"{trial:06d}-{seed:04d}.{kind}"
