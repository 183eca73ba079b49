"""Settings that many studies share: the book's usual network, and readers of the author's files.

Each setting is the book's own unless a comment says otherwise.
"""

from collections.abc import Callable, Sequence
from typing import Any

from nncore.config import TrialConfig


def network(**changes: Any) -> TrialConfig:
    """Return the book's network with changes: 30 hidden units, cross-entropy, mini-batches of 10.

    The training set is not scored unless `monitor_training` says so.
    """
    return TrialConfig(**{"monitor_training": False, **changes})


def first_network(units: int, learning_rate: float = 3.0) -> TrialConfig:
    """Return the network of chapter 1: quadratic cost and N(0, 1) weights; no hidden layer for 0.

    Studies of chapter 3 that name the same setting share its runs.
    """
    return network(
        cost="quadratic",
        init="large",
        learning_rate=learning_rate,
        hidden_units=(units,) if units else (),
    )


OVERFITTING = network(init="large", learning_rate=0.5, epochs=400, monitor_training=True)
OVERFITTING_FULL = network(init="large", learning_rate=0.5, monitor_training=True)


def counts(place: int, of: int) -> Callable[[Any], Sequence[float]]:
    """Return a function that reads list `place` of an author's file of four lists, as fractions."""
    return lambda figure: [count / of for count in figure[place]]


def costs(place: int) -> Callable[[Any], Sequence[float]]:
    """Return a function that reads list `place` of an author's file of four lists, unchanged."""

    def read(figure: Any) -> Sequence[float]:
        values: Sequence[float] = figure[place]
        return values

    return read
