"""Synchronous successive halving: the trials of one generation compete, and the best go on.

A decision depends only on the curves of the generation's own trials, so it is the same in whatever
order they were trained, and after any kill.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sweeps.pruners.rules import Curve


@dataclass(frozen=True)
class Bracket:
    """A generation whose trials compete: its size, its rungs, and who goes on from a rung.

    All trials train to the first of the `rungs`, which are epochs. Of those that reach a rung, the
    best 1/`factor`, at least one, go on to the next, and from the last rung to their end. Source:
    Jamieson & Talwalkar, Non-stochastic best arm identification, 2016.
    """

    size: int
    rungs: tuple[int, ...]
    factor: int

    def stages(self) -> list[tuple[int, int]]:
        """Return the rungs at which a trial can stay, each with the number of trials that go on."""
        inside, stages = self.size, []
        for rung in self.rungs:
            if inside == 1:
                break
            inside = _places(inside, self.factor)
            stages.append((rung, inside))
        return stages

    def epochs_to_train(self, most_epochs: int) -> int:
        """Return how many epochs are trained if no trial of `most_epochs` epochs ends by itself.

        A trial that goes on trains its earlier epochs again.
        """
        sizes = [self.size, *(going_on for _, going_on in self.stages())]
        ends = [*(rung for rung, _ in self.stages()), most_epochs]
        return sum(size * end for size, end in zip(sizes, ends, strict=True))


@dataclass(frozen=True)
class Entrant:
    """A trial of a bracket as far as it has trained, with its scores by epoch.

    `ended` says that it trains no further, however good it is: it has reached its last epoch,
    stopped early, diverged or failed.
    """

    curve: Curve = ()
    ended: bool = False

    def has_reached(self, rung: int) -> bool:
        """Return whether its score at the rung is known."""
        return self.ended or len(self.curve) >= rung

    def score_at(self, rung: int) -> float:
        """Return its best score up to the rung; without any, it is below all others."""
        return max(self.curve[:rung], default=-math.inf)


@dataclass(frozen=True)
class Standing:
    """The state of a bracket.

    `to_train` has the trials to train next, each with the epoch at which it ends, None for its own
    end; it is empty once the bracket is decided. `stayed` has the rung of each trial that was not
    among the best there.
    """

    to_train: dict[int, int | None] = field(default_factory=dict)
    stayed: dict[int, int] = field(default_factory=dict)


def standing(bracket: Bracket, entrants: Mapping[int, Entrant]) -> Standing:
    """Return the state of a bracket with the trials `entrants`, by number.

    A rung is decided once all trials that go there have reached it or ended. A trial that has ended
    keeps its place among the best. Of equal scores, the lower number is better.
    """
    inside, stayed = list(entrants), dict[int, int]()
    for rung in bracket.rungs:
        if len(inside) <= 1:
            break
        waiting: dict[int, int | None] = {
            number: rung for number in inside if not entrants[number].has_reached(rung)
        }
        if waiting:
            return Standing(waiting, stayed)
        inside.sort(key=lambda number: (-entrants[number].score_at(rung), number))
        places = _places(len(inside), bracket.factor)
        stayed |= dict.fromkeys(inside[places:], rung)
        inside = inside[:places]
    return Standing({number: None for number in inside if not entrants[number].ended}, stayed)


def _places(reached: int, factor: int) -> int:
    return max(reached // factor, 1)


def brackets(
    size: int, first_rung: int, factor: int, most_epochs: int, *, hyperband: bool
) -> tuple[Bracket, ...]:
    """Return the brackets of a sweep whose trials train at most `most_epochs` epochs.

    Rung k is at epoch `first_rung` · `factor`^k, the last at most at the `factor`-th part of
    `most_epochs`. Without `hyperband` there is one bracket of `size` trials. With it, each further
    bracket begins one rung later and has fewer trials, such that all cost about the same; the last
    has no rung. Source: Li et al., Hyperband, 2017, algorithm 1.
    """
    rungs, rung = list[int](), first_rung
    while rung * factor <= most_epochs:
        rungs.append(rung)
        rung *= factor
    count = len(rungs) + 1
    made = [
        Bracket(-(-size * count // (factor**later * (count - later))), tuple(rungs[later:]), factor)
        for later in range(count if hyperband else 1)
    ]
    return tuple(made)
