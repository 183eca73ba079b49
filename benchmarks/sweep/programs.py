"""One sweep three times: with this project, with Optuna and scikit-learn, with Optuna and PyTorch.

Each trains the same configurations for the same epochs with two single-threaded workers, and scores
the validation data after every epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import optuna
from optuna.storages.journal import JournalFileBackend, JournalStorage
from optuna.trial import TrialState

from benchmarks.peers.catalogue import PROGRAMS
from benchmarks.support.sweep_process import timed_sweep
from benchmarks.support.task import BenchmarkTask, accuracy
from nncore.datasets import load_dataset
from results.frames import read_run
from sweeps.config import SweepConfig, parse_config

WORKERS = 2
SPACE: dict[str, dict[str, Any]] = {
    "learning_rate": {"low": 0.01, "high": 10.0, "log": True},
    "lmbda": {"low": 0.01, "high": 100.0, "log": True},
    "mini_batch_size": {"choices": [5, 10, 20, 50, 100]},
    "hidden_units": {"low": 10, "high": 100, "step": 10},
}
"""The numbers that the ready sweep of `nnsweep run` searches, over the same ranges."""

Params = dict[str, Any]


@dataclass(frozen=True)
class Swept:
    """The result of a sweep: its points in the order of their numbers, and the best accuracy."""

    points: list[Params]
    best: float


def sweep_config(data: str, configurations: int, epochs: int) -> SweepConfig:
    """Return the sweep; all its trials are one generation, drawn before any is trained."""
    section = {"name": "benchmark", "trials": configurations, "generation": configurations}
    return parse_config(
        {
            "sweep": {**section, "seed": 1},
            "data": {"name": data},
            "training": {"epochs": epochs, "monitor_training": False},
            "space": SPACE,
        }
    )


def ours(config: SweepConfig, folder: Path) -> Swept:
    """Run the sweep through this project, into the run folder `folder`."""
    timed_sweep(config, folder, WORKERS)
    trials = read_run(folder).trials
    points = [{name: _plain(trial[name]) for name in SPACE} for trial in trials.to_dict("records")]
    return Swept(points, float(trials["value"].max()))


def through_optuna(
    program: str, config: SweepConfig, points: Sequence[Params], journal: Path
) -> Swept:
    """Run `points` as an Optuna study in the file `journal`, whose trials `program` trains."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(storage=_storage(journal), study_name="peer", direction="maximize")
    for point in points:
        study.enqueue_trial(point)
    _run_workers(program, config, len(points), journal)
    trials = study.get_trials(states=[TrialState.COMPLETE])
    return Swept([dict(trial.params) for trial in trials], study.best_value)


def optuna_worker(program: str, config: SweepConfig, queued: int, journal: Path) -> None:
    """Train trials of the study in `journal` until the `queued` ones are taken."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    dataset = load_dataset(config.data.source, verify=False)
    study = optuna.load_study(storage=_storage(journal), study_name="peer")

    def objective(trial: optuna.Trial) -> float:
        if trial.number >= queued:  # the queue is empty, so Optuna proposed this point
            study.stop()
            raise optuna.TrialPruned
        task = BenchmarkTask(
            learning_rate=trial.suggest_float("learning_rate", **SPACE["learning_rate"]),
            lmbda=trial.suggest_float("lmbda", **SPACE["lmbda"]),
            mini_batch_size=trial.suggest_categorical(
                "mini_batch_size", **SPACE["mini_batch_size"]
            ),
            hidden_units=(trial.suggest_int("hidden_units", **SPACE["hidden_units"]),),
        )
        peer = PROGRAMS[program].load(dataset.train, task)
        accuracies = []
        for _ in range(config.training["epochs"]):
            peer.epoch()
            accuracies.append(accuracy(peer.layers(), dataset.validation))
        return max(accuracies)

    study.optimize(objective)


def _storage(journal: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(journal)))


def _plain(value: Any) -> Any:
    """Return a NumPy number as a Python number."""
    return value.item() if hasattr(value, "item") else value


def _run_workers(*arguments: Any) -> None:
    """Run `optuna_worker(*arguments)` in new processes; raise if one of them fails."""
    start = get_context("spawn").Process
    workers = [start(target=optuna_worker, args=arguments) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    codes = [worker.exitcode for worker in workers]
    if any(codes):
        raise RuntimeError(f"the workers of Optuna must end with exit code 0, got {codes}")
