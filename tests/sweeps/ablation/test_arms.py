"""The arms of an ablation train on fresh seeds, survive kills, and are the same for any workers."""

import csv
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sweeps.workers.tasks
from nncore.datasets import DataSet
from nncore.errors import InputError
from sweeps.ablation.arms import ESTIMATION, SELECTION, Ablation, arm_seed, changes_on, train_arms
from sweeps.ablation.changes import Changes
from sweeps.ablation.design import number_of_networks
from sweeps.config import SweepConfig
from sweeps.confirmation import fresh_seed
from sweeps.sweep import run_sweep
from sweeps.trial import TrialOutcome, evaluate
from sweeps.workers.local import LocalWorkers

WINNER = {"learning_rate": 1.0, "lmbda": 0.1, "mini_batch_size": 5, "hidden_units": 30}
CHANGES, SEEDS = 3, 2
TOTAL = number_of_networks(CHANGES, SEEDS)


@pytest.fixture
def config(small: Callable[..., SweepConfig]) -> SweepConfig:
    return small(sweep__trials=1, training__epochs=1)


@pytest.fixture
def changes(config: SweepConfig, digits: DataSet) -> Changes:
    return changes_on(config, digits, WINNER)


@pytest.fixture
def run_folder(config: SweepConfig, digits: DataSet, tmp_path: Path) -> Path:
    run_sweep(config, digits, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def ablated(config: SweepConfig, digits: DataSet, changes: Changes) -> Callable[..., Ablation]:
    """Return a function that runs the ablation in a folder."""

    def ablate(folder: Path, seeds: int = SEEDS, **more: Any) -> Ablation:
        return train_arms(config, digits, folder, changes, seeds, **more)

    return ablate


def files(folder: Path) -> dict[str, bytes]:
    paths = [folder / "ablation.csv", *(folder / "ablation").iterdir()]
    return {path.name: path.read_bytes() for path in paths}


def test_no_seed_is_used_twice(config: SweepConfig) -> None:
    def state(seed: tuple[int, int]) -> bytes:
        return np.random.SeedSequence(seed).generate_state(4).tobytes()

    numbers = range(500)
    seeds = [
        *((config.sweep.seed, replicate) for replicate in numbers),
        *(fresh_seed(config, number) for number in numbers),
        *(arm_seed(config, stage, n) for stage in (SELECTION, ESTIMATION) for n in numbers),
    ]
    assert len({state(seed) for seed in seeds}) == 4 * 500


def test_each_row_is_its_arm_on_its_seed(ablated, config, changes, run_folder: Path) -> None:
    found = ablated(run_folder)
    assert changes.groups == (("learning_rate",), ("lmbda",), ("mini_batch_size",))
    assert len(found.rows) == TOTAL == 26
    for row in (found.rows[0], found.rows[9], found.rows[10], found.rows[-1]):
        seed = (7, {"selection": 2**33, "estimation": 2**34}[row.stage] + row.seed)
        outcome = evaluate(changes.config(row.arm), "digits", [seed])
        got = row.measured
        expected = (outcome.value, outcome.best_epoch, outcome.epochs, outcome.stop_reason)
        assert (got.value, got.best_epoch, got.epochs, got.stop_reason) == expected
    selection = found.rows[: 5 * SEEDS]
    assert {row.stage for row in selection} == {"selection"}
    means = {
        number: np.mean([r.measured.value for r in selection if r.arm == frozenset({number})])
        for number in range(CHANGES)
    }
    assert found.path is not None
    assert found.path[0] == max(means, key=means.__getitem__)
    assert set(found.estimated) == {row.arm for row in found.rows[5 * SEEDS :]}


def test_the_table_has_a_row_for_each_network(ablated, changes, run_folder: Path) -> None:
    found = ablated(run_folder)
    table = list(csv.DictReader((run_folder / "ablation.csv").read_text().splitlines()))
    assert list(table[0]) == [
        *("stage", "seed", "value", "best_epoch", "epochs", "stop_reason"),
        *("learning_rate", "lmbda", "mini_batch_size"),
    ]
    assert len(table) == len(found.rows)
    for line, row in zip(table, found.rows, strict=True):
        config = changes.config(row.arm)
        assert (line["stage"], int(line["seed"])) == (row.stage, row.seed)
        assert float(line["value"]) == row.measured.value
        assert float(line["learning_rate"]) == config.learning_rate
        assert float(line["lmbda"]) == config.lmbda
        assert int(line["mini_batch_size"]) == config.mini_batch_size


def test_jobs_change_no_byte(ablated, run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(run_folder, tmp_path / "two")
    assert ablated(run_folder) == ablated(tmp_path / "two", workers=LocalWorkers(2))
    assert files(run_folder) == files(tmp_path / "two")


@pytest.mark.parametrize("enough", [3, 8, 20])
def test_a_stop_keeps_finished_rows_and_the_next_call_trains_the_rest(
    ablated, run_folder: Path, tmp_path: Path, enough: int
) -> None:
    shutil.copytree(run_folder, tmp_path / "whole")
    done: list[int] = []
    found = ablated(
        run_folder,
        on_progress=lambda progress: done.append(progress.done),
        stop_requested=lambda: bool(done) and done[-1] >= enough,
    )
    assert (found.path, len(found.rows)) == (None, enough)
    assert not (run_folder / "ablation.csv").exists()
    kept = {path: path.stat().st_mtime_ns for path in (run_folder / "ablation").iterdir()}
    again = ablated(run_folder, on_progress=lambda progress: done.append(progress.done))
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert sorted(set(done)) == list(range(TOTAL + 1))
    assert len(done) == TOTAL + 2  # each network once, and the beginning of each call
    assert again == ablated(tmp_path / "whole")
    assert files(run_folder) == files(tmp_path / "whole")


def test_killed_at_every_fifth_write(ablated, run_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(run_folder, tmp_path / "whole")
    expected = ablated(tmp_path / "whole")
    for writes in range(0, TOTAL + 1, 5):  # the last is that of the table
        shutil.rmtree(tmp_path / "killed", ignore_errors=True)
        shutil.copytree(run_folder, tmp_path / "killed")
        assert not lives(lambda: ablated(tmp_path / "killed"), writes)
        assert not (tmp_path / "killed" / "ablation.csv").exists()
        assert ablated(tmp_path / "killed") == expected
        assert files(tmp_path / "killed") == files(tmp_path / "whole")


def lives(work: Callable[[], object], renames: int) -> bool:
    """Do `work` in a child that dies before the rename with this number; return if it lived."""
    pid = os.fork()
    if pid == 0:
        rename, left = Path.replace, [renames]

        def replace_or_die(path: Path, target: Path) -> Path:
            if left[0] == 0:
                os._exit(9)
            left[0] -= 1
            return rename(path, target)

        Path.replace = replace_or_die  # type: ignore[method-assign, assignment]
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_a_training_that_fails_keeps_its_error_and_runs_again(
    ablated, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = sweeps.workers.tasks.attempt

    def fail_once(config: Any, data: Any, seeds: Any, **more: Any) -> TrialOutcome:
        outcome = attempt(config, data, seeds, **more)
        bad = config.lmbda == 0.1 and seeds == ((7, 2**33 + 1),)
        return replace(outcome, state="failed", value=None, error="it broke") if bad else outcome

    shutil.copytree(run_folder, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(sweeps.workers.tasks, "attempt", fail_once)
        found = ablated(run_folder)
    assert (found.path, len(found.rows)) == (None, CHANGES * SEEDS - 1)
    (error,) = (run_folder / "ablation").glob("*.txt")
    assert error.read_text() == "it broke"
    assert ablated(run_folder) == ablated(tmp_path / "whole")
    assert not error.exists()


def test_a_damaged_row_is_trained_again(ablated, run_folder: Path) -> None:
    found = ablated(run_folder)
    before = files(run_folder)
    for path in list((run_folder / "ablation").iterdir())[:2]:
        path.write_text("{")
    assert ablated(run_folder) == found
    assert files(run_folder) == before


def test_more_seeds_keep_the_earlier_rows(ablated, run_folder: Path) -> None:
    ablated(run_folder)
    trained: list[int] = []
    found = ablated(run_folder, 3, on_progress=lambda p: trained.append(p.latest is not None))
    assert len(found.rows) == number_of_networks(CHANGES, 3)
    assert sum(trained) < len(found.rows)


@pytest.mark.parametrize("seeds", [1, 0, True, 2.0])
def test_seeds_without_an_interval_are_refused(seeds: Any, ablated, run_folder: Path) -> None:
    with pytest.raises(InputError, match=rf"^`seeds` must be a whole number >= 2, got {seeds}$"):
        ablated(run_folder, seeds)
    assert not (run_folder / "ablation").exists()
