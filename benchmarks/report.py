"""Time, memory and size of a report: `python -m benchmarks.report [TRIALS [EPOCHS]]`.

The run is made up, with a known best point and trials that end in every possible way. `show`
and `report` then run in new processes, as for a user. Processor time is that of all processes.
"""

import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nncore.datasets import load_dataset
from sweeps.environment import environment
from sweeps.records.environment_record import EnvironmentRecord
from sweeps.trial import StopReason, TrialState

TOML = """
[sweep]
name = "made-up"
trials = {trials}
seed = 1

[data]
name = "mnist-5k"

[training]
epochs = {epochs}
early_stopping = 10

[space]
learning_rate = {{ low = 0.01, high = 10.0, log = true }}
lmbda = {{ low = 0.01, high = 100.0, log = true }}
mini_batch_size = {{ choices = [5, 10, 20, 50, 100] }}
hidden_units = {{ low = 10, high = 100, step = 10 }}
cost = {{ choices = ["quadratic", "cross-entropy"] }}
init = {{ choices = ["large", "scaled"] }}
"""
WORKERS = 4
PRUNED, FAILED = 0.35, 0.01  # fractions of trials that are pruned, or fail


def write_run(folder: Path, trials: int, epochs: int) -> None:
    """Write a run folder of `trials` made-up trials of up to `epochs` epochs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sweep.toml").write_text(TOML.format(trials=trials, epochs=epochs), "utf-8")
    rng = np.random.default_rng(1)
    rate, lmbda = 10 ** rng.uniform(-2, 1, trials), 10 ** rng.uniform(-2, 2, trials)
    units = 10 * rng.integers(1, 11, trials)
    size = rng.choice([5, 10, 20, 50, 100], trials)
    cost, init = rng.integers(0, 2, (2, trials))
    away = 0.25 * np.log10(rate) ** 2 + 0.05 * (np.log10(lmbda) - 0.5) ** 2 + 0.6 / units
    final = np.clip(0.97 - 0.12 * away - 0.01 * cost + 0.008 * init, 0.1, 0.99)
    ends = _ends(rng, rate, trials)
    lines: dict[str, list[str]] = {"trials": [], "epochs": [], "timings": []}
    free = np.zeros(WORKERS)
    for number in range(trials):
        reason = ends[number]
        length = 0 if reason == StopReason.ERROR else epochs
        if reason in (StopReason.DIVERGED, StopReason.PRUNED):
            length = int(rng.integers(1, max(epochs // 2, 2)))
        curve = final[number] * (1 - 0.5 * np.exp(-0.4 * np.arange(1, length + 1)))
        curve = np.clip(curve + rng.normal(0, 0.004, length), 0, 1)
        lines["epochs"] += _epoch_lines(number, rate[number], curve, reason)
        best = int(curve.argmax()) + 1 if length else 0
        state = _STATES.get(reason, TrialState.COMPLETE)
        head = [number, state, *([curve[best - 1], best] if length else ["", ""]), length, reason]
        names = [("quadratic", "cross-entropy")[cost[number]], ("large", "scaled")[init[number]]]
        given = [rate[number], lmbda[number], size[number], units[number], *names]
        lines["trials"].append(",".join(map(str, [*head, *given])))
        worker = int(free.argmin())
        seconds = 0.05 + 0.02 * length
        since = np.timedelta64(int(1e3 * free[worker]), "ms")
        started = np.datetime64("2026-01-02T03:04:05") + since
        lines["timings"].append(f"{number},{started}+00:00,{seconds:.3f},{1000 + worker}")
        free[worker] += seconds
    for name, header in HEADERS.items():
        (folder / f"{name}.csv").write_text("\n".join([header, *lines[name]]) + "\n", "utf-8")
    facts = environment(load_dataset("mnist-5k"), seed=1)
    EnvironmentRecord.model_validate(facts).write(folder / "environment.json")


_STATES: dict[str, TrialState] = {
    StopReason.ERROR: TrialState.FAILED,
    StopReason.PRUNED: TrialState.PRUNED,
}

HEADERS = {
    "trials": "number,state,value,best_epoch,epochs,stop_reason,"
    "learning_rate,lmbda,mini_batch_size,hidden_units,cost,init",
    "epochs": "trial,replicate,epoch,learning_rate,train_cost,train_accuracy,"
    "validation_cost,validation_accuracy",
    "timings": "number,started,seconds,worker",
}


def _ends(rng: np.random.Generator, rate: NDArray[np.float64], trials: int) -> list[str]:
    """Return how each trial ended; above a learning rate of 5 half of them diverged."""
    drawn = rng.uniform(size=trials)
    reasons = np.where(drawn < PRUNED, StopReason.PRUNED, StopReason.MAX_EPOCHS)
    reasons = np.where(drawn < FAILED, StopReason.ERROR, reasons)
    wild = (rate > 5) & (rng.uniform(size=trials) < 0.5)
    found: list[str] = np.where(wild, StopReason.DIVERGED, reasons).tolist()
    return found


def _epoch_lines(number: int, rate: float, curve: NDArray[np.float64], reason: str) -> list[str]:
    lines = []
    for epoch, accuracy in enumerate(curve.tolist(), start=1):
        error = 1 - accuracy
        cost = f"{3 * error},{accuracy + 0.4 * error},{4 * error},{accuracy}"
        if reason == StopReason.DIVERGED and epoch == len(curve):
            cost = "nan,0.1,inf,0.1"
        lines.append(f"{number},0,{epoch},{rate},{cost}")
    return lines


def main(arguments: list[str]) -> None:
    """Make a run, show it and write its report; print seconds, peak memory and size."""
    trials, epochs = (*map(int, arguments), *(10_000, 30)[len(arguments) :])
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept) / "made-up"
        write_run(folder, trials, epochs)
        shown = _seconds("show", folder)
        written = _seconds("report", folder)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = (folder / "report.html").stat().st_size / 1e6
    print(f"{trials} trials x {epochs} epochs")
    print(f"show: {shown}")
    print(f"report: {written}; {peak:.0f} MiB, {size:.1f} MB")


def _seconds(command: str, folder: Path) -> str:
    """Run a command on a run folder, and return its elapsed and its processor time as text."""
    words = [str(Path(sysconfig.get_path("scripts"), "nnsweep")), command, str(folder)]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    elapsed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{elapsed:.2f} s, {used:.2f} s of processor time"


if __name__ == "__main__":
    main(sys.argv[1:])
