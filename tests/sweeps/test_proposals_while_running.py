"""Trials are proposed while others run, if the workers take them one by one: the same bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import optuna
import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet
from sweeps.config import SweepConfig, load_config
from sweeps.sweep import run_sweep
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import (
    FinishedTrial,
    Runner,
    TrialTask,
    longest_first,
    longest_ready_first,
    run_task,
    with_expected_seconds,
)


def tasks_of(seconds: Sequence[float]) -> list[TrialTask]:
    return [
        TrialTask(number, TrialConfig(), "digits", (), expected_seconds=each)
        for number, each in enumerate(seconds)
    ]


def test_the_longest_task_that_is_ready_comes_next() -> None:
    """The first is taken as it is made. Then of 1, 5 and 2 the 5, of 1, 2, 4, 3 and 6 the 6."""
    made = []

    def making() -> Iterator[TrialTask]:
        for task in tasks_of([3, 1, 5, 2, 4, 3, 6]):
            made.append(task.number)
            yield task

    taken = [(int(task.expected_seconds), len(made)) for task in longest_ready_first(making(), 1)]
    assert taken == [(3, 1), (5, 4), (6, 7), (4, 7), (3, 7), (2, 7), (1, 7)]


def test_of_equally_long_tasks_the_lowest_number_comes_first() -> None:
    tasks = tasks_of([1, 1, 2, 2])
    assert [task.number for task in longest_first(tasks)] == [2, 3, 0, 1]
    assert [task.number for task in longest_ready_first(tasks, 0)] == [2, 3, 0, 1]


def test_the_expected_seconds_are_those_of_the_config(digits: DataSet) -> None:
    tasks = [
        TrialTask(number, TrialConfig(epochs=epochs), "digits", ())
        for number, epochs in enumerate([1, 30, 10])
    ]
    assert [task.number for task in longest_first(with_expected_seconds(tasks, digits))] == [
        1,
        2,
        0,
    ]


class OneByOne:
    """Two workers in this process, each of which takes a task when it is free.

    `stored` has the number of trials in the study at the end of each trial. The run is interrupted
    after `stop` trials.
    """

    def __init__(self, folder: Path, stop: int | None = None) -> None:
        self._folder, self._stop = folder, stop
        self.stored: list[int] = []

    def start(self, *arguments: object) -> AbstractContextManager[Runner]:
        return nullcontext(self._run)

    def _run(self, tasks: Iterable[TrialTask]) -> Iterator[FinishedTrial]:
        waiting = longest_ready_first(tasks, 2)
        running = [task for task in (next(waiting, None), next(waiting, None)) if task]
        while running:
            finished = run_task(running.pop())
            self.stored.append(self._trials_in_journal())
            yield finished
            if len(self.stored) == self._stop:
                raise KeyboardInterrupt
            running += [task for task in [next(waiting, None)] if task]

    def _trials_in_journal(self) -> int:
        backend = optuna.storages.journal.JournalFileBackend(str(self._folder / "journal.log"))
        (study,) = optuna.study.get_all_study_summaries(optuna.storages.JournalStorage(backend))
        return study.n_trials

    def parallel_trials(self) -> int:
        return 2


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")]


REPEATS = """
[sweep]
name = "repeats"
trials = 16
seed = 5
generation = 8
sampler = "random"

[data]
name = "digits"

[training]
epochs = 1
hidden_units = 5

[space]
learning_rate = { choices = [0.1, 0.5] }
mini_batch_size = { choices = [50, 100] }
"""


@pytest.fixture
def config(request: pytest.FixtureRequest, small: Callable[..., SweepConfig], tmp_path: Path):
    """Return a sweep with TPE, or one whose trials repeat four points."""
    if request.param == "tpe":
        return small(sweep__generation=8, sweep__trials=24, training__epochs=1)
    (tmp_path / "repeats.toml").write_text(REPEATS)
    return load_config(tmp_path / "repeats.toml")


@pytest.mark.parametrize("config", ["tpe", "repeats"], indirect=True)
@pytest.mark.parametrize("stop", [None, 1, 3])
def test_the_bytes_are_those_of_a_run_that_proposes_first(
    config: SweepConfig, stop: int | None, digits: DataSet, tmp_path: Path
) -> None:
    """Also if the run is interrupted with a part of a generation proposed, and resumed."""
    run_sweep(config, digits, tmp_path / "local", workers=LocalWorkers(1))
    folder = tmp_path / "one by one"
    if stop:
        with pytest.raises(KeyboardInterrupt):
            run_sweep(config, digits, folder, workers=OneByOne(folder, stop))
    result = run_sweep(config, digits, folder, workers=OneByOne(folder))
    assert (result.done, result.end) == (config.sweep.trials, "trials")
    assert tables(folder) == tables(tmp_path / "local")


def test_a_trial_is_proposed_when_a_worker_takes_it(
    small: Callable[..., Any], digits: DataSet, tmp_path: Path
) -> None:
    workers = OneByOne(tmp_path / "run")
    run_sweep(
        small(sweep__generation=8, sweep__trials=8), digits, tmp_path / "run", workers=workers
    )
    assert workers.stored == [2, 5, 8, 8, 8, 8, 8, 8]
