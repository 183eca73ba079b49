"""The design of an ablation: which arms to train, and the order in which the changes are made.

The order is chosen greedily on seeds of its own, so that the choice does not flatter the effects,
which are estimated on others. Nothing here trains: values come from a function.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from nncore.components.metrics import ACCURACY, Metric
from sweeps.ablation.changes import Arm

Steps = tuple[int, ...]
"""The numbers of all changes, in the order in which they are made."""

Values = Mapping[Arm, Sequence[float]]
"""The values of the metric of each arm, one per seed; all arms have the same seeds."""

Measure = Callable[[Sequence[Arm]], Values]
"""Returns the values of the arms on the seeds for selection."""


def greedy_path(changes: int, measure: Measure, metric: Metric = ACCURACY) -> Steps:
    """Return the path that makes, at each step, the change with the best mean; ties keep order."""
    path: Steps = ()
    while len(path) < changes - 1:
        made = frozenset(path)
        arms = {number: made | {number} for number in range(changes) if number not in made}
        values = measure(list(arms.values()))
        means = {number: metric.score(fmean(values[arm])) for number, arm in arms.items()}
        path = (*path, max(means, key=means.__getitem__))
    return (*path, *set(range(changes)) - set(path))


def path_arms(path: Steps) -> list[Arm]:
    """Return the arms along a path, from the defaults to the winner."""
    return [frozenset(path[:made]) for made in range(len(path) + 1)]


def alone(path: Steps) -> list[Arm]:
    """Return, for each change of the path, the defaults with this change alone."""
    return [frozenset({change}) for change in path]


def without_one(path: Steps) -> list[Arm]:
    """Return, for each change of the path, the winner without it."""
    return [frozenset(path) - {change} for change in path]


def estimated_arms(path: Steps) -> list[Arm]:
    """Return the different arms whose values give the effects of a path."""
    return list(dict.fromkeys([*path_arms(path), *alone(path), *without_one(path)]))


def number_of_networks(changes: int, seeds: int) -> int:
    """Return how many networks an ablation trains in all, whichever path it finds."""
    tried = changes * (changes + 1) // 2 - 1 if changes else 0
    return seeds * (tried + len(estimated_arms(tuple(range(changes)))))
