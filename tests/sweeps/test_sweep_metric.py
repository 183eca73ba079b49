"""A sweep judged by another metric: it decides everything, in its own direction, the same bytes."""

import csv
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.study import StudyDirection
from sklearn.metrics import log_loss

from nncore.components.metrics import METRICS
from nncore.datasets import DataSet
from nncore.errors import InputError
from nncore.model_file import load_model
from sweeps.config import SweepConfig, parse_config
from sweeps.environment import environment
from sweeps.scores import new_pruner_history
from sweeps.sweep import check_data, run_sweep
from sweeps.trial import Result
from sweeps.workers.local import LocalWorkers

Small = Callable[..., SweepConfig]
BY_LOG_LOSS = {
    "sweep__metric": "log_loss",
    "sweep__trials": 9,
    "sweep__replicates": 2,
    "training__epochs": 4,
}


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text().splitlines()))


def tables(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ("trials.csv", "epochs.csv")]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, digits: DataSet) -> Path:
    """A small sweep judged by log loss, finished; λ = 200,000 diverges at once."""
    config = parse_config(
        {
            "sweep": {
                "name": "small",
                "trials": 9,
                "seed": 7,
                "replicates": 2,
                "metric": "log_loss",
            },
            "data": {"name": "digits"},
            "training": {"epochs": 4},
            "space": {
                "learning_rate": {"low": 0.1, "high": 4.0, "log": True},
                "lmbda": {"choices": [0.1, 1.0, 200000.0]},
                "mini_batch_size": {"choices": [5, 20, 100]},
            },
        }
    )
    folder = tmp_path_factory.mktemp("metric") / "run"
    run_sweep(config, digits, folder)
    return folder


def test_the_value_is_the_least_mean_of_the_metric(finished: Path) -> None:
    epochs = rows(finished, "epochs.csv")
    assert list(epochs[0])[-1] == "validation_log_loss"
    trained = [row for row in rows(finished, "trials.csv") if row["stop_reason"] == "max_epochs"]
    assert len(trained) >= 4
    for trial in trained:
        own = [row for row in epochs if row["trial"] == trial["number"]]
        curves = [
            [float(row["validation_log_loss"]) for row in own if row["replicate"] == replicate]
            for replicate in "01"
        ]
        means = np.mean(curves, axis=0)
        assert float(trial["value"]) == pytest.approx(means.min(), abs=1e-15)
        assert int(trial["best_epoch"]) == int(means.argmin()) + 1


def test_a_trial_that_diverged_at_once_has_the_worst_value(finished: Path) -> None:
    diverged = [row for row in rows(finished, "trials.csv") if row["best_epoch"] == "0"]
    assert diverged
    assert {float(row["value"]) for row in diverged} == {METRICS["log_loss"].worst}


def test_the_kept_network_is_that_of_the_least_value(finished: Path, digits: DataSet) -> None:
    trials = rows(finished, "trials.csv")
    best = min(trials, key=lambda row: float(row["value"]))
    first = [
        float(row["validation_log_loss"])
        for row in rows(finished, "epochs.csv")
        if (row["trial"], row["replicate"]) == (best["number"], "0")
        and row["epoch"] == best["best_epoch"]
    ]
    network = load_model(finished / "best.npz").network
    outputs = network.outputs(digits.validation.x)[1].astype(np.float64)
    shares = outputs / outputs.sum(axis=1, keepdims=True)
    assert first[0] == pytest.approx(log_loss(digits.validation.labels, shares), abs=1e-12)


def test_optunas_study_minimizes(finished: Path) -> None:
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(finished / "journal.log"))
    )
    study = optuna.load_study(study_name="small", storage=storage)
    assert study.direction == StudyDirection.MINIMIZE
    values = [float(row["value"]) for row in rows(finished, "trials.csv")]
    assert study.best_value == min(values)


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc"])
def test_same_bytes_for_jobs_and_after_stops(
    metric: str, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {**BY_LOG_LOSS, "sweep__metric": metric, "sweep__pruner": "median"}
    config = small(**settings, pruner__n_startup_trials=2, pruner__n_warmup_steps=0)
    run_sweep(config, digits, tmp_path / "one")
    run_sweep(config, digits, tmp_path / "two", workers=LocalWorkers(2))
    for _ in range(20):
        started = itertools.count()
        end = run_sweep(
            config,
            digits,
            tmp_path / "stopped",
            stop_requested=lambda started=started: next(started) >= 3,
        ).end
        if end == "trials":
            break
    assert "pruned" in {row["state"] for row in rows(tmp_path / "one", "trials.csv")}
    assert tables(tmp_path / "one") == tables(tmp_path / "two") == tables(tmp_path / "stopped")


def test_a_threshold_is_in_units_of_the_metric(small: Small) -> None:
    config = small(sweep__metric="log_loss", sweep__pruner="threshold", pruner__upper=0.7)
    rule = new_pruner_history(config).snapshot().rule
    score = config.metric.score
    assert not rule.prunes(0, [score(0.7)], [1])
    assert rule.prunes(0, [score(0.71)], [1])
    with pytest.raises(InputError, match=r"`pruner.upper` must be a number from 0 to 36.0437"):
        small(sweep__metric="log_loss", sweep__pruner="threshold", pruner__upper=-0.5)


def test_a_pruner_takes_the_smaller_of_two_losses_for_the_better(small: Small) -> None:
    config = small(
        sweep__metric="log_loss",
        sweep__pruner="median",
        pruner__n_startup_trials=1,
        pruner__n_warmup_steps=0,
    )
    history, score = new_pruner_history(config), config.metric.score
    history.snapshot()
    history.add(0, Result("complete", score(0.5), 1), [score(0.5)])
    rule = history.snapshot().rule
    assert rule.prunes(1, [score(0.6)], [1])
    assert not rule.prunes(1, [score(0.4)], [1])


def test_a_metric_of_probabilities_needs_outputs_that_give_them(small: Small) -> None:
    rule = r"`output` must be sigmoid or softmax if `sweep.metric` is log_loss, got 'tanh'"
    with pytest.raises(InputError, match=rule):
        small(sweep__metric="log_loss", training__cost="quadratic", training__output="tanh")


def test_an_area_needs_every_class_on_both_sides(small: Small, digits: DataSet) -> None:
    kept = digits.validation.labels != 3
    lacking = replace(
        digits,
        validation=replace(
            digits.validation,
            x=digits.validation.x[kept],
            y=digits.validation.y[kept],
            labels=digits.validation.labels[kept],
        ),
    )
    with pytest.raises(InputError, match=r"roc_auc must have validation examples of every class"):
        check_data(small(sweep__metric="roc_auc"), [lacking])
    check_data(small(sweep__metric="log_loss"), [lacking])


def test_the_version_of_scikit_learn_counts_only_where_it_computes(digits: DataSet) -> None:
    assert "scikit-learn" not in environment(digits, 0)["packages"]
    assert "scikit-learn" in environment(digits, 0, metric=METRICS["roc_auc"])["packages"]


def test_an_unknown_metric_is_refused_with_the_known_ones(small: Small) -> None:
    with pytest.raises(InputError, match=r"`sweep.metric`.*log_loss"):
        small(sweep__metric="auc")
