"""Tasks on many cores: all are run, a stop is heard, and a worker that dies costs no trial."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet, load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig
from sweeps.errors import OutageError
from sweeps.sweep import SweepProgress, run_sweep
from sweeps.workers.dead_workers import WorkerDiedError, retry_lost_tasks
from sweeps.workers.local import LocalWorkers, local_runner
from sweeps.workers.tasks import TrialTask, run_task
from tests.support.patience import PATIENCE


def tasks(count: int) -> list[TrialTask]:
    config = TrialConfig(epochs=1, hidden_units=(5,))
    return [TrialTask(number, config, "digits", ((number, 0),)) for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_all_tasks_are_run_once_each(jobs: int, digits: DataSet) -> None:
    with local_runner(jobs, lambda: False, run_task) as run:
        first, second = list(run(tasks(7))), list(run(tasks(2)))
    assert sorted(number for number, _ in first) == list(range(7))
    assert sorted(number for number, _ in second) == [0, 1]
    workers = {outcome.worker for _, outcome in first}
    assert len(workers) <= jobs
    assert (os.getpid() in workers) == (jobs == 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_a_stop_no_task_is_started_and_those_that_run_are_finished(
    jobs: int, digits: DataSet
) -> None:
    asked = itertools.count()
    with local_runner(jobs, lambda: next(asked) >= 5, run_task) as run:
        assert sorted(number for number, _ in run(tasks(50))) == [0, 1, 2, 3, 4]


class Deadly:
    """Data that kill the worker that receives them."""

    def __reduce__(self) -> tuple[Any, ...]:
        return signal.raise_signal, (signal.SIGKILL,)


def test_a_trial_that_takes_its_worker_down_alone_has_failed_and_no_other(digits: DataSet) -> None:
    wanted = tasks(8)
    wanted[3] = replace(wanted[3], data=Deadly())  # type: ignore[arg-type]
    with local_runner(2, lambda: False, run_task) as run:
        outcomes = dict(run(wanted))
        after = dict(run(tasks(2)))
    assert sorted(outcomes) == list(range(8))
    failed = outcomes.pop(3)
    assert (failed.state, failed.stop_reason, failed.value) == ("failed", "error", None)
    assert failed.error.startswith("its worker died 3 times while running only this trial")
    assert {outcome.state for outcome in [*outcomes.values(), *after.values()]} == {"complete"}


def test_suspects_run_alone_and_three_strikes_are_of_a_trial_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second, third = wanted = tasks(3)
    asked: list[list[int]] = []

    def pool(given: Iterator[TrialTask]) -> Iterator[tuple[int, Any]]:
        numbers = [task.number for task in given]
        asked.append(numbers)
        if len(numbers) == 3:
            yield first.number, "done"
            raise WorkerDiedError([second.number, third.number])
        if numbers == [third.number]:
            raise WorkerDiedError([third.number])
        yield from ((number, "done") for number in numbers)

    outcomes = list(retry_lost_tasks(pool, lambda: False, wanted))
    assert asked == [[0, 1, 2], [1], [2], [2], [2]]
    message = "a worker died (killed or out of memory); rerunning, one at a time: trial 1, trial 2"
    assert caplog.messages == [message]
    assert [number for number, _ in outcomes] == [0, 1, 2]
    assert [getattr(outcome, "state", outcome) for _, outcome in outcomes] == [
        "done",
        "done",
        "failed",
    ]


def test_after_a_stop_no_suspect_is_run_again() -> None:
    stopped = False

    def pool(given: Iterator[TrialTask]) -> Iterator[tuple[int, Any]]:
        nonlocal stopped
        numbers = [task.number for task in given]
        if numbers:
            stopped = True
            raise WorkerDiedError([wanted[0].number])
        yield from ()

    wanted = tasks(3)
    assert list(retry_lost_tasks(pool, lambda: stopped, wanted)) == []


def test_killed_workers_change_no_byte(
    small: Callable[..., SweepConfig], digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    killed = []

    def kill(progress: SweepProgress) -> None:
        if progress.latest and progress.done in (2, 6, 9):
            killed.append(progress.latest.outcome.worker)
            with suppress(ProcessLookupError):  # it may have gone down with one killed before
                os.kill(killed[-1], signal.SIGKILL)

    run_sweep(small(), digits, tmp_path / "killed", workers=LocalWorkers(2), on_progress=kill)
    assert len(killed) == 3
    for name in ("trials.csv", "epochs.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("jobs", [1, 2])
def test_data_that_cannot_be_read_for_a_while_end_the_run_and_fail_no_trial(
    jobs: int, small: Callable[..., SweepConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, file = tmp_path / "cache", tmp_path / "own.npz"
    monkeypatch.setenv("NNSWEEP_CACHE_DIR", str(cache))
    rng = np.random.default_rng(0)
    np.savez(file, x=rng.random((300, 3)), y=np.arange(300) % 2)
    config = small(data={"name": str(file)})
    dataset = load_dataset(config.data.source)

    def lose(progress: SweepProgress) -> None:
        if progress.done == 5:
            for path in (file, cache):
                path.rename(path.with_suffix(".gone"))

    with pytest.raises(OutageError, match=r"^data set .*own\.npz can no longer be read: "):
        run_sweep(config, dataset, tmp_path / "cut", workers=LocalWorkers(jobs), on_progress=lose)
    for path in (file, cache):
        shutil.rmtree(path, ignore_errors=True)  # a worker may have begun to make it again
        path.with_suffix(".gone").rename(path)
    rows = (tmp_path / "cut" / "trials.csv").read_text().splitlines()[1:]
    assert rows
    assert not any("failed" in row for row in rows)
    run_sweep(config, dataset, tmp_path / "cut", workers=LocalWorkers(jobs))
    run_sweep(config, dataset, tmp_path / "whole")
    for name in ("trials.csv", "epochs.csv"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


LEAVE = """
import os, signal
from nncore.config import TrialConfig
from sweeps.workers.local import local_runner
from sweeps.workers.tasks import TrialTask, run_task

config = TrialConfig(epochs=1, hidden_units=(5,))
with local_runner(2, lambda: False, run_task) as run:
    tasks = [TrialTask(number, config, "digits", ((number, 0),)) for number in range(6)]
    workers = {outcome.worker for _, outcome in run(tasks)}
    os.kill(min(workers), signal.SIGKILL)
"""


def test_a_worker_that_dies_while_it_waits_for_work_does_not_keep_the_end_from_coming() -> None:
    for _ in range(2):  # the lock that it dies with is in its hand, or in that of the other
        subprocess.run([sys.executable, "-c", LEAVE], check=True, timeout=PATIENCE)


def test_more_jobs_than_any_machine_has_are_refused() -> None:
    for jobs in (1001, 10**400):
        with pytest.raises(InputError, match=r"^`jobs` must be <= 1000, got 10"):
            LocalWorkers(jobs)
    assert LocalWorkers(1000).parallel_trials() == 1000


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True])
def test_a_number_of_jobs_that_is_none_is_refused_in_one_line(jobs: Any) -> None:
    with pytest.raises(InputError, match=rf"^`jobs` must be a whole number >= 1, got {jobs}$") as e:
        LocalWorkers(jobs)
    assert e.value.argument == "jobs"
