"""Equal trials: the first one trains, and the others take its result without training."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import DataSet
from sweeps.config import SweepConfig, parse_config
from sweeps.environment import Environment
from sweeps.progress import SweepProgress
from sweeps.scores import new_proposer
from sweeps.sweep import run_sweep
from sweeps.trial import Result, TrialState, evaluate
from sweeps.workers.local import LocalWorkers
from sweeps.workers.tasks import FinishedTrial, Runner, StopRequested, TrialTask, run_task

SPACE = {
    "learning_rate": {"choices": [0.1, 0.5, 2.0]},
    "mini_batch_size": {"choices": [50, 100]},
    "momentum": {"choices": [0.0, 0.5]},
}


def config(*, pruner_settings: Mapping[str, Any] | None = None, **sweep: Any) -> SweepConfig:
    """Return a sweep of 24 trials over twelve points."""
    return parse_config(
        {
            "sweep": {"name": "twelve", "trials": 24, "seed": 5, "generation": 4, **sweep},
            "pruner": pruner_settings or {},
            "data": {"name": "digits"},
            "training": {"epochs": 2, "hidden_units": 10},
            "space": SPACE,
        }
    )


def rows(folder: Path, name: str = "trials.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def point(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in SPACE)


class Counting:
    """Workers in this process that note the trials they run, and fail those in `failing`."""

    def __init__(self, failing: Sequence[int] = ()) -> None:
        self.failing = failing
        self.ran: list[int] = []

    def start(
        self, datasets: Sequence[DataSet], environment: Environment, stop_requested: StopRequested
    ) -> AbstractContextManager[Runner]:
        return nullcontext(self._run)

    def _run(self, tasks: Sequence[TrialTask]) -> Iterator[FinishedTrial]:
        for task in tasks:
            self.ran.append(task.number)
            broken = TrialTask(task.number, task.config, task.data, ())  # without a seed it fails
            yield run_task(broken if task.number in self.failing else task)

    def threads(self) -> int:
        return 1


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "coordinate"])
def test_each_point_trains_once(sampler: str, digits: DataSet, tmp_path: Path) -> None:
    workers = Counting()
    sweep = config(sampler=sampler, trials=40)
    result = run_sweep(sweep, digits, tmp_path / "run", workers=workers)
    trials = rows(tmp_path / "run")
    assert len(trials) == 40
    first: dict[tuple[str, ...], dict[str, str]] = {}
    for row in trials:
        original = first.setdefault(point(row), row)
        if original is not row:
            assert (row["state"], row["value"]) == (original["state"], original["value"])
            assert (row["stop_reason"], row["epochs"], row["best_epoch"]) == ("repeated", "0", "0")
    trained = [int(row["number"]) for row in first.values()]
    assert len(trained) <= 12
    assert sorted(workers.ran) == trained
    assert {int(row["trial"]) for row in rows(tmp_path / "run", "epochs.csv")} == set(trained)
    assert result.repeated == 40 - len(trained)
    assert result.done == 40
    assert result.epochs == 2 * len(trained)


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "coordinate"])
def test_samplers_learn_from_a_repeat_as_if_it_had_trained(
    sampler: str, digits: DataSet, tmp_path: Path
) -> None:
    """The oracle trains every trial, in a plain loop over the sampler's generations."""
    tables = config(trials=32).model_dump(exclude_none=True)
    tables["space"]["learning_rate"] = {"low": 0.5, "high": 1.5, "step": 0.5}
    sweep = parse_config({**tables, "sweep": {**tables["sweep"], "sampler": sampler}})
    proposer, expected = new_proposer(sweep), []
    for _ in range(8):
        proposed = [proposer.ask() for _ in range(4)]
        ended = [evaluate(sweep.trial_config(params), digits, [(5, 0)]) for params in proposed]
        proposer.tell([outcome.result for outcome in ended])
        expected += [
            (params, outcome.value) for params, outcome in zip(proposed, ended, strict=True)
        ]
    result = run_sweep(sweep, digits, tmp_path / "run")
    assert result.repeated > 0
    got = [
        ({name: row[name] for name in sweep.space}, float(row["value"]))
        for row in rows(tmp_path / "run")
    ]
    assert got == [({k: str(v) for k, v in params.items()}, value) for params, value in expected]


