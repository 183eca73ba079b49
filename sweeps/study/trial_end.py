"""Stores the end of a trial at once: the value of each epoch, its times, its state and its value.

Optuna's own methods write each epoch by itself and take the present for the times. So this module
writes the lines of a journal, or the rows of a database, in the form in which Optuna reads them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal._storage import JournalOperation
from optuna.trial import TrialState


@dataclass(frozen=True)
class TrialEnd:
    """The end of a trial: `by_epoch` has its values by epoch, `value` is None if it failed."""

    state: TrialState
    value: float | None
    by_epoch: Mapping[int, float]
    started: datetime
    ended: datetime


def store_end(storage: BaseStorage, trial: int, end: TrialEnd) -> None:
    """Store the end of the trial with the id `trial`, in one write.

    A kill leaves a journal with some of the lines; the trial is then unfinished, and its end is
    stored again.
    """
    storage.check_trial_is_updatable(trial, storage.get_trial(trial).state)
    backend: Any = storage._backend  # type: ignore[attr-defined]
    if isinstance(storage, JournalStorage):
        backend.append_logs(list(_journal_lines(trial, end)))
    else:
        _update_rows(backend, trial, end)


def _journal_lines(trial: int, end: TrialEnd) -> Iterator[dict[str, Any]]:
    """Yield the operations; a start is accepted only of a trial that waits."""
    state_of = {"op_code": JournalOperation.SET_TRIAL_STATE_VALUES, "values": None}
    value_of = {"op_code": JournalOperation.SET_TRIAL_INTERMEDIATE_VALUE}
    started, ended = (_in_utc(time).isoformat() for time in (end.started, end.ended))
    whose = {"worker_id": "nnsweep", "trial_id": trial}
    yield {**state_of, **whose, "state": TrialState.WAITING}
    yield {**state_of, **whose, "state": TrialState.RUNNING, "datetime_start": started}
    for epoch, value in end.by_epoch.items():
        yield {**value_of, **whose, "step": epoch, "intermediate_value": value}
    values = None if end.value is None else [end.value]
    finished = {**state_of, **whose, "state": end.state, "values": values}
    yield {**finished, "datetime_complete": ended}


def _update_rows(database: Any, trial: int, end: TrialEnd) -> None:
    """Update the rows of the trial in one transaction."""
    from optuna.storages._rdb import models
    from optuna.storages._rdb.storage import _create_scoped_session

    by_epoch = models.TrialIntermediateValueModel
    with _create_scoped_session(database.scoped_session) as session:
        row = models.TrialModel.find_or_raise_by_id(trial, session, for_update=True)
        session.query(by_epoch).filter(by_epoch.trial_id == trial).delete()
        for epoch, value in end.by_epoch.items():
            stored, kind = by_epoch.intermediate_value_to_stored_repr(value)
            session.add(
                by_epoch(
                    trial_id=trial,
                    step=epoch,
                    intermediate_value=stored,
                    intermediate_value_type=kind,
                )
            )
        if end.value is not None:
            database._set_trial_value_without_commit(session, row, 0, end.value)
        row.datetime_start, row.datetime_complete = _in_utc(end.started), _in_utc(end.ended)
        row.state = end.state


def _in_utc(time: datetime) -> datetime:
    return time.astimezone(UTC)
