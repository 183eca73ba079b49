"""The loop keeps its promises: the same bytes however it is run, N trials, the best network."""

import csv
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest

from nncore.arrays.blas import one_blas_thread
from nncore.datasets import DataSet
from nncore.datasets.dataset import make_split
from nncore.errors import InputError
from nncore.model_file import load_model
from nncore.scoring import score
from sweeps.config import SweepConfig, parse_config
from sweeps.progress import SweepProgress
from sweeps.sweep import run_sweep
from sweeps.workers.local import LocalWorkers

Small = Callable[..., SweepConfig]
TABLES = ("trials.csv", "epochs.csv")


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def rows(folder: Path, name: str = "trials.csv") -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


RICH = {"training__shift": 1.0, "training__nesterov": True, "sweep__replicates": 2}


@pytest.mark.parametrize("settings", [{}, RICH])
def test_same_bytes_for_one_two_and_four_jobs(
    settings: dict[str, Any], small: Small, digits: DataSet, tmp_path: Path
) -> None:
    for jobs in (1, 2, 4):
        finished: list[int] = []

        def note(progress: SweepProgress, finished: list[int] = finished) -> None:
            if progress.latest:
                finished.append(progress.latest.number)

        folder = tmp_path / f"jobs-{jobs}"
        run_sweep(small(**settings), digits, folder, workers=LocalWorkers(jobs), on_progress=note)
        assert sorted(finished) == list(range(13))
        assert finished != sorted(finished), "the test needs trials that finish out of order"
        assert tables(folder) == tables(tmp_path / "jobs-1")
    reasons = [row["stop_reason"] for row in rows(tmp_path / "jobs-1")]
    assert "diverged" in reasons
    assert "max_epochs" in reasons


def test_raising_trials_gives_the_bytes_of_a_longer_run(
    small: Small, digits: DataSet, tmp_path: Path, assert_eventful: Callable[[Path], None]
) -> None:
    for trials in (13, 29, 40):
        result = run_sweep(small(sweep__trials=trials), digits, tmp_path / "grown")
        assert (result.done, result.trials) == (trials, trials)
        assert len(rows(tmp_path / "grown")) == trials
    run_sweep(small(sweep__trials=40), digits, tmp_path / "at-once")
    assert tables(tmp_path / "grown") == tables(tmp_path / "at-once")
    assert_eventful(tmp_path / "grown")
    texts = [(tmp_path / name / "sweep.toml").read_text() for name in ("grown", "at-once")]
    assert texts[0] == texts[1]


