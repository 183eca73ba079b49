"""A sweep on numbers: judged in their units, the same bytes however it runs, also if η diverges."""

import csv
import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error

from nncore import load_model
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig, dump_config, parse_config
from sweeps.known_results import take_over
from sweeps.scores import new_pruner_history
from sweeps.sweep import run_sweep
from sweeps.training_data import trial_data
from sweeps.trial import evaluate
from sweeps.workers.local import IN_THIS_PROCESS, LocalWorkers

SPACE: dict[str, Any] = {
    # At η = 1e30 the first epoch overflows, whatever else is drawn.
    "learning_rate": {"choices": [0.003, 0.01, 0.03, 1e30]},
    "hidden_units": {"low": 2, "high": 9},
}


def config_of(space: dict[str, Any] = SPACE, **sweep: Any) -> SweepConfig:
    given = {"name": "small", "trials": 13, "seed": 3, "replicates": 2, **sweep}
    pruner = given.pop("settings", {})
    data = given.pop("data", {"name": "diabetes"})
    training = {"epochs": 3, **given.pop("training", {})}
    tables = {"sweep": given, "data": data, "training": training, "space": space, "pruner": pruner}
    return parse_config(tables)


@pytest.fixture(scope="module")
def diabetes() -> DataSet:
    return load_dataset("diabetes")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, diabetes: DataSet) -> Path:
    folder = tmp_path_factory.mktemp("regression") / "run"
    run_sweep(config_of(metric="mae"), diabetes, folder)
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")]


def test_defaults_follow_from_the_data() -> None:
    config = config_of()
    assert (config.sweep.metric, config.training["output"]) == ("rmse", "linear")
    assert config.training["cost"] == "quadratic"
    table = {"name": "a.csv", "target": "price"}
    assert config_of(data=table).sweep.metric == "rmse"
    assert config_of(data={**table, "target": ["price", "rent"]}).sweep.metric == "r2"
    assert config_of(data={"name": "digits"}, training={}).sweep.metric == "accuracy"
    again = parse_config({"sweep": {"name": "x"}, "space": SPACE, "data": table})
    assert again.data.source == DataSource("a.csv", target=("price",))
    assert 'target = ["price"]' in dump_config(again)


def test_what_does_not_fit_the_task_is_refused_in_a_line() -> None:
    for wrong, rule in {
        "accuracy": "`sweep.metric` must be rmse, mae or r2 to predict numbers, `data.target`",
        "log_loss": "`sweep.metric` must be rmse, mae or r2 to predict numbers, `data.target`",
    }.items():
        with pytest.raises(InputError, match=rule):
            config_of(metric=wrong)
    with pytest.raises(InputError, match=r"must be accuracy, .* or roc_auc to predict classes"):
        config_of(metric="rmse", data={"name": "digits"})
    costs = {**SPACE, "cost": {"choices": ["quadratic", "cross-entropy"]}}
    with pytest.raises(InputError, match="`cost` must be 'quadratic' for regression, got 'cross-"):
        config_of(costs)
    with pytest.raises(InputError, match="`output` must be 'linear' for regression"):
        config_of(training={"output": "sigmoid"})
    with pytest.raises(InputError, match="`class_weight` must be 'none' for regression"):
        config_of(training={"class_weight": "balanced"})


def test_the_value_is_the_least_mean_in_the_units_of_the_target(
    finished: Path, diabetes: DataSet
) -> None:
    epochs, trials = rows(finished, "epochs.csv"), rows(finished, "trials.csv")
    assert list(epochs[0])[3:] == [
        "learning_rate",
        "train_cost",
        "validation_cost",
        "validation_mae",
    ]
    learned = [row for row in trials if row["best_epoch"] != "0"]
    for trial in learned:
        if trial["stop_reason"] == "repeated":
            continue
        own = [row for row in epochs if row["trial"] == trial["number"]]
        curves = [
            [float(row["validation_mae"]) for row in own if row["replicate"] == replicate]
            for replicate in "01"
        ]
        assert float(trial["value"]) == np.mean(curves, axis=0).min()
    best = min(learned, key=lambda row: float(row["value"]))
    predicted = load_model(finished / "best.npz").outputs(diabetes.validation.x, diabetes.scaling)
    key = best["number"], "0", best["best_epoch"]
    (kept,) = [row for row in epochs if (row["trial"], row["replicate"], row["epoch"]) == key]
    by_scikit_learn = mean_absolute_error(diabetes.validation.labels, predicted)
    assert float(kept["validation_mae"]) == by_scikit_learn


def test_a_trial_that_diverged_at_once_is_the_worst_of_all(finished: Path) -> None:
    diverged = [r for r in rows(finished, "trials.csv") if r["learning_rate"] == "1e+30"]
    assert diverged
    assert {row["value"] for row in diverged} == {"inf"}
    assert {row["best_epoch"] for row in diverged} == {"0"}


