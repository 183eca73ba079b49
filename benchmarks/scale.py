"""Cost of a sweep in addition to training: time per trial as the sweep grows, and memory.

`python -m benchmarks.scale` runs 10,000 made-up trials of 10 epochs with the random sampler and the
median pruner and prints one JSON object. `--sampler tpe --trials 1100` measures the parent
process's time per trial at trial 1,000. With `--folder`, the run is kept for `nnsweep report`.
"""

import argparse
import json
import resource
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.support.made_up import RunnerWorkers
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig, parse_config
from sweeps.progress import SweepProgress
from sweeps.sweep import run_sweep

WINDOW = 100  # trials, more than ten generations
EPOCHS = 10


def scale_config(
    sampler: str, trials: int, data: str = "digits", pruner: str = "median", generation: int = 4
) -> SweepConfig:
    """Return a sweep over the space of the ready sweep, with trials of ten epochs."""
    return parse_config(
        {
            "sweep": {
                "name": "scale",
                "sampler": sampler,
                "pruner": pruner,
                "trials": trials,
                "generation": generation,
            },
            "data": {"name": data},
            "training": {"epochs": EPOCHS},
            "space": {
                "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
                "lmbda": {"low": 0.01, "high": 100.0, "log": True},
                "mini_batch_size": {"choices": [5, 10, 20, 50, 100]},
                "hidden_units": {"low": 10, "high": 100, "step": 10},
                "cost": {"choices": ["quadratic", "cross-entropy"]},
                "init": {"choices": ["large", "scaled"]},
            },
        }
    )


def measure(sampler: str, trials: int, folder: Path) -> dict[str, float]:
    """Return milliseconds per trial at trial 100 and at the end, megabytes, seconds of a resume.

    Times are given twice: wall time, which includes other programs and the disk, and the CPU time
    of this process.
    """
    config, dataset = scale_config(sampler, trials), load_dataset("digits")
    clock: list[float] = []
    cpu: list[float] = []

    def note(progress: SweepProgress) -> None:
        clock.append(perf_counter())
        cpu.append(process_time())

    run_sweep(config, dataset, folder, on_progress=note, workers=RunnerWorkers())
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = perf_counter()
    run_sweep(config, dataset, folder, workers=RunnerWorkers())
    found = {"trials": trials, "seconds": clock[-1] - clock[0], "megabytes": megabytes}
    for name, times in (("clock", clock), ("cpu", cpu)):
        early, late = (1e3 * (times[n + WINDOW] - times[n]) / WINDOW for n in (50, trials - WINDOW))
        found |= {f"{name}_ms_at_100": early, f"{name}_ms_at_end": late}
    return {**found, "resume_seconds": perf_counter() - started}


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description="Cost of a sweep besides training.")
    parser.add_argument("--sampler", default="random")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary) / "run"
        found = measure(arguments.sampler, arguments.trials, folder)
    print(json.dumps({key: round(value, 2) for key, value in found.items()}))


if __name__ == "__main__":
    main()
