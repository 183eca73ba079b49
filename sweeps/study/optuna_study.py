"""The sweep as an Optuna study, in a journal or a database, for Optuna's own tools.

A trial is added with its parameters in one operation, and its result is stored in another. A kill
between the two leaves an unfinished trial, which a resume trains again.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.study.study import _SYSTEM_ATTR_METRIC_NAMES as METRIC_NAMES
from optuna.trial import FrozenTrial, create_trial
from optuna.trial import TrialState as OptunaState

from nncore.errors import InputError
from sweeps.config import SweepConfig, load_config
from sweeps.errors import OutageError
from sweeps.records.added_hyperparameters import identifying
from sweeps.records.atomic_files import cut_torn_line
from sweeps.records.file_names import CONFIG, JOURNAL
from sweeps.records.is_run import check_run, is_run
from sweeps.records.run_folder import recorded_storage
from sweeps.space.dimensions import Params
from sweeps.space.distributions import distributions, quiet
from sweeps.study.database import Database, open_database, reason_of
from sweeps.study.trial_end import TrialEnd, store_end
from sweeps.trial import Course, Result, TrialState

_STATES = {
    TrialState.COMPLETE: OptunaState.COMPLETE,
    TrialState.PRUNED: OptunaState.PRUNED,
    TrialState.FAILED: OptunaState.FAIL,
}
_OURS = {optuna: ours for ours, optuna in _STATES.items()}

_FAULTS = (KeyError, OSError, RuntimeError, StorageInternalError)
"""The errors of Optuna's storages that are gone, full, emptied or written by another process."""


@dataclass(frozen=True)
class StoredTrial:
    """A trial of the study: `result` is None until the trial has finished."""

    params: Params
    result: Result | None


