"""What pruners know of the trials that are over, kept by the parent as they are told.

Once per generation it is reduced to the small table from which workers decide.
"""

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sweeps.config import SweepConfig
from sweeps.pruners.rules import (
    Curve,
    Halving,
    Hyperband,
    Median,
    Rule,
    Table,
    Threshold,
    bracket_of,
    epochs_without_patience,
)
from sweeps.pruners.settings import AUTO
from sweeps.trial import Result, TrialState


class History:
    """The trials of earlier generations, as the pruner of a sweep sees them.

    For each generation in turn, `table` comes first and `add` follows for each of its trials, in
    the order of their numbers.
    """

    def __init__(self, config: SweepConfig) -> None:
        self._patience = config.sweep.patience
        self._memory = _memory(config)

    def table(self) -> Table | None:
        """Return what the workers of the next generation decide from, None if nothing is pruned."""
        rule = self._memory.rule() if self._memory else None
        return Table(self._patience, rule) if rule or self._patience else None

    def add(self, number: int, result: Result, curve: Curve) -> None:
        """Take in trial `number`, which is over."""
        if self._memory and result.state != TrialState.FAILED:
            asked = epochs_without_patience(curve, self._patience)
            self._memory.learn(number, result.state == TrialState.COMPLETE, curve, asked)


class _Memory(Protocol):
    """What one pruner remembers; a trial costs it about the same however many there were."""

    def rule(self) -> Rule:
        """Return the rule for the next generation."""

    def learn(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        """Take in a trial that ran under the latest rule."""


@dataclass
class _MedianMemory:
    """The accuracies of the complete trials, sorted, by epoch."""

    n_startup_trials: int
    n_warmup_steps: int
    complete: int = 0
    accuracies: list[list[float]] = field(default_factory=list)

    def rule(self) -> Median:
        known = self.accuracies if self.complete >= self.n_startup_trials else []
        return Median(tuple(map(_median, known)), self.n_warmup_steps)

    def learn(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
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
    return high - (high - low) * 0.5  # rounded as by NumPy's percentile, which Optuna takes


@dataclass
class _HalvingMemory:
    """The accuracies with which trials came to each rung, sorted.

    `first` is the epoch of the first rung. Where it is None, it becomes a hundredth of the longest
    complete trial when one is asked after that: Optuna's "auto".
    """

    first: int | None
    factor: int
    longest: int = 0
    rungs: list[list[float]] = field(default_factory=list)
    latest: Halving | None = None

    def rule(self) -> Halving:
        first = self.first or (max(self.longest // 100, 1) if self.longest else None)
        self.latest = Halving(first, self.factor, tuple(self._bar(rung) for rung in self.rungs))
        return self.latest

    def learn(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        rule = self.latest or self.rule()
        if asked:
            self.first = rule.first
        climbed = rule.climb(curve, asked)
        self.rungs += [[] for _ in range(len(climbed) - len(self.rungs))]
        for accuracies, accuracy in zip(self.rungs, climbed, strict=False):
            insort(accuracies, accuracy)
        if complete:
            self.longest = max(self.longest, len(curve))

    def _bar(self, accuracies: Sequence[float]) -> float:
        """Return the least accuracy with which one more trial is among the best 1/`factor`."""
        places = max((len(accuracies) + 1) // self.factor, 1)
        return accuracies[-places]


@dataclass
class _HyperbandMemory:
    """One halving for each bracket; bracket k starts `factor` times later than the one before."""

    brackets: list[_HalvingMemory]
    shares: tuple[int, ...]

    def rule(self) -> Hyperband:
        return Hyperband(tuple(bracket.rule() for bracket in self.brackets), self.shares)

    def learn(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        self.brackets[bracket_of(number, self.shares)].learn(number, complete, curve, asked)


@dataclass
class _FixedMemory:
    """Nothing but the rule, which is the same for all trials."""

    fixed: Rule

    def rule(self) -> Rule:
        return self.fixed

    def learn(self, number: int, complete: bool, curve: Curve, asked: Sequence[int]) -> None:
        pass


def _memory(config: SweepConfig) -> _Memory | None:
    settings = config.pruner
    match config.sweep.pruner:
        case "median":
            return _MedianMemory(**settings)
        case "halving":
            first = settings["min_resource"]
            return _HalvingMemory(None if first == AUTO else first, settings["reduction_factor"])
        case "hyperband":
            return _hyperband(config.most_epochs, **settings)
        case "threshold":
            return _FixedMemory(Threshold(**{"lower": -math.inf, "upper": math.inf, **settings}))
    return None


def _hyperband(epochs: int, *, min_resource: int, reduction_factor: int) -> _HyperbandMemory:
    """Return the brackets for trials of at most `epochs` epochs, and the shares that they get."""
    brackets = math.floor(math.log(epochs / min_resource, reduction_factor)) + 1
    memories, shares = [], []
    for bracket in range(brackets):
        first = min_resource * reduction_factor**bracket
        memories.append(_HalvingMemory(first, reduction_factor))
        halvings = brackets - 1 - bracket
        shares.append(math.ceil(brackets * reduction_factor**halvings / (halvings + 1)))
    return _HyperbandMemory(memories, tuple(shares))
