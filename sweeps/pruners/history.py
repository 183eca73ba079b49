"""Each pruner's memory of the finished trials, kept by the parent process.

Once per generation it is reduced to a `PrunerSnapshot`, from which workers decide.
"""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sweeps.pruners.rules import (
    Curve,
    Halving,
    Hyperband,
    Median,
    PrunerRule,
    PrunerSnapshot,
    bracket_of,
    epochs_without_patience,
)
from sweeps.trial import Result, TrialState


class RuleHistory(Protocol):
    """The history from which a pruner makes its rule.

    The time to add a trial does not grow noticeably with the number of trials.
    """

    def rule(self) -> PrunerRule:
        """Return the rule for the next generation."""

    def add(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Add a trial that ran under the latest rule; `asked` are the epochs it was tested at."""


@dataclass
class MedianHistory:
    """The accuracies of the complete trials, sorted, by epoch."""

    n_startup_trials: int
    n_warmup_steps: int
    complete: int = 0
    accuracies: list[list[float]] = field(default_factory=list)

    def rule(self) -> Median:
        """Return the rule for the next generation."""
        known = self.accuracies if self.complete >= self.n_startup_trials else []
        return Median(tuple(map(_median, known)), self.n_warmup_steps)

    def add(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Add a trial; only a complete one counts."""
        if not complete:
            return
        self.complete += 1
        self.accuracies += [[] for _ in range(len(curve) - len(self.accuracies))]
        for column, accuracy in zip(self.accuracies, curve, strict=False):
            insort(column, accuracy)


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    low, high = ordered[middle - 1], ordered[middle]
    return high - (high - low) * 0.5  # rounded like NumPy's percentile, which Optuna uses


@dataclass
class HalvingHistory:
    """The accuracies with which trials reached each rung, sorted.

    `first` is the epoch of the first rung. If it is None, it is set when a trial is first tested
    after one has completed: to a hundredth of the longest complete trial (Optuna's "auto").
    """

    first: int | None
    factor: int
    longest: int = 0
    rungs: list[list[float]] = field(default_factory=list)
    latest: Halving | None = None

    def rule(self) -> Halving:
        """Return the rule for the next generation."""
        first = self.first or (max(self.longest // 100, 1) if self.longest else None)
        self.latest = Halving(first, self.factor, tuple(self._bar(rung) for rung in self.rungs))
        return self.latest

    def add(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Add a trial that ran under the latest rule."""
        rule = self.latest or self.rule()
        if asked:
            self.first = rule.first
        reached = rule.rungs_reached(curve, asked)
        self.rungs += [[] for _ in range(len(reached) - len(self.rungs))]
        for accuracies, accuracy in zip(self.rungs, reached, strict=False):
            insort(accuracies, accuracy)
        if complete:
            self.longest = max(self.longest, len(curve))

    def _bar(self, accuracies: Sequence[float]) -> float:
        """Return the least accuracy that puts another trial among the best 1/`factor`."""
        places = max((len(accuracies) + 1) // self.factor, 1)
        return accuracies[-places]


@dataclass
class HyperbandHistory:
    """One halving for each bracket; each bracket starts `factor` times later than the last."""

    brackets: list[HalvingHistory]
    shares: tuple[int, ...]

    def rule(self) -> Hyperband:
        """Return the rule for the next generation."""
        return Hyperband(tuple(bracket.rule() for bracket in self.brackets), self.shares)

    def add(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Add a trial that ran under the latest rule."""
        self.brackets[bracket_of(number, self.shares)].add(number, complete, curve, asked)


@dataclass
class FixedHistory:
    """A rule that is the same for all trials."""

    fixed: PrunerRule

    def rule(self) -> PrunerRule:
        """Return the rule for the next generation."""
        return self.fixed

    def add(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Ignore the trial."""


class PrunerHistory:
    """The trials of earlier generations, as the pruner of a sweep sees them.

    For each generation, call `snapshot` first, then `add` for each of its trials in the order of
    their numbers.

    Parameters
    ----------
    history
        The empty history of the pruner, None if it never prunes.
    patience
        As in `sweep.patience`; 0 for none.
    """

    def __init__(self, history: RuleHistory | None, patience: int) -> None:
        self._history, self._patience = history, patience

    def snapshot(self) -> PrunerSnapshot | None:
        """Return the data from which workers decide in the next generation.

        None if no trial can be pruned.
        """
        rule = self._history.rule() if self._history else None
        return PrunerSnapshot(self._patience, rule) if rule or self._patience else None

    def add(self, number: int, result: Result, curve: Curve) -> None:
        """Add the finished trial `number`, unless it failed or repeated an earlier one."""
        if self._history and result.epochs:
            asked = epochs_without_patience(curve, self._patience)
            self._history.add(number, result.state == TrialState.COMPLETE, curve, asked)
