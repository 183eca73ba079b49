"""The sweep as Optuna's own tools see it: a journal in the run folder, which says what is told.

A trial enters in one record, parameters and all, and its result is a second one: a kill between
them leaves a trial that a resume takes up again, and never half of one.
"""

from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeps.files import cut_torn_line
from sweeps.proposals import distributions, quiet
from sweeps.space import Params, Space


@dataclass(frozen=True)
class StoredTrial:
    """A trial of the storage: `told` once it has its result, `value` None if it failed."""

    params: Params
    told: bool
    value: float | None


class Storage:
    """The study of one sweep in a journal file that only this process writes."""

    def __init__(self, journal: Path, name: str, space: Space) -> None:
        _mend(journal)
        self._distributions = distributions(space)
        backend = optuna.storages.JournalStorage(JournalFileBackend(str(journal)))
        known = name in (study.study_name for study in backend.get_all_studies())
        with quiet():
            self._study = (
                optuna.load_study(storage=backend, study_name=name)
                if known  # asked for an existing study, `create_study` would write a record
                else optuna.create_study(storage=backend, study_name=name, direction="maximize")
            )

    def trials(self) -> list[StoredTrial]:
        """Return all trials in the order of their numbers."""
        return [_stored(trial) for trial in self._study.get_trials(deepcopy=False)]

    def enter(self, params: Params) -> None:
        """Add the next trial, as running, in one record."""
        self._study.add_trial(
            create_trial(state=TrialState.RUNNING, params=params, distributions=self._distributions)
        )

    def tell(self, number: int, value: float | None) -> None:
        """Give trial `number` its result, in one record; None means that it failed."""
        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._study.tell(number, value, state=state)


def _stored(trial: FrozenTrial) -> StoredTrial:
    return StoredTrial(dict(trial.params), trial.state.is_finished(), trial.value)


def _mend(journal: Path) -> None:
    """Undo what a kill may have left: half a line, on which Optuna stops, and a dead lock."""
    cut_torn_line(journal)
    for lock in journal.parent.glob(f"{journal.name}.lock*"):
        lock.unlink()
