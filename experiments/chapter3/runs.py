"""What an arm's runs measured, as arrays: rows are seeds, columns epochs.

Studies check, draw and tabulate these; nothing here knows where they were kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.chapter3.arms import Arm
from nncore.arrays.layout import Array
from nncore.model import Model
from nncore.training import EpochRecord
from sweeps.trial import TrialOutcome

N_TEST = 10_000  # what the author's costs on test data divide λ by


@dataclass(frozen=True)
class ArmRuns:
    """The runs of one arm, by seed; `models` are their networks, if the arm keeps them."""

    arm: Arm
    n_train: int
    outcomes: tuple[TrialOutcome, ...]
    models: tuple[Model, ...] = ()

    def curve(self, metric: str) -> NDArray[np.float64]:
        """Return `(seeds, epochs)` of a field of `EpochRecord`; NaN after a run's end.

        "train_objective" and "test_objective" are the costs as the book publishes them: with the
        L2 term, whose λ is divided by the size of the set that is scored.
        """
        rows = [[_value(r, metric, self.n_train) for r in o.curves[0]] for o in self.outcomes]
        curve = np.full((len(rows), max(map(len, rows))), np.nan)
        for line, row in zip(curve, rows, strict=True):
            line[: len(row)] = row
        return curve

    def best(self, metric: str) -> Array:
        """Return the best value of an accuracy over the epochs, `(seeds,)`, as the book quotes."""
        best: Array = np.nanmax(self.curve(metric), axis=1)
        return best

    def last(self, metric: str) -> Array:
        """Return the value after the last epoch, `(seeds,)`."""
        return np.array([_value(o.curves[0][-1], metric, self.n_train) for o in self.outcomes])

    def train_seconds(self) -> NDArray[np.float64]:
        """Return `(seeds, epochs)` of seconds spent on training up to each epoch's end."""
        seconds: NDArray[np.float64] = np.cumsum(self.curve("train_seconds"), axis=1)
        return seconds


Runs = Mapping[str, ArmRuns]
"""The runs of a study, by the names of its arms."""


def _value(record: EpochRecord, metric: str, n_train: int) -> float:
    if metric == "train_objective":
        return (record.train_cost or np.nan) + record.penalty
    if metric == "test_objective":
        return (record.test_cost or np.nan) + record.penalty * n_train / N_TEST
    value = getattr(record, metric)
    return float("nan") if value is None else float(value)


def epochs_to(curves: NDArray[np.float64], goal: float) -> Array:
    """Return for each row the first epoch, from 1, whose value reaches `goal`; NaN if none does."""
    reached = curves >= goal
    first: Array = np.argmax(reached, axis=1) + 1.0
    first[~reached.any(axis=1)] = np.nan
    return first


def chosen(runs: Sequence[ArmRuns]) -> ArmRuns:
    """Return the arm whose best validation accuracy is highest on average: how a setting is tuned.

    The first of equals is taken.
    """
    return max(runs, key=lambda arm: float(np.mean(arm.best("validation_accuracy"))))
