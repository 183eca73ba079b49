"""The run folder: decides what the tables and files of a sweep contain, and when they are written.

`csv_rows` formats rows, and `atomic_files` writes the bytes, so that each file survives a kill.
Only the parent process writes here, and it holds a lock on the folder; workers write only their
reports, which are in `sweeps.under_way`.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from nncore.errors import InputError, require
from nncore.model import Model
from sweeps.config import SweepConfig, differing_keys, dump_config, load_config
from sweeps.environment import Environment, differences
from sweeps.records.atomic_files import (
    append,
    cut_torn_line,
    json_bytes,
    replace_file,
    replace_with,
)
from sweeps.records.csv_rows import csv_lines, cut_rows, first_fields, read_rows
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.records.epoch_rows import epoch_columns, epoch_rows
from sweeps.records.file_names import (
    BEST_MODEL,
    CONFIG,
    ENVIRONMENT,
    EPOCHS,
    ERRORS,
    LOCK,
    PENDING,
    TIMINGS,
    TRIALS,
)
from sweeps.records.folder_lock import locked
from sweeps.records.is_run import is_run
from sweeps.records.outcomes import Outcomes, is_network
from sweeps.records.record_format import read_if_there
from sweeps.space.dimensions import Choices, Dimension, Params, Space, column
from sweeps.trial import (
    Course,
    Result,
    StopReason,
    TimeSpan,
    TrialOutcome,
    TrialState,
    mean_curve,
)

TRIAL_COLUMNS = ("number", "state", "value", "best_epoch", "epochs", "stop_reason")
TIMING_COLUMNS = ("number", "started", "seconds", "worker")
TABLES = (TRIALS, EPOCHS, TIMINGS)

BEGINNINGS = {LOCK, ENVIRONMENT, f"{ENVIRONMENT}.tmp", f"{CONFIG}.tmp"}
"""The only files that a run can leave if it is killed at its very start."""


def check_folder(path: Path, config: SweepConfig, present: Environment, *, anyway: bool) -> None:
    """Raise `InputError` unless this sweep can start or be resumed in the folder `path`.

    `present` is the environment of this process; `anyway` accepts a run that was made in a
    different environment. Nothing is written.
    """
    check_kind(path)
    if not is_run(path):
        return
    keys = differing_keys(load_config(path / CONFIG), config)
    if keys:
        listed = ", ".join(f"`{key}`" for key in keys)
        raise InputError(
            f"`path` must be a run of the same sweep, got {path}, whose settings differ in "
            f"{listed}; choose another folder, or another `sweep.name`",
            argument="path",
        )
    changed = differences(EnvironmentRecord.read(path / ENVIRONMENT).latest.facts, present)
    if changed and not anyway:
        raise InputError(
            f"run folder {path} was made in a different environment: {'; '.join(changed)} "
            "(`anyway` overrides this, but the results are then not reproducible)",
            argument="anyway",
        )
    check_trials(path, config, len(RunFolder(path, config).recorded(config.space)))


def check_kind(path: Path) -> None:
    """Raise `InputError` unless `path` is a run, or a new or empty folder; write nothing."""
    try:
        names = {entry.name for entry in path.iterdir()} if path.is_dir() else set()
        is_file = path.exists() and not path.is_dir()
        fits = names <= BEGINNINGS or is_run(path)
    except OSError as error:
        raise InputError(f"run folder {path} must be readable: {error.strerror}") from error
    if is_file:
        raise InputError(f"run folder {path} must be a folder, got a file")
    if not fits:
        raise InputError(f"run folder {path} must be new, empty or a run, but contains other files")


def check_trials(path: Path, config: SweepConfig, begun: int) -> None:
    """Raise `InputError` if the config has fewer trials than were begun in `path`."""
    rule = f"be >= {begun}, the number of trials already started in {path}"
    require(config.sweep.trials >= begun, "sweep.trials", rule, config.sweep.trials)


class RunFolder:
    """The files of one run, open for writing; made by `open_folder`."""

    def __init__(self, path: Path, config: SweepConfig) -> None:
        self.path = path
        self._pending = Outcomes(path / PENDING)
        self._parameters = tuple(config.space)
        self._replicates = config.sweep.replicates
        self._metric = config.metric

    @property
    def begun(self) -> bool:
        """Whether the folder is a run already."""
        return is_run(self.path)

    def begin(self, config: SweepConfig, present: Environment) -> None:
        """Write the environment and the config; `sweep.toml` comes last and makes it a run.

        A run that is resumed in a different environment, in the other form of the step, or with
        more facts, adds them to the record.
        """
        if self.begun:
            record = EnvironmentRecord.read(self.path / ENVIRONMENT).after(present)
        else:
            record = EnvironmentRecord.model_validate(present)
        self._record(record)
        text = dump_config(config).encode()
        if not self.begun or (self.path / CONFIG).read_bytes() != text:
            replace_file(self.path / CONFIG, text)

    def record_places(self, storage: str, data_files: tuple[str, ...]) -> None:
        """Record where the Optuna study is, a text without a password, and the user's data file."""
        record = EnvironmentRecord.read(self.path / ENVIRONMENT)
        record = record.with_storage(storage, self.path)
        self._record(record.model_copy(update={"data_files": data_files}))

    def _record(self, record: EnvironmentRecord) -> None:
        path, content = self.path / ENVIRONMENT, json_bytes(record.plain())
        if not path.exists() or path.read_bytes() != content:
            replace_file(path, content)

    def trim(self, finished: int) -> int:
        """Cut the tables back to at most `finished` whole trials and return their number.

        A trial without all its rows in the three tables is trained again, and so are all later
        trials. Files that a kill left under a temporary name are deleted, except those of reports:
        a report may be writing them at this moment.
        """
        leftovers = (CONFIG, ENVIRONMENT, BEST_MODEL, *TABLES, f"{ERRORS}/*", f"{PENDING}/*")
        for name in leftovers:
            for leftover in self.path.glob(f"{name}.tmp"):
                leftover.unlink()
        self._mend_tables()
        rows = min(finished, self._whole_trials())
        for name in TABLES:
            cut_rows(self.path / name, rows)
        return rows

    def _mend_tables(self) -> None:
        """Cut incomplete last lines, and write the header of a table that is missing or empty."""
        headers = {
            TRIALS: (*TRIAL_COLUMNS, *map(column, self._parameters)),
            EPOCHS: epoch_columns(self._metric),
            TIMINGS: TIMING_COLUMNS,
        }
        for name, header in headers.items():
            cut_torn_line(self.path / name)
            if not (self.path / name).exists() or not (self.path / name).stat().st_size:
                replace_file(self.path / name, csv_lines([header]))

    def _whole_trials(self) -> int:
        """Return the number of leading trials that have all their rows in all three tables."""
        epochs = Counter(first_fields(self.path / EPOCHS))
        timed = set(first_fields(self.path / TIMINGS))
        whole = 0
        for row in read_rows(self.path / TRIALS):
            trained = self._replicates * int(row["epochs"])
            if (int(row["number"]), epochs[whole]) != (whole, trained) or whole not in timed:
                break
            whole += 1
        return whole

    def add(self, number: int, params: Params, outcome: TrialOutcome) -> None:
        """Append a trial to the tables; its row in `trials.csv` comes last and makes it whole."""
        curves = epoch_rows(number, outcome, self._metric)
        timings = [
            (number, span.started, round(span.seconds, 3), span.worker)
            for span in outcome.time_spans
        ]
        row = (number, *(getattr(outcome, column) for column in TRIAL_COLUMNS[1:]))
        if curves:
            append(self.path / EPOCHS, csv_lines(curves))
        append(self.path / TIMINGS, csv_lines(timings))
        if outcome.error:
            (self.path / ERRORS).mkdir(exist_ok=True)
            replace_file(self.path / ERRORS / f"{_stem(number)}.txt", outcome.error.encode())
        append(self.path / TRIALS, csv_lines([(*row, *map(params.get, self._parameters))]))

    def keep(self, number: int, params: Params, outcome: TrialOutcome, *, with_model: bool) -> None:
        """Keep a finished outcome until it is recorded; `with_model` keeps its weights too."""
        self._pending.keep(_stem(number), outcome, with_model=with_model, params=params)

    def kept(self) -> dict[int, TrialOutcome]:
        """Return the outcomes that are not recorded yet, by trial number, without their weights."""
        names = [name for name in self._pending if name.isdecimal()]
        outcomes = {int(name): self._pending.outcome(name) for name in names}
        return {number: outcome for number, outcome in outcomes.items() if outcome}

    def kept_params(self, number: int) -> Params:
        """Return the hyperparameters of an outcome that is not recorded yet, as far as known."""
        return self._pending.params(_stem(number))

    def recorded(self, space: Space) -> list[tuple[Params, Result]]:
        """Return the whole trials in `trials.csv`, in their order."""
        table = self.path / TRIALS
        if not table.exists():
            return []
        whole, _, _ = table.read_text("utf-8").rpartition("\n")
        try:
            rows = csv.DictReader(whole.splitlines())
            return [(_params(row, space), _result(row)) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"`{table}` must be unchanged, got: {error}") from error

    def mean_curves(self, trials: int | None = None) -> list[list[float]]:
        """Return the means of the metric by epoch of the first `trials`, or all, in the tables."""
        curves: dict[str, dict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
        for row in read_rows(self.path / EPOCHS):
            cell = row[self._metric.column]
            curves[row["trial"]][row["replicate"]].append(float(cell) if cell else None)
        return [
            mean_curve(list(curves[row["number"]].values()), StopReason(row["stop_reason"]))
            for row in islice(read_rows(self.path / TRIALS), trials)
        ]

    def courses(self) -> list[Course]:
        """Return the course of each trial in the tables; a lost start counts as now.

        A trial that has lost rows has no curve.
        """
        self._mend_tables()
        curves = self.mean_curves(self._whole_trials())
        lost = sum(1 for _ in read_rows(self.path / TRIALS)) - len(curves)
        spans = self._spans()
        unknown = [TimeSpan(datetime.now(UTC).isoformat(), 0.0, 0)]
        return [
            Course(curve, spans.get(number, unknown))
            for number, curve in enumerate([*curves, *([[]] * lost)])
        ]

    def _spans(self) -> dict[int, list[TimeSpan]]:
        """Return when the trainings of each trial ran; none of a trial whose rows are damaged."""
        spans, damaged = defaultdict[int, list[TimeSpan]](list), set[int]()
        for row in read_rows(self.path / TIMINGS):
            number = int(row["number"])
            try:
                datetime.fromisoformat(row["started"])
                span = TimeSpan(row["started"], float(row["seconds"]), int(row["worker"]))
            except ValueError:
                damaged.add(number)
            else:
                spans[number].append(span)
        return {number: of for number, of in spans.items() if number not in damaged}

    def promote(self, number: int) -> None:
        """Make the kept weights of trial `number` the run's best."""
        kept = self._pending.model_path(_stem(number))
        if kept.exists():
            kept.replace(self.path / BEST_MODEL)

    def has_kept_network(self, number: int) -> bool:
        """Return whether the weights of trial `number` are kept and can be read."""
        return self._pending.has_network(_stem(number))

    def has_best(self) -> bool:
        """Return whether the run's best weights can be read."""
        return is_network(self.path / BEST_MODEL)

    def save_best(self, model: Model) -> None:
        """Make `model` the run's best weights."""
        replace_with(self.path / BEST_MODEL, model.save)

    def drop(self, number: int) -> None:
        """Delete the kept outcome of a trial that is in the tables now."""
        self._pending.drop(_stem(number))


@contextmanager
def open_folder(path: Path, config: SweepConfig) -> Iterator[RunFolder]:
    """Create the folder if there is none, and lock it against other writers.

    Raises
    ------
    InputError
        If the folder cannot be written, or another process has locked it.
    """
    with locked(path):
        yield RunFolder(path, config)


def recorded_storage(path: Path) -> str | None:
    """Return the storage that the run folder `path` records, None if there is no record."""
    record = read_if_there(EnvironmentRecord, path / ENVIRONMENT)
    return record.storage_of(path) if record else None


def _stem(number: int) -> str:
    """Return the name of a trial's files; the names sort as the trials do."""
    return f"{number:06d}"


def _params(row: dict[str, str], space: Space) -> Params:
    cells = ((name, row[column(name)], dimension) for name, dimension in space.items())
    return {name: _value(cell, dimension) for name, cell, dimension in cells if cell}


def _value(cell: str, dimension: Dimension) -> Any:
    if isinstance(dimension, Choices):
        return {str(choice): choice for choice in dimension.choices}[cell]
    return dimension.member(int(cell) if dimension.whole else float(cell))


def _result(row: dict[str, str]) -> Result:
    value = float(row["value"]) if row["value"] else None
    return Result(TrialState(row["state"]), value, int(row["epochs"]))
