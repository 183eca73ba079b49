"""The generations of a sweep: the trials that are proposed together, as ranges of their numbers.

Their sizes follow each other in a fixed order and then begin again; most sweeps have one size.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, cycle


def generations(sizes: Sequence[int], trials: int) -> Iterator[range]:
    """Yield the generations of a sweep of so many trials; the last may lack some of its trials."""
    first = 0
    for size in cycle(sizes):
        if first >= trials:
            return
        yield range(first, min(first + size, trials))
        first += size


def generation_end(sizes: Sequence[int], trials: int) -> int:
    """Return the number of trials of the whole generations that contain the first `trials`."""
    rounds, rest = divmod(trials, sum(sizes))
    return rounds * sum(sizes) + next(end for end in accumulate(sizes, initial=0) if end >= rest)
