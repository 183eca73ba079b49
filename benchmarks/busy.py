"""How busy a sweep keeps its workers: the fraction of their time in which they run trials.

`python -m benchmarks.busy` replays the recorded sweep in 4 worker processes and generations of 16:
each trial sleeps as long as it took to train. The result comes from `timings.csv` and is printed as
one JSON object; `--speed 10` takes a tenth of the time. `--table` simulates several numbers of
workers and sizes of generations instead.
"""

import argparse
import csv
import heapq
import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.support.made_up import RunnerWorkers, made_up_outcome
from benchmarks.support.recorded import EPOCHS, GENERATION, Recorded, read_recorded
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig, parse_config
from sweeps.sweep import run_sweep
from sweeps.trial import TrialOutcome
from sweeps.workers.local import local_runner
from sweeps.workers.tasks import Runner, TrialTask, longest_first

WORKERS = 4
TABLE_WORKERS, SIZES = (2, 4, 8), (4, 8, 16, 32)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def busy_config(recorded: Sequence[Recorded], generation: int) -> SweepConfig:
    """Return a sweep whose trials have the configs of `recorded`, given as start points."""
    points = [
        {
            "mini_batch_size": trial.config.mini_batch_size,
            "hidden_units": trial.config.hidden_units[0],
            "lmbda": number,  # makes every point different
        }
        for number, trial in enumerate(recorded)
    ]
    return parse_config(
        {
            "sweep": {
                "name": "busy",
                "trials": len(recorded),
                "generation": generation,
                "sampler": "random",
            },
            "training": {"epochs": EPOCHS},
            "space": {
                "mini_batch_size": {"choices": [5, 10, 20, 50, 100]},
                "hidden_units": {"low": 10, "high": 100, "step": 10},
                "lmbda": {"low": 0.0, "high": 1000.0},
            },
            "start": points,
        }
    )


def busy_share(timings: Path, workers: int) -> float:
    """Return the fraction of the time of `workers` in which they ran trials, from `timings.csv`."""
    with timings.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    started = [datetime.fromisoformat(row["started"]) for row in rows]
    seconds = [float(row["seconds"]) for row in rows]
    ends = [start + timedelta(seconds=s) for start, s in zip(started, seconds, strict=True)]
    return sum(seconds) / (workers * (max(ends) - min(started)).total_seconds())


def simulated(seconds: Sequence[float], workers: int) -> Runner:
    """Return a runner whose workers take `seconds[number]` per trial on a simulated clock."""
    now = 0.0

    def run(tasks: Iterable[TrialTask]) -> Iterator[tuple[int, TrialOutcome]]:
        nonlocal now
        free = [(now, worker) for worker in range(workers)]
        done = []
        for task in longest_first(tasks):
            start, worker = heapq.heappop(free)
            end = start + seconds[task.number]
            heapq.heappush(free, (end, worker))
            started = (BEGINNING + timedelta(seconds=start)).isoformat()
            outcome = made_up_outcome(task, seconds[task.number])
            done.append((end, task.number, replace(outcome, started=started, worker=worker)))
        for end, number, outcome in sorted(done, key=lambda each: each[:2]):
            now = end
            yield number, outcome

    return run


def sleep_through(task: TrialTask, seconds: Sequence[float]) -> tuple[int, TrialOutcome]:
    """Sleep for as long as the trial took, and return a made-up outcome."""
    started = datetime.now(UTC).isoformat(timespec="milliseconds")
    time.sleep(seconds[task.number])
    return task.number, replace(made_up_outcome(task, seconds[task.number]), started=started)


def measure(
    run: Runner,
    recorded: Sequence[Recorded],
    workers: int = WORKERS,
    generation: int = GENERATION,
) -> float:
    """Return how busy the `workers` of `run` are with the `recorded` trials."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        config = busy_config(recorded, generation)
        run_sweep(config, load_dataset("mnist-5k"), folder, workers=RunnerWorkers(run))
        return busy_share(folder / "timings.csv", workers)


def print_table(seconds: Sequence[float], recorded: Sequence[Recorded]) -> None:
    """Print the simulated share for each number of workers and size of a generation."""
    print("workers  " + "  ".join(f"{size:>5}" for size in SIZES))
    for workers in TABLE_WORKERS:
        shares = (measure(simulated(seconds, workers), recorded, workers, size) for size in SIZES)
        print(f"{workers:>7}  " + "  ".join(f"{share:>5.0%}" for share in shares))


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description="How busy a sweep keeps its workers.")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--table", action="store_true")
    options, recorded = parser.parse_args(), read_recorded()
    seconds = [trial.seconds / options.speed for trial in recorded]
    if options.table:
        print_table(seconds, recorded)
        return
    sleep = partial(sleep_through, seconds=seconds)
    with local_runner(WORKERS, lambda: False, sleep) as run:
        measured = measure(lambda tasks: run(longest_first(tasks)), recorded)
    shares = {"simulated": measure(simulated(seconds, WORKERS), recorded), "measured": measured}
    print(json.dumps({key: round(share, 4) for key, share in shares.items()}))


if __name__ == "__main__":
    main()