def open_journal(folder: Path) -> BaseStorage:
    """Return the storage in the journal of the run folder; `InputError` if it is damaged."""
    journal = folder / JOURNAL
    try:
        return JournalStorage(JournalFileBackend(str(journal)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"`{journal}` must be the Optuna journal of the run, but contains other lines; "
            "if you delete the file, the next run writes it again from the tables"
        ) from error


def open_optuna_study(
    database: Database | None, folder: Path, config: SweepConfig
) -> "OptunaStudy":
    """Return the study of the run in `folder`, a new one if there is none yet.

    It is in the `database`, or in the journal of the run folder if that is None. In a database the
    study is named after the sweep and its config, and records the run folder.

    Raises
    ------
    InputError
        If the study belongs to another run folder.
    """
    if database is None:
        mend_journal(folder / JOURNAL)
        name, backend = study_name(config, None), open_journal(folder)
        return OptunaStudy(backend, name, config, folder / JOURNAL, str(folder / JOURNAL))
    name = study_name(config, database)
    study = OptunaStudy(database.backend, name, config, database.file, database.url)
    study.claim(folder.resolve(), begun=is_run(folder))
    return study


@contextmanager
def open_study(run: Path, url: str | None) -> Iterator[BaseStorage]:
    """Give the Optuna storage of the run in the folder `run`, which holds its study.

    Parameters
    ----------
    run
        The run folder.
    url
        The SQLAlchemy URL of the database, or None for the recorded storage.

    Raises
    ------
    InputError
        If the folder is not a run, or the storage does not hold its study.
    """
    check_run(run)
    config = load_config(run / CONFIG)
    with open_database(url or recorded_storage(run), to_read=True) as database:
        if database is None and not (run / JOURNAL).exists():  # Optuna would make one
            raise InputError(f"run folder {run} must hold its {JOURNAL}, got none")
        backend = database.backend if database else open_journal(run)
        wanted, shown = study_name(config, database), database.url if database else run / JOURNAL
        if wanted not in (study.study_name for study in backend.get_all_studies()):
            raise InputError(
                f"`storage` {shown} must hold the study {wanted}, but does not",
                argument="storage",
            )
        yield backend


class OptunaStudy:
    """The study of one sweep, which only this process writes."""

    def __init__(
        self, backend: BaseStorage, name: str, config: SweepConfig, file: Path | None, shown: str
    ) -> None:
        self._backend = backend
        self._name = name
        self._space = config.space
        self._metric_name, self._worst = config.metric.name, config.metric.worst
        rising = config.metric.greater_is_better
        self._direction = StudyDirection.MAXIMIZE if rising else StudyDirection.MINIMIZE
        self._distributions = distributions(config.space)
        self._file = file
        self._shown = shown
        self._inode = file.stat().st_ino if file else 0
        with self._outages(), quiet():
            self._study = self._find() if self._known() else self._make()
            self._name_metric()
            stored = backend.get_all_trials(self._study, deepcopy=False)
        self._ids = [trial._trial_id for trial in stored]
        self._trials = [self._stored(trial) for trial in stored]

    def trials(self) -> list[StoredTrial]:
        """Return the trials that the study held when it was opened, by number."""
        return self._trials

    def restore(
        self,
        recorded: Sequence[tuple[Params, Result]],
        courses: Callable[[], Sequence[Course]],
    ) -> None:
        """Add the trials that the run's tables hold and the study lacks.

        A trial is stored in the study before it is written to the tables. So trials are lacking
        only if the study was lost, or the run was moved to another storage.

        Parameters
        ----------
        recorded
            The trials in the tables.
        courses
            Reads their courses from the tables; called only if a trial is lacking.

        Raises
        ------
        InputError
            If the study holds other trials.
        """
        known: Sequence[Course] = ()
        for number, (params, result) in enumerate(recorded):
            if number >= len(self._trials):
                self.add(params)
                self._trials.append(StoredTrial(params, None))
            if self._trials[number].params != params:
                raise InputError(
                    f"study {self._name} in {self._shown} must hold the trials of trials.csv, "
                    f"but its trial {number} differs"
                )
            if self._trials[number].result is None:
                known = known or courses()
                self.tell(number, result, known[number])
                self._trials[number] = StoredTrial(params, result)

    def add(self, params: Params) -> None:
        """Add the next trial, as running, in one operation."""
        known = {name: self._distributions[name] for name in params}
        trial = create_trial(state=OptunaState.RUNNING, params=params, distributions=known)
        number = len(self._ids)
        with self._outages():
            added = self._backend.create_new_trial(self._study, trial)
            latest = self._backend.get_trial_id_from_study_id_trial_number(self._study, number)
        if latest != added:
            raise OutageError(f"storage {self._shown}: another process is writing to {self._name}")
        self._ids.append(added)

    def tell(self, number: int, result: Result, course: Course) -> None:
        """Store the end of trial `number` in one write: its epochs, times, state and value."""
        end = TrialEnd(
            _STATES[result.state],
            result.value,
            self._by_epoch(result, course.curve),
            course.started,
            course.ended,
        )
        with self._outages():
            store_end(self._backend, self._ids[number], end)

    def _by_epoch(self, result: Result, curve: Sequence[float]) -> dict[int, float]:
        """Return the value after each epoch; the last epoch is the length of the trial.

        After an epoch in which the trial diverged, it is the metric's worst value. Of a trial whose
        curve is lost, only its result is known.
        """
        if not curve and result.epochs and result.value is not None:
            return {result.epochs: result.value}
        values = dict(enumerate(curve, start=1))
        return values if len(values) == result.epochs else {**values, result.epochs: self._worst}

    def claim(self, folder: Path, *, begun: bool) -> None:
        """Record that the study belongs to the run in `folder`; `InputError` if to another run.

        If `folder` is a run already, and the recorded folder is none any more, the run was moved.
        """
        with self._outages():
            owner = self._backend.get_study_user_attrs(self._study).get("run_folder")
            # Without an owner, it is new, or made by a run that was killed right after.
            free = owner is None or (begun and not is_run(Path(owner)))
            if free and owner != str(folder):
                self._backend.set_study_user_attr(self._study, "run_folder", str(folder))
        if not free and owner != str(folder):
            raise InputError(
                f"`path` must be {owner}, the run folder of study {self._name} in {self._shown}, "
                f"got {folder}; a sweep with another `sweep.name` has its own study, and a copy of "
                'the run can use the storage "journal"',
                argument="path",
            )

    def _known(self) -> bool:
        return any(study.study_name == self._name for study in self._backend.get_all_studies())

    def _find(self) -> int:
        return self._backend.get_study_id_from_name(self._name)

    def _make(self) -> int:
        return self._backend.create_new_study([self._direction], self._name)

    def _name_metric(self) -> None:
        """Name the values of the study, as `Study.set_metric_names` does."""
        names = [self._metric_name]
        if self._backend.get_study_system_attrs(self._study).get(METRIC_NAMES) != names:
            self._backend.set_study_system_attr(self._study, METRIC_NAMES, names)

    def _stored(self, trial: FrozenTrial) -> StoredTrial:
        # A database does not keep the order of the parameters.
        given = {name: d for name, d in self._space.items() if name in trial.params}
        try:
            params = {name: d.member(trial.params[name]) for name, d in given.items()}
        except ValueError as error:
            raise InputError(
                f"study {self._name} in {self._shown} must hold points of the space, but in its "
                f"trial {trial.number} a value {error}"
            ) from error
        if not trial.state.is_finished():
            return StoredTrial(params, None)
        return StoredTrial(params, Result(_OURS[trial.state], trial.value, trial.last_step or 0))

    @contextmanager
    def _outages(self) -> Iterator[None]:
        """Turn the errors of a storage that is gone into one line that names it."""
        if self._file and not self._is_there(self._file):
            raise OutageError(f"storage {self._shown} was removed while the sweep ran")
        try:
            yield
        except _FAULTS as error:
            raise OutageError(f"storage {self._shown} failed: {reason_of(error)}") from error

    def _is_there(self, file: Path) -> bool:
        # Optuna would continue in a new, empty journal, and SQLite in a file without a name.
        return file.exists() and file.stat().st_ino == self._inode


def mend_journal(journal: Path) -> None:
    """Remove the remains of a kill: half a line, on which Optuna stops, and a dead lock."""
    cut_torn_line(journal)
    for lock in journal.parent.glob(f"{journal.name}.lock*"):
        lock.unlink()


def study_name(config: SweepConfig, database: Database | None) -> str:
    """Return the name of the study of a sweep.

    In a journal it is the name of the sweep. In a database it also has a hash of the config,
    without the keys that a resume may change, so sweeps of one name have studies of their own.
    """
    if database is None:
        return config.sweep.name
    free = config.sweep.model_copy(update={"trials": 1, "epoch_budget": None})
    plain = config.model_copy(update={"sweep": free}).model_dump(exclude_none=True)
    plain["training"] = identifying(plain["training"])
    if not config.known:  # older studies were named without it
        del plain["known"]
    plain["space"] = list(plain["space"].items())  # the order of the dimensions counts
    text = json.dumps(plain, sort_keys=True)
    return f"{config.sweep.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
