"""The grid: each cell of a space of choices and steps once, in an order drawn from the seed.

The order is drawn, so that a sweep over part of the cells has seen all of the space; it does not
depend on how many trials are wanted.
"""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from nncore.errors import InputError, require
from sweeps.space.dimensions import Params, Space, points

MOST_CELLS = 100_000


def cells(space: Space) -> Iterator[Params]:
    """Yield every point of a space of which each dimension can be counted."""
    counts = {name: range(dimension.count or 0) for name, dimension in space.items()}
    return points(space, {name: [*map(space[name].nth, counts[name])] for name in space})


def check_grid(space: Space, trials: int) -> None:
    """Raise `InputError` unless the space is a grid of at least `trials` cells."""
    for name, dimension in space.items():
        if dimension.count is None:
            rule = "must have a `step` or `choices` where `sampler` is 'grid'"
            raise InputError(f"`space.{name}` {rule}, got all numbers of a range")
        rule = f"have at most {MOST_CELLS} values where `sampler` is 'grid'"
        require(dimension.count <= MOST_CELLS, f"space.{name}", rule, dimension.count)
    count = sum(1 for _ in islice(cells(space), MOST_CELLS + 1))
    rule = f"have at most {MOST_CELLS} cells where `sampler` is 'grid'"
    if count > MOST_CELLS:
        raise InputError(f"`space` must {rule}, got more")
    require(trials <= count, "sweep.trials", f"be <= {count}, the cells of the grid", trials)


def grid_points(space: Space, seed: int, without: list[Params]) -> Callable[[int], Params]:
    """Return a function from k to the k-th cell, those in `without` left out."""
    rest = [cell for cell in cells(space) if cell not in without]
    order = np.random.default_rng(seed).permutation(len(rest))
    return lambda number: rest[order[number]]
