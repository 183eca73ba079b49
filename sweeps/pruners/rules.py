"""When to give a trial up: every pruner decides as Optuna's of that name does in a serial study.

A worker decides from its own curve and a small table, which `pruning_history` makes from the trials
of earlier generations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol
from zlib import crc32

STUDY_NAME = "nnsweep"
"""What Optuna's hyperband would hash beside a trial's number; any name is right if it stays."""

Curve = Sequence[float]
"""Mean validation accuracies over the replicates, one per epoch from the first."""


class Rule(Protocol):
    """A pruner as a worker holds it: plain numbers, ready to decide."""

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether trial `number` ends here; `asked` are the epochs of which it was asked."""


@dataclass(frozen=True)
class Table:
    """All that a worker needs to decide for the trials of one generation."""

    patience: int
    rule: Rule | None


def should_prune(table: Table, number: int, curve: Curve) -> bool:
    """Return whether trial `number` ends after the last epoch of its `curve`.

    Where there is patience, the pruner is asked only at epochs at which it has run out.
    """
    asked = epochs_without_patience(curve, table.patience)
    if len(curve) not in asked:
        return False
    return table.rule is None or table.rule.prunes(number, curve, asked)


def epochs_without_patience(curve: Curve, patience: int) -> Sequence[int]:
    """Return the epochs whose last `patience` + 1 accuracies all fall short of the best before.

    Without patience, 0, these are all epochs.
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
    """The median stopping rule: a trial whose best so far is below the median at its epoch ends.

    `medians` are those of the complete trials, by epoch. Source: Golovin et al., Google Vizier,
    2017.
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
    """Successive halving: of the trials that come to a rung, one in `factor` goes on.

    Rung k is at epoch `first` · factor^k, `first` None as long as no rung is set up; `bars` are the
    least accuracies that go on from each rung, so far. Sources: Jamieson & Talwalkar 2016;
    Li et al., A system for massively parallel hyperparameter tuning, 2020, algorithm 2.
    """

    first: int | None
    factor: int
    bars: tuple[float, ...]

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the trial stays on the rung that it has come to."""
        climbed = self.climb(curve, asked)
        return bool(climbed) and not self._goes_on(len(climbed) - 1, climbed[-1])

    def climb(self, curve: Curve, asked: Sequence[int]) -> list[float]:
        """Return the accuracies with which a trial came to its rungs, one after the other."""
        climbed: list[float] = []
        if self.first is None:
            return climbed
        for epoch in asked:
            while epoch >= self.first * self.factor ** len(climbed):
                climbed.append(curve[epoch - 1])
                if not self._goes_on(len(climbed) - 1, climbed[-1]):
                    return climbed
        return climbed

    def _goes_on(self, rung: int, accuracy: float) -> bool:
        return rung >= len(self.bars) or accuracy >= self.bars[rung]


@dataclass(frozen=True)
class Hyperband:
    """Several successive halvings side by side, each with a later first rung than the one before.

    Trials fall to the `brackets` in the ratio of `shares`, by a hash of their numbers. Source: Li
    et al., Hyperband, 2017, algorithm 1.
    """

    brackets: tuple[Halving, ...]
    shares: tuple[int, ...]

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the trial stays on the rung of its bracket that it has come to."""
        return self.brackets[bracket_of(number, self.shares)].prunes(number, curve, asked)


def bracket_of(number: int, shares: Sequence[int]) -> int:
    """Return the bracket of trial `number`; bracket k gets `shares[k]` trials of their sum."""
    draw = crc32(f"{STUDY_NAME}_{number}".encode()) % sum(shares)
    return next(k for k, end in enumerate(accumulate(shares)) if draw < end)


@dataclass(frozen=True)
class Threshold:
    """A trial ends whose accuracy is out of bounds."""

    lower: float
    upper: float
    n_warmup_steps: int

    def prunes(self, number: int, curve: Curve, asked: Sequence[int]) -> bool:
        """Return whether the last accuracy of `curve` is out of bounds."""
        return len(curve) >= self.n_warmup_steps and not self.lower <= curve[-1] <= self.upper
