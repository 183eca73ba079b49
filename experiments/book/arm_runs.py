"""The measurements of the runs of an arm, as arrays: rows are seeds, columns are epochs.

Studies judge, draw and tabulate these arrays; nothing here knows where runs are stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.book.arms import Arm
from nncore.arrays.layout import Array
from nncore.model import Model
from sweeps.trial import StopReason

N_TEST = 10_000  # the author's costs on test data divide λ by this number


@dataclass(frozen=True, kw_only=True)
class ArmOutcome:
    """One finished run of an arm: the training of a network, the fit of an SVM, or a search.

    Parameters
    ----------
    value
        Best validation accuracy of the run, a fraction.
    best_step
        The step that reached `value`, from 1; 0 if none did. A step is an epoch of a network or a
        trial of a search; an SVM has a single one.
    stop_reason
        Why the run ended.
    steps
        The steps that the curves have values for, in order; the last one ended the run.
    curves
        Named values, each as long as `steps`: those fields of `EpochRecord` that were measured. A
        search has the best validation accuracy so far, and at its last step `winner_accuracy`, that
        of its best trial on fresh seeds. An SVM has its validation accuracy.
    started, seconds, worker
        When the run began (UTC, ISO 8601), how long it took, and in which process.
    model
        The network of the best epoch, if the arm keeps it.
    """

    value: float
    best_step: int
    stop_reason: StopReason
    steps: tuple[int, ...]
    curves: Mapping[str, tuple[float | None, ...]]
    started: str
    seconds: float
    worker: int
    model: Model | None = None

    def curve(self, metric: str) -> NDArray[np.float64]:
        """Return the values of `metric`, one per step; NaN where it was not measured."""
        values = self.curves.get(metric, (None,) * len(self.steps))
        return np.array([np.nan if value is None else value for value in values])


@dataclass(frozen=True)
class ArmRuns:
    """The runs of one arm, by seed.

    `n_train` is the number of training images; `models` are the networks, if the arm keeps them.
    """

    arm: Arm
    n_train: int
    outcomes: tuple[ArmOutcome, ...]
    models: tuple[Model, ...] = ()

    def curve(self, metric: str) -> NDArray[np.float64]:
        """Return the values of a metric over the epochs.

        Parameters
        ----------
        metric
            A curve of `ArmOutcome`, or "train_objective" or "test_objective": the costs as the book
            publishes them, with an L2 term whose λ is divided by the size of the set that is
            scored.

        Returns
        -------
        NDArray
            `(seeds, epochs)`; NaN after the end of a run, and where the metric was not measured.
        """
        rows = [self._measured(outcome, metric) for outcome in self.outcomes]
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
        return np.array([self._measured(outcome, metric)[-1] for outcome in self.outcomes])

    def train_seconds(self) -> NDArray[np.float64]:
        """Return `(seeds, epochs)`: seconds of training up to the end of each epoch."""
        seconds: NDArray[np.float64] = np.cumsum(self.curve("train_seconds"), axis=1)
        return seconds

    def _measured(self, outcome: ArmOutcome, metric: str) -> NDArray[np.float64]:
        if metric == "train_objective":
            return outcome.curve("train_cost") + outcome.curve("penalty")
        if metric == "test_objective":
            return outcome.curve("test_cost") + outcome.curve("penalty") * self.n_train / N_TEST
        return outcome.curve(metric)


Runs = Mapping[str, ArmRuns]
"""The runs of a study, by the names of its arms."""


def epochs_to(curves: NDArray[np.float64], goal: float) -> Array:
    """Return the epoch in which each run first reaches a goal.

    Parameters
    ----------
    curves
        `(seeds, epochs)`.
    goal
        The value to reach.

    Returns
    -------
    Array
        `(seeds,)`: epochs from 1; NaN for a run that never reaches the goal.
    """
    reached = curves >= goal
    first: Array = np.argmax(reached, axis=1) + 1.0
    first[~reached.any(axis=1)] = np.nan
    return first


def best_validated(runs: Sequence[ArmRuns]) -> ArmRuns:
    """Return the arm whose best validation accuracy is highest on average.

    Studies that compare tuned settings choose each setting's learning rate with it.

    Parameters
    ----------
    runs
        The candidates; the first of equals is taken.
    """
    return max(runs, key=lambda arm: float(np.mean(arm.best("validation_accuracy"))))


def held_out_best(runs: Sequence[ArmRuns]) -> Array:
    """Return the best validation accuracy of each seed, in the arm that the other seeds choose.

    A run then takes no part in the choice by which it is judged, so the choice does not bias it.

    Parameters
    ----------
    runs
        The candidates; the first of equals is taken.

    Returns
    -------
    Array
        `(seeds,)`. A single seed has to choose for itself.
    """
    accuracies = np.array([arm.best("validation_accuracy") for arm in runs])
    seeds = accuracies.shape[1]
    others = np.ones((seeds, seeds)) - (np.eye(seeds) if seeds > 1 else 0.0)
    # Rounded, so that arms with the same accuracies in another order are equal.
    chosen = np.argmax((accuracies @ others).round(9), axis=0)
    best: Array = accuracies[chosen, range(seeds)]
    return best
