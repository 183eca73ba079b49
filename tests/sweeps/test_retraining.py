"""A trial trained again by itself: the bytes that the run recorded, however the trial ended."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from nncore.config import TrialConfig
from nncore.datasets import DataSet, DataSource, load_dataset
from nncore.errors import InputError
from sweeps.config import SweepConfig, dump_config, load_config, parse_config
from sweeps.records.run_folder import RunFolder
from sweeps.retraining import Training, one_trial_sweep, same_epochs, trial_again
from sweeps.sweep import run_sweep

SPACE = {
    "learning_rate": {"choices": [0.01, 0.5, 3.0]},
    "lmbda": {"choices": [0.1, 200000.0]},
    "hidden_layers": {"low": 0, "high": 2},
    "hidden_units": {"choices": [5, 20], "when": {"lmbda": [0.1, 200000.0]}},
    "momentum": {"choices": [0.0, 0.9]},
}


def eventful(**changes: object) -> SweepConfig:
    """Return a sweep in which trials are pruned, diverge, and repeat each other."""
    sweep = {"name": "eventful", "trials": 40, "seed": 3, "sampler": "random", "pruner": "median"}
    return parse_config(
        {
            "sweep": {**sweep, "replicates": 2, "metric": "balanced_accuracy"},
            "pruner": {"n_startup_trials": 2, "n_warmup_steps": 1},
            "data": {"name": "digits"},
            "training": {"epochs": 4, "dropout": 0.2, "early_stopping": 2, "schedule": "cosine"},
            "space": SPACE,
            **changes,
        }
    )


def quiet(trials: int, data: object = "digits", seed: int = 3) -> SweepConfig:
    """Return a sweep of the same space without replicates and without a pruner."""
    sweep = {"name": "quiet", "trials": trials, "sampler": "random", "seed": seed}
    data = data if isinstance(data, dict) else {"name": data}
    return eventful(sweep=sweep, pruner={}, data=data)


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))


def lines(folder: Path, number: int) -> list[str]:
    """Return the rows of a trial in `epochs.csv`, without its number."""
    table = (folder / "epochs.csv").read_text().splitlines()
    return [line.partition(",")[2] for line in table if line.startswith(f"{number},")]


def test_each_kind_of_trial_is_trained_again_to_the_bit(digits: DataSet, tmp_path: Path) -> None:
    config, run = eventful(), tmp_path / "run"
    run_sweep(config, digits, run)
    first = {row["stop_reason"]: int(row["number"]) for row in reversed(rows(run))}
    assert {"pruned", "diverged", "repeated", "max_epochs"} <= set(first)
    for number in first.values():
        training = trial_again(run, config, digits.source, number)
        outcome = training.run()
        assert same_epochs(run, training, outcome)
        assert f"{outcome.value}" == rows(run)[number]["value"]
    scores = [float(row["value"]) for row in rows(run) if row["stop_reason"] != "repeated"]
    trained = [row for row in rows(run) if row["stop_reason"] != "repeated"]
    best = int(trained[scores.index(max(scores))]["number"])
    outcome = trial_again(run, config, digits.source, best).run()
    assert outcome.model is not None
    outcome.model.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (run / "best.npz").read_bytes()


def test_other_epochs_are_told_from_those_of_the_trial(digits: DataSet, tmp_path: Path) -> None:
    config = quiet(6)
    run_sweep(config, digits, tmp_path)
    trained = next(row for row in rows(tmp_path) if row["stop_reason"] == "max_epochs")
    training = trial_again(tmp_path, config, digits.source, int(trained["number"]))
    assert same_epochs(tmp_path, training, training.run())
    assert not same_epochs(tmp_path, training, replace(training, seeds=((4, 0),)).run())
    assert not same_epochs(tmp_path, training, replace(training, ends_after=1).run())


def test_the_repeated_trial_is_the_one_that_was_trained(digits: DataSet, tmp_path: Path) -> None:
    config = eventful()
    run_sweep(config, digits, tmp_path)
    for row in rows(tmp_path):
        training = trial_again(tmp_path, config, digits.source, int(row["number"]))
        if row["stop_reason"] != "repeated":
            assert training.recorded == int(row["number"])
            continue
        equal = [
            int(other["number"])
            for other in rows(tmp_path)
            if [other[name] for name in config.space] == [row[name] for name in config.space]
        ]
        assert training.recorded == equal[0] < int(row["number"])


@pytest.mark.parametrize("folds", [None, 3])
def test_a_trial_as_a_sweep_of_its_own_has_the_same_bytes(
    folds: int | None, digits: DataSet, tmp_path: Path
) -> None:
    data = {"name": "digits"} | ({"folds": folds} if folds else {})
    config = quiet(6, data, seed=9)
    run_sweep(config, digits, tmp_path / "run")
    best = max(rows(tmp_path / "run"), key=lambda row: float(row["value"]))
    number = int(best["number"])
    training = trial_again(tmp_path / "run", config, digits.source, number)
    alone = one_trial_sweep("alone", training, {"learning_rate", "hidden_units"})
    (tmp_path / "alone.toml").write_text(dump_config(alone))
    assert load_config(tmp_path / "alone.toml") == alone
    assert alone.trial_config({name: d.nth(0) for name, d in alone.space.items()}) == (
        training.config
    )
    run_sweep(alone, digits, tmp_path / "alone")
    assert lines(tmp_path / "alone", 0) == lines(tmp_path / "run", number) != []
    assert (tmp_path / "alone" / "best.npz").read_bytes() == (
        tmp_path / "run" / "best.npz"
    ).read_bytes()


@pytest.mark.parametrize("widths", [(), (7,), (9, 4)])
def test_all_widths_can_be_written(widths: tuple[int, ...], digits: DataSet) -> None:
    training = Training(TrialConfig(hidden_units=widths), digits.source, ((5, 0), (5, 1)))
    alone = one_trial_sweep("alone", training, {"hidden_units", "momentum"})
    params = {name: dimension.nth(0) for name, dimension in alone.space.items()}
    assert alone.trial_config(params) == training.config
    assert (alone.sweep.seed, alone.sweep.replicates, alone.sweep.trials) == (5, 2, 1)


def test_a_moved_file_is_named_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old").mkdir()
    Path("old", "a.csv").write_text(
        "u,v,kind\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(40))
    )
    source = load_dataset(DataSource("old/a.csv", label="kind", split=(0.5, 0.25, 0.25))).source
    training = Training(TrialConfig(), source, ((0, 0),))
    data = one_trial_sweep("a", training, {"lmbda"}).data
    assert (data.name, data.label, data.split) == ("old/a.csv", "kind", (0.5, 0.25, 0.25))
    Path("here").mkdir()
    monkeypatch.chdir("here")
    data = one_trial_sweep("a", training, {"lmbda"}).data
    assert data.name == str(tmp_path / "old" / "a.csv")


def test_trials_that_cannot_be_trained_again_are_refused(
    digits: DataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = quiet(2)
    run_sweep(config, digits, tmp_path)
    with pytest.raises(InputError, match="must have a finished trial, got none"):
        trial_again(tmp_path / "empty", config, digits.source, 0)
    for number in (-1, 2):
        with pytest.raises(InputError, match=rf"which are 0 to 1, got {number}$"):
            trial_again(tmp_path, config, digits.source, number)
    recorded = RunFolder.recorded
    failed = recorded(RunFolder(tmp_path, config), config.space)[0][1].__class__("failed", None, 0)
    monkeypatch.setattr(RunFolder, "recorded", lambda self, space: [({}, failed)])
    with pytest.raises(InputError, match="must be a trial that did not fail, got 0; its error is"):
        trial_again(tmp_path, config, digits.source, 0)
