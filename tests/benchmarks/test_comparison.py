"""The table and the JSON of the comparison, from programs whose times are made up."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import comparison
from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.peers.comparison import Started, measure, problems, start, table
from benchmarks.peers.process import Remote
from benchmarks.support.task import BenchmarkTask
from tests.support.patience import PATIENCE

CHECKOUT = Path(__file__).parents[2]


class Fake:
    """A program whose first epoch takes 9 seconds and later ones what they are given."""

    def __init__(self, seconds: list[float], accuracy: float = 0.95) -> None:
        self._seconds: Iterator[float] = iter([9.0, *seconds])
        self._accuracy = accuracy
        self.closed = False

    def epoch(self) -> float:
        return next(self._seconds)

    def accuracy(self) -> float:
        return self._accuracy

    def close(self) -> None:
        self.closed = True


def result_of(fakes: dict[str, Fake]) -> dict[str, Any]:
    """Return the figures of three rounds on [784, 30, 10], where sgemm does 100 GFLOP/s."""
    with ExitStack() as stack:
        started = start(fakes, fakes.__getitem__, stack)
        return measure(BenchmarkTask(), (784, 30, 10), 50_000, started, 3, peak=lambda: 100e9)


def test_figures_by_hand() -> None:
    result = result_of({"ours": Fake([0.3, 0.1, 0.2]), "book": Fake([5.0, 4.0, 3.0], 0.96)})
    ours, book = result["programs"]["ours"], result["programs"]["book"]

    assert (ours["seconds"], book["seconds"]) == (0.2, 4.0)
    assert (ours["ratio_to_ours"], book["ratio_to_ours"]) == (1.0, pytest.approx(20.0))
    assert result["gflop_per_epoch"] == 4.794
    assert ours["gflop_per_second"] == pytest.approx(23.97)
    assert ours["share_of_sgemm"] == pytest.approx(0.2397)
    assert ours["first_epoch_seconds"] == 9.0
    assert ours["all_seconds"] == [0.3, 0.1, 0.2]
    assert result["epochs"] == 4
    assert book["validation_accuracy"] == 0.96


def test_result_is_json_and_table_shows_it() -> None:
    result = result_of({"ours": Fake([0.2] * 3), "scikit-learn": Fake([1.5] * 3)})
    shown = table(result).splitlines()
    (row,) = [line.split() for line in shown if line.startswith("scikit-learn")]

    assert json.loads(json.dumps(result)) == result
    assert row == ["scikit-learn", "1.500", "7.50", "3.2", "3.2%", "95.00%", "9.00s"]
    assert "[784, 30, 10], mini-batch 10, 50,000 images" in shown[0]
    assert "4.79 GFLOP" in shown[1]


def test_without_ours_there_are_no_ratios() -> None:
    result = result_of({"book": Fake([4.0] * 3)})

    assert result["programs"]["book"]["ratio_to_ours"] is None
    assert "4.000" in table(result)


def test_program_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(PROGRAMS["jax"], package="no-such-package")
    monkeypatch.setitem(comparison.PROGRAMS, "jax", absent)
    result = result_of({"ours": Fake([0.2] * 3), "jax": Fake([0.1] * 3)})

    assert result["missing"] == {"jax": "no-such-package is not installed"}
    assert "missing: jax (no-such-package is not installed)" in table(result)
    assert problems(result) == []


def broken_launch(name: str) -> Fake:
    raise RuntimeError("no\ncompiler")


class BrokenEpoch(Fake):
    def epoch(self) -> float:
        raise RuntimeError("no compiler")


@pytest.mark.parametrize("launch", [broken_launch, lambda name: BrokenEpoch([])])
def test_program_that_fails_is_named_with_its_reason(launch: Callable[[str], Fake]) -> None:
    with ExitStack() as stack:
        started = start(["scikit-learn"], launch, stack)
    result = measure(BenchmarkTask(), (784, 30, 10), 50_000, started, 1, peak=lambda: 1e9)

    assert result["failed"] == {"scikit-learn": "RuntimeError: no compiler"}
    assert "failed: scikit-learn (RuntimeError: no compiler)" in table(result)
    assert problems(result) == ["scikit-learn failed: RuntimeError: no compiler"]


def test_programs_are_ended() -> None:
    fake = Fake([])
    with ExitStack() as stack:
        started = start(["ours"], lambda name: fake, stack)
        assert started == Started({"ours": fake}, {"ours": 9.0})
        assert not fake.closed
    assert fake.closed


@pytest.mark.parametrize(("other", "sound"), [(0.936, True), (0.934, False)])
def test_accuracies_must_lie_within_the_band(other: float, sound: bool) -> None:
    result = result_of({"ours": Fake([0.2] * 3, 0.95), "book": Fake([4.0] * 3, other)})

    assert (problems(result) == []) is sound


def test_program_runs_in_a_process_of_its_own() -> None:
    remote = Remote("scikit-learn", BenchmarkTask((10,), 20), "digits")
    try:
        seconds = [remote.epoch() for _ in range(4)]
        assert all(each > 0 for each in seconds)
        assert remote.accuracy() > 0.5
    finally:
        remote.close()


def test_program_that_cannot_start_says_why() -> None:
    with pytest.raises(KeyError, match="unheard-of"):
        Remote("unheard-of", BenchmarkTask(), "digits")


def test_command_prints_json() -> None:
    command = [sys.executable, "-m", "benchmarks.peers", "--json", "--peers", "ours"]
    options = ["--data", "digits", "--rounds", "1", "--hidden", "8,4"]
    done = subprocess.run(
        [*command, *options], cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    (shape,) = json.loads(done.stdout)["shapes"]
    assert shape["network"] == [64, 8, 4, 10]
    assert shape["programs"]["ours"]["seconds"] > 0
