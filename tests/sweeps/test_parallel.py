"""Tasks on many cores: all are run, a stop is heard, and a dead worker is told."""

import itertools
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.parallel import Task, WorkerDiedError, runner
from sweeps.sweep import SweepProgress, run_sweep


def tasks(count: int) -> list[Task]:
    config = TrialConfig(epochs=1, hidden_units=(5,))
    return [Task(number, config, "digits", ((number, 0),)) for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_all_tasks_are_run_once_each(jobs: int, digits: DataSet) -> None:
    with runner(jobs, lambda: False) as run:
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
    with runner(jobs, lambda: next(asked) >= 5) as run:
        assert sorted(number for number, _ in run(tasks(50))) == [0, 1, 2, 3, 4]


def test_a_dead_worker_is_told_and_the_next_run_goes_on(
    small: Callable[..., SweepConfig], digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")

    def kill_once(progress: SweepProgress) -> None:
        if progress.done == 6 and progress.latest:
            os.kill(progress.latest.outcome.worker, signal.SIGKILL)

    with pytest.raises(WorkerDiedError, match="a worker process died"):
        # Long enough trials that the worker that is killed has another one to do.
        run_sweep(small(), digits, tmp_path / "killed", jobs=2, on_progress=kill_once)
    assert run_sweep(small(), digits, tmp_path / "killed", jobs=2).done == 13
    for name in ("trials.csv", "epochs.csv"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
