"""`python -m benchmarks.overhead`: time and memory of a sweep in addition to training.

There are four measurements: jobs, trial-1000, start and memory.
"""

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from benchmarks.support.machine import describe, machine
from benchmarks.support.memory import MEGABYTE, descendants, memory_of
from benchmarks.support.options import count
from benchmarks.support.rounds import interleaved, one_thread_each
from benchmarks.support.sweep_process import timed_sweep
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig, dump_config, parse_config
from sweeps.progress import SweepProgress
from sweeps.sweep import run_sweep

Figures = dict[str, Any]
GENERATION, EPOCHS = 8, 24


def jobs(rounds: int, trials: int = 32, data: str = "mnist", epochs: int = EPOCHS) -> Figures:
    """Return how many times faster two workers run a sweep than one, medians of `rounds`."""
    config = _sweep(trials, data, epochs)
    shortest: list[float] = []

    def run(workers: int) -> float:
        with _folder() as folder:
            seconds = timed_sweep(config, folder / "run", workers)
            shortest.append(min(float(row["seconds"]) for row in _timings(folder / "run")))
            return seconds

    runs = {str(workers): partial(run, workers) for workers in (1, 2)}
    medians = {key: statistics.median(s) for key, s in interleaved(runs, rounds).items()}
    return {
        "trials": trials,
        "generation": GENERATION,
        "shortest_trial_seconds": min(shortest),
        "one_job_seconds": medians["1"],
        "two_jobs_seconds": medians["2"],
        "speedup": medians["1"] / medians["2"],
    }


def at_trial(rounds: int, before: int = 1000, trials: int = 48) -> Figures:
    """Return the time per trial outside training after `before` trials, on tiny data.

    It includes TPE's proposals, median pruning, the journal and the tables; the seconds of the
    trials themselves are subtracted. `before` and `trials` are whole generations. The sweep is
    resumed one generation earlier, so the time of the resume is measured separately.
    """
    per_trial, resuming = [], []
    for _ in range(rounds):
        with _folder() as folder:
            data = folder / "tiny.npz"
            rng = np.random.default_rng(1)
            np.savez(data, x=rng.random((60, 4)), y=np.arange(60) % 2)
            dataset = load_dataset(parse_config(_tables(1, str(data), 1)).data.source)
            run_sweep(_sweep(before - GENERATION, str(data), 2, "median"), dataset, folder / "run")
            ticks: list[float] = [perf_counter()]  # then at its start, then after each trial
            run_sweep(
                _sweep(before + trials, str(data), 2, "median"),
                dataset,
                folder / "run",
                on_progress=partial(_tick, ticks),
            )
            training = sum(float(row["seconds"]) for row in _timings(folder / "run")[before:])
            per_trial.append((ticks[-1] - ticks[-1 - trials] - training) / trials)
            resuming.append(ticks[2] - ticks[0])
    return {
        "trials_before": before,
        "trials": trials,
        "outside_training_ms_per_trial": 1000 * statistics.median(per_trial),
        "resuming_until_next_trial_done_seconds": statistics.median(resuming),
    }


def start(rounds: int, data: str = "mnist") -> Figures:
    """Return the seconds from starting `nnsweep run` to its first epoch, medians of `rounds`."""
    begun: dict[str, list[float]] = {"1": [], "2": []}
    done: dict[str, list[float]] = {"1": [], "2": []}
    for _ in range(rounds):
        for workers in begun:
            with _folder() as folder:
                started = datetime.now(UTC)
                with _nnsweep_run(_sweep(2, data, 1), folder, workers) as process:
                    process.wait()
                row = min(_timings(folder / "run"), key=lambda row: row["started"])
                first = datetime.fromisoformat(row["started"]) - started
                epoch = timedelta(seconds=float(row["seconds"]))
                begun[workers].append(first.total_seconds())
                done[workers].append((first + epoch).total_seconds())
    return {
        "first_epoch_begins_seconds": {n: statistics.median(s) for n, s in begun.items()},
        "first_epoch_done_seconds": {n: statistics.median(s) for n, s in done.items()},
    }


