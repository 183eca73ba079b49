"""What the benchmarks measure in full is held here in small, on clocks that are made up."""

import sys
from pathlib import Path

import pytest

from benchmarks import cluster
from benchmarks.busy import WORKERS, busy_share, measure, simulated
from benchmarks.scale import scale_config
from benchmarks.support.made_up import RunnerWorkers
from benchmarks.support.recorded import read_recorded
from nncore.datasets import load_dataset
from sweeps.sweep import run_sweep


def test_four_workers_are_busy_nine_tenths_of_the_time() -> None:
    """A barrier after each generation of 16, longest expected first, durations as recorded."""
    recorded = read_recorded()
    assert measure(simulated([trial.seconds for trial in recorded], WORKERS), recorded) >= 0.9


def test_a_small_cluster_is_busy_nine_tenths_of_the_time() -> None:
    """Trials of 20 s on average, beside which the parent's milliseconds hardly count."""
    words = ["--steady", "--sampler", "random", "--per-worker", "8", "--generations", "2"]
    figures = cluster.measure(2, cluster.arguments_parser().parse_args(words))
    assert figures["trials"] == 32
    assert 0.9 < figures["busy"] < 1


def test_the_busy_share_by_hand(tmp_path: Path) -> None:
    """Two workers; one runs 4 s and 2 s, the other 3 s, within 6 s: 9 of 12."""
    rows = "0,2026-01-01T00:00:00+00:00,4,1\n1,2026-01-01T00:00:00+00:00,3,2\n"
    rows += "2,2026-01-01T00:00:04+00:00,2,1\n"
    (tmp_path / "timings.csv").write_text("number,started,seconds,worker\n" + rows)
    assert busy_share(tmp_path / "timings.csv", 2) == pytest.approx(9 / 12)


def test_a_trial_costs_as_many_calls_late_as_early(tmp_path: Path) -> None:
    """Calls are counted, not seconds, which other programs would change."""
    calls, counts = 0, []

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        run_sweep(
            scale_config("random", 400),
            load_dataset("digits"),
            tmp_path / "run",
            on_progress=lambda progress: counts.append(calls),
            workers=RunnerWorkers(),
        )
    finally:
        sys.setprofile(None)
    early, late = counts[144] - counts[64], counts[400] - counts[320]
    assert late <= 1.2 * early
