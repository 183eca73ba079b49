"""The run folder: every file of a sweep but Optuna's journal, and how each survives a kill.

Only the parent process writes here, and it holds a lock while it does.
"""

import csv
import fcntl
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nncore.errors import InputError, require
from sweeps.config import SweepConfig, differing_keys, dump_config, load_config
from sweeps.environment import Environment, differences, latest
from sweeps.records.atomic_files import append, cut_torn_line, read_json, replace_file
from sweeps.records.csv_rows import csv_lines, cut_rows, first_fields, read_rows
from sweeps.records.outcomes import Outcomes
from sweeps.space.dimensions import Choices, Dimension, Params, Space, column
from sweeps.trial import Result, StopReason, TrialOutcome, TrialState, mean_curve

TRIAL_COLUMNS = ("number", "state", "value", "best_epoch", "epochs", "stop_reason")
CURVE_COLUMNS = (
    "epoch",
    "learning_rate",
    "train_cost",
    "train_accuracy",
    "validation_cost",
    "validation_accuracy",
)
EPOCH_COLUMNS = ("trial", "replicate", *CURVE_COLUMNS)
TIMING_COLUMNS = ("number", "started", "seconds", "worker")

CONFIG, ENVIRONMENT, LOCK = "sweep.toml", "environment.json", ".lock"
BEGINNINGS = {LOCK, ENVIRONMENT, f"{ENVIRONMENT}.tmp", f"{CONFIG}.tmp"}
"""All that a run killed at its very start can have left."""


def check_folder(path: Path, config: SweepConfig, found: Environment, *, anyway: bool) -> None:
    """Raise `InputError` unless `path` is free for this sweep or holds its beginning.

    `anyway` accepts a beginning that was made in another environment. Nothing is written.
    """
    try:
        _check_kind(path)
    except OSError as error:
        raise InputError(f"run folder {path} must be readable: {error.strerror}") from error
    if not (path / CONFIG).exists():
        return
    keys = differing_keys(load_config(path / CONFIG), config)
    if keys:
        listed = ", ".join(f"`{key}`" for key in keys)
        raise InputError(
            f"run folder {path} holds another config, which differs in {listed}; "
            "name another folder with --out, or another [sweep] name"
        )
    changed = differences(latest(read_json(path / ENVIRONMENT)), found)
    if changed and not anyway:
        raise InputError(
            f"run folder {path} must be resumed where it was begun: {'; '.join(changed)}; "
            "--anyway resumes all the same, at the price of reproducible bytes"
        )
    check_trials(path, config, len(RunFolder(path, config).recorded(config.space)))


def check_trials(path: Path, config: SweepConfig, begun: int) -> None:
    """Raise `InputError` if the sweep is to have fewer trials than were begun in `path`."""
    rule = f"be >= {begun}, the trials that {path} has begun"
    require(config.sweep.trials >= begun, "sweep.trials", rule, config.sweep.trials)


def _check_kind(path: Path) -> None:
    if path.is_dir():
        kept = {entry.name for entry in path.iterdir()}
        if CONFIG not in kept and not kept <= BEGINNINGS:
            raise InputError(f"run folder {path} must be new, empty or a run, got other files")
    elif path.exists():
        raise InputError(f"run folder {path} must be a folder, got a file")


