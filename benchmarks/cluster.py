"""How busy a sweep keeps a large cluster, in simulated time.

`python -m benchmarks.cluster` simulates sweeps with TPE on 16, 128 and 1,024 workers. A trial takes
as long as the cost model expects times a recorded deviation, 20 s on average; `--steady` leaves the
deviations out. The parent is real: its processor time moves the simulated clock.
"""

import argparse
import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean
from time import process_time
from typing import Any

from benchmarks.scale import scale_config
from benchmarks.support.made_up import RunnerWorkers, made_up_outcome
from benchmarks.support.recorded import read_recorded
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig
from sweeps.samplers.optuna_samplers import random_points
from sweeps.sweep import run_sweep
from sweeps.trial import TrialOutcome
from sweeps.workers.cost_model import expected_seconds
from sweeps.workers.tasks import TrialTask, longest_ready_first

WORKERS, SECONDS = (16, 128, 1024), 20.0
DATA, SIZE = "mnist-5k", (784, 10, 3500)  # inputs, classes, training images
DISPATCH_MS = 1.5  # measured: Dask, 1,024 sleeping trials at a time
PER_WORKER, GENERATIONS = 4, 3
"""The number of trials of a generation for each worker, and of generations."""


def cluster_config(generation: int, options: argparse.Namespace) -> SweepConfig:
    """Return the sweep: some generations of this size."""
    trials = options.generations * generation
    return scale_config(options.sampler, trials, DATA, options.pruner, generation)


def deviations() -> list[float]:
    """Return the recorded seconds of trials relative to the cost model: 1 on average.

    Trials that diverged, whose curves end with equal numbers, are left out.
    """
    trials = [trial for trial in read_recorded() if len(set(trial.curve[-10:])) > 1]
    ratios = [trial.seconds / expected_seconds(trial.config, *SIZE) for trial in trials]
    return [ratio / mean(ratios) for ratio in ratios]


def mean_expected(config: SweepConfig, points: int = 400) -> float:
    """Return the mean of the expected seconds over random points of the space."""
    point = random_points(config.space, 0)
    trials = (config.trial_config(point(number)) for number in range(points))
    return mean(expected_seconds(trial, *SIZE) for trial in trials)


class SimulatedCluster:
    """Workers on a simulated clock, in which the parent takes as long as it really computes.

    A free worker gets its next trial when the parent hands it one. Making up the outcomes takes no
    simulated time; `dispatch` is the parent's time for each trial in the library of the cluster.
    """

    def __init__(
        self, workers: int, scale: float, deviations: Sequence[float], dispatch: float
    ) -> None:
        self._free, self._scale, self._dispatch = workers, scale, dispatch
        self._deviations = deviations
        self.now = self.trained = self.parent = 0.0
        self._clock = process_time()

    def run(self, tasks: Iterable[TrialTask]) -> Iterator[tuple[int, TrialOutcome]]:
        """Yield the outcomes of the tasks in the order in which they end."""
        waiting = longest_ready_first(tasks, self._free)
        running = list[tuple[float, int, TrialTask]]()
        while True:
            while self._free:
                task = next(waiting, None)
                self._parent_worked(self._dispatch if task else 0.0)
                if task is None:
                    break
                seconds = self._seconds_of(task)
                self.trained += seconds
                heapq.heappush(running, (self.now + seconds, task.number, task))
                self._free -= 1
                self._clock = process_time()
            if not running:
                return
            end, number, task = heapq.heappop(running)
            self._free += 1
            self.now = max(self.now, end)
            outcome = made_up_outcome(task)
            self._clock = process_time()
            yield number, outcome

    def _parent_worked(self, more: float) -> None:
        """Move the clock by the parent's processor time since the last call, and by `more`."""
        then, self._clock = self._clock, process_time()
        self.parent += self._clock - then + more
        self.now += self._clock - then + more

    def _seconds_of(self, task: TrialTask) -> float:
        deviation = self._deviations[task.number % len(self._deviations)]
        part = made_up_outcome(task).epochs / task.config.epochs
        return self._scale * part * deviation * expected_seconds(task.config, *SIZE)


def measure(workers: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one simulated sweep."""
    config = cluster_config(options.per_worker * workers, options)
    scale = SECONDS / mean_expected(config)
    ratios = [1.0] if options.steady else deviations()
    cluster = SimulatedCluster(workers, scale, ratios, options.dispatch_ms / 1e3)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        run_sweep(config, load_dataset(DATA), folder, workers=RunnerWorkers(cluster.run))
    trials = config.sweep.trials
    return {
        "workers": workers,
        "trials": trials,
        "mean_trial_seconds": cluster.trained / trials,
        "parent_ms_per_trial": 1e3 * cluster.parent / trials,
        "busy": cluster.trained / (cluster.now * workers),
    }


def arguments_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    parser = argparse.ArgumentParser(description="How busy a sweep keeps a large cluster.")
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--sampler", default="tpe")
    parser.add_argument("--pruner", default="none")
    parser.add_argument("--steady", action="store_true", help="trials take the expected time")
    parser.add_argument("--per-worker", type=int, default=PER_WORKER)
    parser.add_argument("--generations", type=int, default=GENERATIONS)
    parser.add_argument("--dispatch-ms", type=float, default=DISPATCH_MS)
    return parser


def main() -> None:
    """Run the simulations and print one JSON object for each."""
    options = arguments_parser().parse_args()
    for workers in options.workers:
        figures = measure(workers, options)
        print(json.dumps({key: round(value, 3) for key, value in figures.items()}), flush=True)


if __name__ == "__main__":
    main()
