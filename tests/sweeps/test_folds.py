"""A sweep with folds: replicate r trains on fold r, and the bytes do not depend on how it is run.

The table has a group in every four rows; a row is found again by its number, the first input.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from nncore.datasets import DataSet, DataSource, Fold, FreshSplit, catalogue, load_dataset
from nncore.errors import InputError
from nncore.model_file import load_model
from results.analysis.best_network import Scored, score_shipped
from results.analysis.certified_scores import score_outputs
from results.analysis.comparison import read_runs
from results.frames import read_run
from sweeps.certification import open_test_set
from sweeps.config import SweepConfig, dump_config, load_config, parse_config
from sweeps.confirmation import FRESH, Candidate, train_again
from sweeps.records.confirmation_record import ConfirmationRecord
from sweeps.sweep import check_sweep, run_sweep
from sweeps.trial import evaluate
from sweeps.workers.local import LocalWorkers
from tests.support.records import plain_verdict

N, FOLDS = 200, 3
PARAMS = {"learning_rate": 1.0, "mini_batch_size": 5}
AssertSame = Callable[[Path, Path], None]


def config(**sections: dict[str, Any]) -> SweepConfig:
    """Return a sweep on the table, with groups and folds."""
    data = {"name": "points.csv", "label": "side", "group": "patient", "folds": FOLDS}
    return parse_config(
        {
            "sweep": {"name": "folds", "trials": 8, "seed": 3, **sections.get("sweep", {})},
            "pruner": sections.get("pruner", {}),
            "data": {"scale": "standard", **data, **sections.get("data", {})},
            "training": {"epochs": 6, "hidden_units": [4], **sections.get("training", {})},
            "space": {
                "learning_rate": {"low": 0.01, "high": 4.0, "log": True},
                "mini_batch_size": {"choices": [5, 20]},
            },
        }
    )


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Work in a folder with `points.csv`: two overlapping clouds of points, 50 groups."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(8)
    side = random.integers(2, size=N)
    x = random.normal(size=(N, 2)) + side[:, None]
    frame = pd.DataFrame({"row": np.arange(N), "a": x[:, 0], "b": x[:, 1]})
    frame["patient"] = [f"p{number // 4}" for number in range(N)]
    frame["side"] = np.where(side, "right", "left")
    frame.to_csv("points.csv", index=False)
    return frame


@pytest.fixture
def dataset(table: pd.DataFrame) -> DataSet:
    return load_dataset(config().data.source)


def part(dataset: DataSet, part: Fold | FreshSplit) -> DataSet:
    return load_dataset(replace(dataset.source, part=part))


def row_numbers(dataset: DataSet) -> list[list[int]]:
    """Return the numbers of the training, validation and test rows."""
    pieces = (dataset.train, dataset.validation, dataset.test)
    raw = [dataset.scaling.undo(piece.x)[:, 0] for piece in pieces]
    return [np.rint(column).astype(int).tolist() for column in raw]


def test_parts_keep_the_test_rows_and_whole_groups(dataset: DataSet, table: pd.DataFrame) -> None:
    parts = [Fold(number, FOLDS) for number in range(FOLDS)] + [FreshSplit(0), FreshSplit(1)]
    test = row_numbers(dataset)[2]
    validated = []
    for one in (part(dataset, kind) for kind in parts):
        rows = row_numbers(one)
        assert rows[2] == test
        assert sorted(itertools.chain(*rows)) == list(range(N))
        groups = [set(table["patient"][piece]) for piece in rows]
        assert sum(map(len, groups)) == N // 4
        validated.append(rows[1])
        raw = table[["row", "a", "b"]].to_numpy()
        # Fitted on its own training rows, and applied to raw rows it gives those it trained on.
        np.testing.assert_allclose(one.scaling.offset, raw[rows[0]].mean(axis=0))
        for piece, numbers in zip((one.train, one.validation, one.test), rows, strict=True):
            np.testing.assert_array_equal(one.scaling.apply(raw[numbers]), piece.x)
            assert [one.classes[k] for k in piece.labels] == table["side"][numbers].tolist()
    assert sorted(itertools.chain(*validated[:FOLDS])) == sorted(set(range(N)) - set(test))
    assert len(set(map(frozenset, validated))) == len(parts)


def test_parts_of_a_named_data_set_keep_its_scaling_and_test_rows() -> None:
    digits = load_dataset("digits")
    rows = {row.tobytes() for split in (digits.train, digits.validation) for row in split.x}
    for kind in (Fold(2, 5), FreshSplit(0)):
        one = load_dataset(DataSource("digits", part=kind))
        assert {row.tobytes() for split in (one.train, one.validation) for row in split.x} == rows
        assert one.scaling == digits.scaling
        np.testing.assert_array_equal(one.test.x, digits.test.x)
        assert len(one.train) + len(one.validation) == len(digits.train) + len(digits.validation)


def test_without_folds_and_groups_nothing_changes(table: pd.DataFrame) -> None:
    plain = {"folds": None, "group": None, "ignore": ["patient"]}
    written = dump_config(config(data=plain))
    assert "folds" not in written.partition("[data]")[2]
    assert "group" not in written
    file = DataSource("a.csv", label="y", ignore=("Id",), path="/a.csv", sha256="0" * 64)
    assert catalogue._folder(file).name == "file-3a5282435f8c2eddcd44a1fe81e0101e"
    assert config(data=plain).sweep.replicates == 1


def test_replicate_r_trains_on_fold_r(dataset: DataSet) -> None:
    trial = config().trial_config(PARAMS)
    folds = [part(dataset, Fold(number, FOLDS)) for number in range(FOLDS)]
    seeds = [(3, number) for number in range(FOLDS)]
    together = evaluate(trial, [fold.source for fold in folds], seeds)
    for fold, seed, curve in zip(folds, seeds, together.curves, strict=True):
        alone = evaluate(trial, fold, [seed])
        assert [r.validation_accuracy for r in curve] == alone.mean_curve


@pytest.mark.parametrize(
    ("sweep", "pruner"),
    [
        ({}, {}),
        ({"pruner": "median", "metric": "log_loss"}, {"n_startup_trials": 2}),
        ({"pruner": "halving", "trials": 12}, {}),
        ({"pruner": "hyperband"}, {}),
        ({"pruner": "threshold"}, {"lower": 0.7}),
        ({"patience": 1}, {}),
    ],
)
def test_same_bytes_for_every_pruner_after_stops(
    sweep: dict[str, Any],
    pruner: dict[str, Any],
    dataset: DataSet,
    tmp_path: Path,
    assert_same: AssertSame,
) -> None:
    asked = config(sweep=sweep, pruner=pruner)
    run_sweep(asked, dataset, tmp_path / "whole")
    states = set(pd.read_csv(tmp_path / "whole" / "trials.csv")["state"])
    assert ("pruned" in states) == bool(sweep)
    for _ in range(10):
        started = itertools.count()
        result = run_sweep(
            asked,
            dataset,
            tmp_path / "run",
            stop_requested=lambda started=started: next(started) >= 3,
        )
        if result.end == "trials":
            break
    assert result.end == "trials"
    assert_same(tmp_path / "run", tmp_path / "whole")


def test_same_bytes_for_two_jobs(dataset: DataSet, tmp_path: Path, assert_same: AssertSame) -> None:
    """More ways to run, and kills, are in `faults/test_crash.py`."""
    asked = config(sweep={"trials": 4})
    for jobs in (1, 2):
        run_sweep(asked, dataset, tmp_path / str(jobs), workers=LocalWorkers(jobs))
    assert_same(tmp_path / "2", tmp_path / "1")


def test_the_best_network_is_that_of_fold_0(
    dataset: DataSet, table: pd.DataFrame, tmp_path: Path
) -> None:
    run_sweep(config(), dataset, tmp_path / "run")
    trials, epochs = (
        pd.read_csv(tmp_path / "run" / f"{name}.csv") for name in ("trials", "epochs")
    )
    best = trials.loc[trials["value"].idxmax()]
    at_best = epochs.query("trial == @best.number and epoch == @best.best_epoch")
    assert at_best["validation_accuracy"].mean() == pytest.approx(best["value"])
    measured = at_best.query("replicate == 0")["validation_accuracy"].item()
    rows = table.iloc[row_numbers(part(dataset, Fold(0, FOLDS)))[1]]
    model = load_model(tmp_path / "run" / "best.npz")
    predicted = model.predict(rows[["row", "a", "b"]].to_numpy())
    assert np.mean(predicted == rows["side"]) == measured
    scored = score_shipped(read_run(tmp_path / "run"))
    assert isinstance(scored, Scored)
    assert scored.accuracy == measured


def test_folds_set_the_replicates(table: pd.DataFrame) -> None:
    assert config().sweep.replicates == FOLDS
    assert config(sweep={"replicates": FOLDS}) == config()
    message = r"^`sweep.replicates` must be 3, the number of `data.folds`, or be left out, got 2$"
    with pytest.raises(InputError, match=message):
        config(sweep={"replicates": 2})
    Path("again.toml").write_text(dump_config(config()))
    assert load_config(Path("again.toml")) == config()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"folds": 1}, "`data.folds` must be greater than or equal to 2, got 1"),
        ({"folds": 2.5}, "`data.folds` must be a valid integer, got 2.5"),
        ({"group": "side"}, "`group` must name another column than the label, got 'side'"),
        (
            {"name": "digits", "label": None, "scale": "unit"},
            "`group` must go with a data file, not with `digits`, got 'patient'",
        ),
        (
            {"name": "a.npz", "label": None},
            "`group` must go with a .csv or .arff file, not with `a.npz`, got 'patient'",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        config(data=data)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"group": "ward"}, r"must have the group column `ward`, got row, a, b, patient, side$"),
        ({"folds": 120}, r"class `left` in `.*` must have examples for each of 120 folds, got "),
    ],
)
def test_data_that_do_not_fit_are_refused_before_anything_is_written(
    data: dict[str, Any], message: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    asked = config(data=data)
    with pytest.raises(InputError, match=message):
        run_sweep(asked, load_dataset(asked.data.source), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_mini_batch_must_fit_the_smallest_fold(dataset: DataSet, tmp_path: Path) -> None:
    asked = config(data={"folds": 2})
    size = min(len(part(dataset, Fold(number, 2)).train) for number in range(2))
    assert size < len(dataset.train)
    space = {**asked.space, "mini_batch_size": {"choices": [5, size + 1]}}
    large = parse_config({**asked.model_dump(exclude_none=True), "space": space})
    message = rf"must be <= {size}, the size of the smallest training set of points.csv"
    with pytest.raises(InputError, match=message):
        check_sweep(large, dataset, tmp_path / "run")


@pytest.mark.parametrize("data", [{"folds": 4}, {"group": None}])
def test_a_resume_with_other_folds_or_groups_is_refused(
    data: dict[str, Any], dataset: DataSet, tmp_path: Path
) -> None:
    run_sweep(config(sweep={"trials": 1}), dataset, tmp_path / "run")
    other = config(data={"ignore": ["patient"], **data} if "group" in data else data)
    with pytest.raises(InputError, match=rf"settings differ in .*`data.{next(iter(data))}`"):
        run_sweep(other, load_dataset(other.data.source), tmp_path / "run")


def test_runs_on_other_folds_are_not_compared(dataset: DataSet, tmp_path: Path) -> None:
    run_sweep(config(sweep={"trials": 1}), dataset, tmp_path / "a")
    run_sweep(config(sweep={"trials": 1}, data={"folds": 2}), dataset, tmp_path / "b")
    message = r"must use the same data, got .*, 3 folds in a; .*, 2 folds in b$"
    with pytest.raises(InputError, match=message):
        read_runs([tmp_path / "a", tmp_path / "b"])


def test_a_confirmation_on_splits_trains_each_seed_on_its_own_split(
    dataset: DataSet, table: pd.DataFrame, tmp_path: Path
) -> None:
    asked, folder = config(sweep={"trials": 1}), tmp_path / "run"
    run_sweep(asked, dataset, folder)
    trial = asked.trial_config(PARAMS)
    candidates = [Candidate(0, PARAMS, 0.9, 0.9)]
    by_seed = train_again(asked, dataset, folder, candidates, 3)
    # The networks on fresh seeds are not taken for those on fresh splits, nor the reverse.
    by_split = train_again(asked, dataset, folder, candidates, 3, splits=True)
    assert train_again(asked, dataset, folder, candidates, 3) == by_seed
    for rows, datasets in (
        (by_seed, [dataset] * 3),
        (by_split, [part(dataset, FreshSplit(number)) for number in range(3)]),
    ):
        outcomes = [evaluate(trial, d, [(3, FRESH + k)]) for k, d in enumerate(datasets)]
        assert [row.value for row in rows] == [outcome.value for outcome in outcomes]
    models = [outcome.model for outcome in outcomes]
    train_again(asked, dataset, folder, candidates, 3, splits=True)
    verdict = plain_verdict(0, [0, 1, 2]).model_copy(update={"splits": True})
    record = open_test_set(asked, dataset, folder, verdict, score_outputs)
    assert ConfirmationRecord.read(folder / "confirmation.json").splits
    rows = table.iloc[row_numbers(dataset)[2]]
    raw: NDArray[Any] = rows[["row", "a", "b"]].to_numpy()
    expected = [np.mean(model.predict(raw) == rows["side"]) for model in models if model]
    assert record.test_set.values == expected
    # The ensemble has a network, and a scaling, of each split; raw rows get the certified answers.
    ensemble = load_model(folder)
    assert record.test_set.ensemble
    assert np.mean(ensemble.predict(raw) == rows["side"]) == record.test_set.ensemble.value
    shown = score_shipped(read_run(folder), record)
    assert isinstance(shown, Scored)
    assert shown.dataset.source.part == FreshSplit(0)  # the others were trained on some of its rows
    assert len(shown.networks) == 1
    # Networks confirmed on fresh seeds have seen rows of fold 0, but no ordinary validation rows.
    record = open_test_set(
        asked, dataset, folder, plain_verdict(0, [0, 1, 2]), score_outputs, again=True
    )
    scored = score_shipped(read_run(folder), record)
    assert isinstance(scored, Scored)
    np.testing.assert_array_equal(scored.dataset.validation.x, dataset.validation.x)
