"""A confirmation trains on fresh seeds, survives kills, and opens the test set once."""

import csv
import json
import math
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sweeps.certification
import sweeps.workers.tasks
from nncore.components.metrics import ACCURACY, RMSE
from nncore.datasets import DataSet
from nncore.errors import InputError
from results.analysis.certified_scores import score_outputs
from sweeps.certification import open_test_set
from sweeps.config import SweepConfig
from sweeps.confirmation import (
    FRESH,
    Candidate,
    fresh_seed,
    ranking,
    train_again,
    winner,
)
from sweeps.records.confirmation_record import ConfirmationRecord, Verdict
from sweeps.records.confirmed_networks import Confirmed
from sweeps.sweep import run_sweep
from sweeps.trial import StopReason, TrialOutcome, evaluate
from sweeps.workers.local import LocalWorkers
from tests.support.records import plain_verdict

SEEDS = 3
BEST = {"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 5, "hidden_units": 40}
WORSE = {**BEST, "learning_rate": 0.1, "mini_batch_size": 100}
DIVERGES = {**BEST, "lmbda": 200000.0}
CANDIDATES = [
    Candidate(trial, params, value, value)
    for trial, params, value in ((5, WORSE, 0.97), (2, BEST, 0.96), (9, DIVERGES, 0.5))
]


@pytest.fixture
def run_folder(small: Callable[..., SweepConfig], digits: DataSet, tmp_path: Path) -> Path:
    run_sweep(small(sweep__trials=1), digits, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def confirmed(small: Callable[..., SweepConfig], digits: DataSet) -> Callable[..., list[Confirmed]]:
    """Return a function that confirms the three candidates in a folder."""

    def confirm(folder: Path, seeds: int = SEEDS, **more: Any) -> list[Confirmed]:
        return train_again(small(), digits, folder, CANDIDATES, seeds, **more)

    return confirm


def verdict(rows: list[Confirmed]) -> Verdict:
    return plain_verdict(winner(rows, ACCURACY), sorted({row.seed for row in rows}))


def test_fresh_seeds_are_none_of_the_search(small: Callable[..., SweepConfig]) -> None:
    def state(seed: tuple[int, int]) -> bytes:
        return np.random.SeedSequence(seed).generate_state(4).tobytes()

    searched = {state((7, replicate)) for replicate in range(1000)}
    fresh = {state(fresh_seed(small(), number)) for number in range(1000)}
    assert len(fresh) == 1000
    assert not fresh & searched


def test_each_row_is_its_trial_on_its_fresh_seed(confirmed, small, run_folder: Path) -> None:
    rows = confirmed(run_folder)
    expected_pairs = [(trial, seed) for trial in (5, 2, 9) for seed in range(SEEDS)]
    assert [(row.trial, row.seed) for row in rows] == expected_pairs
    for row, params in ((rows[1], WORSE), (rows[5], BEST), (rows[6], DIVERGES)):
        config = small().trial_config(params)
        outcome = evaluate(config, "digits", [(7, FRESH + row.seed)])
        expected = (outcome.value, outcome.best_epoch, outcome.epochs, outcome.stop_reason)
        assert (row.value, row.best_epoch, row.epochs, row.stop_reason) == expected
    table = list(csv.reader((run_folder / "confirmation.csv").read_text().splitlines()))
    assert table[0] == ["trial", "seed", "value", "best_epoch", "epochs", "stop_reason"]
    assert [tuple(map(int, row[:2])) for row in table[1:]] == expected_pairs
    assert [float(row[2]) for row in table[1:]] == [row.value for row in rows]


@pytest.mark.parametrize("seeds", [1, 0, True, 2.0])
def test_seeds_without_an_interval_are_refused_before_anything_is_trained(
    seeds: Any, confirmed, run_folder: Path
) -> None:
    before = sorted(run_folder.rglob("*"))
    message = rf"^`seeds` must be a whole number >= 2, got {seeds}$"
    with pytest.raises(InputError, match=message) as error:
        confirmed(run_folder, seeds)
    assert error.value.argument == "seeds"
    assert sorted(run_folder.rglob("*")) == before


def test_jobs_change_no_byte(confirmed, run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(run_folder, tmp_path / "two")
    assert confirmed(run_folder) == confirmed(tmp_path / "two", workers=LocalWorkers(2))
    one, two = (folder / "confirmation.csv" for folder in (run_folder, tmp_path / "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_stop_keeps_finished_networks_and_the_next_call_trains_the_rest(
    confirmed, run_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(run_folder, tmp_path / "whole")
    done: list[int] = []
    rows = confirmed(
        run_folder,
        on_progress=lambda progress: done.append(progress.done),
        stop_requested=lambda: bool(done) and done[-1] >= 4,
    )
    assert len(rows) == 4
    assert not (run_folder / "confirmation.csv").exists()
    kept = {path: path.stat().st_mtime_ns for path in (run_folder / "confirmation").iterdir()}
    again = confirmed(run_folder, on_progress=lambda progress: done.append(progress.done))
    assert done == [0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert again == confirmed(tmp_path / "whole")
    assert files(run_folder) == files(tmp_path / "whole")


def files(folder: Path) -> dict[str, bytes]:
    names = ("confirmation.csv", "confirmation")
    paths = [path for name in names for path in (folder, *folder.rglob("*")) if name in str(path)]
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths if p.is_file()}


def test_killed_at_every_write(confirmed, run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(run_folder, tmp_path / "whole")
    expected = confirmed(tmp_path / "whole", seeds=2)
    kills = 0
    while not in_child(kills, lambda folder: confirmed(folder, seeds=2), run_folder, tmp_path):
        assert confirmed(tmp_path / "killed", seeds=2) == expected
        assert files(tmp_path / "killed") == files(tmp_path / "whole")
        kills += 1
    # Six networks, of which those that learned have two files, and the table.
    assert kills > 10


def in_child(number: int, work: Callable[[Path], object], run_folder: Path, tmp_path: Path) -> bool:
    """Do `work` on a copy in a child that dies before its rename `number`; return if it lived."""
    shutil.rmtree(tmp_path / "killed", ignore_errors=True)
    shutil.copytree(run_folder, tmp_path / "killed")
    pid = os.fork()
    if pid == 0:
        rename, left = Path.replace, [number]

        def replace_or_die(path: Path, target: Path) -> Path:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return rename(path, target)

        Path.replace = replace_or_die  # type: ignore[method-assign, assignment]
        work(tmp_path / "killed")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({3: [0.5, 0.7], 1: [0.8, 0.6], 2: [0.1, 0.9]}, [1, 3, 2]),
        # of equals, the one that the search had before
        ({3: [0.5, 0.7], 1: [0.6, 0.6]}, [3, 1]),
    ],
)
def test_the_mean_over_the_seeds_decides(values, expected) -> None:
    rows = [
        Confirmed(trial, seed, value, 1, 1, "max_epochs")
        for trial, of_trial in values.items()
        for seed, value in enumerate(of_trial)
    ]
    assert ranking(rows, ACCURACY) == expected
    assert winner(rows, ACCURACY) == expected[0]


def test_a_training_that_fails_keeps_its_error_and_runs_again(
    confirmed, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = sweeps.workers.tasks.attempt

    def fail_once(config: Any, data: Any, seeds: Any, **more: Any) -> TrialOutcome:
        outcome = attempt(config, data, seeds, **more)
        bad = config.mini_batch_size == 100 and seeds == ((7, FRESH + 1),)
        return replace(outcome, state="failed", value=None, error="it broke") if bad else outcome

    with monkeypatch.context() as patch:
        patch.setattr(sweeps.workers.tasks, "attempt", fail_once)
        rows = confirmed(run_folder)
    assert len(rows) == 3 * SEEDS - 1
    assert not (run_folder / "confirmation.csv").exists()
    (kept,) = (run_folder / "confirmation").glob("*.txt")
    assert (kept.name, kept.read_text()) == ("000005-0001.txt", "it broke")
    assert len(confirmed(run_folder)) == 3 * SEEDS
    assert not kept.exists()


def test_the_test_set_is_scored_for_the_winners_networks(
    confirmed, small, digits: DataSet, run_folder: Path
) -> None:
    rows = confirmed(run_folder)
    record = open_test_set(small(), digits, run_folder, verdict(rows), score_outputs)
    assert record == ConfirmationRecord.read(run_folder / "confirmation.json")
    test = record.test_set
    assert test.trial == record.winner == 2
    config, expected = small().trial_config(BEST), []
    for seed in range(SEEDS):
        outcome = evaluate(config, "digits", [(7, FRESH + seed)])
        raw = digits.scaling.undo(digits.test.x)
        guessed = outcome.model.predict(raw)
        expected.append(np.mean(guessed == digits.test.labels))
    assert test.values == pytest.approx(expected)
    assert test.mean == pytest.approx(np.mean(expected))
    assert test.std == pytest.approx(np.std(expected, ddof=1))
    assert record.history == [test]
    left = {path.name for path in (run_folder / "confirmation").glob("*.npz")}
    assert left == {f"000002-{seed:04d}.npz" for seed in range(SEEDS)}


def test_the_test_set_is_opened_once_and_again_only_on_demand(
    confirmed, small, digits: DataSet, run_folder: Path
) -> None:
    rows = confirmed(run_folder)
    first = open_test_set(small(), digits, run_folder, verdict(rows), score_outputs).test_set
    before = (run_folder / "confirmation.json").read_bytes()
    with pytest.raises(
        InputError, match=rf"opened at .* for trial {first.trial} \(`again` overrides"
    ):
        open_test_set(small(), digits, run_folder, verdict(rows), score_outputs)
    assert (run_folder / "confirmation.json").read_bytes() == before
    record = open_test_set(small(), digits, run_folder, verdict(rows), score_outputs, again=True)
    assert [one.values for one in record.history] == [first.values] * 2


def test_another_winner_than_before_has_its_networks_trained_anew(
    confirmed, small, digits: DataSet, run_folder: Path
) -> None:
    open_test_set(small(), digits, run_folder, verdict(confirmed(run_folder)), score_outputs)
    others = [candidate for candidate in CANDIDATES if candidate.trial != 2]
    rows = train_again(small(), digits, run_folder, others, SEEDS)
    assert winner(rows, ACCURACY) == 5
    record = open_test_set(small(), digits, run_folder, verdict(rows), score_outputs, again=True)
    assert record.test_set.trial == 5
    assert min(record.test_set.values) > 0
    assert [one.trial for one in record.history] == [2, 5]


def test_training_scores_no_test_data(
    confirmed, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scored(*arguments: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(sweeps.certification, "_outputs", scored)
    confirmed(run_folder)
    assert not (run_folder / "confirmation.json").exists()


def test_nothing_else_in_a_run_reads_the_test_set() -> None:
    """`train --test` scores one network of the user's; `methods_prose` counts the rows."""
    checkout = Path(__file__).parents[2]
    packages = ("sweeps", "results", "experiments")
    sources = [path for name in packages for path in (checkout / name).rglob("*.py")]
    reading = {path.name for path in sources if re.search(r"\.test\b", path.read_text("utf-8"))}
    # `trial` and `classifiers` score it for arms of the book's studies that say so,
    # `replays.catalogue` where the book did.
    studies = {"catalogue.py", "classifiers.py", "trial.py"}
    assert reading == {*studies, "certification.py", "methods_prose.py", "train.py"}


def test_a_network_that_never_learned_guesses_nothing(
    small, digits: DataSet, run_folder: Path
) -> None:
    rows = train_again(small(), digits, run_folder, CANDIDATES[2:], 2)
    assert [row.stop_reason for row in rows] == ["diverged"] * 2
    never = [row.best_epoch == 0 for row in rows]
    record = open_test_set(small(), digits, run_folder, verdict(rows), score_outputs)
    assert [value == 0.0 for value in record.test_set.values] == never


def test_a_missing_network_is_no_zero(confirmed, small, digits, run_folder: Path) -> None:
    rows = confirmed(run_folder)
    (run_folder / "confirmation" / "000002-0001.npz").unlink()
    with pytest.raises(InputError, match="trial 2 must be confirmed on seed 1 first"):
        open_test_set(small(), digits, run_folder, verdict(rows), score_outputs)
    assert not (run_folder / "confirmation.json").exists()
    assert confirmed(run_folder) == rows
    assert (
        open_test_set(small(), digits, run_folder, verdict(rows), score_outputs).test_set.trial == 2
    )


def test_a_damaged_row_is_trained_again(confirmed, run_folder: Path) -> None:
    rows = confirmed(run_folder)
    (run_folder / "confirmation" / "000002-0001.json").write_text("{")
    assert confirmed(run_folder) == rows


def test_a_row_that_cannot_be_read_is_not_trained_again(confirmed, run_folder: Path) -> None:
    confirmed(run_folder)
    path = run_folder / "confirmation" / "000002-0001.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        confirmed(run_folder)


@pytest.mark.parametrize("text", ["{", "[1]", '{"test": 5}'])
def test_a_damaged_record_is_refused(confirmed, small, digits, run_folder: Path, text: str) -> None:
    rows = confirmed(run_folder)
    (run_folder / "confirmation.json").write_text(text)
    with pytest.raises(InputError, match=r"confirmation\.json` must (be|have)"):
        open_test_set(small(), digits, run_folder, verdict(rows), score_outputs)


def test_other_data_are_refused(confirmed, run_folder: Path) -> None:
    path = run_folder / "environment.json"
    facts = json.loads(path.read_text())
    facts["data"]["sha256"] = "0" * 64
    path.write_text(json.dumps(facts))
    with pytest.raises(InputError, match="the content of data set `digits` differs"):
        confirmed(run_folder)
    assert not (run_folder / "confirmation").exists()


def test_candidates_that_diverged_are_last_the_most_often_diverged_at_the_end() -> None:
    values = {3: [5.0, 7.0], 1: [2.0, math.inf], 4: [1.0, math.inf], 0: [math.inf] * 2, 2: [4, 4.0]}
    rows = [
        Confirmed(trial, seed, value, int(value < math.inf), 1, StopReason.MAX_EPOCHS)
        for trial, of_trial in values.items()
        for seed, value in enumerate(of_trial)
    ]
    assert ranking(rows, RMSE) == [2, 3, 4, 1, 0]
