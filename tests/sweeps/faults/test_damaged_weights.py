"""Weights and kept outcomes that were lost or damaged are made again on resume, and no others."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nncore.datasets import DataSet
from sweeps.config import SweepConfig
from sweeps.sweep import run_sweep
from sweeps.workers.local import IN_THIS_PROCESS
from sweeps.workers.tasks import FinishedTrial, Runner, TrialTask
from tests.support.run_tables import TABLES, rows, tables

Small = Callable[..., SweepConfig]


class Noted:
    """Workers in this process that note the numbers of the trials that they train."""

    def __init__(self, trained: list[int]) -> None:
        self._trained = trained

    @contextmanager
    def start(self, *arguments: Any) -> Iterator[Runner]:
        with IN_THIS_PROCESS.start(*arguments) as run:

            def noted(tasks: Iterable[TrialTask]) -> Iterator[FinishedTrial]:
                for task in tasks:
                    self._trained.append(task.number)
                    yield from run([task])

            yield noted

    def parallel_trials(self) -> int:
        return 1


class StoppedAfter:
    """Workers that train one trial before all others of its generation, and are then stopped."""

    def __init__(self, number: int) -> None:
        self._number = number

    @contextmanager
    def start(self, *arguments: Any) -> Iterator[Runner]:
        with IN_THIS_PROCESS.start(*arguments) as run:

            def stopped(tasks: Iterable[TrialTask]) -> Iterator[FinishedTrial]:
                given = list(tasks)
                chosen = [task for task in given if task.number == self._number]
                yield from run(chosen or given)
                if chosen:
                    raise KeyboardInterrupt

            yield stopped

    def parallel_trials(self) -> int:
        return 1


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "torn": torn,
    "altered": altered,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("pruner", ["none", "median"])
def test_damaged_best_weights_are_made_again_from_the_best_trial_alone(
    damage: Callable[[Path], object],
    pruner: str,
    small: Small,
    digits: DataSet,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config, run = small(sweep__pruner=pruner, sweep__trials=8), tmp_path / "run"
    first = run_sweep(config, digits, run)
    before, best = tables(run), run / "best.npz"
    weights = best.read_bytes()
    damage(best)
    trained: list[int] = []
    again = run_sweep(config, digits, run, workers=Noted(trained))
    assert trained == [first.best_number]
    assert best.read_bytes() == weights
    assert tables(run) == before
    assert (again.done, again.best_number) == (8, first.best_number)
    assert [record.getMessage() for record in caplog.records] == [
        f"best.npz is missing or damaged: trial {first.best_number} is trained again"
    ]
    run_sweep(config, digits, run, workers=Noted(trained))
    assert len(trained) == 1


def test_weights_that_a_later_trial_beats_are_not_made_again_in_its_place(
    small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    names = (*TABLES, "best.npz")
    whole = {name: (tmp_path / "whole" / name).read_bytes() for name in names}
    values = [float(row["value"]) for row in rows(tmp_path / "whole")]
    best = values.index(max(values))
    assert best  # else no trial comes before it
    run_sweep(small(sweep__trials=best), digits, tmp_path / "run")
    (tmp_path / "run" / "best.npz").unlink()
    run_sweep(small(), digits, tmp_path / "run")
    assert {name: (tmp_path / "run" / name).read_bytes() for name in names} == whole


def test_a_best_trial_that_cannot_be_repeated_is_told(
    small: Small, digits: DataSet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = tmp_path / "run"
    best = run_sweep(small(), digits, run).best_number
    (run / "best.npz").unlink()
    table, number = run / "trials.csv", f"{best},complete,"
    lines = table.read_text().splitlines()
    (row,) = [line for line in lines if line.startswith(number)]
    value = row.split(",")[2]
    journal = run / "journal.log"
    journal.unlink()  # made again from the table, which says that the best was even better
    table.write_text(table.read_text().replace(f"{number}{value}", f"{number}0.999", 1))
    run_sweep(small(), digits, run)
    assert not (run / "best.npz").exists()
    assert caplog.records[-1].getMessage() == (
        f"trial {best} gave another result: best.npz is not made again"
    )


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_kept_outcome_whose_weights_were_damaged_is_trained_again(
    damage: Callable[[Path], object], small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    values = [float(row["value"]) for row in rows(tmp_path / "whole")]
    best, run = values.index(max(values)), tmp_path / "run"
    assert best % 4  # else it waits for no trial of its generation
    config = small(sweep__trials=best // 4 * 4 + 4)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(config, digits, run, workers=StoppedAfter(best))
    (kept,) = (run / "pending").glob(f"{best:06d}.npz")
    damage(kept)
    run_sweep(small(), digits, run)
    for name in (*TABLES, "best.npz"):
        assert (run / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}"])
def test_a_broken_kept_outcome_is_trained_again(
    content: bytes, small: Small, digits: DataSet, tmp_path: Path
) -> None:
    run_sweep(small(), digits, tmp_path / "whole")
    for _ in range(12):  # one more trial each time, until one is finished before its turn
        started = itertools.count()
        run_sweep(
            small(),
            digits,
            tmp_path / "run",
            stop_requested=lambda started=started: next(started) >= 1,
        )
        kept = list((tmp_path / "run" / "pending").glob("*.json"))
        if kept:
            break
    kept[0].write_bytes(content)
    run_sweep(small(), digits, tmp_path / "run")
    assert tables(tmp_path / "run") == tables(tmp_path / "whole")
