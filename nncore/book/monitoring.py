"""What `network2` prints and keeps after each epoch, in the words of the book's program.

The scores come from rows, all at once, or from the methods of a network that a reader extended.
"""

from functools import cached_property
from typing import Any, Protocol

import numpy as np

from nncore.book.examples import Example
from nncore.datasets.dataset import Split
from nncore.network import Network
from nncore.scoring import Score, penalty, score


class Scores(Protocol):
    """The scores of a network on one data set."""

    def cost(self) -> float:
        """Return the mean cost plus λ/(2n) Σw², with n the number of examples."""

    def count(self) -> int:
        """Return the number of examples whose largest output is the right one."""


class RowScores:
    """The scores of a core network on rows, which are computed once."""

    def __init__(self, network: Network, split: Split, lmbda: float) -> None:
        self._network, self._split, self._lmbda = network, split, lmbda

    def cost(self) -> float:
        """Return the cost as `Scores` defines it, computed from z: right for saturated outputs."""
        with np.errstate(all="ignore"):
            return self._score.cost + penalty(self._network, "l2", self._lmbda, len(self._split))

    def count(self) -> int:
        """Return the number of right outputs."""
        return round(self._score.accuracy * len(self._split))

    @cached_property
    def _score(self) -> Score:
        with np.errstate(all="ignore"):  # a network that diverged overflows; its cost shows it
            return score(self._network, self._split)


def count_right(network: Network, split: Split) -> int:
    """Return the number of examples of `split` whose largest output is the right one."""
    return RowScores(network, split, 0.0).count()


class MethodScores:
    """The scores that the methods of `network` return, called as the book's program calls them.

    `labeled` says whether `data` have the form of evaluation data.
    """

    def __init__(self, network: Any, data: list[Example], lmbda: float, labeled: bool) -> None:
        self._network, self._data, self._lmbda = network, data, lmbda
        self._labeled = labeled

    def cost(self) -> float:
        """Return what `total_cost` returns."""
        form = {"convert": True} if self._labeled else {}
        cost: float = self._network.total_cost(self._data, self._lmbda, **form)
        return cost

    def count(self) -> int:
        """Return what `accuracy` returns."""
        form = {} if self._labeled else {"convert": True}
        count: int = self._network.accuracy(self._data, **form)
        if self._labeled:
            # The book's program asks a second time for the line that it prints.
            self._network.accuracy(self._data)
        return count


class MonitoredScores:
    """The monitored scores of one data set, epoch by epoch: printed, and kept in two lists."""

    def __init__(self, name: str, cost: bool, accuracy: bool) -> None:
        self.name, self.cost, self.accuracy = name, cost, accuracy
        self.wanted = cost or accuracy
        self.costs: list[float] = []
        self.counts: list[int] = []

    def add(self, scores: Scores, size: int) -> None:
        """Print and keep the monitored ones of the scores of an epoch on `size` examples."""
        if self.cost:
            self.costs.append(scores.cost())
            print_line(f"Cost on {self.name} data: {self.costs[-1]}")
        if self.accuracy:
            self.counts.append(scores.count())
            print_line(f"Accuracy on {self.name} data: {self.counts[-1]} / {size}")


def print_line(line: str = "") -> None:
    """Print one line on the terminal."""
    print(line)  # noqa: T201  the book's program reports on the terminal
