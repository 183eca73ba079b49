"""The pruning rules: each decides exactly as Optuna's pruner of that name does in a serial study.

A worker decides from the trial's own curve and a small snapshot, which `sweeps.pruners.history`
makes from the trials of earlier generations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol
from zlib import crc32

STUDY_NAME = "nnsweep"
"""Optuna's hyperband hashes the study's name with a trial's number; this name must not change."""

Curve = Sequence[float]
"""Mean validation accuracies over the replicates, one per epoch from the first."""


class PrunerRule(Protocol):
    """A pruner as a worker uses it: plain numbers from which it decides."""

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether trial `number` ends now; `asked` are the epochs it was tested at."""


@dataclass(frozen=True)
class PrunerSnapshot:
    """The data from which a worker decides for the trials of one generation."""

    patience: int
    rule: PrunerRule | None


def should_prune(snapshot: PrunerSnapshot, number: int, curve: Curve) -> bool:
    """Return whether trial `number` ends after the last epoch of its `curve`.

    With a patience, the pruner is asked only at epochs at which the patience has run out.
    """
    asked = epochs_without_patience(curve, snapshot.patience)
    if len(curve) not in asked:
        return False
    return snapshot.rule is None or snapshot.rule.prunes(number, curve, asked)


def epochs_without_patience(curve: Curve, patience: int) -> Sequence[int]:
    """Return the epochs that end `patience` + 1 accuracies which are all below the best before.

    If `patience` is 0, return all epochs.
    """
    if patience == 0:
        return range(1, len(curve) + 1)
    best = list(accumulate(curve, max))
    return [
        epoch
        for epoch in range(patience + 2, len(curve) + 1)
        if best[epoch - patience - 2] > max(curve[epoch - patience - 1 : epoch])
    ]


@dataclass(frozen=True)
class Median:
    """The median stopping rule: a trial ends if its best accuracy is below the median at its epoch.

    `medians` are the medians of the complete trials, by epoch. Source: Golovin et al., Google
    Vizier, 2017.
    """

    medians: tuple[float, ...]
    n_warmup_steps: int

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the best of `curve` is below the median at its last epoch."""
        epoch = len(curve)
        if epoch < self.n_warmup_steps or epoch > len(self.medians):
            return False
        return max(curve) < self.medians[epoch - 1]


@dataclass(frozen=True)
class Halving:
    """Successive halving: of the trials that reach a rung, one in `factor` is promoted.

    Rung k is at epoch `first` · factor^k; `first` is None until the rungs are set up. `bars` holds
    the least accuracy that is promoted from each rung so far. Sources: Jamieson & Talwalkar 2016;
    Li et al., A system for massively parallel hyperparameter tuning, 2020, algorithm 2.
    """

    first: int | None
    factor: int
    bars: tuple[float, ...]

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the trial is not promoted from the last rung that it reached."""
        reached = self.rungs_reached(curve, asked)
        return bool(reached) and not self._is_promoted(len(reached) - 1, reached[-1])

    def rungs_reached(self, curve: Curve, asked: Sequence[int]) -> list[float]:
        """Return the accuracy with which a trial reached each of its rungs, in their order."""
        reached: list[float] = []
        if self.first is None:
            return reached
        for epoch in asked:
            while epoch >= self.first * self.factor ** len(reached):
                reached.append(curve[epoch - 1])
                if not self._is_promoted(len(reached) - 1, reached[-1]):
                    return reached
        return reached

    def _is_promoted(self, rung: int, accuracy: float) -> bool:
        return rung >= len(self.bars) or accuracy >= self.bars[rung]


@dataclass(frozen=True)
class Hyperband:
    """Several successive halvings in parallel, each with a later first rung than the last.

    A hash of its number assigns a trial to one of the `brackets`, in the ratio of `shares`. Source:
    Li et al., Hyperband, 2017, algorithm 1.
    """

    brackets: tuple[Halving, ...]
    shares: tuple[int, ...]

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the trial is not promoted from the last rung that it reached."""
        return self.brackets[bracket_of(number, self.shares)].prunes(number, curve, asked)


def bracket_of(number: int, shares: Sequence[int]) -> int:
    """Return the bracket of trial `number`; bracket k gets `shares[k]` of every `sum(shares)`."""
    draw = crc32(f"{STUDY_NAME}_{number}".encode()) % sum(shares)
    return next(k for k, end in enumerate(accumulate(shares)) if draw < end)


@dataclass(frozen=True)
class Threshold:
    """The threshold rule: a trial ends if its accuracy is out of bounds."""

    lower: float
    upper: float
    n_warmup_steps: int

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the last accuracy of `curve` is out of bounds."""
        return len(curve) >= self.n_warmup_steps and not self.lower <= curve[-1] <= self.upper


@dataclass(frozen=True)
class Rung:
    """The end of a training at a rung of the promotion pruner, which decides on the trial later."""

    epoch: int

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the trial has reached the rung."""
        return len(curve) == self.epoch