@pytest.mark.parametrize("metric", ["rmse", "r2"])
def test_a_sweep_in_which_all_diverge_has_no_best(
    metric: str, tmp_path: Path, diabetes: DataSet
) -> None:
    config = config_of({"learning_rate": {"choices": [1e29, 1e30]}}, metric=metric, trials=2)
    progress = run_sweep(config, diabetes, tmp_path / "run")
    assert (progress.best_number, progress.best_value) == (None, None)
    assert not (tmp_path / "run" / "best.npz").exists()
    assert run_sweep(config, diabetes, tmp_path / "run").done == 2


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "gp", "coordinate"])
def test_same_bytes_for_jobs_and_after_stops(
    sampler: str, diabetes: DataSet, tmp_path: Path
) -> None:
    """The sampler hears of trainings that diverged, which have an infinite value."""
    space = {**SPACE, "learning_rate": {"low": 0.01, "high": 1e3, "log": True}}
    trials = 14 if sampler == "tpe" else 9
    config = config_of(
        space,
        sampler=sampler,
        trials=trials,
        pruner="median",
        settings={"n_startup_trials": 2, "n_warmup_steps": 0},
        replicates=1,
    )
    run_sweep(config, diabetes, tmp_path / "one")
    workers = LocalWorkers(2) if sampler == "tpe" else IN_THIS_PROCESS
    run_sweep(config, diabetes, tmp_path / "two", workers=workers)
    for _ in range(20):
        started = itertools.count()
        end = run_sweep(
            config,
            diabetes,
            tmp_path / "stopped",
            stop_requested=lambda started=started: next(started) >= 3,
        ).end
        if end == "trials":
            break
    assert "inf" in {row["value"] for row in rows(tmp_path / "one", "trials.csv")}
    assert tables(tmp_path / "one") == tables(tmp_path / "two") == tables(tmp_path / "stopped")


def test_lost_weights_and_a_lost_journal_are_made_again(
    finished: Path, diabetes: DataSet, tmp_path: Path
) -> None:
    config, folder = config_of(metric="mae"), tmp_path / "run"
    run_sweep(config, diabetes, folder, storage=f"sqlite:///{tmp_path}/study.db")
    assert tables(folder) == tables(finished)
    (folder / "best.npz").unlink()
    run_sweep(config, diabetes, folder, storage="journal")
    assert (folder / "best.npz").read_bytes() == (finished / "best.npz").read_bytes()
    assert tables(folder) == tables(finished)


def test_folds_and_early_stopping_work_on_numbers(diabetes: DataSet) -> None:
    training = {"early_stopping": 1}
    config = config_of(data={"name": "diabetes", "folds": 3}, training=training, replicates=3)
    outcome = evaluate(
        replace(config.trial_config({"learning_rate": 0.03, "hidden_units": 5}), epochs=60),
        trial_data(config, diabetes.source),
        [(0, 0), (0, 1), (0, 2)],
        metric=config.metric,
    )
    assert outcome.stop_reason == "no_improvement"
    assert outcome.value == min(outcome.mean_curve)
    assert outcome.value is not None
    assert outcome.value < diabetes.train.labels.std()  # better than the mean


def test_a_bound_of_a_pruner_is_in_units_and_finite() -> None:
    config = config_of(pruner="threshold", settings={"upper": 5000.0})
    rule = new_pruner_history(config).snapshot().rule  # type: ignore[union-attr]
    assert rule is not None
    assert rule.prunes(0, [-5001.0], [1])
    assert not rule.prunes(0, [-4999.0], [1])
    for wrong in (-1.0, math.inf):
        with pytest.raises(InputError, match=r"`pruner.upper` must be a number >= 0, the range of"):
            config_of(pruner="threshold", settings={"upper": wrong})
    with pytest.raises(InputError, match=r"`pruner.lower` must be a number <= 1, the range of R²"):
        config_of(pruner="threshold", settings={"lower": 2.0}, metric="r2")


def test_a_new_sweep_begins_from_an_old_one(finished: Path, diabetes: DataSet) -> None:
    begun = take_over(config_of(metric="mae", name="next"), diabetes, finished)
    values = [one.value for one in begun.config.known]
    assert math.inf in values
    assert parse_config(begun.config.model_dump(exclude_none=True)).known == begun.config.known
    unknown = {"value": math.nan, "epochs": 1, "params": values and begun.config.known[0].params}
    with pytest.raises(InputError, match=r"`known\.0\.value` must be a finite number, got nan"):
        parse_config({**config_of().model_dump(exclude_none=True), "known": [unknown]})
