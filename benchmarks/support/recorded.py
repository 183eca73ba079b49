"""A real sweep, recorded once: the curves and seconds of 96 trials, `recorded_sweep.csv`.

It is the default sweep of `nnsweep run`, with 30 epochs, no early stopping and generations of 16.
`python -m benchmarks.support.recorded` records it again; the seconds then differ.
"""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from nncore.config import TrialConfig
from nncore.datasets import load_dataset
from sweeps.config import SweepConfig, load_config
from sweeps.pruners.rules import should_prune
from sweeps.records.run_folder import open_folder
from sweeps.scores import new_pruner_history
from sweeps.space.dimensions import Params
from sweeps.sweep import run_sweep
from sweeps.trial import Result, TrialState
from sweeps.workers.local import LocalWorkers, available_cores

FILE = Path(__file__).with_name("recorded_sweep.csv")
EPOCHS, TRIALS, GENERATION = 30, 96, 16
EXAMPLES = 750  # of the validation set of mnist-5k: accuracies are counts of these


@dataclass(frozen=True)
class Recorded:
    """One trial: the parts of its config that determine its duration, its seconds and its curve."""

    config: TrialConfig
    seconds: float
    curve: tuple[float, ...]


def recorded_config(**changes: Any) -> SweepConfig:
    """Return the sweep that was recorded, with changes such as `sweep__pruner="median"`."""
    keys: dict[str, Any] = {"training.epochs": EPOCHS, "training.early_stopping": 0}
    keys |= {"sweep.trials": TRIALS, "sweep.generation": GENERATION, "sweep.pruner": "none"}
    keys |= {key.replace("__", "."): value for key, value in changes.items()}
    with as_file(files("experiments.sweep_files") / "first.toml") as path:
        return load_config(path, **keys)


def read_recorded() -> list[Recorded]:
    """Return the trials that were recorded, in their order."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return [_trial(row) for row in csv.DictReader(file)]


def _trial(row: dict[str, str]) -> Recorded:
    widths = (int(row["hidden_units"]),)
    config = TrialConfig(
        epochs=EPOCHS, mini_batch_size=int(row["mini_batch_size"]), hidden_units=widths
    )
    curve = tuple(int(row[f"correct_{n}"]) / EXAMPLES for n in range(1, EPOCHS + 1))
    return Recorded(config, float(row["seconds"]), curve)


def replay(config: SweepConfig, curves: Sequence[Sequence[float]]) -> list[Result]:
    """Return the results of trials with these `curves`, which only pruning may end early."""
    history, results = new_pruner_history(config), list[Result]()
    size = config.sweep.generation
    for first in range(0, len(curves), size):
        snapshot = history.snapshot()
        for number, curve in enumerate(curves[first : first + size], first):
            stops = (
                epoch
                for epoch in range(1, len(curve))
                if snapshot and should_prune(snapshot, number, curve[:epoch])
            )
            epochs = next(stops, None)
            state = TrialState.COMPLETE if epochs is None else TrialState.PRUNED
            results.append(Result(state, max(curve[:epochs]), epochs or len(curve)))
        for number, curve in enumerate(curves[first : first + size], first):
            history.add(number, results[number], curve[: results[number].epochs])
    return results


def trained(
    config: SweepConfig,
) -> tuple[list[tuple[Params, Result]], list[list[float]], list[float]]:
    """Run a sweep on all cores; return its trials, their mean curves and their seconds."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "run"
        dataset = load_dataset(config.data.source)
        run_sweep(config, dataset, folder, workers=LocalWorkers(available_cores()))
        with open_folder(folder, config) as run:
            trials, curves = run.recorded(config.space), run.mean_curves()
        timings = csv.DictReader((folder / "timings.csv").read_text().splitlines())
        return trials, curves, [float(row["seconds"]) for row in timings]


def record() -> None:
    """Run the sweep and write the file."""
    trials, curves, seconds = trained(recorded_config())
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        counts = [f"correct_{n}" for n in range(1, EPOCHS + 1)]
        writer.writerow(["number", "mini_batch_size", "hidden_units", "seconds", *counts])
        for number, (params, _) in enumerate(trials):
            correct = [round(EXAMPLES * accuracy) for accuracy in curves[number]]
            correct += correct[-1:] * (EPOCHS - len(correct))  # it diverged
            size, width = params["mini_batch_size"], params["hidden_units"]
            writer.writerow([number, size, width, seconds[number], *correct])


if __name__ == "__main__":
    record()