def test_a_run_folder_that_is_older_than_a_hyperparameter_is_resumed(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    """Its sweep file lacks the key, which then has its default."""
    run_sweep(small(), digits, tmp_path / "whole")
    run_sweep(small(sweep__trials=5), digits, tmp_path / "old")
    file = tmp_path / "old" / "sweep.toml"
    lines = file.read_text().splitlines(keepends=True)
    for line in (
        *('class_weight = "none"\n', "input_dropout = 0.0\n", "max_norm = 0.0\n"),
        *('update = "sgd"\n', "beta1 = 0.9\n", "beta2 = 0.999\n", "epsilon = 1e-08\n"),
        *("clip_norm = 0.0\n", "warmup = 0\n"),
    ):
        lines.remove(line)
    file.write_text("".join(lines))
    assert run_sweep(small(), digits, tmp_path / "old").done == 13
    assert tables(tmp_path / "old") == tables(tmp_path / "whole")
    balanced = small(training__class_weight="balanced")
    with pytest.raises(InputError, match=r"whose settings differ in `training.class_weight`;"):
        run_sweep(balanced, digits, tmp_path / "old")


def test_input_dropout_and_max_norm_are_searched(digits: DataSet, tmp_path: Path) -> None:
    """At equal settings, each of the four cells trains another network."""
    tables = {
        "sweep": {"name": "a", "sampler": "grid", "trials": 4},
        "training": {"epochs": 1},
        "space": {
            "input_dropout": {"choices": [0.0, 0.2]},
            "max_norm": {"choices": [0.0, 0.5]},
        },
    }
    run_sweep(parse_config(tables), digits, tmp_path / "run")
    found = rows(tmp_path / "run")
    assert {(row["input_dropout"], row["max_norm"]) for row in found} == {
        ("0.0", "0.0"), ("0.0", "0.5"), ("0.2", "0.0"), ("0.2", "0.5"),
    }  # fmt: skip
    assert {row["state"] for row in found} == {"complete"}
    assert len({row["train_cost"] for row in rows(tmp_path / "run", "epochs.csv")}) == 4


def test_updates_are_searched(digits: DataSet, tmp_path: Path) -> None:
    """Adam's own hyperparameters hang on the choice of Adam, and momentum on that of SGD."""
    tables = {
        "sweep": {"name": "a", "sampler": "grid", "trials": 10},
        "training": {"epochs": 2, "learning_rate": 0.01, "lmbda": 5.0, "schedule": "cosine"},
        "space": {
            "update": {"choices": ["sgd", "adam", "adamw"]},
            "momentum": {"choices": [0.0, 0.9], "when": {"update": "sgd"}},
            "beta1": {"choices": [0.5, 0.9], "when": {"update": "adam"}},
            "warmup": {"choices": [0, 1]},
        },
    }
    run_sweep(parse_config(tables), digits, tmp_path / "run")
    found = rows(tmp_path / "run")
    assert {row["state"] for row in found} == {"complete"}
    curves = rows(tmp_path / "run", "epochs.csv")
    assert len({row["train_cost"] for row in curves if row["epoch"] == "2"}) == len(found) == 10


def test_momentum_of_adam_is_refused_before_the_sweep() -> None:
    space = {"update": {"choices": ["sgd", "adam"]}, "momentum": {"low": 0.0, "high": 0.9}}
    with pytest.raises(InputError, match="`momentum` must be 0 if `update` is 'adam'"):
        parse_config({"sweep": {"name": "a"}, "space": space})


def test_class_weight_is_searched(digits: DataSet, tmp_path: Path) -> None:
    """At equal settings, the two weightings of a rare class train different networks."""
    x, labels = digits.train.x, digits.train.labels
    few = np.flatnonzero((labels > 0) | (np.cumsum(labels == 0) <= 10))
    rare = replace(digits, train=make_split(x[few], labels[few], 10))
    tables = {
        "sweep": {"name": "a", "sampler": "grid", "trials": 2},
        "training": {"epochs": 1},
        "space": {"class_weight": {"choices": ["none", "balanced"]}},
    }
    run_sweep(parse_config(tables), rare, tmp_path / "run")
    found = rows(tmp_path / "run")
    assert {row["class_weight"] for row in found} == {"none", "balanced"}
    assert {row["state"] for row in found} == {"complete"}
    costs = {row["train_cost"] for row in rows(tmp_path / "run", "epochs.csv")}
    assert len(costs) == 2


def test_proposals_learn_from_earlier_generations(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    """After TPE's ten random trials, other values lead to other proposals."""
    run_sweep(small(sweep__trials=24), digits, tmp_path / "one")
    other = small(sweep__trials=24, training__cost="quadratic", training__init="large")
    run_sweep(other, digits, tmp_path / "other")
    rates = [[row["learning_rate"] for row in rows(tmp_path / n)] for n in ("one", "other")]
    assert rates[0][:10] == rates[1][:10]
    assert rates[0][12:] != rates[1][12:]


def test_a_stop_between_trials_loses_nothing(small: Small, digits: DataSet, tmp_path: Path) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    done = 0

    def count(progress: SweepProgress) -> None:
        nonlocal done
        done = progress.done

    folder = tmp_path / "stopped"
    for limit in (1, 2, 6, 11):
        result = run_sweep(
            small(), digits, folder, on_progress=count, stop_requested=lambda n=limit: done >= n
        )
        assert result.done == limit
    assert run_sweep(small(), digits, folder).done == 13
    assert tables(folder) == tables(tmp_path / "whole")


def test_running_a_finished_sweep_again_changes_nothing(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    before = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert run_sweep(small(), digits, tmp_path / "run").done == 13
    assert before == {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}


def test_replicates_hear_one_schedule_and_end_together(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    config = small(
        sweep__replicates=3,
        sweep__trials=6,
        training__epochs=60,
        training__schedule="halve-on-plateau",
        training__schedule_patience=1,
    )
    assert run_sweep(config, digits, tmp_path / "run").failed == 0
    trials = rows(tmp_path / "run")
    ended = [row["number"] for row in trials if row["stop_reason"] == "schedule_end"]
    assert ended, "the test needs a schedule that ends"
    for number in ended:
        curve = [row for row in rows(tmp_path / "run", "epochs.csv") if row["trial"] == number]
        rates = [
            [row["learning_rate"] for row in curve if row["replicate"] == replicate]
            for replicate in "012"
        ]
        assert rates[0] == rates[1] == rates[2]
        assert float(rates[0][-1]) == float(rates[0][0]) / 128


def test_best_network_scores_the_best_value(small: Small, digits: DataSet, tmp_path: Path) -> None:
    result = run_sweep(small(), digits, tmp_path / "run", workers=LocalWorkers(2))
    values = [float(row["value"]) for row in rows(tmp_path / "run")]
    assert result.best_value == max(values)
    assert result.best_number == values.index(max(values))
    network = load_model(tmp_path / "run" / "best.npz").network
    with one_blas_thread():
        assert score(network, digits.validation).accuracy == result.best_value
    assert network.sizes[1] == int(rows(tmp_path / "run")[result.best_number]["hidden_units"])


def test_tables_agree_with_each_other(small: Small, digits: DataSet, tmp_path: Path) -> None:
    run_sweep(small(sweep__replicates=2), digits, tmp_path / "run")
    epochs = rows(tmp_path / "run", "epochs.csv")
    for trial in rows(tmp_path / "run"):
        curve = [row for row in epochs if row["trial"] == trial["number"]]
        assert len(curve) == 2 * int(trial["epochs"])
        if trial["stop_reason"] == "diverged":
            continue
        means = [
            sum(float(r["validation_accuracy"]) for r in curve if int(r["epoch"]) == epoch) / 2
            for epoch in range(1, int(trial["epochs"]) + 1)
        ]
        assert float(trial["value"]) == max(means)
        assert int(trial["best_epoch"]) == 1 + means.index(max(means))
    timings = rows(tmp_path / "run", "timings.csv")
    assert [row["number"] for row in timings] == [str(n) for n in range(13)]
    assert list((tmp_path / "run" / "pending").iterdir()) == []


def test_optuna_reads_the_journal(small: Small, digits: DataSet, tmp_path: Path) -> None:
    run_sweep(small(), digits, tmp_path / "run")
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "run" / "journal.log"))
    study = optuna.load_study(study_name="small", storage=optuna.storages.JournalStorage(backend))
    table = rows(tmp_path / "run")
    assert [trial.value for trial in study.trials] == [float(row["value"]) for row in table]
    for trial, row in zip(study.trials, table, strict=True):
        assert {name: str(value) for name, value in trial.params.items()} == {
            name: row[name] for name in trial.params
        }


def test_an_error_in_a_trial_is_its_outcome(
    small: Small, digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweeps.workers import tasks

    real = tasks.evaluate

    def break_sometimes(config, data, seeds, **keywords):  # type: ignore[no-untyped-def]
        if config.mini_batch_size == 20:
            raise MemoryError("no room for the weights")
        return real(config, data, seeds, **keywords)

    monkeypatch.setattr(tasks, "evaluate", break_sometimes)
    result = run_sweep(small(), digits, tmp_path / "run")
    table = rows(tmp_path / "run")
    broken = [row for row in table if row["mini_batch_size"] == "20"]
    assert result.done == 13
    assert result.failed == len(broken) > 0
    assert {(r["state"], r["value"], r["stop_reason"]) for r in broken} == {("failed", "", "error")}
    for row in broken:
        text = (tmp_path / "run" / "errors" / f"{int(row['number']):06d}.txt").read_text()
        assert text.endswith("MemoryError: no room for the weights\n")
    assert len(list((tmp_path / "run" / "errors").iterdir())) == len(broken)
    assert run_sweep(small(sweep__trials=20), digits, tmp_path / "run").done == 20


@pytest.mark.parametrize("shift", [{"choices": [2.0, 0.0]}, {"low": 0.0, "high": 2.0}])
def test_warps_of_data_that_are_no_images_are_refused(
    shift: dict[str, Any], small: Small, digits: DataSet, tmp_path: Path
) -> None:
    plain = replace(digits, image_shape=None)
    with pytest.raises(InputError, match=r"`shift` must be 0 for data that are not images, got 2"):
        run_sweep(small(space__shift=shift), plain, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_mini_batch_larger_than_the_training_set_is_refused(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    config = small(space__mini_batch_size={"choices": [10, 5000]})
    with pytest.raises(InputError, match=r"`mini_batch_size` must be <= 1259.*got 5000"):
        run_sweep(config, digits, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_replicates_start_from_seeds_that_no_trial_changes(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    seen = set()

    def note(tasks):  # type: ignore[no-untyped-def]
        for task in tasks:
            seen.add(task.seeds)
        return iter(())

    class Noting:
        def start(self, *arguments: object) -> Any:
            return nullcontext(note)

        def parallel_trials(self) -> int:
            return 1

    result = run_sweep(small(sweep__replicates=3), digits, tmp_path / "run", workers=Noting())
    assert (result.done, result.end) == (0, "stopped")
    assert seen == {((7, 0), (7, 1), (7, 2))}
    draws = [np.random.default_rng(np.random.SeedSequence(s)).random() for s in next(iter(seen))]
    assert len(set(draws)) == 3
