"""A small run folder, written by hand, and a writer for others.

The folder is what `sweeps` leaves behind, made here without it, so that the two can disagree.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.support.in_process import compute_reports_in_process
from tests.support.records import environment_json

WriteRun = Callable[..., Path]

TOML = """
[sweep]
name = "small"
trials = 5
seed = 1
sampler = "tpe"
generation = 8
replicates = 1

[data]
name = "mnist-5k"

[training]
epochs = 3

[space]
learning_rate = { low = 0.01, high = 10.0, log = true }
hidden_units = { low = 10, high = 100, step = 10 }
mini_batch_size = { choices = [5, 10, 20] }
cost = { choices = ["quadratic", "cross-entropy"] }
"""
CONDITIONAL = TOML.replace("step = 10", 'step = 10, when = { cost = "cross-entropy" }').replace(
    "20]", '20], when = { cost = "quadratic" }'
)
CONDITIONAL_TRIALS = (
    "0,complete,0.9,2,2,max_epochs,0.1,,10,quadratic",
    "1,complete,0.8,1,1,max_epochs,0.2,30,,cross-entropy",
)
TRIALS_HEADER = (
    "number,state,value,best_epoch,epochs,stop_reason,"
    "learning_rate,hidden_units,mini_batch_size,cost"
)
TRIALS = (
    "0,complete,0.9,2,2,max_epochs,0.1,30,10,quadratic",
    "1,complete,0.0,,1,diverged,10.0,100,5,quadratic",
    "2,failed,,,0,error,1.0,50,20,cross-entropy",
    "3,complete,0.95,3,3,max_epochs,1.0,60,10,cross-entropy",
    "4,complete,0.925,1,2,no_improvement,0.5,20,20,cross-entropy",
)
EPOCHS_HEADER = (
    "trial,replicate,epoch,learning_rate,train_cost,train_accuracy,"
    "validation_cost,validation_accuracy"
)
EPOCHS = (
    "0,0,1,0.1,0.5,,0.6,0.85",
    "0,0,2,0.1,0.4,,0.5,0.9",
    "1,0,1,10.0,nan,,inf,0.1",
    "3,0,1,1.0,0.3,,0.4,0.94",
    "3,0,2,1.0,0.2,,0.3,0.93",
    "3,0,3,1.0,0.1,,0.2,0.95",
    "4,0,1,0.5,0.3,,0.4,0.925",
    "4,0,2,0.5,0.2,,0.3,0.92",
)
TIMINGS_HEADER = "number,started,seconds,worker"
TIMINGS = (
    "0,2026-01-02T03:04:05+00:00,1.5,a",
    "1,2026-01-02T03:04:06.500+00:00,0.5,b",
)


DATA = {"name": "mnist-5k", "sha256": "a" * 64}


def _csv(header: str, rows: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in (header, *rows))


def _write(
    folder: Path,
    toml: str = TOML,
    trials: Iterable[str] = TRIALS,
    epochs: Iterable[str] = EPOCHS,
    trials_header: str = TRIALS_HEADER,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sweep.toml").write_text(toml, encoding="utf-8")
    (folder / "trials.csv").write_text(_csv(trials_header, trials), encoding="utf-8")
    (folder / "epochs.csv").write_text(_csv(EPOCHS_HEADER, epochs), encoding="utf-8")
    (folder / "timings.csv").write_text(_csv(TIMINGS_HEADER, TIMINGS), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    compute_reports_in_process(monkeypatch)


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """Return a function that writes a run folder, each part replaceable, and returns its path."""
    return partial(_write, tmp_path / "runs" / "small")


@pytest.fixture
def runs(write_run: WriteRun, tmp_path: Path) -> Callable[..., list[Path]]:
    """Return a function that makes run folders by name, each with changes, on one data set."""

    def make(**changes: dict[str, Any]) -> list[Path]:
        folders = []
        for name, change in changes.items():
            folder = tmp_path / name
            toml = change.get("toml", lambda text: text)
            trials, epochs = change.get("trials"), change.get("epochs")
            given = {"trials": trials, "epochs": epochs}
            made = write_run(**{k: v for k, v in given.items() if v is not None})
            path = made / "sweep.toml"
            path.write_text(toml(path.read_text()))
            facts = {"data": change.get("data", DATA), "resumed": change.get("resumed", [])}
            (made / "environment.json").write_text(json.dumps(environment_json(**facts)))
            if "confirmation" in change:
                change["confirmation"].write(made / "confirmation.json")
            shutil.move(made, folder)
            folders.append(folder)
        return folders

    return make


@pytest.fixture
def short() -> list[str]:
    """Return the rows of three trials, the best of them the last."""
    return [
        "0,complete,0.8,2,2,max_epochs,0.1,30,10,quadratic",
        "1,pruned,0.7,1,1,pruned,0.2,30,10,quadratic",
        "2,complete,0.96,3,3,max_epochs,0.3,30,10,quadratic",
    ]


@pytest.fixture
def toml() -> str:
    """Return the sweep file of the small run, to be changed."""
    return TOML


@pytest.fixture
def conditional_run(write_run: WriteRun) -> Path:
    """Return a run in which each of two trials lacks one hyperparameter."""
    return write_run(toml=CONDITIONAL, trials=CONDITIONAL_TRIALS, epochs=())


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one run folder for all tests that change nothing in it."""
    return _write(tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture
def ax() -> Axes:
    """Return empty axes that belong to no global figure."""
    return Figure().subplots()


@pytest.fixture
def make_trials() -> Callable[..., pd.DataFrame]:
    """Return a function that makes a trials frame; None as a value is a trial that failed.

    A trial that diverged with the value 0 has learned nothing: its best epoch is 0.
    """

    def make(values: list[float | None], diverged: Iterable[int] = (), **parameters: list[object]):
        return pd.DataFrame(
            {
                "number": range(len(values)),
                "state": ["failed" if value is None else "complete" for value in values],
                "value": pd.Series(values, dtype="float64"),
                "score": pd.Series(values, dtype="float64"),
                "best_epoch": pd.Series(
                    [
                        0 if not value and i in set(diverged) else 1
                        for i, value in enumerate(values)
                    ],
                    dtype="Int64",
                ),
                "stop_reason": [
                    "diverged" if i in set(diverged) else "max_epochs" for i in range(len(values))
                ],
                **parameters,
            }
        )

    return make


def _many(folder: Path, count: int) -> Path:
    """Write a run of `count` trials: number 17 is the best, 5 diverged, and the last one failed."""
    trials, epochs = [], []
    for n in range(count):
        value = 0.967 - 0.002 * abs(n - 17) - 0.0001 * (n > 17)
        cost = "quadratic" if n % 2 == 0 else "cross-entropy"
        params = f"{0.01 * 1.055**n},{10 + 10 * (n % 10)},{(5, 10, 20)[n % 3]},{cost}"
        if n == count - 1:
            trials.append(f"{n},failed,,,0,error,{params}")
            continue
        reason = "diverged" if n == 5 else "max_epochs"
        trials.append(f"{n},complete,{value},3,3,{reason},{params}")
        for e in (1, 2, 3):
            train = f"{0.4 - 0.1 * e},{0.96 + 0.01 * e}"
            epochs.append(f"{n},0,{e},0.1,{train},{0.8 - 0.2 * e},{value + 0.05 * (e - 3)}")
    folder.mkdir(parents=True)
    (folder / "sweep.toml").write_text(TOML.replace("trials = 5", f"trials = {count}"), "utf-8")
    (folder / "trials.csv").write_text(_csv(TRIALS_HEADER, trials), "utf-8")
    (folder / "epochs.csv").write_text(_csv(EPOCHS_HEADER, epochs), "utf-8")
    return folder


@pytest.fixture(scope="session")
def make_run_of() -> Callable[[Path, int], Path]:
    """Return a function that writes a run of many trials into a folder, and returns the folder."""
    return _many
