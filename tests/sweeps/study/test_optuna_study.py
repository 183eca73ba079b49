"""A study is the same in a journal, in SQLite and in PostgreSQL; and what is said of a bad one."""

import csv
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sqlalchemy.pool import NullPool

from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.errors import OutageError
from sweeps.records.run_folder import recorded_storage
from sweeps.study.database import open_database
from sweeps.study.optuna_study import OptunaStudy, open_optuna_study
from sweeps.sweep import run_sweep
from sweeps.trial import Course, Result, TimeSpan
from tests.support.servers import PASSWORD, Postgres, postgres

Small = Callable[..., SweepConfig]
NUMBERS = {"learning_rate": 0.1 + 0.2, "lmbda": 200000.0, "mini_batch_size": 20, "hidden_units": 60}
RESULTS = [
    Result("complete", 1 / 3, 3),
    Result("pruned", 0.1 + 0.7, 2),
    Result("failed", None, 0),
    Result("complete", 0.0, 1),  # diverged in its first epoch
    Result("complete", 1 / 3, 0),  # repeated the first
]
CURVES = [(0.1, 1 / 3, 0.2), (0.1 + 0.7, 0.5), (), (), ()]
SPANS = [
    [TimeSpan("2026-01-02T03:04:05.678+00:00", 1.5, 7)],
    [TimeSpan("2026-01-02T01:00:00+00:00", 2, 7), TimeSpan("2026-01-02T02:00:00+00:00", 60, 8)],
    *[[TimeSpan("2026-07-02T12:00:00+00:00", 0.25, 7)]] * 3,
]
ENDS = list(zip(RESULTS, map(Course, CURVES, SPANS), strict=True))