def memory(rounds: int, data: str = "mnist", epochs: int = 8) -> Figures:
    """Return the peak memory of sweeps with two and with three workers."""
    totals: dict[str, list[float]] = {"2": [], "3": []}
    private: list[float] = []
    for _ in range(rounds):
        for workers in totals:
            with _folder() as folder:
                trials = 2 * int(workers)
                with _nnsweep_run(_sweep(trials, data, epochs), folder, workers) as process:
                    largest, of_each = _watch(process)
                totals[workers].append(largest / MEGABYTE)
                names = {int(row["worker"]) for row in _timings(folder / "run")}
                private += [of_each.get(pid, 0) / MEGABYTE for pid in names]
    medians = {key: statistics.median(values) for key, values in totals.items()}
    return {
        "two_workers_pss_mb": medians["2"],
        "three_workers_pss_mb": medians["3"],
        "extra_worker_pss_mb": medians["3"] - medians["2"],
        "largest_worker_uss_mb": max(private),
    }


MEASUREMENTS: dict[str, Callable[[int], Figures]] = {
    "jobs": jobs,
    "trial-1000": at_trial,
    "start": start,
    "memory": memory,
}


def main() -> int:
    """Run the chosen measurements and print them as text or JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.overhead", description=__doc__)
    parser.add_argument("names", nargs="*", default=[*MEASUREMENTS], help="default: %(default)s")
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--epochs", type=count, default=EPOCHS, help="of each trial in `jobs`")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not set(arguments.names) <= set(MEASUREMENTS):
        parser.error(f"names must be of {', '.join(MEASUREMENTS)}, got {arguments.names}")
    one_thread_each()
    facts = machine(load_dataset("mnist"))
    result = {}
    if not arguments.json:
        print(describe(facts))
    for name in arguments.names:
        measured = partial(jobs, epochs=arguments.epochs) if name == "jobs" else MEASUREMENTS[name]
        result[name] = measured(arguments.rounds)
        if not arguments.json:
            print(f"\n{lines(name, result[name])}", flush=True)
    if arguments.json:
        print(json.dumps({"machine": facts, **result}))
    return 0


def lines(name: str, figures: Figures) -> str:
    """Return one measurement as text, one figure per line."""
    shown = [f"  {key.replace('_', ' '):40} {_number(value)}" for key, value in figures.items()]
    return "\n".join([name, *shown])


def _number(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_number(each)} with --jobs {key}" for key, each in value.items())
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _tables(trials: int, data: str, epochs: int) -> dict[str, Any]:
    return {
        "sweep": {"name": "overhead", "trials": trials, "generation": GENERATION, "seed": 1},
        "data": {"name": data},
        "training": {"epochs": epochs, "monitor_training": False},
        "space": {
            "learning_rate": {"low": 0.05, "high": 1.0, "log": True},
            "lmbda": {"low": 0.1, "high": 10.0, "log": True},
            "hidden_units": {"low": 30, "high": 60, "step": 10},
        },
    }


def _sweep(trials: int, data: str, epochs: int, pruner: str = "none") -> SweepConfig:
    tables = _tables(trials, data, epochs)
    return parse_config({**tables, "sweep": {**tables["sweep"], "pruner": pruner}})


def _tick(ticks: list[float], progress: SweepProgress) -> None:
    """Note the time when a sweep reports its start or a finished trial."""
    ticks.append(perf_counter())


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@contextmanager
def _nnsweep_run(config: SweepConfig, folder: Path, workers: str) -> Iterator[Any]:
    """Give the process of `nnsweep run` on `config` into `folder / "run"`; raise if it fails."""
    (folder / "sweep.toml").write_text(dump_config(config), "utf-8")
    code = "import sys; from experiments.cli.app import main; sys.exit(main())"
    options = ("--out", str(folder / "run"), "--jobs", workers)
    command = [sys.executable, "-c", code, "run", str(folder / "sweep.toml"), *options]
    log = folder / "log"
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        yield process
        process.wait()
    if process.returncode:
        raise RuntimeError(f"nnsweep run must end with exit code 0, got:\n{log.read_text('utf-8')}")


def _watch(process: "subprocess.Popen[bytes]") -> tuple[int, dict[int, int]]:
    """Return the largest sum of PSS while `process` runs, and the last USS of each process."""
    largest, private = 0, {}
    while process.poll() is None:
        found = {pid: memory_of(pid) for pid in descendants(process.pid)}
        largest = max(largest, sum(each.shared_out for each in found.values()))
        private.update({pid: each.private for pid, each in found.items() if each.private})
        sleep(0.1)
    return largest, private


def _timings(folder: Path) -> list[dict[str, str]]:
    with (folder / "timings.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


if __name__ == "__main__":
    sys.exit(main())