class RunFolder:
    """The files of one run, open for writing; made by `open_folder`."""

    def __init__(self, path: Path, config: SweepConfig) -> None:
        self.path = path
        self._pending = Outcomes(path / "pending")
        self._parameters = tuple(config.space)
        self._replicates = config.sweep.replicates

    @property
    def begun(self) -> bool:
        """Whether the folder is a run already."""
        return (self.path / CONFIG).exists()

    def begin(self, config: SweepConfig, found: Environment) -> None:
        """Write what identifies the run; `sweep.toml` comes last and makes the folder a run.

        One that differs from the latest, or tells more, is recorded beside it, under "resumed".
        """
        known = read_json(self.path / ENVIRONMENT) if self.begun else found
        last = latest(known)
        if differences(last, found) or found.keys() - last.keys():
            known = {**known, "resumed": [*known.get("resumed", []), found]}
        facts = (json.dumps(known, indent=2) + "\n").encode()
        if not self.begun or (self.path / ENVIRONMENT).read_bytes() != facts:
            replace_file(self.path / ENVIRONMENT, facts)
        text = dump_config(config).encode()
        if not self.begun or (self.path / CONFIG).read_bytes() != text:
            replace_file(self.path / CONFIG, text)

    def record_storage(self, storage: str) -> None:
        """Write down where Optuna's view of the run is; a text without a password."""
        facts = read_json(self.path / ENVIRONMENT)
        if facts.get("storage") != storage:
            text = json.dumps({**facts, "storage": storage}, indent=2) + "\n"
            replace_file(self.path / ENVIRONMENT, text.encode())

    def trim(self, told: int) -> int:
        """Cut the tables back to at most `told` whole trials and return how many there are.

        A trial that any of the three lacks a row of is trained again, and so are those after it.
        Files that a kill left under a temporary name go; a report may be writing its own just now.
        """
        headers = {
            "trials.csv": (*TRIAL_COLUMNS, *map(column, self._parameters)),
            "epochs.csv": EPOCH_COLUMNS,
            "timings.csv": TIMING_COLUMNS,
        }
        for name in (CONFIG, ENVIRONMENT, *headers, "errors/*", "pending/*"):
            for leftover in self.path.glob(f"{name}.tmp"):
                leftover.unlink()
        for name, header in headers.items():
            cut_torn_line(self.path / name)
            if not (self.path / name).exists() or not (self.path / name).stat().st_size:
                replace_file(self.path / name, csv_lines([header]))
        rows = min(told, self._whole_trials())
        for name in headers:
            cut_rows(self.path / name, rows)
        return rows

    def _whole_trials(self) -> int:
        """Return how many trials, from the first on, have all their rows in all three tables."""
        epochs = Counter(first_fields(self.path / "epochs.csv"))
        timings = first_fields(self.path / "timings.csv")
        whole = 0
        for row, timed in zip(read_rows(self.path / "trials.csv"), timings, strict=False):
            trained = self._replicates * int(row["epochs"])
            if (int(row["number"]), timed, epochs[whole]) != (whole, whole, trained):
                break
            whole += 1
        return whole

    def add(self, number: int, params: Params, outcome: TrialOutcome) -> None:
        """Append a trial to the tables; its row in `trials.csv` comes last and makes it whole."""
        curves = [
            (number, replicate, *(getattr(record, column) for column in CURVE_COLUMNS))
            for replicate, curve in enumerate(outcome.curves)
            for record in curve
        ]
        timing = (number, outcome.started, round(outcome.seconds, 3), outcome.worker)
        row = (number, *(getattr(outcome, column) for column in TRIAL_COLUMNS[1:]))
        if curves:
            append(self.path / "epochs.csv", csv_lines(curves))
        append(self.path / "timings.csv", csv_lines([timing]))
        if outcome.error:
            (self.path / "errors").mkdir(exist_ok=True)
            replace_file(self.path / "errors" / f"{_stem(number)}.txt", outcome.error.encode())
        append(self.path / "trials.csv", csv_lines([(*row, *map(params.get, self._parameters))]))

    def keep(self, number: int, outcome: TrialOutcome, *, with_model: bool) -> None:
        """Keep a finished outcome until its turn comes; `with_model` keeps its weights too."""
        self._pending.keep(_stem(number), outcome, with_model=with_model)

    def kept(self) -> dict[int, TrialOutcome]:
        """Return the outcomes that wait for their turn, by trial number, without their weights."""
        outcomes = {int(name): self._pending.outcome(name) for name in self._pending}
        return {number: outcome for number, outcome in outcomes.items() if outcome}

    def recorded(self, space: Space) -> list[tuple[Params, Result]]:
        """Return the whole trials in `trials.csv`, in their order."""
        table = self.path / "trials.csv"
        if not table.exists():
            return []
        whole, _, _ = table.read_text("utf-8").rpartition("\n")
        try:
            rows = csv.DictReader(whole.splitlines())
            return [(_params(row, space), _result(row)) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{table} must be the table that the run wrote: {error}") from error

    def mean_curves(self) -> list[list[float]]:
        """Return the mean validation accuracies by epoch of each trial in the tables."""
        curves: dict[str, dict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
        for row in read_rows(self.path / "epochs.csv"):
            cell = row["validation_accuracy"]
            curves[row["trial"]][row["replicate"]].append(float(cell) if cell else None)
        return [
            mean_curve(list(curves[row["number"]].values()), StopReason(row["stop_reason"]))
            for row in read_rows(self.path / "trials.csv")
        ]

    def promote(self, number: int) -> None:
        """Make the kept weights of trial `number` the run's best."""
        kept = self._pending.model_path(_stem(number))
        if kept.exists():
            kept.replace(self.path / "best.npz")

    def drop(self, number: int) -> None:
        """Forget the kept outcome of a trial that is in the tables now."""
        self._pending.drop(_stem(number))


@contextmanager
def open_folder(path: Path, config: SweepConfig) -> Iterator[RunFolder]:
    """Make the folder if there is none, and hold it against other writers.

    Raises
    ------
    InputError
        If it cannot be written, or another process is writing it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise InputError(f"run folder {path} must be writable: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise InputError(f"run folder {path} must not be in use, got another run on it") from error
    try:
        yield RunFolder(path, config)
    finally:
        os.close(lock)


def recorded_storage(path: Path) -> str | None:
    """Return what `record_storage` wrote in the run folder `path`, None if there is nothing."""
    if not (path / ENVIRONMENT).exists():
        return None
    storage = read_json(path / ENVIRONMENT).get("storage")
    return storage if isinstance(storage, str) else None


def _stem(number: int) -> str:
    """Return the name of a trial's files, in whose order the trials are."""
    return f"{number:06d}"


def _params(row: dict[str, str], space: Space) -> Params:
    cells = ((name, row[column(name)], dimension) for name, dimension in space.items())
    return {name: _value(cell, dimension) for name, cell, dimension in cells if cell}


def _value(cell: str, dimension: Dimension) -> Any:
    if isinstance(dimension, Choices):
        return {str(choice): choice for choice in dimension.choices}[cell]
    return int(cell) if dimension.whole else float(cell)


def _result(row: dict[str, str]) -> Result:
    value = float(row["value"]) if row["value"] else None
    return Result(TrialState(row["state"]), value, int(row["epochs"]))