@pytest.fixture(
    params=["journal", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of each kind of storage in turn; in PostgreSQL, of a database of its own."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        return server.new_database()
    return "journal" if request.param == "journal" else f"sqlite:///{tmp_path}/study.db"


Opened = Callable[[str, Path], OptunaStudy]


@pytest.fixture
def opened(small: Small) -> Iterator[Opened]:
    """Return a function that opens the storage at a URL for the small sweep in a run folder."""
    with ExitStack() as stack:

        def open_(url: str, folder: Path) -> OptunaStudy:
            folder.mkdir(exist_ok=True)
            return open_optuna_study(stack.enter_context(open_database(url)), folder, small())

        yield open_


def test_added_and_told_trials_are_read_back(url: str, opened: Opened, tmp_path: Path) -> None:
    storage = opened(url, tmp_path / "run")
    assert storage.trials() == []
    for number, end in enumerate(ENDS):
        storage.add({**NUMBERS, "mini_batch_size": (5, 20, 100)[number % 3]})
        storage.tell(number, *end)
    storage.add(NUMBERS)
    again = opened(url, tmp_path / "run").trials()
    assert [trial.result for trial in again] == [*RESULTS, None]
    assert [trial.params["mini_batch_size"] for trial in again] == [5, 20, 100, 5, 20, 20]
    assert again[-1].params == NUMBERS
    assert list(again[-1].params) == list(NUMBERS)
    assert type(again[-1].params["hidden_units"]) is int


def test_optuna_reads_the_whole_study(url: str, opened: Opened, tmp_path: Path) -> None:
    storage = opened(url, tmp_path / "run")
    for number, end in enumerate(ENDS):
        storage.add(NUMBERS)
        storage.tell(number, *end)
    study = study_in(url, tmp_path / "run")
    assert study.metric_names == ["accuracy"]
    name = study.study_name
    assert re.fullmatch("small" if url == "journal" else "small-[0-9a-f]{12}", name)
    complete, pruned, failed = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
    assert [trial.state for trial in study.trials] == [complete, pruned, failed, complete, complete]
    assert [trial.value for trial in study.trials] == [1 / 3, 0.1 + 0.7, None, 0.0, 1 / 3]
    assert [trial.intermediate_values for trial in study.trials] == [
        {1: 0.1, 2: 1 / 3, 3: 0.2},
        {1: 0.1 + 0.7, 2: 0.5},
        {},
        {1: 0.0},
        {},
    ]
    # Optuna gives times in the time zone of this process, without naming it.
    times = [
        [
            time.astimezone(UTC).isoformat()
            for time in (trial.datetime_start, trial.datetime_complete)
        ]
        for trial in study.trials
    ]
    assert times == [
        ["2026-01-02T03:04:05.678000+00:00", "2026-01-02T03:04:07.178000+00:00"],
        ["2026-01-02T01:00:00+00:00", "2026-01-02T02:01:00+00:00"],
        *[["2026-07-02T12:00:00+00:00", "2026-07-02T12:00:00.250000+00:00"]] * 3,
    ]


def test_a_sweep_tells_optuna_the_epochs_and_times_of_its_tables(
    url: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run", storage=url)
    study, tables = study_in(url, tmp_path / "run"), read_tables(tmp_path / "run")
    assert len(study.trials) == 13
    assert "diverged" in {row["stop_reason"] for row in tables["trials"]}
    for trial, row in zip(study.trials, tables["trials"], strict=True):
        epochs = [one for one in tables["epochs"] if one["trial"] == row["number"]]
        measured = {int(one["epoch"]): float(one["validation_accuracy"]) for one in epochs}
        if row["stop_reason"] == "diverged":
            measured[len(measured)] = 0.0
        assert trial.intermediate_values == measured
        (timing,) = [one for one in tables["timings"] if one["number"] == row["number"]]
        assert trial.datetime_start.astimezone(UTC) == datetime.fromisoformat(timing["started"])
        seconds = (trial.datetime_complete - trial.datetime_start).total_seconds()
        assert seconds == pytest.approx(float(timing["seconds"]), abs=0.001)


def test_a_study_that_was_lost_is_whole_again(
    url: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    before = study_in("journal", tmp_path / "run").trials
    (tmp_path / "run" / "journal.log").unlink()
    run_sweep(small(), digits, tmp_path / "run", storage=url)
    for old, new in zip(before, study_in(url, tmp_path / "run").trials, strict=True):
        assert (new.state, new.params, new.value) == (old.state, old.params, old.value)
        assert new.intermediate_values == old.intermediate_values
        assert new.datetime_start == old.datetime_start
        assert abs(new.datetime_complete - old.datetime_complete).total_seconds() <= 0.001


def test_the_end_of_a_trial_is_one_write_and_half_of_it_is_written_again(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    real = JournalFileBackend.append_logs

    def note(self: JournalFileBackend, logs: list[dict[str, Any]]) -> None:
        writes.append(len(logs))
        real(self, logs)

    storage = opened("journal", tmp_path / "run")
    storage.add(NUMBERS)
    journal = tmp_path / "run" / "journal.log"
    before = journal.read_bytes()
    monkeypatch.setattr(JournalFileBackend, "append_logs", note)
    storage.tell(0, *ENDS[0])
    assert len(writes) == 1
    whole = study_in("journal", tmp_path / "run").trials
    added = journal.read_bytes()[len(before) :]
    for length in range(1, len(added), 7):  # a kill may leave any part of it
        journal.write_bytes(before + added[:length])
        again = opened("journal", tmp_path / "run")
        assert again.trials()[0].result is None
        again.tell(0, *ENDS[0])
        assert study_in("journal", tmp_path / "run").trials == whole


def study_in(url: str, folder: Path) -> optuna.Study:
    backend = optuna_view(url, folder)
    (name,) = optuna.get_all_study_names(backend)
    return optuna.load_study(study_name=name, storage=backend)


def read_tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    return {
        name: list(csv.DictReader((folder / f"{name}.csv").read_text().splitlines()))
        for name in ("trials", "epochs", "timings")
    }


def optuna_view(url: str, folder: Path) -> BaseStorage:
    if url == "journal":
        return JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    driver = url.replace("postgresql:", "postgresql+psycopg:")
    return RDBStorage(driver, engine_kwargs={"poolclass": NullPool})


def test_a_sweep_has_the_same_bytes_in_any_storage(
    url: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    for trials in (6, 13):  # stopped and taken up in the middle of a generation
        run_sweep(small(sweep__trials=trials), digits, tmp_path / "run", storage=url)
    for name in ("trials.csv", "epochs.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert (tmp_path / "run" / "journal.log").exists() == (url == "journal")
    for file in (tmp_path / "run").rglob("*.*"):
        assert PASSWORD not in file.read_text(errors="replace")
        assert "%20" not in file.read_text(errors="replace")


def test_a_study_of_another_run_folder_is_refused(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    run_sweep(small(), digits, tmp_path / "run", storage=url)
    refusal = rf"`path` must be {tmp_path}/run, the run folder of study small-.*, got .*/other;"
    with pytest.raises(InputError, match=refusal):
        run_sweep(small(), digits, tmp_path / "other", storage=url)
    assert [path.name for path in (tmp_path / "other").iterdir()] == [".lock"]
    # Another config has another study; the number of trials is none.
    run_sweep(small(sweep__seed=8), digits, tmp_path / "other", storage=url)
    run_sweep(small(sweep__trials=14), digits, tmp_path / "run", storage=url)
    assert len(optuna.get_all_study_names(url)) == 2


def test_a_study_whose_run_was_killed_before_it_was_claimed_is_claimed(
    opened: Opened, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    opened(url, tmp_path / "run")
    (name,) = optuna.get_all_study_names(url)
    optuna.delete_study(study_name=name, storage=url)
    optuna.create_study(study_name=name, storage=url, direction="maximize")
    opened(url, tmp_path / "late")
    attrs = optuna.load_study(study_name=name, storage=url).user_attrs
    assert attrs == {"run_folder": str(tmp_path / "late")}


def test_a_resumed_run_keeps_its_storage_or_moves(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    folder, first = tmp_path / "run", f"sqlite:///{tmp_path}/first.db"
    run_sweep(small(sweep__trials=4), digits, folder, storage=first)
    assert recorded_storage(folder) == first
    run_sweep(small(sweep__trials=8), digits, folder)
    assert studies(first) == 8
    run_sweep(small(sweep__trials=10), digits, folder, storage="journal")
    assert recorded_storage(folder) == "journal.log"
    second = f"sqlite:///{tmp_path}/second.db"
    run_sweep(small(), digits, folder, storage=second)
    assert (studies(first), studies(second)) == (8, 13)
    run_sweep(small(), digits, tmp_path / "whole")
    assert (folder / "epochs.csv").read_bytes() == (tmp_path / "whole/epochs.csv").read_bytes()


def studies(url: str) -> int:
    (name,) = optuna.get_all_study_names(url)
    return len(optuna.load_study(study_name=name, storage=url).trials)


def test_another_writer_is_noticed(opened: Opened, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    one, other = (opened(url, tmp_path / "run") for _ in range(2))
    one.add(NUMBERS)
    with pytest.raises(OutageError, match=r"another process is writing to small-"):
        other.add(NUMBERS)
    one.tell(0, *ENDS[0])
    third = opened(url, tmp_path / "run")
    with pytest.raises(OutageError, match=r"study\.db failed|shared\.db failed"):
        third.tell(0, *ENDS[1])


@pytest.mark.parametrize("kind", ["journal", "sqlite"])
def test_a_storage_that_is_removed_ends_the_sweep_in_one_line_and_it_goes_on(
    kind: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    folder = tmp_path / "run"
    file = folder / "journal.log" if kind == "journal" else tmp_path / "study.db"
    url = "journal" if kind == "journal" else f"sqlite:///{file}"

    def remove(progress: Any) -> None:
        if progress.done == 6:
            file.unlink()

    with pytest.raises(OutageError, match=rf"^storage .*{file.name} was removed while the sweep"):
        run_sweep(small(), digits, folder, storage=url, on_progress=remove)
    run_sweep(small(), digits, folder, storage=url)
    for name in ("trials.csv", "epochs.csv"):
        assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.postgres
def test_a_server_that_is_stopped_ends_the_sweep_in_one_line_and_it_goes_on(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    with postgres() as server:

        def stop(progress: Any) -> None:
            if progress.done == 6:
                server.stop()

        with pytest.raises(OutageError) as error:
            run_sweep(small(), digits, tmp_path / "run", storage=server.url, on_progress=stop)
        message = str(error.value)
        assert re.match(r"storage postgresql://nnsweep@127\.0\.0\.1:\d+/postgres failed: ", message)
        assert "\n" not in message
        with pytest.raises(InputError, match="must be a database that can be opened"):
            run_sweep(small(), digits, tmp_path / "run", storage=server.url)
        server.start()
        run_sweep(small(), digits, tmp_path / "run", storage=server.url)
    for name in ("trials.csv", "epochs.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.postgres
def test_a_server_that_was_restarted_between_two_trials_is_not_noticed(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    with postgres() as server:

        def restart(progress: Any) -> None:
            if progress.done == 6:
                server.stop()
                server.start()

        result = run_sweep(
            small(), digits, tmp_path / "run", storage=server.url, on_progress=restart
        )
    assert result.done == 13


def test_telling_costs_no_more_in_a_long_study(opened: Opened, tmp_path: Path) -> None:
    """Counted in calls of Python functions, which do not depend on the clock."""
    storage = opened("journal", tmp_path / "run")
    calls = [count_calls(storage, number) for number in range(200)]
    assert max(calls[150:]) <= 1.1 * calls[10]


def count_calls(storage: OptunaStudy, number: int) -> int:
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        storage.add(NUMBERS)
        storage.tell(number, *ENDS[0])
    finally:
        sys.setprofile(None)
    return count