PRUNED = {
    "pruner": "median",
    "pruner_settings": {"n_warmup_steps": 0},
    "sampler": "random",
    "trials": 28,
}


@pytest.mark.parametrize("settings", [{}, PRUNED, {"replicates": 2, "generation": 7}])
def test_repeats_are_the_same_for_any_jobs_and_after_any_stop(
    settings: dict[str, Any],
    digits: DataSet,
    tmp_path: Path,
    assert_same: Callable[[Path, Path], None],
) -> None:
    sweep = config(**settings)
    run_sweep(sweep, digits, tmp_path / "one")
    run_sweep(sweep, digits, tmp_path / "two", workers=LocalWorkers(2))
    assert_same(tmp_path / "one", tmp_path / "two")
    done = 0

    def note(progress: SweepProgress) -> None:
        nonlocal done
        done = progress.done

    for limit in range(1, sweep.sweep.trials, 5):
        run_sweep(
            sweep,
            digits,
            tmp_path / "stopped",
            on_progress=note,
            stop_requested=lambda limit=limit: done >= limit,
        )
    result = run_sweep(sweep, digits, tmp_path / "stopped")
    assert_same(tmp_path / "one", tmp_path / "stopped")
    assert result.repeated == sum(r["stop_reason"] == "repeated" for r in rows(tmp_path / "one"))
    states = {row["state"] for row in rows(tmp_path / "one") if row["stop_reason"] == "repeated"}
    assert ("pruned" in states) == (settings is PRUNED)


def test_lost_tables_are_written_again_with_their_repeats(digits: DataSet, tmp_path: Path) -> None:
    run_sweep(config(), digits, tmp_path / "run")
    tables = ("trials.csv", "epochs.csv")
    before = {name: (tmp_path / "run" / name).read_bytes() for name in tables}
    for lost in (*tables, "journal.log"):
        (tmp_path / "run" / lost).unlink()
        run_sweep(config(), digits, tmp_path / "run")
        assert {name: (tmp_path / "run" / name).read_bytes() for name in tables} == before


def test_equal_trials_of_one_generation_train_once(digits: DataSet, tmp_path: Path) -> None:
    """With one point, all trials after the first repeat it, in its own generation too."""
    tables = config(sampler="random", trials=6).model_dump(exclude_none=True)
    one = parse_config({**tables, "space": {"learning_rate": {"choices": [0.5]}}})
    workers, seen = Counting(), []

    def note(progress: SweepProgress) -> None:
        if progress.latest:
            seen.append((progress.latest.number, str(progress.latest.outcome.stop_reason)))

    run_sweep(one, digits, tmp_path / "run", workers=workers, on_progress=note)
    assert workers.ran == [0]
    assert seen == [(0, "max_epochs"), *((number, "repeated") for number in range(1, 6))]


def test_a_trial_equal_to_a_failed_one_is_trained(digits: DataSet, tmp_path: Path) -> None:
    """A failure may have been an accident, so its result is not known."""
    tables = config(sampler="random", trials=6).model_dump(exclude_none=True)
    one = parse_config({**tables, "space": {"learning_rate": {"choices": [0.5]}}})
    workers = Counting(failing=(0, 1))
    result = run_sweep(one, digits, tmp_path / "run", workers=workers)
    assert workers.ran == [0, 1, 2]
    assert [row["stop_reason"] for row in rows(tmp_path / "run")] == [
        *("error", "error", "max_epochs"),
        *("repeated", "repeated", "repeated"),
    ]
    assert (result.failed, result.repeated) == (2, 3)


def test_a_repeat_counts_no_epoch_of_the_budget(digits: DataSet, tmp_path: Path) -> None:
    """Twelve points of two epochs never spend a budget of 25."""
    result = run_sweep(config(epoch_budget=25), digits, tmp_path / "run")
    assert (result.done, result.end, result.epochs <= 24) == (24, "trials", True)


def test_the_study_of_the_run_has_the_repeats_too(digits: DataSet, tmp_path: Path) -> None:
    from sweeps.study.optuna_study import open_optuna_study

    run_sweep(config(), digits, tmp_path / "run")
    stored = open_optuna_study(None, tmp_path / "run", config()).trials()
    assert [trial.result for trial in stored] == [
        Result(TrialState(row["state"]), float(row["value"]), int(row["epochs"]))
        for row in rows(tmp_path / "run")
    ]
